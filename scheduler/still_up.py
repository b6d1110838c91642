"""Still up? A nightly look at what we hold as sent: somebody may have removed it, or nobody may ever have seen it.

A Facebook app that is not in Live mode posts happily, and only its own people see the posts. So once a night every
post of the last two days is looked for once more, a logged look each, in a lane of its own. Nothing is moved by it:
what was sent stays sent, and the desk is told what is not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from channels.errors import ChannelError
from db import attempts, leases, notices, quota, sent_posts, stops
from db.records import Attempt, Cause, Delivery, Failure, KnownBy, Outcome, Quota, Scope, State, Verb
from db.sent_posts import LookAgain
from scheduler import retry
from scheduler.app import App, Outlet
from scheduler.outcomes import note_stop, record
from scheduler.reconcile import READ_BACK, texts_tried
from scheduler.slots import to_instant
from scheduler.work import Work, attempt_for, read_work

NIGHT = time(3, 0)
BACK = timedelta(hours=48)
MOST = 50
"""So many posts of a channel are looked for in one night, the newest: reading costs money and quota."""

AGAIN_AFTER = timedelta(minutes=15)
TRIES = 3

_TOLD = (Outcome.FOUND, Outcome.NOT_THERE)
_NAMED = 5
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Night:
    """One night of one channel: what is to be looked for, what was already, and how those looks ended."""

    posts: list[Delivery]
    looks: list[LookAgain]

    def left(self) -> list[Delivery]:
        """Those without a verdict that may be tried again."""
        return [post for post in self.posts if not self._done(post)]

    def missing(self) -> list[Delivery]:
        """Those of which some part is surely not there, the oldest first."""
        gone = {look.delivery_id for look in self._last() if look.outcome is Outcome.NOT_THERE}
        return [post for post in reversed(self.posts) if post.id in gone]

    def failed_since(self, moment: datetime) -> bool:
        """Whether a look failed, or was never closed, after this moment."""
        return any(look.outcome not in _TOLD and look.opened_at > moment for look in self.looks)

    def _done(self, post: Delivery) -> bool:
        own = [look for look in self.looks if look.delivery_id == post.id]
        in_vain = sum(look.outcome not in _TOLD for look in own)
        return bool(own) and (own[-1].outcome in _TOLD or in_vain >= TRIES)

    def _last(self) -> list[LookAgain]:
        return list({(look.delivery_id, look.part): look for look in self.looks}.values())


@dataclass(frozen=True, slots=True)
class _Saw:
    """What one look showed, what it told of the quota, and how many billed posts it read."""

    outcome: Outcome
    quota: Quota
    reads: int


def look_again(app: App, outlet: Outlet) -> None:
    """Makes the looks that are owed since three o'clock this night.

    Does nothing for a kind that cannot look, while the channel is shut or must wait, and while another process looks.
    Raises ``GroundLost``.
    """
    if not outlet.policy.can_find or app.safeguard.refusal() is not None:
        return
    now = app.clock.now()
    since = last_night(now, app.settings.newsroom.zone)
    with app.ground.reading() as tx:
        night = _read(tx, outlet, since)
        said = any(one.cause_key == _cause(outlet) for one in notices.standing(tx))
        wanted = bool(night.left()) and not night.failed_since(now - AGAIN_AFTER) and _is_open(tx, outlet, now)
    if not wanted:
        if not night.left() and bool(night.missing()) is not said:
            _tell(app, outlet, since)
        return
    if not _take_lease(app, outlet):
        return
    try:
        _look_for_all(app, outlet, since)
    finally:
        with app.ground.transaction() as tx:
            leases.give_back(tx, _lease(outlet), app.worker, now=app.clock.now())


def last_night(now: datetime, zone: ZoneInfo) -> datetime:
    """The last three o'clock in this zone that has passed at ``now``, in UTC."""
    today = now.astimezone(zone).date()
    moment = to_instant(today, NIGHT, zone)
    return moment if moment <= now else to_instant(today - _DAY, NIGHT, zone)


def _read(tx: Connection, outlet: Outlet, since: datetime) -> _Night:
    # What went out just before may not be visible yet: it is the next night's.
    before = since - outlet.policy.settle
    posts = sent_posts.standing(tx, outlet.mode, outlet.name, since=since - BACK, before=before, limit=MOST)
    looks = sent_posts.looks_again(tx, [post.id for post in posts]) if posts else []
    return _Night(posts, [look for look in looks if look.opened_at >= since])


def _is_open(tx: Connection, outlet: Outlet, now: datetime) -> bool:
    """Whether the channel may be read now: not shut by its platform, not told to wait, money left."""
    shut = any(
        stop.scope is Scope.CHANNEL and stop.target == outlet.name and stop.cause is not Cause.PERSON
        for stop in stops.active(tx, now)
        if stop.mode in (None, outlet.mode)
    )
    if shut or quota.wait_until(tx, outlet.mode, outlet.name, now) is not None:
        return False
    if outlet.budget is None or not outlet.look_price.micros:
        return True
    spent = attempts.spent(tx, outlet.mode, outlet.name, outlet.guards(now).month_began_at)
    return spent + outlet.look_price + outlet.reserve <= outlet.budget


def _look_for_all(app: App, outlet: Outlet, since: datetime) -> None:
    while not app.stopping():
        now = app.clock.now()
        with app.ground.transaction() as tx:
            night = _read(tx, outlet, since)
            left = night.left()
            if left:
                if not _is_open(tx, outlet, now) or night.failed_since(now - AGAIN_AFTER):
                    return
                if not leases.renew(tx, _lease(outlet), app.claim(outlet.claim_span), now=now):
                    return
                attempts.close_abandoned(tx, left[0].id, now=now)  # of a look that died; nobody else looks now
                work, tries = read_work(tx, left[0]), attempts.of_delivery(tx, left[0].id)
        if not left:
            _tell(app, outlet, since)
            return
        _look_for(app, outlet, work, tries)


def _look_for(app: App, outlet: Outlet, work: Work, tries: list[Attempt]) -> None:
    """Looks for part after part, a logged try each, until one is not there or cannot be looked for."""
    with app.ground.reading() as tx:
        known = attempts.receipts_of(tx, work.delivery.id)
    for part in sorted(work.out):
        made = [one for one in tries if one.part == part and one.verb is not Verb.LOOK]
        first = min((one.opened_at for one in made), default=work.delivery.due_at)
        ids = {one.receipt.id for one in known if one.part == part and one.known_by is not KnownBy.PERSON}
        with app.ground.transaction() as tx:
            row = attempt_for(work, Verb.LOOK, part, worker=app.worker, cost=outlet.look_price)
            attempt = attempts.open_attempt(tx, row, actor=app.worker, now=app.clock.now())
        app.safeguard.note_attempt(attempt.id)
        seen = _see(app, outlet, work, made, part, ids, first - READ_BACK)
        record(app, partial(_close, app, outlet, attempt, seen))
        if isinstance(seen, Failure) or seen.outcome is not Outcome.FOUND:
            return


def _see(
    app: App, outlet: Outlet, work: Work, made: list[Attempt], part: int, ids: set[str], since: datetime
) -> _Saw | Failure:
    """Found when what carries our id is there, or, where only a person knows of it, when our words are."""
    surely, told, reads = True, Quota(), 0
    try:
        channel = app.channel(outlet)
        for text in texts_tried(app, work, made, part):
            look = channel.find_existing(text, work.delivery.key, since, work.before(part))
            told, reads = look.quota, reads + look.reads
            there = {one.id for one in (*look.exact, *look.near)} & ids if ids else look.exact
            if there:
                return _Saw(Outcome.FOUND, told, reads)
            surely = surely and look.complete and not app.safeguard.disbelieves(told.date_at)
    except ChannelError as error:
        return error.failure
    except Exception as error:
        app.faults(error)
        return Failure(Outcome.UNCERTAIN, type(error).__name__, "Pressrun met a fault of its own while looking.")
    return _Saw(Outcome.NOT_THERE if surely else Outcome.UNCERTAIN, told, reads)


def _close(app: App, outlet: Outlet, attempt: Attempt, seen: _Saw | Failure, tx: Connection) -> None:
    now = app.clock.now()
    if isinstance(seen, Failure):
        attempts.close_failed(tx, attempt, seen, now=now)
        quota.save(tx, outlet.mode, outlet.name, seen.quota, now=now)
        app.safeguard.note_date(seen.quota.date_at)
        note_stop(app, outlet, tx, seen, _after(outlet, seen, now), now)
        return
    said = {
        Outcome.FOUND: "It is still up.",
        Outcome.NOT_THERE: "It is not on the account any more.",
        Outcome.UNCERTAIN: "The account could not be read back far enough.",
    }[seen.outcome]
    attempts.close_look(tx, attempt, seen.outcome, said, now=now, cost=outlet.price_of_reading(seen.reads))
    quota.save(tx, outlet.mode, outlet.name, seen.quota, now=now)
    app.safeguard.note_date(seen.quota.date_at)


def _after(outlet: Outlet, failure: Failure, now: datetime) -> retry.Decision:
    """What a failed look means for the channel; the row itself stays sent."""
    waits = now + (failure.retry_after or outlet.policy.rate_wait)
    return retry.Decision(
        State.SENT,
        failure.sentence,
        stop=Cause.UNAUTHORIZED if failure.outcome is Outcome.UNAUTHORIZED else None,
        channel_waits_until=waits if failure.outcome is Outcome.RATE_LIMITED else None,
    )


def _tell(app: App, outlet: Outlet, since: datetime) -> None:
    """One notice a channel for all that is missing; taken down when a night finds nothing missing."""
    now = app.clock.now()
    with app.ground.transaction() as tx:
        missing = _read(tx, outlet, since).missing()
        if not missing:
            notices.clear(tx, _cause(outlet), now=now)
            return
        names = ", ".join(f"d{one.id}" for one in missing[:_NAMED])
        more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
        were = "was removed by hand or is" if len(missing) == 1 else "were removed by hand or are"
        what = "delivery" if len(missing) == 1 else "deliveries"
        hint = " (on Facebook: is the app in Live mode?)" if outlet.kind == "facebook" else ""
        sentence = f"{what} {names}{more} on {outlet.name} {were} not visible{hint}"
        remedy = f"pressrun show d{missing[0].id}, and open its link; if it was meant so, nothing is to be done"
        notices.tell_once(tx, _cause(outlet), sentence, remedy, now=now)


def _take_lease(app: App, outlet: Outlet) -> bool:
    """False while another process looks at this channel."""
    now = app.clock.now()
    with app.ground.transaction() as tx:
        holder = leases.holder(tx, _lease(outlet))
        if holder is not None and not app.is_dead(holder):
            return False
        return leases.take(tx, _lease(outlet), app.claim(outlet.claim_span), instead_of=holder, now=now)


def _lease(outlet: Outlet) -> str:
    return f"still up {outlet.mode} {outlet.name}"


def _cause(outlet: Outlet) -> str:
    return f"still up {outlet.mode} {outlet.name}"
