"""Who is in: a browser's log-in from its beginning to its end. Only the hash of its token is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from db import people as people_store
from db.people import Person
from db.tables import people
from db.tables import visits as t
from db.writing import cut, resigned, signed


@dataclass(frozen=True, slots=True)
class Visit:
    """One log-in of one browser. It holds until ``until_at``, unless it was ended."""

    id: int
    person_id: int
    browser: str
    begun_at: datetime
    seen_at: datetime
    until_at: datetime
    ended_at: datetime | None = None


def begin(tx: Connection, token_hash: str, person: Person, *, browser: str, now: datetime, until: datetime) -> Visit:
    """Lets a person in."""
    row = tx.execute(
        t.insert()
        .values(
            token_hash=token_hash,
            person_id=person.id,
            browser=cut(browser, 200),
            begun_at=now,
            seen_at=now,
            until_at=until,
            **signed(person.name, now),
        )
        .returning(*t.c)
    ).one()
    return _visit(row)


def standing(tx: Connection, token_hash: str, now: datetime) -> tuple[Visit, Person] | None:
    """The visit of this token and whose it is; None where it ended, ran out, or the person left."""
    query = (
        select(t, people.c.id.label("whose"))
        .join(people, people.c.id == t.c.person_id)
        .where(t.c.token_hash == token_hash, t.c.ended_at.is_(None), t.c.until_at > now, people.c.left_at.is_(None))
    )
    row = tx.execute(query).one_or_none()
    if row is None:
        return None
    return _visit(row), people_store.from_row(tx.execute(select(people).where(people.c.id == row.whose)).one())


def seen(tx: Connection, visit_id: int, *, now: datetime, until: datetime) -> None:
    """Notes that the browser was here, and lets the visit last until then."""
    tx.execute(update(t).where(t.c.id == visit_id).values(seen_at=now, until_at=until))


def end(tx: Connection, visit_id: int, *, actor: str, now: datetime, reason: str) -> bool:
    """Ends one visit; False where it had ended."""
    query = update(t).where(t.c.id == visit_id, t.c.ended_at.is_(None))
    return tx.execute(query.values(ended_at=now, **resigned(t, actor, now, reason))).rowcount > 0


def end_all(tx: Connection, person_id: int, *, actor: str, now: datetime, reason: str, but: int | None = None) -> int:
    """Ends all visits of a person, ``but`` one; how many."""
    query = update(t).where(t.c.person_id == person_id, t.c.ended_at.is_(None))
    if but is not None:
        query = query.where(t.c.id != but)
    return tx.execute(query.values(ended_at=now, **resigned(t, actor, now, reason))).rowcount


def of_person(tx: Connection, person_id: int, now: datetime) -> list[Visit]:
    """The visits that stand, the one seen last first."""
    query = (
        select(t)
        .where(t.c.person_id == person_id, t.c.ended_at.is_(None), t.c.until_at > now)
        .order_by(t.c.seen_at.desc(), t.c.id.desc())
    )
    return [_visit(row) for row in tx.execute(query)]


def forget(tx: Connection, before: datetime) -> int:
    """Strikes visits that ran out before then; how many."""
    return tx.execute(delete(t).where(t.c.until_at < before)).rowcount


def _visit(row: Row[Any]) -> Visit:
    return Visit(row.id, row.person_id, row.browser, row.begun_at, row.seen_at, row.until_at, row.ended_at)
