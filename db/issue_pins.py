"""The stories that a person put first in a newsletter's next issue."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from db.tables import issue_pins as t
from db.writing import insert_unless_there, signed


def pin(tx: Connection, channel: str, article_id: int, *, actor: str, now: datetime, reason: str = "") -> bool:
    """Puts a story before the others; False when it stood there already. Of several the one pinned first leads."""
    values = {"channel": channel, "article_id": article_id, **signed(actor, now, reason)}
    return insert_unless_there(tx, t, values) is not None


def unpin(tx: Connection, channel: str, article_ids: Collection[int]) -> int:
    """Takes the pins of these stories away; how many there were."""
    gone = tx.execute(delete(t).where(t.c.channel == channel, t.c.article_id.in_(article_ids)))
    return gone.rowcount


def pinned(tx: Connection, channel: str) -> list[int]:
    """The numbers of the pinned stories, in the order in which they were pinned."""
    return list(tx.execute(select(t.c.article_id).where(t.c.channel == channel).order_by(t.c.id)).scalars())


def put(tx: Connection, channel: str, article_ids: Sequence[int], *, actor: str, now: datetime) -> None:
    """These stories alone are pinned from now on, in this order."""
    tx.execute(delete(t).where(t.c.channel == channel))
    for number in article_ids:
        tx.execute(insert(t).values(channel=channel, article_id=number, **signed(actor, now, "")))
