"""A person's verdict on what looking could not tell, and on what failed."""

from __future__ import annotations

from dataclasses import replace

from db import attempts, audit, deliveries, notices, recipients
from db.records import (
    Delivery,
    KnownBy,
    Money,
    Outcome,
    Receipt,
    State,
    SubjectKind,
    Verb,
)
from scheduler import mailing, takedown
from scheduler.app import App
from scheduler.newsroom.grounds import Refused
from scheduler.outcomes import to_sent
from scheduler.people.actor import needs
from scheduler.people.roles import Permission
from scheduler.work import attempt_for, read_work


@needs(Permission.SETTLE)
def settle(
    app: App, delivery_id: int, verdict: State, *, actor: str, url: str | None = None, reason: str = ""
) -> Delivery:
    """A person says what became of an unsettled delivery: ``SENT`` it is out, ``PLANNED`` it is not, ``UNKNOWN``
    nobody can say. Logged as a try of its own with the person's name. Raises ``Refused`` for any other delivery."""
    moment = app.clock.now()
    with app.ground.transaction() as tx:
        delivery = deliveries.get(tx, delivery_id)
        if delivery.state is not State.UNSETTLED:
            raise Refused(f"delivery {delivery_id} is {delivery.state}; only an unsettled one needs a verdict")
        work = read_work(tx, delivery)
        done = "taken down" if takedown.is_takedown(delivery) else "out"
        told = {
            State.SENT: f"it is {done}",
            State.PLANNED: f"it is not {done}",
            State.UNKNOWN: "nobody can say",
        }[verdict]
        why = f"{actor} says: {told}" + (f" ({reason})" if reason else "")
        part = work.next_part() or 0
        row = replace(attempt_for(work, Verb.VERDICT, part, worker=app.worker, cost=Money()), ordered_by=actor)
        attempt = attempts.open_attempt(tx, row, actor=actor, now=moment)
        audit.write(tx, "settle", f"delivery {delivery_id}", actor=actor, now=moment, reason=reason, after=told)
        notices.clear(tx, f"delivery {delivery_id} {State.UNSETTLED}", now=moment)
        if delivery.subject_kind is SubjectKind.ISSUE:
            mailing.settle(tx, delivery.subject_id, verdict, actor=actor, now=moment, reason=why)
        if verdict is State.SENT:
            receipt = Receipt(id=url or f"said by {actor}", url=url)
            attempts.close_sent(tx, attempt, receipt, known_by=KnownBy.PERSON, now=moment)
            return to_sent(app, tx, work, known_by=KnownBy.PERSON, reason=why)
        outcome = Outcome.NOT_THERE if verdict is State.PLANNED else Outcome.UNCERTAIN
        attempts.close_look(tx, attempt, outcome, why, now=moment)
        if verdict is State.UNKNOWN:
            return deliveries.move(tx, delivery, State.UNKNOWN, actor=actor, now=moment, reason=why)
        over, said = None, why
        if delivery.wish is not None:
            over = State.CANCELLED
        elif delivery.latest_at is not None and delivery.latest_at <= moment:
            over, said = State.EXPIRED, f"{why}; it is too late to send it now"
        if over is not None and delivery.subject_kind is SubjectKind.ISSUE:
            recipients.expire(tx, delivery, actor=actor, now=moment, reason=said, after=over)
            if mailing.summary(tx, delivery.subject_id).sent:  # who has their copy keeps it
                return to_sent(app, tx, work, known_by=KnownBy.PERSON, reason=said)
        if over is not None:
            return deliveries.move(tx, delivery, over, actor=actor, now=moment, reason=said)
        return deliveries.move(
            tx, delivery, State.PLANNED, actor=actor, now=moment, reason=why, next_at=moment, looks=0, uncertain_at=None
        )


@needs(Permission.SETTLE)
def leave(app: App, delivery_id: int, *, actor: str, reason: str = "") -> Delivery:
    """A person leaves a failed delivery as it is: nothing goes, and its notice ends.

    Raises ``Refused`` for any other delivery, and for one that is still to be looked for.
    """
    moment = app.clock.now()
    with app.ground.transaction() as tx:
        delivery = deliveries.get(tx, delivery_id)
        if delivery.state is not State.FAILED:
            raise Refused(f"delivery {delivery_id} is {delivery.state}; only a failed one is left as it is")
        if delivery.look_at is not None:
            raise Refused(
                f"delivery {delivery_id} is looked for once more, {app.told(delivery.look_at)}; wait for that"
            )
        notices.clear(tx, f"delivery {delivery_id} {State.FAILED}", now=moment)
        audit.write(tx, "leave", f"delivery {delivery_id}", actor=actor, now=moment, reason=reason)
        return delivery
