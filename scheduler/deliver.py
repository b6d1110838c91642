"""Delivering: claim, write down that we are about to act, act once, write down what happened, never guess.

Each step is its own transaction and none is open during a call (design rules 2, 3, 4, 9). A worker that dies
between any two of them leaves a row that ``settle_abandoned`` and ``reconcile`` can bring to the truth.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from sqlalchemy import Connection

from channels.errors import ChannelError
from db import attempts, channel_states, deliveries, quota
from db.claims import Refusal, claim_next
from db.deliveries import Stale
from db.records import Attempt, Delivery, Failure, KnownBy, Outcome, Receipt, State, SubjectKind, Verb
from scheduler import by_hand, issues, retry, takedown
from scheduler.adopting import LOOKED_FOR, may_be_out
from scheduler.app import App, Outlet
from scheduler.asked_first import give_back
from scheduler.at_source import unseen
from scheduler.budget import tell_used_up
from scheduler.outcomes import apply_decision, note_stop, note_success, record, settle_by_receipts, to_sent
from scheduler.rule_guard import kept_by_rule
from scheduler.work import Work, attempt_for, read_work


def deliver_next(app: App, outlet: Outlet, *, urgent: bool | None = None) -> Delivery | Refusal | None:
    """Takes one due delivery of a channel as far as it goes now; of its urgent ones or its others alone where asked.

    Returns the delivery as it stands afterwards, the ``Refusal`` that kept what is due, or None: nothing is due.
    Raises ``GroundLost`` when the database is away before anything was sent.
    """
    refusal = app.safeguard.refusal()
    if refusal is not None:
        return refusal
    now = app.clock.now()
    claim = app.claim(outlet.claim_span)
    looking = None
    with app.ground.transaction() as tx:
        begun_at = channel_states.lock(tx, outlet.mode, outlet.name, now=now).begun_at
        guards = outlet.guards_now(tx, now)
        got = claim_next(tx, outlet.mode, outlet.name, guards, claim, now=now, urgent=urgent)
        if not isinstance(got, Delivery):
            if isinstance(got, Refusal) and got.why == "budget":
                tell_used_up(tx, outlet, got, now)
            return got
        if may_be_out(tx, got, app.safeguard.adopted):
            return deliveries.move(
                tx, got, State.UNCERTAIN, actor=app.worker, now=now, reason=LOOKED_FOR, look_at=now, uncertain_at=now
            )
        work = read_work(tx, got)
        part = work.next_part()
        if part is None:  # every step has its receipt: only the state was missing
            return to_sent(app, tx, work, known_by=KnownBy.ANSWERED)
        if not work.out:  # of what is half out the rest goes
            not_yet = kept_by_rule(app, tx, outlet, got, now) or unseen(app, tx, got, now)
            if not_yet is not None:
                return give_back(tx, outlet, got, begun_at=begun_at, now=now, not_yet=not_yet)
            if by_hand.wanted(app, outlet, tx, got, now):
                looking = by_hand.begin(app, outlet, tx, work, begun_at=begun_at, now=now)
        if looking is None:
            attempt = _open(app, outlet, tx, work, part)
    if looking is not None:
        app.safeguard.note_attempt(looking.attempt.id)
        after = by_hand.look(app, outlet, looking)
        return after if after.state is not State.PLANNED else deliver_next(app, outlet, urgent=urgent) or after
    app.safeguard.note_attempt(attempt.id)
    if got.subject_kind is SubjectKind.ISSUE:
        return issues.send_issue(app, outlet, work, attempt)
    return _take_steps(app, outlet, work, attempt)


def _take_steps(app: App, outlet: Outlet, work: Work, attempt: Attempt) -> Delivery:
    """Makes call after call, each with its own attempt; stops at the first that fails."""
    while True:
        answer = _call(app, outlet, work, attempt)
        if isinstance(answer, Failure):
            return record(app, partial(_close_failed, app, outlet, work, attempt, answer))
        # The id first and alone: nothing that could fail may stand between it and the disk.
        record(app, partial(_close_sent, app, attempt, answer))
        work = replace(work, out={**work.out, attempt.part: answer})
        after = record(app, partial(_after_receipt, app, outlet, work, answer))
        if isinstance(after, Delivery):
            return after
        attempt = after
        app.safeguard.note_attempt(attempt.id)


def _open(app: App, outlet: Outlet, tx: Connection, work: Work, part: int) -> Attempt:
    """The row that says "about to act", in the transaction that holds the claim."""
    cost = outlet.delete_price
    if work.verb is not Verb.DELETE:
        cost = app.silent(outlet).price(replace(work.post, parts=(work.post.parts[part],)))
    attempt = attempt_for(work, work.verb, part, worker=app.worker, cost=cost)
    return attempts.open_attempt(tx, attempt, actor=app.worker, now=app.clock.now())


def _call(app: App, outlet: Outlet, work: Work, attempt: Attempt) -> Receipt | Failure:
    """Makes the one call, or gives the row back uncalled when the claim would not outlive it (rule 4).

    Whatever is unexpected is uncertain: anything at all may have left the house.
    """
    claim = work.delivery.claim
    if claim is not None and app.clock.boot() > claim.until_boot - outlet.deadline.total_seconds():
        return Failure(Outcome.UNREACHABLE, "not called", "the claim was too old to begin a call")
    channel, index = app.channel(outlet), attempt.part
    try:
        if work.verb is Verb.DELETE:
            channel.delete(work.removing[index])
            return replace(work.removing[index], code="taken down", at=app.clock.now())
        if work.verb is Verb.CORRECT:
            assert work.answers is not None, "only what is out is corrected"
            return channel.correct(work.answers, work.post)
        return channel.send(work.post.parts[index], work.delivery.key, work.before(index))
    except ChannelError as error:
        return error.failure
    except Exception as error:
        app.faults(error)
        sentence = f"Pressrun met a fault of its own while posting to {outlet.name}"
        return Failure(Outcome.UNCERTAIN, type(error).__name__, sentence)


def _close_sent(app: App, attempt: Attempt, receipt: Receipt, tx: Connection) -> None:
    attempts.close_sent(tx, attempt, receipt, known_by=KnownBy.ANSWERED, now=app.clock.now())


def _after_receipt(app: App, outlet: Outlet, work: Work, receipt: Receipt, tx: Connection) -> Delivery | Attempt:
    """After a receipt is safe: the row is sent when all steps are done, else the next step's attempt opens."""
    now = app.clock.now()
    quota.save(tx, outlet.mode, outlet.name, receipt.quota, now=now)
    app.safeguard.note_date(receipt.quota.date_at)
    note_success(app, outlet, tx, now)
    part = work.next_part()
    if part is not None:
        if deliveries.renew(tx, work.delivery, app.claim(outlet.claim_span)):
            return _open(app, outlet, tx, work, part)
        return settle_by_receipts(app, tx, work.delivery.id)
    try:
        return to_sent(app, tx, work, known_by=KnownBy.ANSWERED)
    except Stale:
        return settle_by_receipts(app, tx, work.delivery.id)


def _close_failed(app: App, outlet: Outlet, work: Work, attempt: Attempt, failure: Failure, tx: Connection) -> Delivery:
    """Writes the failure down and moves the row where the rules of ``retry`` say."""
    now = app.clock.now()
    attempts.close_failed(tx, attempt, failure, now=now)
    quota.save(tx, outlet.mode, outlet.name, failure.quota, now=now)
    app.safeguard.note_date(failure.quota.date_at)
    tries = attempts.of_delivery(tx, work.delivery.id)
    refused = sum(one.outcome is Outcome.REJECTED for one in tries if one.id != attempt.id)
    wish = deliveries.locked(tx, work.delivery.id).wish
    work = replace(work, delivery=replace(work.delivery, wish=wish))
    decision = retry.after_failure(work.delivery, failure, outlet.policy, now, app.jitter(), rejections=refused)
    decision = takedown.until_done(work.delivery, failure, decision, outlet.policy.longest_pause, now)
    note_stop(app, outlet, tx, failure, decision, now)
    try:
        return apply_decision(app, tx, work, decision, now)
    except Stale:
        return deliveries.get(tx, work.delivery.id)


def settle_abandoned(app: App) -> int:
    """Finds rows whose claim is dead: a call may have left, so they are uncertain, never planned (rule 2).

    Returns how many were found. Rows whose every step has a receipt become sent at once.
    """
    with app.ground.reading() as tx:
        dead = [one for one in _claimed(tx) if one.claim is None or app.is_dead(one.claim)]
    return sum(_take_from_the_dead(app, one) for one in dead)


def _take_from_the_dead(app: App, seen: Delivery) -> bool:
    """Moves one row whose claim is dead; False when somebody else did, or its worker lives after all."""
    now = app.clock.now()
    with app.ground.transaction() as tx:
        delivery = deliveries.locked(tx, seen.id)
        if (delivery.state, delivery.version, delivery.claim) != (seen.state, seen.version, seen.claim):
            return False
        if delivery.state is not State.SENDING:  # a look died: looking changes nothing, so it is looked again
            deliveries.release(tx, delivery, now=now)
            return True
        attempts.close_abandoned(tx, delivery.id, now=now)
        work = read_work(tx, delivery)
        if work.next_part() is None:
            to_sent(app, tx, work, known_by=KnownBy.ANSWERED)
            return True
        sentence = "the worker that was posting it is gone; Pressrun looks at the account before anything else"
        outlet = app.outlets.get(delivery.channel)
        whole = delivery.subject_kind is SubjectKind.ISSUE or outlet is None  # its recipients' rows tell at once
        deliveries.move(
            tx,
            delivery,
            State.UNCERTAIN,
            actor=app.worker,
            now=now,
            reason=sentence,
            look_at=now if whole or outlet is None else now + outlet.policy.settle,
            uncertain_at=now,
            tries=delivery.tries + 1,
        )
        return True


def _claimed(tx: Connection) -> list[Delivery]:
    return deliveries.claimed(tx, (State.SENDING, State.UNCERTAIN, State.FAILED))
