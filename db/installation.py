"""Which installation this database belongs to; made once, its epoch raised by each ``adopt``."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from db.tables import articles, attempts, deliveries
from db.tables import installation as t


@dataclass(frozen=True, slots=True)
class Installation:
    """The one row. ``adopted_from`` is the newest moment the database knew of when it was adopted."""

    installation_id: str
    epoch: int
    adopted_at: datetime | None = None
    adopted_from: datetime | None = None


def get(tx: Connection) -> Installation | None:
    """The row, None in a database that never ran."""
    row = tx.execute(select(t)).one_or_none()
    if row is None:
        return None
    return Installation(row.installation_id, row.epoch, row.adopted_at, row.adopted_from)


def make(tx: Connection, *, actor: str, now: datetime) -> Installation:
    """Names a new database."""
    made = Installation(str(uuid.uuid4()), 1)
    tx.execute(
        t.insert().values(
            installation_id=made.installation_id, epoch=made.epoch, actor=actor, created_at=now, updated_at=now
        )
    )
    return made


def adopt(tx: Connection, *, actor: str, now: datetime, reason: str = "") -> Installation:
    """Raises the epoch: from here on, only files that know the new one agree with this database."""
    newest = [
        tx.execute(select(func.max(column))).scalar()
        for column in (attempts.c.opened_at, deliveries.c.updated_at, articles.c.updated_at, t.c.created_at)
    ]
    tx.execute(
        update(t).values(
            epoch=t.c.epoch + 1,
            adopted_at=now,
            adopted_from=max(moment for moment in newest if moment is not None),
            version=t.c.version + 1,
            actor=actor,
            reason=reason,
            updated_at=now,
        )
    )
    adopted = get(tx)
    assert adopted is not None
    return adopted
