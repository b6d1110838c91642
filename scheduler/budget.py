"""The notice that a channel's monthly budget is used up, and taking it down once the budget keeps nothing any more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from db import notices
from db.claims import Refusal, kept_by_budget
from scheduler.app import App, Outlet


def tell_used_up(tx: Connection, outlet: Outlet, refusal: Refusal, now: datetime) -> None:
    """One notice a channel, however many posts wait for money."""
    notices.tell_once(tx, _cause(outlet), refusal.sentence, "pressrun channels", now=now)


def mind_budgets(app: App) -> None:
    """Takes the notice down where a new month, a higher budget or an empty line made it untrue.

    Raises ``GroundLost``.
    """
    now = app.clock.now()
    with app.ground.reading() as tx:
        standing = {one.cause_key for one in notices.standing(tx)}
        eased = [
            outlet
            for outlet in app.outlets.values()
            if _cause(outlet) in standing and not kept_by_budget(tx, outlet.mode, outlet.name, outlet.guards(now), now)
        ]
    if eased:
        with app.ground.transaction() as tx:
            for outlet in eased:
                notices.clear(tx, _cause(outlet), now=now)


def _cause(outlet: Outlet) -> str:
    return f"budget {outlet.mode} {outlet.name}"
