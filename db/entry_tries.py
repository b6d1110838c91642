"""Tries to log in, counted by a hashed key, so that guessing is slowed down. One that came in is struck out again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, select

from db.tables import entry_tries as t


def note(tx: Connection, key: str, *, now: datetime) -> int:
    """One more try under ``key``; its number."""
    number: int = tx.execute(t.insert().values(key=key, at=now).returning(t.c.id)).scalar_one()
    return number


def since(tx: Connection, key: str, moment: datetime, *, but: Collection[int] = ()) -> list[datetime]:
    """The tries under ``key`` from ``moment`` on, the oldest first; ``but`` these."""
    query = select(t.c.at).where(t.c.key == key, t.c.at >= moment, t.c.id.not_in(but))
    return list(tx.execute(query.order_by(t.c.at)).scalars())


def strike(tx: Connection, numbers: Collection[int]) -> None:
    """Forgets these tries."""
    tx.execute(delete(t).where(t.c.id.in_(numbers)))


def forget(tx: Connection, key: str | None, *, before: datetime | None = None) -> None:
    """Forgets those under ``key``, or all ``before`` a moment."""
    query = delete(t)
    if key is not None:
        query = query.where(t.c.key == key)
    if before is not None:
        query = query.where(t.c.at < before)
    tx.execute(query)
