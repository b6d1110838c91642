"""Notices about one delivery that waits for a person are taken down once it waits no more."""

from __future__ import annotations

import re

from db import deliveries, notices
from db.records import State
from scheduler.app import App

_ABOUT = re.compile(r"(?:by hand|changed) d(\d+)\b")


def forget_settled(app: App) -> None:
    """Clears what was approved, called off, expired or edited meanwhile. Raises ``GroundLost``."""
    with app.ground.reading() as tx:
        told = [(one.cause_key, found[1]) for one in notices.standing(tx) if (found := _ABOUT.match(one.cause_key))]
        settled = [cause for cause, number in told if deliveries.get(tx, int(number)).state is not State.WAITING]
    if not settled:
        return
    now = app.clock.now()
    with app.ground.transaction() as tx:
        for cause in settled:
            notices.clear(tx, cause, now=now)
