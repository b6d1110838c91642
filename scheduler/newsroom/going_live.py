"""Taking a channel live, and back: what is called off, what counts as before, and what a person reads first.

The tables change first and the settings file last: whoever dies in between leaves a channel that still rehearses, and
the command may be given again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from db import attempts, audit, channel_states, deliveries, live_marks, recipients, stops
from db.moves import IN_FLIGHT
from db.records import Cause, Delivery, Health, Mode, Scope, State, Stop
from scheduler import before_live, takedown
from scheduler.app import App, Outlet
from scheduler.newsroom.calling_off import call_off
from scheduler.newsroom.grounds import MAY_CHANGE, Refused, outlet_named
from scheduler.people.actor import needs
from scheduler.people.roles import Permission
from scheduler.standing import check, look_over

_BATCH = 500
_REHEARSED = (*MAY_CHANGE, *IN_FLIGHT)
_CALLED_OFF = "it was planned for the rehearsal; the channel went live"
_BACK = "the channel went back to rehearsal"


@dataclass(frozen=True, slots=True)
class Readiness:
    """What going live would do: the account's check, the rehearsal's open plans, the stories that are there already."""

    channel: str
    health: Health
    rehearsals: int
    stories: int

    @property
    def account(self) -> str:
        """The name that the account goes by."""
        return self.health.account_name or self.health.account_id


def readiness(app: App, channel: str) -> Readiness:
    """Asks the live account of a channel, keeps nothing. ``app`` stands on settings in which the channel is live."""
    outlet = _live_outlet(app, channel)
    health = look_over(app, outlet)
    with app.ground.reading() as tx:
        open_ones = deliveries.open_on(tx, Mode.REHEARSAL, channel, _REHEARSED, limit=100_000)
        return Readiness(channel, health, len(open_ones), live_marks.count_articles(tx))


@needs(Permission.CHANNELS)
def go_live(app: App, channel: str, account: str, *, actor: str, reason: str = "") -> int:
    """Pins the account, marks every story there is as "before live", and calls the rehearsal's plans off; how many.

    ``account`` is the name as the person typed it; the account must still answer to it. The settings file is the
    caller's to change, afterwards. Raises ``Refused``.
    """
    outlet, now = _live_outlet(app, channel), app.clock.now()
    health = check(app, outlet)
    if not health.ok:
        raise Refused(" ".join(problem.message for problem in health.problems) or f"{channel} does not pass its check")
    if not same_account(account, health.account_name or health.account_id):
        raise Refused(f"{channel} speaks for {health.account_name or health.account_id}, not for {account}")
    with app.ground.transaction() as tx:
        channel_states.lock(tx, Mode.LIVE, channel, now=now)
        # Given again after a death in between, the moment of the first time stays.
        since = None if _fenced(tx, channel) else channel_states.live_since(tx, channel)
        channel_states.save(tx, Mode.LIVE, channel, now=now, actor=actor, live_at=since or now)
        stops.lift(
            tx,
            scope=Scope.CHANNEL,
            target=channel,
            mode=Mode.LIVE,
            cause=Cause.REHEARSAL,
            by=actor,
            now=now,
            reason="it went live again",
        )
        before_live.named(tx, channel, now)
        after = f"speaks for {health.account_name or health.account_id}"
        audit.write(tx, "live", f"channel {channel}", actor=actor, now=now, reason=reason, after=after)
    return _in_batches(app, channel, Mode.REHEARSAL, _REHEARSED, lambda tx, one: _end_rehearsal(app, tx, one, actor))


@needs(Permission.CHANNELS)
def go_back(app: App, channel: str, *, actor: str, reason: str = "") -> int:
    """Takes a channel back to rehearsal: calls its live plans off, and how many; posts that are out stay out.

    From now on no process sends anything live there, whatever its settings say. Raises ``Refused`` while something is
    under way that only the live channel can bring to its end.
    """
    outlet_named(app, channel)
    now = app.clock.now()
    with app.ground.transaction() as tx:
        channel_states.lock(tx, Mode.LIVE, channel, now=now)
        owed = _owed(tx, channel)
        if owed:
            one = owed[0]
            more = f" and {len(owed) - 1} more" if len(owed) > 1 else ""
            raise Refused(
                f"delivery {one.id}{more} on {channel} is under way ({one.state}, {one.purpose}) and only the live "
                f"channel can bring it to its end; until then nothing new goes with: pressrun hold --channel {channel} "
                '--why "…"'
            )
        stops.lay(
            tx,
            Stop(
                scope=Scope.CHANNEL,
                target=channel,
                mode=Mode.LIVE,
                cause=Cause.REHEARSAL,
                reason=f"{channel} went back to rehearsal; to take it live again: pressrun live {channel}",
                by=actor,
                since_at=now,
            ),
            actor=actor,
            now=now,
        )
        channel_states.save(tx, Mode.LIVE, channel, now=now, actor=actor, live_at=None)
        audit.write(tx, "rehearse", f"channel {channel}", actor=actor, now=now, reason=reason, after=_BACK)
    why = f"{_BACK}: {reason}" if reason else _BACK
    return _in_batches(
        app, channel, Mode.LIVE, MAY_CHANGE, lambda tx, one: call_off(tx, one, actor, app.clock.now(), why)
    )


def is_live(app: App, channel: str) -> bool:
    """Whether a person has taken this channel live, and nobody took it back."""
    with app.ground.reading() as tx:
        return channel_states.live_since(tx, channel) is not None and not _fenced(tx, channel)


def same_account(typed: str, name: str) -> bool:
    """Whether a person typed the account's name: case, blanks and a leading @ do not count."""
    return _bare(typed) == _bare(name) != ""


def _bare(name: str) -> str:
    return " ".join(name.split()).removeprefix("@").casefold()


def _live_outlet(app: App, channel: str) -> Outlet:
    outlet = outlet_named(app, channel)
    if outlet.mode is not Mode.LIVE:
        raise Refused(f'{channel} is not live in these settings: set mode = "live" in [channels.{channel}]')
    return outlet


def _fenced(tx: Connection, channel: str) -> bool:
    laid = stops.history(tx, scope=Scope.CHANNEL, target=channel)
    return any(stop.cause is Cause.REHEARSAL and stop.lifted_at is None for stop in laid)


def _owed(tx: Connection, channel: str) -> list[Delivery]:
    """What only the live channel can end: in flight, refused and not looked at yet, half sent, to be taken down."""
    states = (*IN_FLIGHT, *MAY_CHANGE, State.FAILED)
    return [one for one in deliveries.open_on(tx, Mode.LIVE, channel, states, limit=100_000) if _is_owed(tx, one)]


def _is_owed(tx: Connection, one: Delivery) -> bool:
    if one.state in (State.SENDING, State.UNCERTAIN, State.UNSETTLED):
        return True
    if one.state is State.FAILED:
        return one.look_at is not None
    return takedown.is_takedown(one) or recipients.in_line(tx, one) or bool(attempts.receipts_of(tx, one.id))


def _end_rehearsal(app: App, tx: Connection, one: Delivery, actor: str) -> Delivery | None:
    """Ends a promise of the rehearsal; None for one that a worker is at in this moment, which ends by itself."""
    now = app.clock.now()
    if one.state is State.SENDING and one.claim is not None and not app.is_dead(one.claim):
        return None
    if recipients.in_line(tx, one):
        recipients.expire(tx, one, actor=actor, now=now, reason=_CALLED_OFF, after=State.CANCELLED)
    return deliveries.move(tx, one, State.CANCELLED, actor=actor, now=now, reason=_CALLED_OFF, look_at=None)


def _in_batches(
    app: App,
    channel: str,
    mode: Mode,
    states: tuple[State, ...],
    end: Callable[[Connection, Delivery], object],
) -> int:
    """Ends every delivery in these states, a few hundred a transaction, so that others get their turn (rule 12)."""
    ended, after = 0, 0
    while True:
        with app.ground.transaction() as tx:
            page = deliveries.open_on(tx, mode, channel, states, limit=_BATCH, after=after)
            ended += sum(end(tx, one) is not None for one in page)
        if len(page) < _BATCH:
            return ended
        after = page[-1].id
        app.clock.sleep(0.005)
