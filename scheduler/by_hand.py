"""Before the first post of a story, a look at the account: has a colleague posted it by hand already?

The look is a logged try of its own, its price counted. While it is made the delivery is planned and waits, so a stop, a
cancel or an edit reaches it as ever. A post with the story's address or nearly its words that is nobody's receipt is a
colleague's: the delivery waits for a person, with the link. What was on the account before our first call is
remembered with the look, so that no later look takes it for ours, and no take-down ever removes it: that takes
receipts only.

A look that fails, or is lost with its worker, keeps nothing: the post goes. So does one for which no money is left.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from channels.errors import ChannelError
from db import articles, attempts, deliveries, notices, quota
from db.records import (
    MACHINE,
    Attempt,
    Delivery,
    Failure,
    Look,
    Outcome,
    Receipt,
    State,
    SubjectKind,
    Verb,
)
from scheduler.app import App
from scheduler.asked_first import NotYet, give_back
from scheduler.outcomes import record
from scheduler.outlet import Outlet
from scheduler.work import Work, attempt_for

BACK = timedelta(hours=24)
"""So far back a colleague's post is looked for; never further than an hour before the story was published."""

HOLDS = timedelta(minutes=15)
"""How long one look is good for."""

MOST = 3
"""So many looks one delivery gets, whatever keeps it between them."""

LOOKING = "the account is looked at first: a colleague may have posted it by hand"
_SEEN = "seen before"


@dataclass(frozen=True, slots=True)
class Looking:
    """A look that is about to be made: for which work, under which try, how far back."""

    work: Work
    attempt: Attempt
    since: datetime


def wanted(app: App, outlet: Outlet, tx: Connection, delivery: Delivery, now: datetime) -> bool:
    """Whether a claimed delivery is the first post of a story that nobody has looked for yet."""
    if not outlet.look_first or delivery.purpose != "first" or delivery.subject_kind is not SubjectKind.ARTICLE:
        return False
    tries = attempts.of_delivery(tx, delivery.id)
    looks = [one for one in tries if one.verb is Verb.LOOK]
    if len(looks) < len(tries) or len(looks) >= MOST:
        return False  # it was tried: what is out by now is reconciled
    if looks and looks[-1].outcome is None:  # whoever looked is gone, or the row would not be due
        attempts.close_abandoned(tx, delivery.id, now=now)
        return False
    if looks and looks[-1].opened_at > now - HOLDS:
        return False
    found = [one for one in looks if one.outcome in (Outcome.FOUND, Outcome.NEAR)]
    said = delivery.approved_by != MACHINE and delivery.approved_at is not None
    if found and said and delivery.approved_at is not None and delivery.approved_at >= found[-1].opened_at:
        return False  # a person saw the colleague's post and said yes all the same
    return _is_affordable(outlet, tx, delivery, now)


def begin(app: App, outlet: Outlet, tx: Connection, work: Work, *, begun_at: datetime | None, now: datetime) -> Looking:
    """Gives the row back for as long as a claim lasts and opens the look's try, in the transaction that claimed it."""
    not_yet = NotYet(now + outlet.claim_span, LOOKING)
    waits = give_back(tx, outlet, work.delivery, begun_at=begun_at, now=now, not_yet=not_yet)
    work = replace(work, delivery=waits)
    story = articles.get(tx, waits.subject_id)
    earliest = (story.published_at or story.taken_in_at or now) - timedelta(hours=1)
    since = max(now - BACK, min(earliest, now - timedelta(hours=1)))
    # X bills each post that it shows: until the answer tells, those that we know of and one that we do not.
    shown = attempts.begun_since(tx, outlet.mode, outlet.name, since) + 1
    row = attempt_for(work, Verb.LOOK, 0, worker=app.worker, cost=outlet.price_of_reading(shown))
    return Looking(work, attempts.open_attempt(tx, row, actor=app.worker, now=now), since)


def look(app: App, outlet: Outlet, looking: Looking) -> Delivery:
    """Reads the account and lets the delivery go on, or holds it with the link of what a colleague posted."""
    delivery = looking.work.delivery
    answer: Look | Failure
    try:
        answer = app.channel(outlet).find_existing(looking.work.post.parts[0], delivery.key, looking.since)
    except ChannelError as error:
        answer = error.failure
    except Exception as error:
        app.faults(error)
        sentence = "Pressrun met a fault of its own while looking at the account."
        answer = Failure(Outcome.UNCERTAIN, type(error).__name__, sentence)
    return record(app, partial(_close, app, outlet, looking, answer))


def seen_before(tx: Connection, delivery_id: int) -> set[str]:
    """The posts that were on the account before this delivery was first tried: never its own."""
    seen: set[str] = set()
    for one in attempts.of_delivery(tx, delivery_id):
        if one.verb is Verb.LOOK and one.code == _SEEN:
            seen |= set(json.loads(one.raw))
    return seen


def _is_affordable(outlet: Outlet, tx: Connection, delivery: Delivery, now: datetime) -> bool:
    """Whether the look leaves enough of the month's budget for the post itself."""
    if outlet.budget is None or not outlet.look_price.micros:
        return True
    spent = attempts.spent(tx, outlet.mode, outlet.name, outlet.guards(now).month_began_at)
    return spent + outlet.look_price + outlet.reserve + delivery.cost <= outlet.budget


def _close(app: App, outlet: Outlet, looking: Looking, answer: Look | Failure, tx: Connection) -> Delivery:
    now = app.clock.now()
    if isinstance(answer, Failure):
        # Nothing of it stops the channel: reading has limits of its own, and the post tells what is wrong with posting.
        attempts.close_failed(tx, looking.attempt, answer, now=now)
        app.safeguard.note_date(answer.quota.date_at)
        return _let_on(tx, looking, now)
    quota.save(tx, outlet.mode, outlet.name, answer.quota, now=now)
    app.safeguard.note_date(answer.quota.date_at)
    delivery, cost = looking.work.delivery, outlet.price_of_reading(answer.reads)
    there = {one.id: one for one in (*answer.exact, *answer.near)}
    ours = attempts.held_elsewhere(tx, outlet.mode, outlet.name, set(there), delivery.id)
    theirs = [one for number, one in there.items() if number not in ours]
    if not theirs:
        said = "Nobody has posted it by hand." if answer.complete else "The account could not be read back far enough."
        outcome = Outcome.NOT_THERE if answer.complete else Outcome.UNCERTAIN
        attempts.close_look(tx, looking.attempt, outcome, said, now=now, cost=cost)
        return _let_on(tx, looking, now)
    exact = any(one.id == theirs[0].id for one in answer.exact)
    where = _where(theirs[0])
    attempts.close_look(
        tx,
        looking.attempt,
        Outcome.FOUND if exact else Outcome.NEAR,
        f"Somebody posted it by hand: {where}",
        now=now,
        cost=cost,
        code=_SEEN,
        raw=json.dumps([one.id for one in theirs]),
    )
    return _hold(tx, looking, where, now)


def _hold(tx: Connection, looking: Looking, where: str, now: datetime) -> Delivery:
    row = deliveries.locked(tx, looking.work.delivery.id)
    if row.state is not State.PLANNED:
        return row
    reason = (
        f"somebody posted it on {row.channel} by hand already: {where}. Say yes to post it all the same, or cancel it"
    )
    nobody: dict[str, None] = {"approved_by": None, "approved_at": None, "approved_fingerprint": None}
    waits = deliveries.move(tx, row, State.WAITING, actor=MACHINE, now=now, reason=reason, next_at=row.due_at, **nobody)
    remedy = f"pressrun approve {row.subject_id} --channel {row.channel}, or: pressrun cancel d{row.id} --why …"
    notices.tell_once(tx, cause_of(row), f"story {row.subject_id}: {reason}", remedy, now=now)
    return waits


def _let_on(tx: Connection, looking: Looking, now: datetime) -> Delivery:
    """It may be claimed again at once, unless somebody gave it another moment meanwhile."""
    row = deliveries.locked(tx, looking.work.delivery.id)
    if row.state is not State.PLANNED or row.reason != LOOKING:
        return row
    return deliveries.move(tx, row, State.PLANNED, actor=MACHINE, now=now, next_at=max(now, row.due_at))


def cause_of(delivery: Delivery) -> str:
    """The notice's cause, by which it is cleared once the delivery waits no more."""
    return f"by hand d{delivery.id}"


def _where(receipt: Receipt) -> str:
    return receipt.url or f"post {receipt.id}"
