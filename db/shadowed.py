"""What a channel's rehearsal put out within a span: what would have gone, had it been live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from db.records import Mode, State, SubjectKind
from db.tables import articles, attempts, receipts
from db.tables import deliveries as t


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One post of the rehearsal: its delivery, its exact post, whose story it tells, and when it went."""

    delivery_id: int
    post_id: int
    story: int | None
    headline: str
    at: datetime


def rehearsed(tx: Connection, channel: str, since: datetime, until: datetime) -> list[Rehearsed]:
    """The posts of a channel's rehearsal in a span, oldest first; take-downs and corrections are left out."""
    went = (
        select(receipts.c.delivery_id.label("id"), func.min(attempts.c.opened_at).label("at"))
        .join(attempts, attempts.c.id == receipts.c.attempt_id)
        .where(
            attempts.c.mode == Mode.REHEARSAL,
            attempts.c.channel == channel,
            attempts.c.opened_at >= since,
            attempts.c.opened_at < until,
        )
        .group_by(receipts.c.delivery_id)
        .subquery()
    )
    query = (
        select(t.c.id, t.c.post_id, t.c.subject_kind, t.c.subject_id, articles.c.headline, went.c.at)
        .join(went, went.c.id == t.c.id)
        .outerjoin(articles, (articles.c.id == t.c.subject_id) & (t.c.subject_kind == SubjectKind.ARTICLE))
        .where(t.c.state == State.SENT, t.c.purpose.not_like("takedown-%"), t.c.purpose.not_like("correction-%"))
        .order_by(went.c.at, t.c.id)
    )
    return [
        Rehearsed(
            row.id,
            row.post_id,
            row.subject_id if row.subject_kind == SubjectKind.ARTICLE else None,
            row.headline or "",
            row.at,
        )
        for row in tx.execute(query)
    ]
