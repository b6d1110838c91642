"""What a channel remembers between calls: whose account it is, when it last spoke, how often it failed in a row.

The row is also the lock under which a channel's claims are made, one at a time (design rule 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.exc import IntegrityError

from db.records import MACHINE, Mode
from db.tables import channel_states as t


@dataclass(frozen=True, slots=True)
class ChannelState:
    """One channel in one mode. ``begun_at`` is when its last call began; ``live_at`` when a person took it live."""

    mode: Mode
    channel: str
    account_id: str | None = None
    account_name: str | None = None
    begun_at: datetime | None = None
    failures: int = 0
    breaker_round: int = 0
    checked_at: datetime | None = None
    live_at: datetime | None = None


def lock(tx: Connection, mode: Mode, channel: str, *, now: datetime) -> ChannelState:
    """The channel's row, locked until the transaction ends; made when it is not there yet."""
    query = select(t).where(t.c.mode == mode, t.c.channel == channel).with_for_update()
    row = tx.execute(query).one_or_none()
    if row is None:
        try:
            with tx.begin_nested():
                tx.execute(t.insert().values(mode=mode, channel=channel, actor=MACHINE, created_at=now, updated_at=now))
        except IntegrityError:
            pass  # another worker made it in this very moment
        row = tx.execute(query).one()
    return _state(row)


def save(tx: Connection, mode: Mode, channel: str, *, now: datetime, actor: str = MACHINE, **changes: Any) -> None:
    """Changes columns of a locked row."""
    tx.execute(
        update(t)
        .where(t.c.mode == mode, t.c.channel == channel)
        .values(actor=actor, updated_at=now, version=t.c.version + 1, **changes)
    )


def every(tx: Connection) -> list[ChannelState]:
    """All channels that ever did anything."""
    return [_state(row) for row in tx.execute(select(t).order_by(t.c.channel, t.c.mode))]


def live_since(tx: Connection, channel: str) -> datetime | None:
    """When a person took this channel live; None where nobody did, or it went back to rehearsal."""
    moment: datetime | None = tx.execute(
        select(t.c.live_at).where(t.c.mode == Mode.LIVE, t.c.channel == channel)
    ).scalar()
    return moment


def _state(row: Row[Any]) -> ChannelState:
    return ChannelState(
        mode=Mode(row.mode),
        channel=row.channel,
        account_id=row.account_id,
        account_name=row.account_name,
        begun_at=row.begun_at,
        failures=row.failures,
        breaker_round=row.breaker_round,
        checked_at=row.checked_at,
        live_at=row.live_at,
    )
