"""Failed log-ins, counted by a hashed key, so that guessing is slowed down."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select

from db.tables import entry_tries as t


def note(tx: Connection, key: str, *, now: datetime) -> None:
    """One more failure under ``key``."""
    tx.execute(t.insert().values(key=key, at=now))


def since(tx: Connection, key: str, moment: datetime) -> list[datetime]:
    """The failures under ``key`` from ``moment`` on, the oldest first."""
    return list(tx.execute(select(t.c.at).where(t.c.key == key, t.c.at >= moment).order_by(t.c.at)).scalars())


def forget(tx: Connection, key: str | None, *, before: datetime | None = None) -> None:
    """Forgets those under ``key``, or all ``before`` a moment."""
    query = delete(t)
    if key is not None:
        query = query.where(t.c.key == key)
    if before is not None:
        query = query.where(t.c.at < before)
    tx.execute(query)
