"""What the desk must know: one notice a cause, however many posts it concerns, until the cause is gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from db.records import MACHINE
from db.tables import notices as t
from db.writing import clean, insert_unless_there, key, resigned, signed

CAUSE_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Notice:
    """What is wrong (``sentence``) and the command or step that settles it (``remedy``).

    ``told_at`` is when it left the house by e-mail or webhook, None while it has not.
    """

    id: int
    cause_key: str
    sentence: str
    remedy: str
    since_at: datetime
    told_at: datetime | None = None
    cleared_at: datetime | None = None


def tell_once(tx: Connection, cause_key: str, sentence: str, remedy: str, *, now: datetime) -> bool:
    """Puts up a notice. True when it is new; False while one of the same cause stands already.

    The standing one takes the new words, so that the desk reads how things are now.
    """
    name = key(cause_key, CAUSE_LENGTH)
    words = {"sentence": clean(sentence), "remedy": clean(remedy)}
    if insert_unless_there(tx, t, {"cause_key": name, **words, **signed(MACHINE, now)}) is not None:
        return True
    other_words = or_(t.c.sentence != words["sentence"], t.c.remedy != words["remedy"])
    tx.execute(
        update(t)
        .where(t.c.cause_key == name, t.c.cleared_at.is_(None), other_words)
        .values(**words, **resigned(t, MACHINE, now))
    )
    return False


def clear(tx: Connection, cause_key: str, *, now: datetime) -> bool:
    """Takes the notice of a cause down. False where none stood. The next ``tell_once`` of the cause is new again."""
    result = tx.execute(
        update(t)
        .where(t.c.cause_key == key(cause_key, CAUSE_LENGTH), t.c.cleared_at.is_(None))
        .values(cleared_at=now, **resigned(t, MACHINE, now))
    )
    return result.rowcount > 0


def standing(tx: Connection) -> list[Notice]:
    """Every notice whose cause is not gone, the oldest first."""
    return [_notice(row) for row in tx.execute(select(t).where(t.c.cleared_at.is_(None)).order_by(t.c.id))]


def untold(tx: Connection) -> list[Notice]:
    """The standing ones that have not left the house yet, the oldest first."""
    query = select(t).where(t.c.cleared_at.is_(None), t.c.told_at.is_(None)).order_by(t.c.id)
    return [_notice(row) for row in tx.execute(query)]


def gone_since(tx: Connection, since: datetime) -> list[Notice]:
    """Those whose cause has gone since then, told or not, the oldest first."""
    return [_notice(row) for row in tx.execute(select(t).where(t.c.cleared_at >= since).order_by(t.c.id))]


def mark_told(tx: Connection, notice_id: int, *, now: datetime) -> bool:
    """Notes that a notice left the house. False where it had before."""
    result = tx.execute(
        update(t).where(t.c.id == notice_id, t.c.told_at.is_(None)).values(told_at=now, **resigned(t, MACHINE, now))
    )
    return result.rowcount == 1


def _notice(row: Row[Any]) -> Notice:
    return Notice(
        id=row.id,
        cause_key=row.cause_key,
        sentence=row.sentence,
        remedy=row.remedy,
        since_at=row.created_at,
        told_at=row.told_at,
        cleared_at=row.cleared_at,
    )
