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
    first = func.min(d.c.next_at)
    query = (
        select(d.c.subject_id)
        .where(d.c.state == State.WAITING, d.c.subject_kind == SubjectKind.ARTICLE)
        .group_by(d.c.subject_id)
        .order_by(first, d.c.subject_id)
        .limit(limit)
    )
    return list(tx.execute(query).scalars())
