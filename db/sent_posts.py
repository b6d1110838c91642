"""What we hold as sent, for the look whether it still stands."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, String, and_, cast, exists, func, literal, or_, select

from db.deliveries import from_row
from db.records import Delivery, Mode, Outcome, State, SubjectKind, Verb
from db.tables import attempts, receipts
from db.tables import deliveries as t

_TAKEDOWN = "takedown-"


@dataclass(frozen=True, slots=True)
class LookAgain:
    """A look at something that was sent already: which part, when, and how it ended (None: not yet)."""

    delivery_id: int
    part: int
    opened_at: datetime
    outcome: Outcome | None


def standing(
    tx: Connection, mode: Mode, channel: str, *, since: datetime, before: datetime, limit: int
) -> list[Delivery]:
    """The newest posts of a channel that went out between two moments and that nobody asked to take down.

    Newest first, ``limit`` at most. An issue's mails and the take-downs themselves are no posts, and words that were
    replaced in place are not looked for. Counted is the try that brought the receipt, so looks made afterwards change
    nothing.
    """
    sent = (
        select(attempts.c.delivery_id.label("id"), func.max(attempts.c.opened_at).label("at"))
        .join(receipts, receipts.c.attempt_id == attempts.c.id)
        .where(
            attempts.c.mode == mode,
            attempts.c.channel == channel,
            attempts.c.opened_at >= since,
            attempts.c.verb != Verb.CORRECT,
        )
        .group_by(attempts.c.delivery_id)
        .having(func.max(attempts.c.opened_at) < before)
        .subquery()
    )
    other = t.alias()
    taken_down = exists().where(
        and_(
            other.c.mode == t.c.mode,
            other.c.subject_kind == t.c.subject_kind,
            other.c.subject_id == t.c.subject_id,
            other.c.channel == t.c.channel,
            or_(
                other.c.purpose == literal(_TAKEDOWN) + cast(t.c.id, String),
                other.c.purpose.like(literal("correction-") + cast(t.c.id, String) + literal("-edit%")),
            ),
        )
    )
    query = (
        select(t)
        .join(sent, sent.c.id == t.c.id)
        .where(
            t.c.state == State.SENT,
            t.c.subject_kind != SubjectKind.ISSUE,
            t.c.purpose.not_like(f"{_TAKEDOWN}%"),
            ~taken_down,
        )
        .order_by(sent.c.at.desc(), t.c.id.desc())
        .limit(limit)
    )
    return [from_row(row) for row in tx.execute(query)]


def looks_again(tx: Connection, delivery_ids: Collection[int]) -> list[LookAgain]:
    """Every look at these that brought no receipt of its own, in order: the nightly ones and vain ones before."""
    a = attempts.c
    own = exists().where(receipts.c.attempt_id == a.id)
    query = select(a.delivery_id, a.part, a.opened_at, a.outcome).where(
        a.delivery_id.in_(delivery_ids), a.verb == Verb.LOOK, ~own
    )
    return [
        LookAgain(row.delivery_id, row.part, row.opened_at, Outcome(row.outcome) if row.outcome else None)
        for row in tx.execute(query.order_by(a.id))
    ]
