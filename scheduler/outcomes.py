"""Writing down what came of a try: the row's move, the channel's stop, the desk's notice.

Everything here runs inside a transaction the caller gives, but for ``record``, which makes one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection

from db import attempts, channel_states, deliveries, log, notices, quota, stops
from db.records import Bucket, Cause, Delivery, Failure, KnownBy, Outcome, Quota, Scope, State, Stop, SubjectKind
from db.session import GroundLost
from scheduler import correction, retry, takedown
from scheduler.app import App, Outlet
from scheduler.work import Work, read_work

T = TypeVar("T")

RECORD_AGAIN_SECONDS = 1.0


def record(app: App, write: Callable[[Connection], T]) -> T:
    """Writes a result in one transaction and keeps trying while the database is away.

    A result must not be dropped: if the process dies meanwhile, the row's dead claim makes it uncertain and a look
    finds the post. Raises ``GroundLost`` only once the app gives up after a stop signal.
    """
    while True:
        try:
            with app.ground.transaction() as tx:
                return write(tx)
        except GroundLost:
            if app.giving_up():
                raise
            app.clock.sleep(RECORD_AGAIN_SECONDS)


def to_sent(app: App, tx: Connection, work: Work, *, known_by: KnownBy, reason: str = "") -> Delivery:
    """Every step has its receipt: the row is sent, and a wish left on it meanwhile is obeyed (design rule 6).

    Raises ``Stale`` when the row is somebody else's by now.
    """
    now = app.clock.now()
    sent = deliveries.move(
        tx, work.delivery, State.SENT, actor=app.worker, now=now, reason=reason, known_by=known_by, look_at=None
    )
    notices.clear(tx, f"delivery {sent.id} {State.UNSETTLED}", now=now)
    notices.clear(tx, f"delivery {sent.id} {State.FAILED}", now=now)
    if takedown.is_takedown(sent) or correction.is_edit(sent):  # the post itself is another delivery's
        return sent
    if sent.wish is not None:  # as the row has it now: the wish may be younger than ``work``
        _take_back(app, tx, sent, now)
    elif sent.subject_kind is SubjectKind.ARTICLE and (kill := stops.killed(tx, sent.subject_id)) is not None:
        takedown.plan_takedown(tx, sent, actor=kill.by, reason=f"the story was killed: {kill.reason}", now=now)
    elif correction.is_correction(sent) and correction.manner_of(sent) is correction.Manner.REPOST:
        old = deliveries.get(tx, correction.corrected(sent))
        reason = f"its correction is out as delivery {sent.id}"
        takedown.plan_takedown(tx, old, actor=sent.ordered_by, reason=reason, now=now)
    return sent


def settle_by_receipts(app: App, tx: Connection, delivery_id: int) -> Delivery:
    """A receipt turned up for a row that is no longer the worker's: anything but sent becomes sent.

    A second receipt for a step that has one is told to the desk: two may be out.
    """
    now = app.clock.now()
    work = read_work(tx, deliveries.locked(tx, delivery_id))
    known = attempts.receipts_of(tx, delivery_id)
    if len({(one.part, one.receipt.id) for one in known}) > len({one.part for one in known}):
        notices.tell_once(
            tx,
            f"second receipt {delivery_id}",
            f"delivery {delivery_id} has two receipts for one part: it may be out twice on {work.delivery.channel}",
            f"pressrun show d{delivery_id}",
            now=now,
        )
    if work.next_part() is not None or work.delivery.state is State.SENT:
        return work.delivery
    reason = "a receipt of an earlier try turned up"
    return to_sent(app, tx, work, known_by=known[0].known_by, reason=reason)


def apply_decision(app: App, tx: Connection, work: Work, decision: retry.Decision, now: datetime) -> Delivery:
    """Moves a row as decided; parts that are already out turn a refusal or an expiry into a person's matter.

    Raises ``Stale`` when the row is somebody else's by now.
    """
    delivery, after, reason = work.delivery, decision.state, decision.sentence
    if work.out and after in (State.FAILED, State.EXPIRED, State.CANCELLED):
        if delivery.state not in (State.UNCERTAIN, State.FAILED):
            delivery = deliveries.move(tx, delivery, State.UNCERTAIN, actor=app.worker, now=now, reason=reason)
        after = State.UNSETTLED
        reason = f"{len(work.out)} of {work.steps} parts are out and the rest could not go: {reason}"
    changes: dict[str, Any] = {
        "tries": delivery.tries + (1 if decision.spends_try else 0),
        "looks": delivery.looks + (1 if decision.counts_look else 0),
        "look_at": None if after is State.UNSETTLED else decision.look_at,
    }
    if decision.next_at is not None:
        changes["next_at"] = decision.next_at
    if after is State.UNCERTAIN and delivery.uncertain_at is None:
        changes["uncertain_at"] = now
    if after is State.PLANNED:
        changes.update(uncertain_at=None, looks=0)
    moved = deliveries.move(tx, delivery, after, actor=app.worker, now=now, reason=reason, **changes)
    if after is State.UNSETTLED or (after is State.FAILED and delivery.state is not State.FAILED):
        tell_desk(tx, moved, now)
    if decision.take_down:
        _take_back(app, tx, moved, now)
    return moved


def note_stop(
    app: App, outlet: Outlet, tx: Connection, failure: Failure | None, decision: retry.Decision, now: datetime
) -> None:
    """Lays the stop a decision asks for, and the breaker's once too many failures came in a row."""
    if failure is None:
        return
    waits_until = decision.channel_waits_until
    if failure.outcome is Outcome.UNAUTHORIZED and failure.retry_after is not None:
        waits_until = now + failure.retry_after  # a block with an end: the check would pass long before it
    if waits_until is not None:
        wait = Bucket("told to wait", remaining=0, reset_at=waits_until)
        quota.save(tx, outlet.mode, outlet.name, Quota((wait,)), now=now)
    if decision.stop is not None:
        lay_stop(app, outlet, tx, decision.stop, failure.sentence, now)
        return
    if failure.outcome not in (Outcome.UNREACHABLE, Outcome.UNCERTAIN):
        return
    state = channel_states.lock(tx, outlet.mode, outlet.name, now=now)
    failures = state.failures + 1
    span = retry.breaker_after(failures, state.breaker_round, threshold=outlet.policy.breaker_threshold)
    rounds = state.breaker_round + (1 if span else 0)
    channel_states.save(tx, outlet.mode, outlet.name, now=now, failures=failures, breaker_round=rounds)
    if span:
        reason = f"{failures} failures in a row, the last: {failure.sentence}"
        lift_breaker(app, outlet, tx, now)
        lay_stop(app, outlet, tx, Cause.BREAKER, reason, now, now + span)


def note_success(app: App, outlet: Outlet, tx: Connection, now: datetime) -> None:
    """An answer came: the breaker's count starts again and its stop is lifted."""
    state = channel_states.lock(tx, outlet.mode, outlet.name, now=now)
    if state.failures or state.breaker_round:
        channel_states.save(tx, outlet.mode, outlet.name, now=now, failures=0, breaker_round=0)
        lift_breaker(app, outlet, tx, now)
        notices.clear(tx, _stop_key(outlet, Cause.BREAKER), now=now)


def lift_breaker(app: App, outlet: Outlet, tx: Connection, now: datetime) -> None:
    """Lifts the breaker's stop, whatever its end."""
    stops.lift(
        tx, scope=Scope.CHANNEL, target=outlet.name, mode=outlet.mode, cause=Cause.BREAKER, by=app.worker, now=now
    )


def tell_desk(tx: Connection, delivery: Delivery, now: datetime) -> None:
    """One notice for a delivery that only a person can carry on."""
    remedy = (
        f"pressrun show d{delivery.id}, then: pressrun retry d{delivery.id}, or pressrun settle d{delivery.id} --leave"
    )
    if delivery.subject_kind is not SubjectKind.ARTICLE or takedown.is_takedown(delivery):
        remedy = f"pressrun show d{delivery.id}, then: pressrun settle d{delivery.id} --leave"
    if delivery.state is State.UNSETTLED:
        remedy = f"pressrun settle d{delivery.id} --out|--not-out|--nobody-knows"
        if takedown.is_takedown(delivery):
            link = f"open the link of d{takedown.taken_back(delivery)}"
            remedy = (
                f"{link}; is it gone: pressrun settle d{delivery.id} --out; is it there: remove it by hand, then that"
            )
    cause = f"delivery {delivery.id} {delivery.state}"
    what = f"“{log.row_of(tx, delivery.id).headline}”, delivery {delivery.id} on {delivery.channel}"
    notices.tell_once(tx, cause, f"{what}: {delivery.reason}", remedy, now=now)


def _take_back(app: App, tx: Connection, sent: Delivery, now: datetime) -> None:
    """Somebody called it off while it was going out: it is out, so it is taken down."""
    if sent.subject_kind is SubjectKind.ISSUE:
        return  # mail that was accepted cannot be called back; the readers who have it are counted
    who = sent.ordered_by
    takedown.plan_takedown(tx, sent, actor=who, reason="it was called off while it was going out", now=now)


def lay_stop(
    app: App, outlet: Outlet, tx: Connection, cause: Cause, reason: str, now: datetime, until: datetime | None = None
) -> None:
    """Stops a channel for a cause of the machine's, and tells the desk once."""
    stop = Stop(
        scope=Scope.CHANNEL,
        target=outlet.name,
        mode=outlet.mode,
        cause=cause,
        reason=reason,
        by=app.worker,
        since_at=now,
        until_at=until,
    )
    stops.lay(tx, stop, actor=app.worker, now=now)
    sentence = f"{outlet.name} is stopped: {reason}"
    notices.tell_once(tx, _stop_key(outlet, cause), sentence, f"pressrun channels check {outlet.name}", now=now)


def _stop_key(outlet: Outlet, cause: Cause) -> str:
    return f"{cause} {outlet.mode} {outlet.name}"
