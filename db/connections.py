"""Connections that were begun and wait for a person's yes at the platform: one for each mode and channel."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from db.records import Mode
from db.tables import connections as t
from db.writing import insert_into, resigned, signed


@dataclass(frozen=True, slots=True)
class Pending:
    """One that waits. ``by`` is who began it."""

    id: int
    mode: Mode
    channel: str
    way: str
    sealed: str = field(repr=False)
    by: str
    at: datetime
    version: int


def put(
    tx: Connection, mode: Mode, channel: str, *, way: str, sealed: str, state_hash: str, actor: str, now: datetime
) -> None:
    """Begins one, in place of an older one."""
    values = {"way": way, "sealed": sealed, "state_hash": state_hash}
    tx.execute(
        insert_into(tx, t)
        .values(mode=mode, channel=channel, **values, **signed(actor, now))
        .on_conflict_do_update(index_elements=["mode", "channel"], set_={**values, **resigned(t, actor, now)})
    )


def get(tx: Connection, mode: Mode, channel: str) -> Pending | None:
    """The one of a channel in a mode."""
    row = tx.execute(select(t).where(t.c.mode == mode, t.c.channel == channel)).one_or_none()
    return _pending(row) if row is not None else None


def by_state(tx: Connection, state_hash: str) -> Pending | None:
    """The one that was begun with this state."""
    row = tx.execute(select(t).where(t.c.state_hash == state_hash)).one_or_none()
    return _pending(row) if row is not None else None


def take(tx: Connection, one: Pending) -> bool:
    """Takes it away to end it; True for one asker alone."""
    return tx.execute(delete(t).where(t.c.id == one.id, t.c.version == one.version)).rowcount == 1


def forget_all(tx: Connection) -> int:
    """Takes all of them away; how many. They live for minutes and are begun anew."""
    return tx.execute(delete(t)).rowcount


def _pending(row: Row[Any]) -> Pending:
    return Pending(row.id, Mode(row.mode), row.channel, row.way, row.sealed, row.actor, row.updated_at, row.version)
