"""A channel's standing: what ``check`` says, and lifting a stop by itself once the check passes again."""

from __future__ import annotations

from datetime import timedelta

from channels.errors import ChannelError
from db import channel_states, notices, quota, stops
from db.records import Cause, Health, Mode, Problem, Scope
from scheduler.app import App, Outlet

CHECK_AGAIN = timedelta(minutes=15)


def check(app: App, outlet: Outlet) -> Health:
    """Asks a channel whether a post could go now, keeps what it told, and lifts the stop if it could.

    The account is pinned at the first check that names one; a channel that suddenly speaks for another account does
    not pass.
    """
    try:
        health = app.channel(outlet).check()
    except ChannelError as error:
        health = Health(ok=False, problems=(Problem(error.failure.code, error.failure.sentence),))
    now = app.clock.now()
    app.safeguard.note_date(health.quota.date_at)
    with app.ground.transaction() as tx:
        state = channel_states.lock(tx, outlet.mode, outlet.name, now=now)
        quota.save(tx, outlet.mode, outlet.name, health.quota, now=now)
        if state.account_id and health.account_id and state.account_id != health.account_id:
            problem = Problem(
                "account",
                f"{outlet.name} now speaks for {health.account_name or health.account_id}, until now it was "
                f"{state.account_name or state.account_id}; set the old credentials, or give the new account a "
                "channel of its own name in settings.toml",
            )
            health = Health(ok=False, account_id=health.account_id, problems=(*health.problems, problem))
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


def recheck_stopped(app: App) -> None:
    """Checks every channel that its platform turned away, at most every quarter of an hour."""
    now = app.clock.now()
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
        if (outlet.mode, outlet.name) in turned_away and (outlet.mode, outlet.name) not in checked:
            check(app, outlet)
