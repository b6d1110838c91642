"""The log: one row a try, opened before the call, closed once after it, never touched again.

Receipts are rows of their own, so that one which turns up late is always recorded on its attempt.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select, update

from db.records import Attempt, Failure, KnownBy, Mode, Money, Outcome, Receipt, Verb
from db.tables import attempts as t
from db.tables import receipts as r


@dataclass(frozen=True, slots=True)
class KnownReceipt:
    """A receipt as the log holds it."""

    attempt_id: int
    part: int
    receipt: Receipt
    known_by: KnownBy


def from_row(row: Row[Any]) -> Attempt:
    """An attempt from a row of attempts joined with its first receipt (see ``_with_receipt``)."""
    return Attempt(
        id=row.id,
        delivery_id=row.delivery_id,
        number=row.number,
        verb=Verb(row.verb),
        part=row.part,
        mode=Mode(row.mode),
        channel=row.channel,
        text=row.text,
        fingerprint=row.fingerprint,
        ordered_by=row.ordered_by,
        approved_by=row.approved_by,
        teaser_version=row.teaser_version,
        teaser_writer=row.teaser_writer,
        article_revision=row.article_revision,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        outcome=Outcome(row.outcome) if row.outcome else None,
        code=row.code,
        sentence=row.sentence,
        raw=row.raw,
        known_by=KnownBy(row.receipt_known_by) if row.receipt_known_by else None,
        receipt_id=row.receipt_platform_id,
        url=row.receipt_url,
        cost=Money(row.cost_micros),
        worker=row.worker,
    )


def open_attempt(tx: Connection, attempt: Attempt, *, actor: str, now: datetime) -> Attempt:
    """Writes the row that says "about to act". Its number is the next within the delivery."""
    last = tx.execute(select(func.max(t.c.number)).where(t.c.delivery_id == attempt.delivery_id)).scalar()
    number = (last or 0) + 1
    row_id = tx.execute(
        t.insert()
        .values(
            delivery_id=attempt.delivery_id,
            number=number,
            verb=attempt.verb,
            part=attempt.part,
            mode=attempt.mode,
            channel=attempt.channel,
            text=attempt.text,
            fingerprint=attempt.fingerprint,
            ordered_by=attempt.ordered_by,
            approved_by=attempt.approved_by,
            teaser_version=attempt.teaser_version,
            teaser_writer=attempt.teaser_writer,
            article_revision=attempt.article_revision,
            worker=attempt.worker,
            cost_micros=attempt.cost.micros,
            opened_at=now,
            actor=actor,
            created_at=now,
            updated_at=now,
        )
        .returning(t.c.id)
    ).scalar_one()
    return get(tx, row_id)


def close_sent(
    tx: Connection,
    attempt: Attempt,
    receipt: Receipt,
    *,
    known_by: KnownBy,
    now: datetime,
    cost: Money | None = None,
) -> bool:
    """Records what the platform gave back. True when the attempt was still open.

    The receipt is recorded in any case; one that is already there under the same id is not written twice. ``cost`` is
    what it cost in the end, None: what was written at opening.
    """
    closed = _close(tx, attempt.id, _OUTCOME_OF[known_by], receipt.code, "", receipt.raw, now, cost)
    add_receipt(tx, attempt, receipt, known_by=known_by, now=now)
    return closed


def close_failed(tx: Connection, attempt: Attempt, failure: Failure, *, now: datetime) -> bool:
    """Records how a try failed. True when the attempt was still open."""
    return _close(tx, attempt.id, failure.outcome, failure.code, failure.sentence, failure.raw, now)


def close_look(
    tx: Connection,
    attempt: Attempt,
    outcome: Outcome,
    sentence: str,
    *,
    now: datetime,
    cost: Money | None = None,
    code: str = "",
    raw: str = "",
) -> bool:
    """Records what a look showed when it brought no receipt, and what it ``cost`` (None: as written at opening)."""
    return _close(tx, attempt.id, outcome, code, sentence, raw, now, cost)


def close_abandoned(tx: Connection, delivery_id: int, *, now: datetime) -> int:
    """Closes the tries a dead worker left open as uncertain; a receipt may still be added to them."""
    result = tx.execute(
        update(t)
        .where(t.c.delivery_id == delivery_id, t.c.closed_at.is_(None))
        .values(
            outcome=Outcome.UNCERTAIN,
            code="abandoned",
            sentence="the worker was gone before an answer could be recorded",
            closed_at=now,
            updated_at=now,
        )
    )
    return result.rowcount


def add_receipt(tx: Connection, attempt: Attempt, receipt: Receipt, *, known_by: KnownBy, now: datetime) -> None:
    """Ties a platform's id to an attempt; the same id on the same delivery and part is written once."""
    already = select(r.c.id).where(
        r.c.delivery_id == attempt.delivery_id, r.c.part == attempt.part, r.c.platform_id == receipt.id
    )
    if tx.execute(already).first() is not None:
        return
    tx.execute(
        r.insert().values(
            attempt_id=attempt.id,
            delivery_id=attempt.delivery_id,
            part=attempt.part,
            platform_id=receipt.id,
            url=receipt.url,
            platform_at=receipt.at,
            known_by=known_by,
            actor=attempt.worker or attempt.ordered_by,
            created_at=now,
            updated_at=now,
        )
    )


def get(tx: Connection, attempt_id: int) -> Attempt:
    """The attempt with this number; ``LookupError`` when there is none."""
    row = tx.execute(_with_receipt().where(t.c.id == attempt_id)).one_or_none()
    if row is None:
        raise LookupError(f"there is no attempt {attempt_id}")
    return from_row(row)


def of_delivery(tx: Connection, delivery_id: int) -> list[Attempt]:
    """All tries of a delivery, in order."""
    query = _with_receipt().where(t.c.delivery_id == delivery_id).order_by(t.c.number)
    return [from_row(row) for row in tx.execute(query)]


def receipts_of(tx: Connection, delivery_id: int) -> list[KnownReceipt]:
    """All receipts of a delivery, by part, the first known one first."""
    query = select(r).where(r.c.delivery_id == delivery_id).order_by(r.c.part, r.c.id)
    return [
        KnownReceipt(
            row.attempt_id,
            row.part,
            Receipt(id=row.platform_id, url=row.url, at=row.platform_at),
            KnownBy(row.known_by),
        )
        for row in tx.execute(query)
    ]


def held_elsewhere(tx: Connection, mode: Mode, channel: str, ids: Collection[str], delivery_id: int) -> set[str]:
    """Those of these platform ids that another delivery of the channel already holds as its receipt."""
    if not ids:
        return set()
    query = (
        select(r.c.platform_id)
        .join(t, t.c.id == r.c.attempt_id)
        .where(t.c.mode == mode, t.c.channel == channel, r.c.platform_id.in_(ids), r.c.delivery_id != delivery_id)
    )
    return set(tx.execute(query).scalars())


def spent(tx: Connection, mode: Mode, channel: str, since: datetime) -> Money:
    """What tries since ``since`` cost or may have cost: a clear refusal and an unreachable platform cost nothing.

    A look costs what it read, whatever it showed.
    """
    free = (Outcome.REJECTED, Outcome.UNAUTHORIZED, Outcome.RATE_LIMITED, Outcome.UNREACHABLE)
    total = tx.execute(
        select(func.coalesce(func.sum(t.c.cost_micros), 0)).where(
            t.c.mode == mode,
            t.c.channel == channel,
            t.c.opened_at >= since,
            or_(t.c.outcome.is_(None), t.c.outcome.not_in(free)),
        )
    ).scalar_one()
    return Money(int(total))


def begun_since(tx: Connection, mode: Mode, channel: str, since: datetime) -> int:
    """How many deliveries of a channel began since ``since`` and are or may be out: what the daily cap counts."""
    query = select(func.count(func.distinct(t.c.delivery_id))).where(
        t.c.mode == mode,
        t.c.channel == channel,
        t.c.verb == Verb.SEND,
        t.c.opened_at >= since,
        or_(t.c.outcome.is_(None), t.c.outcome.in_((Outcome.SENT, Outcome.UNCERTAIN))),
    )
    return int(tx.execute(query).scalar_one())


def highest(tx: Connection) -> int:
    """The highest attempt number ever written, 0 when none."""
    return int(tx.execute(select(func.coalesce(func.max(t.c.id), 0))).scalar_one())


_OUTCOME_OF = {
    KnownBy.ANSWERED: Outcome.SENT,
    KnownBy.LOOKING: Outcome.FOUND,
    KnownBy.PERSON: Outcome.SENT,
}


def _close(
    tx: Connection,
    attempt_id: int,
    outcome: Outcome,
    code: str,
    sentence: str,
    raw: str,
    now: datetime,
    cost: Money | None = None,
) -> bool:
    written: dict[str, Any] = {"outcome": outcome, "code": code[:200], "sentence": sentence, "raw": raw}
    if cost is not None:
        written["cost_micros"] = cost.micros
    result = tx.execute(
        update(t).where(t.c.id == attempt_id, t.c.closed_at.is_(None)).values(**written, closed_at=now, updated_at=now)
    )
    return result.rowcount == 1


def _with_receipt() -> Any:
    """Attempts beside their first receipt: a second one for the same try is the desk's to look at."""
    first = select(func.min(r.c.id)).where(r.c.attempt_id == t.c.id).correlate(t).scalar_subquery()
    return select(
        t,
        r.c.platform_id.label("receipt_platform_id"),
        r.c.url.label("receipt_url"),
        r.c.known_by.label("receipt_known_by"),
    ).outerjoin(r, r.c.id == first)


def days_begun(tx: Connection, mode: Mode, channel: str, zone: tzinfo, *, before: date, most: int) -> int:
    """On how many days before ``before`` (in ``zone``) a channel began anything; counted up to ``most``."""
    days: set[date] = set()
    query = select(t.c.opened_at).where(t.c.mode == mode, t.c.channel == channel).order_by(t.c.opened_at)
    for moment in tx.execute(query).scalars():
        day = moment.astimezone(zone).date()
        if day >= before or len(days) >= most:
            break
        days.add(day)
    return len(days)
