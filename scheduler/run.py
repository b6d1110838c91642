"""The automated daily run: takes in, plans, works until nothing is due or unsettled, and hands in the day's sheet."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from db import leases
from db.records import Claim
from db.session import GroundLost
from scheduler import journey
from scheduler.app import App
from scheduler.notifying import end_run
from scheduler.sheet import Sheet, day_sheet
from scheduler.sheet_told import sheet_told
from scheduler.webhooks.lane import LAST_CALLS

LEASE = "run"
LEASE_SPAN = timedelta(seconds=60)
RENEW_EVERY = 20.0
PACE = 0.05
"""Seconds between two ticks at least, so that what cannot move on never keeps a processor busy."""
SETTLING = timedelta(minutes=15)
"""How long a run without ``--for`` stays for what is uncertain or was told to wait; slots to come are left to the next."""


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody else's run is under way."""

    by: Claim


def daily_run(app: App, span: timedelta | None, *, on_step: Callable[[str], None]) -> Sheet | Held:
    """Runs until nothing more can be done within ``span`` and returns the day's sheet.

    With a span, slots that fall inside are kept; without one, only what has begun is seen through. ``on_step`` hears
    what the run waits for. Raises ``GroundLost``.
    """
    holder = _take_lease(app)
    if holder is not None:
        return Held(holder)
    ended = threading.Event()
    keeper = threading.Thread(target=_keep_lease, args=(app, ended), name="lease", daemon=True)
    keeper.start()
    began = app.clock.now()
    try:
        _work(app, began, span, on_step)
        app.webhook_engine.wait(LAST_CALLS)
        if not app.stopping():
            told = sheet_told(
                day_sheet(app, began), app.safeguard.refusal(), partial(_wall, app), app.settings.newsroom.timezone
            )
            end_run(app, on_step, told)
        return day_sheet(app, began)
    finally:
        ended.set()
        keeper.join()
        with app.ground.transaction() as tx:
            leases.give_back(tx, LEASE, app.worker, now=app.clock.now())


def _wall(app: App, moment: datetime | None) -> str:
    return f"{moment.astimezone(app.settings.newsroom.zone):%a %d %b %H:%M}" if moment is not None else "–"


def _work(app: App, began: datetime, span: timedelta | None, on_step: Callable[[str], None]) -> None:
    until = began + (span if span is not None else SETTLING)
    first = True
    while not app.stopping():
        began_at = app.clock.now()
        journey.tick(app, began_at, every_source=first)
        first = False
        app.engine.wait()
        now = app.clock.now()
        moment = journey.next_moment(app, now, begun_only=span is None, tried_at=began_at)
        if moment is None or max(moment, now) > until:
            return
        if moment > now:
            on_step(f"waiting until {app.told(moment)}")
        app.clock.sleep(max((moment - now).total_seconds(), PACE), app.stop_event)


def _take_lease(app: App) -> Claim | None:
    """Takes the lease; the holder's claim when somebody has it."""
    now = app.clock.now()
    with app.ground.transaction() as tx:
        holder = leases.holder(tx, LEASE)
        if holder is not None and not app.is_dead(holder):
            return holder
        if leases.take(tx, LEASE, app.claim(LEASE_SPAN), instead_of=holder, now=now):
            return None
        return leases.holder(tx, LEASE)


def _keep_lease(app: App, ended: threading.Event) -> None:
    while not ended.wait(RENEW_EVERY):
        try:
            with app.ground.transaction() as tx:
                leases.renew(tx, LEASE, app.claim(LEASE_SPAN), now=app.clock.now())
        except GroundLost:
            continue  # the claims of the deliveries protect them; the lease only says who works
