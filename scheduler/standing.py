"""A channel's standing: what ``check`` says, and lifting a stop by itself once the check passes again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection

from channels.errors import ChannelError
from db import channel_states, notices, quota, stops
from db.channel_states import ChannelState
from db.records import Cause, Health, Mode, Problem, Scope
from scheduler.app import App, Outlet
from scheduler.before_live import tell_by_hand
from scheduler.outcomes import lay_stop

CHECK_AGAIN = timedelta(minutes=15)


def check(app: App, outlet: Outlet) -> Health:
    """Asks a channel whether a post could go now, keeps what it told, and lifts the stop if it could.

    The account is pinned at the first check that names one; a channel that suddenly speaks for another account does
    not pass.
    """
    health = _asked(app, outlet)
    now = app.clock.now()
    app.safeguard.note_date(health.quota.date_at)
    with app.ground.transaction() as tx:
        state = channel_states.lock(tx, outlet.mode, outlet.name, now=now)
        quota.save(tx, outlet.mode, outlet.name, health.quota, now=now)
        strange = _strange_account(app, tx, outlet, state, health)
        if strange is not None:
            health = replace(health, ok=False, problems=(*health.problems, strange))
        elif health.account_id:
            channel_states.save(
                tx,
                outlet.mode,
                outlet.name,
                now=now,
                account_id=health.account_id,
                account_name=health.account_name,
            )
        channel_states.save(tx, outlet.mode, outlet.name, now=now, checked_at=now)
        if health.ok and quota.wait_until(tx, outlet.mode, outlet.name, now) is None:
            lifted = stops.lift(
                tx,
                scope=Scope.CHANNEL,
                target=outlet.name,
                mode=outlet.mode,
                cause=Cause.UNAUTHORIZED,
                by=app.worker,
                now=now,
                reason="the check passed",
            )
            if lifted:
                notices.clear(tx, f"{Cause.UNAUTHORIZED} {outlet.mode} {outlet.name}", now=now)
    return health


def look_over(app: App, outlet: Outlet) -> Health:
    """The same question, and nothing is kept: not the account, not the stop, not the quota."""
    health = _asked(app, outlet)
    with app.ground.reading() as tx:
        strange = strange_account(app, tx, outlet, health)
    return health if strange is None else replace(health, ok=False, problems=(*health.problems, strange))


def _asked(app: App, outlet: Outlet) -> Health:
    try:
        return app.channel(outlet).check()
    except ChannelError as error:
        return Health(ok=False, problems=(Problem(error.failure.code, error.failure.sentence),))


def first_use(app: App, outlet: Outlet) -> bool:
    """Whether a live channel is known to speak for its own account; checked before its very first call.

    A check that does not pass stops the channel and tells the desk; it is lifted like any other (``recheck_stopped``).
    Raises ``GroundLost``.
    """
    if outlet.mode is not Mode.LIVE:
        return True
    with app.ground.reading() as tx:
        if any(one.checked_at and _is(one, outlet) for one in channel_states.every(tx)):
            return True
    tell_by_hand(app, outlet)
    health = check(app, outlet)
    if health.ok:
        return True
    now = app.clock.now()
    reason = " ".join(problem.message for problem in health.problems) or "its check did not pass"
    with app.ground.transaction() as tx:
        lay_stop(app, outlet, tx, Cause.UNAUTHORIZED, reason, now)
    return False


def strange_account(app: App, tx: Connection, outlet: Outlet, health: Health) -> Problem | None:
    """Why a channel may not speak for the account that a check named, by what is known of it."""
    known = {(one.mode, one.channel): one for one in channel_states.every(tx)}
    state = known.get((outlet.mode, outlet.name), ChannelState(outlet.mode, outlet.name))
    return _strange_account(app, tx, outlet, state, health)


def _strange_account(app: App, tx: Connection, outlet: Outlet, state: ChannelState, health: Health) -> Problem | None:
    """Why a channel may not speak for the account it names: it spoke for another one, or another channel does."""
    if not health.account_id:
        return None
    name = health.account_name or health.account_id
    if state.account_id and state.account_id != health.account_id:
        before = state.account_name or state.account_id
        return Problem(
            "account",
            f"{outlet.name} now speaks for {name}, until now it was {before}; set the old credentials, or give the new "
            "account a channel of its own name in settings.toml",
        )
    for other in channel_states.every(tx):
        theirs = app.outlets.get(other.channel)
        same_kind = theirs is not None and theirs.kind == outlet.kind and theirs.mode is other.mode is outlet.mode
        if same_kind and other.channel != outlet.name and other.account_id == health.account_id:
            return Problem(
                "account",
                f"{outlet.name} and {other.channel} are the same account, {name}: what one posts the other would take "
                "for its own; keep one of them in settings.toml",
            )
    return None


def _is(state: ChannelState, outlet: Outlet) -> bool:
    return (state.mode, state.channel) == (outlet.mode, outlet.name)


def recheck_stopped(app: App) -> None:
    """Checks every channel that its platform turned away, at most every quarter of an hour.

    While a clock cannot be believed every account is asked: its Date header tells whether they agree again.
    """
    now = app.clock.now()
    refusal = app.safeguard.refusal()
    unsure = refusal is not None and refusal.why == "clock"
    with app.ground.reading() as tx:
        turned_away = {
            (stop.mode, stop.target)
            for stop in stops.active(tx, now)
            if stop.cause is Cause.UNAUTHORIZED and stop.scope is Scope.CHANNEL
        }
        checked: dict[tuple[Mode | None, str], object] = {
            (state.mode, state.channel): state.checked_at
            for state in channel_states.every(tx)
            if state.checked_at is not None and state.checked_at > now - CHECK_AGAIN
        }
    for outlet in app.outlets.values():
        wanted = (outlet.mode, outlet.name) in turned_away or (unsure and not outlet.crowd)
        if wanted and (outlet.mode, outlet.name) not in checked:
            check(app, outlet)
