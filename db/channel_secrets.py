"""The keys of connected channels, sealed, one row for each mode and channel; and who refreshes an access token.

``mark`` is another one with each connection; a refresh keeps it, so that whoever holds a channel sees when it was
connected anew.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from db.records import Mode
from db.tables import channel_secrets as t
from db.writing import cut, insert_into, resigned, signed


@dataclass(frozen=True, slots=True)
class Connected:
    """One connection. ``refresh_at`` says that a refresh was begun whose answer is not written down; ``trouble`` why a
    person has to connect the channel anew."""

    id: int
    mode: Mode
    channel: str
    way: str
    sealed: str = field(repr=False)
    account_id: str
    account_name: str
    ends_at: datetime | None
    refresh_at: datetime | None
    refresh_by: str
    trouble: str
    mark: str
    by: str
    at: datetime


def get(tx: Connection, mode: Mode, channel: str) -> Connected | None:
    """The connection of a channel in a mode."""
    row = tx.execute(select(t).where(t.c.mode == mode, t.c.channel == channel)).one_or_none()
    return _connected(row) if row is not None else None


def every(tx: Connection) -> list[Connected]:
    """All of them, by channel and mode."""
    return [_connected(row) for row in tx.execute(select(t).order_by(t.c.channel, t.c.mode))]


def put(
    tx: Connection,
    mode: Mode,
    channel: str,
    *,
    way: str,
    sealed: str,
    account_id: str,
    account_name: str,
    ends_at: datetime | None,
    actor: str,
    now: datetime,
) -> None:
    """Connects a channel, in place of an older connection."""
    values = {
        "way": way,
        "sealed": sealed,
        "account_id": cut(account_id, 200),
        "account_name": cut(account_name, 200),
        "ends_at": ends_at,
        "refresh_at": None,
        "refresh_by": "",
        "trouble": "",
        "mark": secrets.token_hex(16),
    }
    tx.execute(
        insert_into(tx, t)
        .values(mode=mode, channel=channel, **values, **signed(actor, now))
        .on_conflict_do_update(index_elements=["mode", "channel"], set_={**values, **resigned(t, actor, now)})
    )


def remove(tx: Connection, mode: Mode, channel: str) -> bool:
    """Forgets the keys; False where there are none."""
    return tx.execute(delete(t).where(t.c.mode == mode, t.c.channel == channel)).rowcount > 0


def claim_refresh(tx: Connection, one: Connected, *, by: str, now: datetime) -> bool:
    """Takes the right to spend exactly the refresh token that was read; True for one asker alone."""
    fresh = t.c.sealed == one.sealed  # whoever read the row before somebody's refresh holds a token that is spent
    mine = update(t).where(_is(one), fresh, t.c.refresh_at.is_(None), t.c.trouble == "")
    return tx.execute(mine.values(refresh_at=now, refresh_by=cut(by, 120))).rowcount == 1


def keep_refreshed(tx: Connection, one: Connected, sealed: str, ends_at: datetime, *, by: str) -> bool:
    """Keeps a new pair and gives the right back; False where the channel was connected anew meanwhile.

    A pair that comes after its answer was given up for lost is kept as well: who spent the token holds the only one.
    """
    given_up = (t.c.refresh_at.is_(None)) & (t.c.sealed == one.sealed) & (t.c.trouble != "")
    mine = update(t).where(_is(one), (t.c.refresh_by == cut(by, 120)) | given_up)
    kept = {"sealed": sealed, "ends_at": ends_at, "refresh_at": None, "refresh_by": "", "trouble": ""}
    return tx.execute(mine.values(**kept)).rowcount == 1


def give_back(tx: Connection, one: Connected, *, by: str) -> None:
    """Gives the right back, the refresh token unspent."""
    mine = update(t).where(_is(one), t.c.refresh_by == cut(by, 120))
    tx.execute(mine.values(refresh_at=None, refresh_by=""))


def set_trouble(tx: Connection, one: Connected, trouble: str) -> bool:
    """Says that the refresh token can no longer be used; False where the channel was connected anew meanwhile."""
    mine = update(t).where(_is(one), t.c.sealed == one.sealed)
    return tx.execute(mine.values(trouble=trouble, refresh_at=None, refresh_by="")).rowcount == 1


def reseal(tx: Connection, one: Connected, sealed: str) -> bool:
    """The same keys under another key; False where they changed meanwhile."""
    return tx.execute(update(t).where(_is(one), t.c.sealed == one.sealed).values(sealed=sealed)).rowcount == 1


def _is(one: Connected) -> Any:
    return (t.c.id == one.id) & (t.c.mark == one.mark)


def _connected(row: Row[Any]) -> Connected:
    return Connected(
        id=row.id,
        mode=Mode(row.mode),
        channel=row.channel,
        way=row.way,
        sealed=row.sealed,
        account_id=row.account_id,
        account_name=row.account_name,
        ends_at=row.ends_at,
        refresh_at=row.refresh_at,
        refresh_by=row.refresh_by,
        trouble=row.trouble,
        mark=row.mark,
        by=row.actor,
        at=row.updated_at,
    )
