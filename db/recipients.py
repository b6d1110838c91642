"""One row for each reader's copy of an issue, and each try of it written down before and after (design rule 2).

The rows hold subscriber numbers, never addresses. A copy whose outcome is unknown is never sent again by itself: a
mail server cannot be asked, so it stands unsettled until a person says what happened.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    func,
    insert,
    literal_column,
    null,
    select,
    union_all,
    update,
)

from db.deliveries import claim_from_row, claim_values
from db.moves import check_move
from db.records import Claim, Delivery, Exclusion, Failure, Frequency, Mode, Outcome, Receipt, Recipient, State
from db.tables import exclusions, issues, recipient_attempts, subscribers
from db.tables import recipients as t
from db.writing import ACTOR_LENGTH, clean, cut, insert_into, resigned, signed

_CODE_LENGTH = 200
_RECEIPT_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Counts:
    """Where an issue's candidates stand; they add up to all there were."""

    sent: int = 0
    refused: int = 0  # failed
    unknown: int = 0  # uncertain, unsettled, or nobody could say
    excluded: int = 0
    open: int = 0  # planned or being sent
    expired: int = 0
    cancelled: int = 0

    @property
    def candidates(self) -> int:
        """Everybody who was considered."""
        return self.sent + self.refused + self.unknown + self.excluded + self.open + self.expired + self.cancelled


@dataclass(frozen=True, slots=True)
class Try:
    """One recipient as a worker holds it: the row as claimed and which of its attempts was opened for it."""

    recipient: Recipient
    number: int


_a = recipient_attempts
_ATTEMPT_SENT = (
    update(_a)
    .where(_a.c.recipient_id == bindparam("its_id"), _a.c.number == bindparam("its_number"), _a.c.closed_at.is_(None))
    .values(
        outcome=literal_column(f"'{Outcome.SENT}'"),
        code=bindparam("its_code"),
        receipt_id=bindparam("its_receipt"),
        closed_at=bindparam("now"),
        updated_at=bindparam("now"),
    )
)
_COPY_SENT = (
    update(t)
    .where(t.c.id == bindparam("its_id"), t.c.state != literal_column(f"'{State.SENT}'"))
    .values(
        state=literal_column(f"'{State.SENT}'"),
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
_MAY_HAVE = (State.SENDING, State.SENT, State.UNCERTAIN, State.UNSETTLED, State.UNKNOWN)

_COLUMN = {
    State.WAITING: "open",
    State.PLANNED: "open",
    State.SENDING: "open",
    State.SENT: "sent",
    State.FAILED: "refused",
    State.UNCERTAIN: "unknown",
    State.UNSETTLED: "unknown",
    State.UNKNOWN: "unknown",
    State.EXPIRED: "expired",
    State.CANCELLED: "cancelled",
}


# --- the audience ------------------------------------------------------------------------------


def add(tx: Connection, rows: Sequence[Recipient], *, actor: str, now: datetime, reason: str = "") -> None:
    """Writes planned copies. A reader who has a row of this issue already keeps it."""
    _insert(
        tx,
        t,
        [
            {
                "issue_id": row.issue_id,
                "delivery_id": row.delivery_id,
                "subscriber_id": row.subscriber_id,
                "fingerprint": row.fingerprint,
                "state": row.state,
                "send_at": row.send_at,
                **signed(actor, now, reason),
            }
            for row in rows
        ],
    )


def exclude(tx: Connection, rows: Sequence[Exclusion], *, actor: str, now: datetime, reason: str = "") -> None:
    """Writes who is not a recipient and why."""
    _insert(
        tx,
        exclusions,
        [
            {
                "issue_id": row.issue_id,
                "subscriber_id": row.subscriber_id,
                "why": cut(row.reason, 120),
                **signed(actor, now, reason),
            }
            for row in rows
        ],
    )


def last_candidate(tx: Connection, issue_id: int) -> int:
    """The highest subscriber number this issue has a row for, 0 when none: where freezing goes on after a crash."""
    both = union_all(
        select(func.max(t.c.subscriber_id).label("last")).where(t.c.issue_id == issue_id),
        select(func.max(exclusions.c.subscriber_id)).where(exclusions.c.issue_id == issue_id),
    ).subquery()
    return tx.execute(select(func.max(both.c.last))).scalar_one() or 0


def counts(tx: Connection, issue_id: int) -> Counts:
    """Where the candidates of an issue stand."""
    numbers: dict[str, int] = {}
    query = select(t.c.state, func.count()).where(t.c.issue_id == issue_id).group_by(t.c.state)
    for state, number in tx.execute(query):
        column = _COLUMN[State(state)]
        numbers[column] = numbers.get(column, 0) + number
    left_out = select(func.count()).select_from(exclusions).where(exclusions.c.issue_id == issue_id)
    return Counts(**numbers, excluded=tx.execute(left_out).scalar_one())


def of_issue(tx: Connection, issue_id: int, states: Collection[State] | None = None) -> list[Recipient]:
    """The copies of an issue by number, all or those in these states."""
    query = select(t).where(t.c.issue_id == issue_id).order_by(t.c.id)
    if states is not None:
        query = query.where(t.c.state.in_(states))
    return [_recipient(row) for row in tx.execute(query)]


def of_subscriber(tx: Connection, subscriber_id: int) -> list[Recipient]:
    """Every copy one person was to get, oldest first: did this reader get it?"""
    query = select(t).where(t.c.subscriber_id == subscriber_id).order_by(t.c.id)
    return [_recipient(row) for row in tx.execute(query)]


def find(tx: Connection, recipient_id: int) -> Recipient | None:
    """The copy with this number, or None."""
    row = tx.execute(select(t).where(t.c.id == recipient_id)).one_or_none()
    return _recipient(row) if row is not None else None


def by_receipt(tx: Connection, receipt_id: str) -> Recipient | None:
    """The newest copy that the mail server took under this id, or None."""
    row = tx.execute(select(t).where(t.c.receipt_id == receipt_id).order_by(t.c.id.desc()).limit(1)).one_or_none()
    return _recipient(row) if row is not None else None


def who_may_have(tx: Connection, issue_id: int, fingerprints: Collection[str], after: int, limit: int) -> list[int]:
    """The readers, by number from behind ``after``, who have or may have a copy with one of these fingerprints."""
    query = (
        select(t.c.subscriber_id)
        .where(
            t.c.issue_id == issue_id,
            t.c.fingerprint.in_(fingerprints),
            t.c.state.in_(_MAY_HAVE),
            t.c.subscriber_id > after,
        )
        .order_by(t.c.subscriber_id)
        .limit(limit)
    )
    return list(tx.execute(query).scalars())


def count_who_may_have(tx: Connection, issue_id: int, fingerprints: Collection[str]) -> int:
    """How many have or may have a copy with one of these fingerprints."""
    query = select(func.count()).where(
        t.c.issue_id == issue_id, t.c.fingerprint.in_(fingerprints), t.c.state.in_(_MAY_HAVE)
    )
    return int(tx.execute(query).scalar_one())


def alerts_since(
    tx: Connection, mode: Mode, channel: str, subscriber_ids: Collection[int], since: datetime
) -> dict[int, list[datetime]]:
    """When the alerts of a newsletter went, or are to go, to these readers from ``since`` on; corrections aside."""
    query = (
        select(t.c.subscriber_id, t.c.send_at)
        .join(issues, issues.c.id == t.c.issue_id)
        .where(
            t.c.subscriber_id.in_(subscriber_ids),
            t.c.send_at >= since,
            t.c.state.not_in((State.CANCELLED, State.EXPIRED, State.FAILED)),
            issues.c.mode == mode,
            issues.c.channel == channel,
            issues.c.frequency == Frequency.IMMEDIATE,
            issues.c.corrects_id.is_(None),
        )
    )
    found: dict[int, list[datetime]] = {}
    for row in tx.execute(query):
        found.setdefault(row.subscriber_id, []).append(row.send_at)
    return found


def exchange(tx: Connection, issue_id: int, old: str, new: str, *, actor: str, now: datetime, reason: str = "") -> int:
    """Gives copies that have not begun another variant: what they would have said was wrong; how many there were."""
    changed = tx.execute(
        update(t)
        .where(t.c.issue_id == issue_id, t.c.state == State.PLANNED, t.c.fingerprint == old)
        .values(fingerprint=new, **resigned(t, actor, now, reason))
    )
    return changed.rowcount


def sent_by_domain(tx: Connection, mode: Mode, since: datetime) -> dict[str, int]:
    """How many copies were accepted from ``since`` on, by the readers' domains; erased readers are left out."""
    key = subscribers.c.address_key
    query = (
        select(key, t.c.id)
        .join(subscribers, subscribers.c.id == t.c.subscriber_id)
        .join(issues, issues.c.id == t.c.issue_id)
        .where(t.c.state == State.SENT, t.c.closed_at >= since, issues.c.mode == mode)
        .execution_options(yield_per=5_000)
    )
    found: dict[str, int] = {}
    for row in tx.execute(query):
        domain = row.address_key.rpartition("@")[2]
        found[domain] = found.get(domain, 0) + 1
    return found


def first_sent_at(tx: Connection, mode: Mode, channel: str) -> datetime | None:
    """When the first copy of a newsletter was accepted, None before."""
    query = (
        select(func.min(t.c.closed_at))
        .join(issues, issues.c.id == t.c.issue_id)
        .where(t.c.state == State.SENT, issues.c.mode == mode, issues.c.channel == channel)
    )
    moment: datetime | None = tx.execute(query).scalar()
    return moment


def exclusion_reasons(tx: Connection, issue_id: int) -> list[tuple[str, int]]:
    """Why candidates were left out, each reason with how many, the most frequent first."""
    number = func.count().label("number")
    query = select(exclusions.c.why, number).where(exclusions.c.issue_id == issue_id).group_by(exclusions.c.why)
    return [(row.why, row.number) for row in tx.execute(query.order_by(number.desc(), exclusions.c.why))]


def state_reasons(tx: Connection, issue_id: int) -> list[tuple[State, str, str, int]]:
    """Copies that were not plainly sent, by state, code and sentence, with how many; the most frequent first."""
    number = func.count().label("number")
    query = (
        select(t.c.state, t.c.code, t.c.detail, number)
        .where(t.c.issue_id == issue_id, t.c.state != State.SENT)
        .group_by(t.c.state, t.c.code, t.c.detail)
    )
    return [(State(row.state), row.code, row.detail, row.number) for row in tx.execute(query.order_by(number.desc()))]


def exclusions_of(tx: Connection, issue_id: int) -> list[Exclusion]:
    """Who was left out of an issue, and why."""
    query = select(exclusions).where(exclusions.c.issue_id == issue_id).order_by(exclusions.c.id)
    return [Exclusion(row.issue_id, row.subscriber_id, row.why) for row in tx.execute(query)]


def exclusions_of_subscriber(tx: Connection, subscriber_id: int) -> list[Exclusion]:
    """Every issue that one person was left out of, and why, oldest first."""
    query = select(exclusions).where(exclusions.c.subscriber_id == subscriber_id).order_by(exclusions.c.id)
    return [Exclusion(row.issue_id, row.subscriber_id, row.why) for row in tx.execute(query)]


# --- one copy ----------------------------------------------------------------------------------


def due(tx: Connection, delivery: Delivery, *, now: datetime, limit: int) -> list[Recipient]:
    """The next copies that may go, in order, locked on PostgreSQL where others could take them; nothing is claimed."""
    query = (
        select(t)
        .where(_of(delivery), t.c.state == State.PLANNED, t.c.send_at <= now)
        .order_by(t.c.send_at, t.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_recipient(row) for row in tx.execute(query)]


def open_tries(tx: Connection, copies: Sequence[Recipient], claim: Claim, *, now: datetime) -> list[Try]:
    """Moves these planned copies to ``sending`` and opens an attempt for each; those no longer planned are left out.

    The caller commits before it speaks to the mail server.
    """
    if not copies:
        return []
    moved = {
        row.id: row.fingerprint
        for row in tx.execute(
            update(t)
            .where(t.c.id.in_([copy.id for copy in copies]), t.c.state == State.PLANNED)
            .values(
                state=State.SENDING,
                opened_at=now,
                closed_at=None,
                **claim_values(claim),
                **resigned(t, claim.owner, now),
            )
            .returning(t.c.id, t.c.fingerprint)
        )
    }
    a = recipient_attempts
    again = [copy.id for copy in copies if copy.opened_at is not None and copy.id in moved]
    numbers: dict[int, int] = {}
    if again:
        last = select(a.c.recipient_id, func.max(a.c.number)).where(a.c.recipient_id.in_(again))
        numbers = {row[0]: row[1] for row in tx.execute(last.group_by(a.c.recipient_id))}
    tries = [
        Try(
            # The words as the row has them now: a correction may have exchanged them since the copy was read.
            replace(copy, fingerprint=moved[copy.id], state=State.SENDING, opened_at=now, closed_at=None, claim=claim),
            numbers.get(copy.id, 0) + 1,
        )
        for copy in copies
        if copy.id in moved
    ]
    common = {"worker": cut(claim.owner, 200), "opened_at": now, **signed(claim.owner, now)}
    rows = [
        {"recipient_id": one.recipient.id, "number": one.number, "fingerprint": one.recipient.fingerprint, **common}
        for one in tries
    ]
    if rows:
        tx.execute(insert(a), rows)
    return tries


def close_sent(tx: Connection, answered: Sequence[tuple[Try, Receipt]], *, actor: str, now: datetime) -> None:
    """Records the server's yes to each. It counts whoever owns the row by now: anything but sent becomes sent."""
    if not answered:
        return
    rows = [
        {
            "its_id": tried.recipient.id,
            "its_number": tried.number,
            "its_code": cut(receipt.code, _CODE_LENGTH),
            "its_receipt": cut(receipt.id, _RECEIPT_LENGTH),
            "its_tries": tried.recipient.tries + 1,
            "now": now,
            "by": cut(actor, ACTOR_LENGTH),
        }
        for tried, receipt in answered
    ]
    tx.execute(_ATTEMPT_SENT, rows)
    tx.execute(_COPY_SENT, rows)


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


def move(tx: Connection, recipient: Recipient, after: State, *, actor: str, now: datetime, reason: str) -> bool:
    """Moves a copy that no worker holds; False when it is no longer where the caller saw it."""
    check_move(recipient.state, after)
    moved = tx.execute(
        update(t)
        .where(t.c.id == recipient.id, t.c.state == recipient.state)
        .values(state=after, detail=clean(reason), closed_at=now, **claim_values(None), **resigned(t, actor, now))
    )
    return moved.rowcount == 1


def expire(
    tx: Connection, delivery: Delivery, *, actor: str, now: datetime, reason: str, after: State = State.EXPIRED
) -> int:
    """Ends every planned copy of a delivery whose time is past, or (``after``) that was called off; how many."""
    check_move(State.PLANNED, after)
    ended = tx.execute(
        update(t)
        .where(_of(delivery), t.c.state == State.PLANNED)
        .values(state=after, detail=clean(reason), closed_at=now, **resigned(t, actor, now))
    )
    return ended.rowcount


def in_line(tx: Connection, delivery: Delivery) -> bool:
    """Whether the audience of this delivery is frozen: from then on its readers' rows tell what became of it."""
    return tx.execute(select(t.c.id).where(_of(delivery)).limit(1)).first() is not None


def in_flight(tx: Connection, delivery: Delivery) -> list[Recipient]:
    """The copies somebody is, or was, sending."""
    query = select(t).where(_of(delivery), t.c.state == State.SENDING).order_by(t.c.id)
    return [_recipient(row) for row in tx.execute(query)]


def next_moment(tx: Connection, delivery: Delivery) -> datetime | None:
    """When the next planned copy may go, None when none is planned."""
    query = select(func.min(t.c.send_at)).where(_of(delivery), t.c.state == State.PLANNED)
    moment: datetime | None = tx.execute(query).scalar()
    return moment


def attempts_of(tx: Connection, recipient_id: int) -> list[tuple[int, Outcome | None, str, str]]:
    """Every try of one copy in order: number, outcome (None while open), code, sentence."""
    a = recipient_attempts
    query = select(a).where(a.c.recipient_id == recipient_id).order_by(a.c.number)
    return [
        (row.number, Outcome(row.outcome) if row.outcome else None, row.code, row.sentence) for row in tx.execute(query)
    ]


def _of(delivery: Delivery) -> ColumnElement[bool]:
    """A delivery's copies; its issue is named too, since the index begins with it."""
    return and_(t.c.issue_id == delivery.subject_id, t.c.delivery_id == delivery.id)


def _mine(tried: Try, before: State) -> Any:
    """While sending the claim tells whose the row is; what this transaction moved itself is ours anyway."""
    claim = tried.recipient.claim
    if before is State.UNCERTAIN or claim is None:
        return t.c.claim_owner.is_(None)
    return t.c.claim_owner == claim.owner


def _close_attempt(tx: Connection, tried: Try, failure: Failure, now: datetime) -> None:
    a = recipient_attempts
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


def _insert(tx: Connection, table: Any, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        tx.execute(insert_into(tx, table).on_conflict_do_nothing(), list(rows))


def _recipient(row: Row[Any]) -> Recipient:
    return Recipient(
        issue_id=row.issue_id,
        delivery_id=row.delivery_id,
        subscriber_id=row.subscriber_id,
        fingerprint=row.fingerprint,
        state=State(row.state),
        send_at=row.send_at,
        id=row.id,
        tries=row.tries,
        code=row.code,
        detail=row.detail,
        receipt_id=row.receipt_id,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        claim=claim_from_row(row),
    )
