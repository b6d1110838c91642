"""Taking a post down again: a delivery of its own, so that a lost answer is treated like any other.

Its purpose names the delivery it takes back: ``takedown-17`` removes whatever delivery 17 put out, the last part
first; ``takedown-17-2`` is the second order, after the first one was refused. The first delivery stays sent: it was.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from db import attempts, deliveries, notices
from db.deliveries import Taken
from db.records import Delivery, Failure, Money, Outcome, Priority, Receipt, State
from scheduler.retry import Decision

_PREFIX = "takedown-"
ENDED_IN_VAIN = (State.FAILED, State.EXPIRED, State.CANCELLED, State.UNKNOWN)
"""A take-down in one of these removed nothing that is known of: another may follow."""


def is_takedown(delivery: Delivery) -> bool:
    """Whether this promise removes a post instead of making one."""
    return delivery.purpose.startswith(_PREFIX)


def taken_back(delivery: Delivery) -> int:
    """The number of the delivery that a take-down takes back."""
    return int(delivery.purpose.removeprefix(_PREFIX).partition("-")[0])


def plan_takedown(tx: Connection, sent: Delivery, *, actor: str, reason: str, now: datetime) -> Delivery:
    """Promises to remove what ``sent`` put out, before anything else on its channel.

    Asked twice, it is one; where the last one ended without removing it, another follows.
    """
    before = orders_for(tx, sent)
    if before and before[-1].state not in ENDED_IN_VAIN:
        return before[-1]
    number = f"-{len(before) + 1}" if before else ""
    promise = Delivery(
        mode=sent.mode,
        subject_kind=sent.subject_kind,
        subject_id=sent.subject_id,
        channel=sent.channel,
        kind=sent.kind,
        purpose=f"{_PREFIX}{sent.id}{number}",
        post_id=sent.post_id,
        fingerprint=sent.fingerprint,
        state=State.PLANNED,
        due_at=now,
        next_at=now,
        latest_at=None,
        priority=Priority.BREAKING,
        section=sent.section,
        ordered_by=actor,
        approved_by=actor,
        approved_at=now,
        approved_fingerprint=sent.fingerprint,
        reason=reason,
        cost=Money(),
    )
    if before:  # this one stands for the one that failed
        notices.clear(tx, f"delivery {before[-1].id} {State.FAILED}", now=now)
    try:
        return deliveries.add(tx, promise, actor=actor, now=now)
    except Taken:
        found = deliveries.find(tx, sent.mode, sent.subject_kind, sent.subject_id, sent.channel, promise.purpose)
        assert found is not None
        return found


def orders_for(tx: Connection, sent: Delivery) -> list[Delivery]:
    """Every take-down of this delivery that was ever ordered, oldest first."""
    of_subject = deliveries.of_subject(tx, sent.subject_kind, sent.subject_id, mode=sent.mode, channel=sent.channel)
    return [one for one in of_subject if is_takedown(one) and taken_back(one) == sent.id]


def to_remove(tx: Connection, takedown: Delivery) -> tuple[Receipt, ...]:
    """Every post the taken-back delivery is known to have out, the last part first."""
    return tuple(known.receipt for known in reversed(attempts.receipts_of(tx, taken_back(takedown))))


def until_done(delivery: Delivery, failure: Failure, decision: Decision, pause: timedelta, now: datetime) -> Decision:
    """The decision for a take-down that never left the house: it is asked again, however often that was so already."""
    gives_up = failure.outcome is Outcome.UNREACHABLE and decision.state is State.FAILED
    if not is_takedown(delivery) or not gives_up:
        return decision
    sentence = f"{failure.sentence} It is asked again until it is done."
    return replace(decision, state=State.PLANNED, sentence=sentence, next_at=now + pause)


def planned_again(delivery: Delivery, decision: Decision, most: int) -> Decision:
    """The decision to ask once more, for a row whose answer was lost or unclear; one that was refused stays so.

    After ``most`` calls without a clear answer it is a person's matter.
    """
    if delivery.state is State.FAILED:
        return replace(decision, state=State.FAILED, sentence=delivery.reason, next_at=None)
    if delivery.tries >= most:
        what = "the post is gone" if is_takedown(delivery) else "the new words stand there"
        sentence = f"{delivery.tries} calls brought no clear answer. Only a person can say whether {what}."
        return replace(decision, state=State.UNSETTLED, sentence=sentence, next_at=None)
    return replace(decision, state=State.PLANNED)
