"""How much waits for a person, counted without reading it: for the one number that stands on every page."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from db.records import State, SubjectKind
from db.tables import deliveries as d
from db.tables import notices as n


@dataclass(frozen=True, slots=True)
class Waiting:
    """Stories, issues and free posts with a post that waits; unsettled deliveries; notices that stand."""

    subjects: int
    unsettled: int
    notices: int


def count(tx: Connection) -> Waiting:
    """The numbers now. An unsettled delivery that a notice speaks of counts once, as the delivery."""
    subjects = select(d.c.subject_kind, d.c.subject_id).where(d.c.state == State.WAITING).distinct().subquery()
    unsettled = select(d.c.id).where(d.c.state == State.UNSETTLED)
    spoken_of = f"delivery % {State.UNSETTLED}"
    counted = [
        tx.execute(select(func.count()).select_from(query)).scalar_one()
        for query in (
            subjects,
            unsettled.subquery(),
            select(n.c.id).where(n.c.cleared_at.is_(None), n.c.cause_key.not_like(spoken_of)).subquery(),
        )
    ]
    return Waiting(*counted)


def stories(tx: Connection, limit: int = 500) -> list[int]:
    """The stories with a post that waits for a yes, the one whose moment comes first at the head."""
    # Asked for by state alone: with the kind in it, SQLite would walk every story's rows rather than the few that wait.
    query = select(d.c.subject_kind, d.c.subject_id).where(d.c.state == State.WAITING).order_by(d.c.next_at, d.c.id)
    found = dict.fromkeys(row.subject_id for row in tx.execute(query) if row.subject_kind == SubjectKind.ARTICLE)
    return list(found)[:limit]
