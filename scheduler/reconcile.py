"""Reconciling: reading the account to learn what became of a call that left and gave no clear answer.

A look is claimed and logged like a send. "Not there" is believed only after the settle time, with every page read
back to a quarter of an hour before the first try, for every text that was tried under the key (design rule 5).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from channels.errors import ChannelError
from db import attempts, deliveries, posts, quota
from db.claims import claim_look
from db.deliveries import Stale
from db.records import (
    Attempt,
    Delivery,
    Failure,
    KnownBy,
    Look,
    Outcome,
    Part,
    Quota,
    Receipt,
    SubjectKind,
    Verb,
)
from scheduler import by_hand, correction, issues, retry, takedown
from scheduler.app import App, Outlet
from scheduler.outcomes import apply_decision, note_stop, record, to_sent
from scheduler.retry import Verdict
from scheduler.work import Work, attempt_for, read_work

READ_BACK = timedelta(minutes=15)
CLOCKS_APART = timedelta(seconds=60)
"""How far a platform's clock may stand from ours; a post may be that much older than its try and still be it."""

_OUTCOMES = {
    Verdict.NEAR: Outcome.NEAR,
    Verdict.NOT_THERE: Outcome.NOT_THERE,
    Verdict.INCOMPLETE: Outcome.UNCERTAIN,
    Verdict.CANNOT_LOOK: Outcome.UNCERTAIN,
    Verdict.FAILED: Outcome.UNCERTAIN,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What looking for one part showed. ``receipt`` is what was found, in words it stands in ``sentence``."""

    verdict: Verdict
    receipt: Receipt | None = None
    sentence: str = ""
    failure: Failure | None = None
    quota: Quota = field(default=Quota())
    reads: int | None = None  # how many billed posts it read; None: nobody knows


def reconcile_next(app: App, outlet: Outlet) -> bool:
    """Looks for one delivery of a channel whose look is due. False: none was.

    Raises ``GroundLost`` when the database is away.
    """
    if app.safeguard.refusal() is not None:
        return False
    now = app.clock.now()
    with app.ground.reading() as tx:
        due = deliveries.to_look_at(tx, [(outlet.mode, outlet.name)], now)
    for delivery in due:
        claim = app.claim(outlet.claim_span)
        with app.ground.transaction() as tx:
            if not claim_look(tx, delivery, claim, now=now):
                continue
            work = read_work(tx, replace(delivery, claim=claim))
            tries = [one for one in attempts.of_delivery(tx, delivery.id) if one.verb is not Verb.LOOK]
        if delivery.subject_kind is SubjectKind.ISSUE:
            issues.look_at_issue(app, outlet, work)
        elif takedown.is_takedown(delivery) or correction.needs_no_look(delivery):
            record(app, partial(_again_without_look, app, outlet, work))
        else:
            _look(app, outlet, work, tries)
        return True
    return False


def _look(app: App, outlet: Outlet, work: Work, tries: list[Attempt]) -> None:
    """Looks for every tried part that has no receipt, one logged try each, then moves the row once.

    A promise that was not tried since its database went back to an older moment is looked for whole: every part of
    it may have gone in the time that was forgotten, up to the moment of the adoption.
    """
    seen = Seen(Verdict.NOT_THERE, sentence="Nothing of it had been called yet.")
    adopted = app.safeguard.adopted
    since = adopted.adopted_at if adopted is not None else None
    forgotten = adopted is not None and since is not None and all(one.opened_at < since for one in tries)
    to_find = set(range(work.steps)) if forgotten else {one.part for one in tries}
    for part in sorted(to_find - set(work.out)):
        of_part = [one for one in tries if one.part == part]
        texts = texts_tried(app, work, of_part, part)
        with app.ground.transaction() as tx:
            row = attempt_for(work, Verb.LOOK, part, worker=app.worker, cost=outlet.look_price)
            attempt = attempts.open_attempt(tx, row, actor=app.worker, now=app.clock.now())
        begun = [one.opened_at for one in of_part]
        if forgotten and adopted is not None and adopted.adopted_from is not None:
            begun.append(adopted.adopted_from)
        first = min(begun)
        seen = _look_for(app, outlet, work, part, texts, first)
        record(app, partial(_close_look, app, outlet, attempt, seen))
        if seen.receipt is None:
            break
        work = replace(work, out={**work.out, part: seen.receipt})
    ended = [one.closed_at or one.opened_at for one in tries]
    last = since if forgotten else max(ended, default=None)
    record(app, lambda tx: _move(app, outlet, tx, work, seen, last))


def texts_tried(app: App, work: Work, tries: list[Attempt], part: int) -> list[Part]:
    """Every distinct text that was tried under this key for one part; an edit between tries makes more than one."""
    with app.ground.reading() as tx:
        tried = {one.fingerprint for one in tries} - {work.delivery.fingerprint}
        others = [posts.by_fingerprint(tx, work.delivery.channel, fingerprint) for fingerprint in sorted(tried)]
    return [work.post.parts[part]] + [post.parts[part] for post in others if post and part < len(post.parts)]


def _look_for(app: App, outlet: Outlet, work: Work, part: int, texts: list[Part], first: datetime) -> Seen:
    """Reads the account for each text; the surest verdict counts: found, near, unread, not there."""
    channel = app.channel(outlet)
    if not channel.limits.can_find:
        return Seen(Verdict.CANNOT_LOOK)
    seen: dict[Verdict, Seen] = {}
    reads = 0
    for text in texts:
        try:
            look = channel.find_existing(text, work.delivery.key, first - READ_BACK, work.before(part))
            reads += look.reads
        except ChannelError as error:
            return Seen(
                Verdict.FAILED, sentence=error.failure.sentence, failure=error.failure, quota=error.failure.quota
            )
        except Exception as error:
            app.faults(error)
            return Seen(Verdict.FAILED, sentence="Pressrun met a fault of its own while looking at the account.")
        with app.ground.reading() as tx:
            one = _judge(app, tx, outlet, work.delivery, look, first)
        seen.setdefault(one.verdict, one)
    order = (Verdict.FOUND, Verdict.NEAR, Verdict.INCOMPLETE, Verdict.NOT_THERE)
    surest = next(seen[verdict] for verdict in order if verdict in seen)
    return replace(surest, reads=reads)


def _judge(app: App, tx: Connection, outlet: Outlet, delivery: Delivery, look: Look, first: datetime) -> Seen:
    """What a look means: exact counts as found when it is newer than the try and not another delivery's receipt."""
    ids = {one.id for one in (*look.exact, *look.near)}
    held = attempts.held_elsewhere(tx, outlet.mode, outlet.name, ids, delivery.id)
    held |= by_hand.seen_before(tx, delivery.id)  # a colleague's, there before our first call
    earliest = first - CLOCKS_APART
    newer = [one for one in look.exact if one.id not in held and one.at is not None and one.at >= earliest]
    if newer:
        oldest = min(newer, key=lambda one: (one.at or earliest, one.id))
        return Seen(Verdict.FOUND, oldest, "It was found on the account.", quota=look.quota)
    ageless = [one for one in look.exact if one.id not in held and one.at is None]
    like = [one for one in look.near if one.id not in held and (one.at is None or one.at >= earliest)]
    if ageless or like:
        nearest = (*ageless, *like)[0]
        where = nearest.url or nearest.id
        return Seen(Verdict.NEAR, sentence=f"Something like it is on the account: {where}.", quota=look.quota)
    if not look.complete:
        return Seen(Verdict.INCOMPLETE, quota=look.quota)
    if app.safeguard.disbelieves(look.quota.date_at):
        sentence = "The platform's clock and ours part too far to know what is new on the account."
        return Seen(Verdict.INCOMPLETE, sentence=sentence, quota=look.quota)
    return Seen(Verdict.NOT_THERE, quota=look.quota)


def _close_look(app: App, outlet: Outlet, attempt: Attempt, seen: Seen, tx: Connection) -> None:
    now = app.clock.now()
    quota.save(tx, outlet.mode, outlet.name, seen.quota, now=now)
    cost = None if seen.reads is None else outlet.price_of_reading(seen.reads)
    if seen.receipt is not None:
        attempts.close_sent(tx, attempt, seen.receipt, known_by=KnownBy.LOOKING, now=now, cost=cost)
    elif seen.failure is not None:
        attempts.close_failed(tx, attempt, seen.failure, now=now)
    else:
        attempts.close_look(tx, attempt, _OUTCOMES[seen.verdict], seen.sentence, now=now, cost=cost)


def _move(app: App, outlet: Outlet, tx: Connection, work: Work, seen: Seen, tried_at: datetime | None) -> None:
    """Moves the row as the look decided. A row that somebody else moved meanwhile is left to them."""
    now = app.clock.now()
    delivery = deliveries.locked(tx, work.delivery.id)
    if delivery.version != work.delivery.version:
        return
    work = replace(work, delivery=delivery)
    try:
        if work.next_part() is None:
            to_sent(app, tx, work, known_by=KnownBy.LOOKING, reason="It was found on the account.")
            return
        # A part that was found leaves the next one to be sent: for the row, a look that showed it is not out.
        rest = seen.verdict is Verdict.FOUND
        decision = retry.after_look(
            delivery,
            Verdict.NOT_THERE if rest else seen.verdict,
            outlet.policy,
            now,
            "The parts that were tried are out, the next one is not." if rest else seen.sentence,
            failure=seen.failure,
            tried_at=None if rest else tried_at,
            jitter=app.jitter(),
        )
        apply_decision(app, tx, work, decision, now)
        note_stop(app, outlet, tx, seen.failure, decision, now)
    except Stale:
        return


def _again_without_look(app: App, outlet: Outlet, work: Work, tx: Connection) -> None:
    """What may be asked again at once: removing what is gone already, or the same words once more, does no harm."""
    now = app.clock.now()
    decision = retry.Decision(work.delivery.state, "It is asked again.", next_at=now)
    try:
        apply_decision(app, tx, work, takedown.planned_again(work.delivery, decision, outlet.policy.max_tries), now)
    except Stale:
        return
