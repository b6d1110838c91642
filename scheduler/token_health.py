"""A live channel's token, asked about once a day, so that the desk hears of its end two weeks before.

Only Facebook's tokens end by themselves: a person changes a password or loses a role, or access to data runs out. What
stops the channel at once is told by the first refused call anyway; here the desk hears of what is still to come.
"""

from __future__ import annotations

from datetime import timedelta

from db import channel_states, notices
from db.records import Health, Mode
from scheduler.app import App, Outlet
from scheduler.standing import check

EVERY = timedelta(days=1)
KINDS = ("facebook",)
CODES = ("token ends", "old version", "permission", "token", "other page")
"""Problems of a token or its version; a check that failed for another reason says nothing about them."""


def mind_tokens(app: App) -> None:
    """Checks every live channel of these kinds that was not checked for a day. Raises ``GroundLost``."""
    now = app.clock.now()
    if app.safeguard.refusal() is not None:
        return
    with app.ground.reading() as tx:
        asked = {one.channel: one.checked_at for one in channel_states.every(tx) if one.mode is Mode.LIVE}
    for outlet in app.outlets.values():
        last = asked.get(outlet.name)
        if outlet.mode is Mode.LIVE and outlet.kind in KINDS and last is not None and last <= now - EVERY:
            tell_token(app, outlet, check(app, outlet))


def tell_token(app: App, outlet: Outlet, health: Health) -> None:
    """Puts up what the check found of the token, and takes down what it no longer finds."""
    now = app.clock.now()
    found = {problem.code: problem.message for problem in health.problems if problem.code in CODES}
    answered = health.ok or bool(found)
    with app.ground.transaction() as tx:
        for code in CODES:
            if code in found:
                remedy = f"pressrun channels check {outlet.name}"
                notices.tell_once(tx, _cause(outlet, code), f"{outlet.name}: {found[code]}", remedy, now=now)
            elif answered:
                notices.clear(tx, _cause(outlet, code), now=now)


def _cause(outlet: Outlet, code: str) -> str:
    return f"{code} {outlet.mode} {outlet.name}"
