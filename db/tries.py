"""Each try of a reader's copy, written down before and after it (design rule 2).

A copy whose outcome is unknown is never sent again by itself: a mail server cannot be asked, so it stands unsettled
until a person says what happened. What runs for every reader is prepared once (``db.prepared``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, literal_column, null, select, update
from sqlalchemy.sql.dml import UpdateBase

from db.deliveries import claim_values
from db.moves import check_move
from db.prepared import Prepared, moment
from db.recipients import from_row, of_delivery
from db.records import Claim, Delivery, Failure, Outcome, Receipt, Recipient, State
from db.tables import recipient_attempts as a
from db.tables import recipients as t
from db.writing import ACTOR_LENGTH, clean, cut, resigned

_CODE_LENGTH = 200
_RECEIPT_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Try:
    """One recipient as a worker holds it: the row, in the words it has now, whose it is, and which try this is."""

    recipient: Recipient
    number: int
    claim: Claim


def _word(value: str) -> Any:
    return literal_column(f"'{value}'")


def _open_copies(number: int) -> UpdateBase:
    return (
        update(t)
        .where(t.c.id.in_([bindparam(f"id{one}") for one in range(number)]), t.c.state == _word(State.PLANNED))
        .values(
            state=_word(State.SENDING),
            opened_at=bindparam("now"),
            closed_at=null(),
            claim_owner=bindparam("owner"),
            claim_machine=bindparam("machine"),
            claim_boot_id=bindparam("boot_id"),
            claim_until_boot=bindparam("until_boot"),
            claim_until_at=bindparam("until_at"),
            actor=bindparam("by"),
            reason=literal_column("''"),
            updated_at=bindparam("now"),
            version=t.c.version + literal_column("1"),
        )
        .returning(t.c.id, t.c.fingerprint)
    )


@cache
def _opening(number: int) -> Prepared:
    """Takes so many copies at once: there are never more than lines."""
    return Prepared(lambda tx: _open_copies(number))


_ATTEMPT = Prepared(
    lambda tx: insert(a).values(
        recipient_id=bindparam("its_id"),
        number=bindparam("its_number"),
        fingerprint=bindparam("its_words"),
        worker=bindparam("worker"),
        opened_at=bindparam("now"),
        actor=bindparam("by"),
        created_at=bindparam("now"),
        updated_at=bindparam("now"),
    )
)
_ATTEMPT_SENT = Prepared(
    lambda tx: (
        update(a)
        .where(a.c.recipient_id == bindparam("its_id"), a.c.number == bindparam("its_number"), a.c.closed_at.is_(None))
        .values(
            outcome=_word(Outcome.SENT),
            code=bindparam("its_code"),
            receipt_id=bindparam("its_receipt"),
            closed_at=bindparam("now"),
            updated_at=bindparam("now"),
        )
    )
)
_COPY_SENT = Prepared(
    lambda tx: (
        update(t)
        .where(t.c.id == bindparam("its_id"), t.c.state != _word(State.SENT))
        .values(
            state=_word(State.SENT),
            tries=bindparam("its_tries"),
            code=bindparam("its_code"),
            detail=literal_column("''"),
            receipt_id=bindparam("its_receipt"),
            closed_at=bindparam("now"),
            actor=bindparam("by"),
            reason=literal_column("''"),
            updated_at=bindparam("now"),
            version=t.c.version + literal_column("1"),
            **{name: null() for name in claim_values(None)},
        )
    )
)
_DUE = select(
    t.c.id,
    t.c.subscriber_id,
    t.c.fingerprint,
    t.c.send_at,
    t.c.tries,
    t.c.code,
    t.c.detail,
    t.c.opened_at,
    t.c.closed_at,
)


def due(tx: Connection, delivery: Delivery, *, now: datetime, limit: int) -> list[Recipient]:
    """The next copies that may go, in order, locked on PostgreSQL where others could take them; nothing is claimed."""
    query = (
        _DUE.where(of_delivery(delivery), t.c.state == State.PLANNED, t.c.send_at <= now)
        .order_by(t.c.send_at, t.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [
        Recipient(
            issue_id=delivery.subject_id,
            delivery_id=delivery.id,
            subscriber_id=subscriber,
            fingerprint=words,
            state=State.PLANNED,
            send_at=send_at,
            id=number,
            tries=tries,
            code=code,
            detail=detail,
            opened_at=opened_at,
            closed_at=closed_at,
        )
        for number, subscriber, words, send_at, tries, code, detail, opened_at, closed_at in tx.execute(query)
    ]


def open_tries(tx: Connection, copies: Sequence[Recipient], claim: Claim, *, now: datetime) -> list[Try]:
    """Moves these planned copies to ``sending`` and opens an attempt for each; those no longer planned are left out.

    The caller commits before it speaks to the mail server.
    """
    if not copies:
        return []
    at = moment(tx, now)
    taken = {
        "now": at,
        "owner": claim.owner,
        "machine": claim.machine,
        "boot_id": claim.boot_id,
        "until_boot": claim.until_boot,
        "until_at": moment(tx, claim.until_at),
        "by": cut(claim.owner, ACTOR_LENGTH),
        **{f"id{place}": copy.id for place, copy in enumerate(copies)},
    }
    moved: dict[int, str] = dict(_opening(len(copies)).once(tx, taken))
    again = [copy.id for copy in copies if copy.opened_at is not None and copy.id in moved]
    numbers: dict[int, int] = {}
    if again:
        last = select(a.c.recipient_id, func.max(a.c.number)).where(a.c.recipient_id.in_(again))
        numbers = {row[0]: row[1] for row in tx.execute(last.group_by(a.c.recipient_id))}
    # The words as the row has them now: a correction may have exchanged them since the copy was read.
    tries = [
        Try(
            copy if copy.fingerprint == moved[copy.id] else replace(copy, fingerprint=moved[copy.id]),
            numbers.get(copy.id, 0) + 1,
            claim,
        )
        for copy in copies
        if copy.id in moved
    ]
    common = {"worker": cut(claim.owner, 200), "now": at, "by": cut(claim.owner, ACTOR_LENGTH)}
    rows = [
        {"its_id": one.recipient.id, "its_number": one.number, "its_words": one.recipient.fingerprint, **common}
        for one in tries
    ]
    _ATTEMPT.many(tx, rows)
    return tries


def close_sent(tx: Connection, answered: Sequence[tuple[Try, Receipt]], *, actor: str, now: datetime) -> None:
    """Records the server's yes to each. It counts whoever owns the row by now: anything but sent becomes sent."""
    if not answered:
        return
    at, by = moment(tx, now), cut(actor, ACTOR_LENGTH)
    rows = [
        {
            "its_id": tried.recipient.id,
            "its_number": tried.number,
            "its_code": cut(receipt.code, _CODE_LENGTH),
            "its_receipt": cut(receipt.id, _RECEIPT_LENGTH),
            "its_tries": tried.recipient.tries + 1,
            "now": at,
            "by": by,
        }
        for tried, receipt in answered
    ]
    _ATTEMPT_SENT.many(tx, rows)
    _COPY_SENT.many(tx, rows)


def close_failed(
    tx: Connection,
    tried: Try,
    failure: Failure,
    state: State,
    *,
    sentence: str = "",
    send_at: datetime | None = None,
    spends_try: bool = True,
    actor: str,
    now: datetime,
) -> None:
    """Records how a try failed and moves the copy to ``state``, if the row is still the worker's.

    ``sentence`` is what the desk reads on the row, the failure's own when left out. ``UNSETTLED`` is reached through
    ``uncertain``, in this same transaction: there is nothing to look at.
    """
    _close_attempt(tx, tried, failure, now)
    for after in (State.UNCERTAIN, State.UNSETTLED) if state is State.UNSETTLED else (state,):
        before = State.UNCERTAIN if after is State.UNSETTLED else State.SENDING
        check_move(before, after)
        tx.execute(
            update(t)
            .where(t.c.id == tried.recipient.id, t.c.state == before, _mine(tried, before))
            .values(
                state=after,
                tries=tried.recipient.tries + (1 if spends_try else 0),
                code=cut(failure.code, _CODE_LENGTH),
                detail=clean(sentence or failure.sentence),
                closed_at=now,
                **({"send_at": send_at} if send_at is not None else {}),
                **claim_values(None),
                **resigned(t, actor, now),
            )
        )


def abandon(tx: Connection, recipient: Recipient, *, actor: str, now: datetime, reason: str) -> None:
    """A copy whose worker died in the middle: unsettled. Its attempt stays open, for a late answer or for ever."""
    check_move(State.SENDING, State.UNCERTAIN)
    check_move(State.UNCERTAIN, State.UNSETTLED)
    tx.execute(
        update(t)
        .where(t.c.id == recipient.id, t.c.state == State.SENDING)
        .values(
            state=State.UNSETTLED,
            tries=t.c.tries + 1,
            code="abandoned",
            detail=clean(reason),
            closed_at=now,
            **claim_values(None),
            **resigned(t, actor, now),
        )
    )


def in_flight(tx: Connection, delivery: Delivery) -> list[Recipient]:
    """The copies somebody is, or was, sending."""
    query = select(t).where(of_delivery(delivery), t.c.state == State.SENDING).order_by(t.c.id)
    return [from_row(row) for row in tx.execute(query)]


def next_moment(tx: Connection, delivery: Delivery) -> datetime | None:
    """When the next planned copy may go, None when none is planned."""
    query = select(func.min(t.c.send_at)).where(of_delivery(delivery), t.c.state == State.PLANNED)
    moment: datetime | None = tx.execute(query).scalar()
    return moment


def attempts_of(tx: Connection, recipient_id: int) -> list[tuple[int, Outcome | None, str, str]]:
    """Every try of one copy in order: number, outcome (None while open), code, sentence."""
    query = select(a).where(a.c.recipient_id == recipient_id).order_by(a.c.number)
    return [
        (row.number, Outcome(row.outcome) if row.outcome else None, row.code, row.sentence) for row in tx.execute(query)
    ]


def _mine(tried: Try, before: State) -> Any:
    """While sending the claim tells whose the row is; what this transaction moved itself is ours anyway."""
    if before is State.UNCERTAIN:
        return t.c.claim_owner.is_(None)
    return t.c.claim_owner == tried.claim.owner


def _close_attempt(tx: Connection, tried: Try, failure: Failure, now: datetime) -> None:
    tx.execute(
        update(a)
        .where(a.c.recipient_id == tried.recipient.id, a.c.number == tried.number, a.c.closed_at.is_(None))
        .values(
            outcome=failure.outcome,
            code=cut(failure.code, _CODE_LENGTH),
            sentence=clean(failure.sentence),
            closed_at=now,
            updated_at=now,
        )
    )
