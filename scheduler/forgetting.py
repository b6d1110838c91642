"""Forgetting people who were asked to confirm and never did."""

from __future__ import annotations

from datetime import timedelta

from db import readers
from db.records import MACHINE
from scheduler.app import App

FORGOTTEN_AT_ONCE = 200
"""People erased in one transaction (design rule 12)."""


def forget_the_unconfirmed(app: App) -> int:
    """Erases those who were asked to confirm and never did, a day after their link ran out; how many."""
    before = app.clock.now() - app.settings.readers.confirm_within - timedelta(days=1)
    with app.ground.reading() as tx:
        some = readers.never_confirmed(tx, before, FORGOTTEN_AT_ONCE)
    if some:
        with app.ground.transaction() as tx:
            some = readers.never_confirmed(tx, before, FORGOTTEN_AT_ONCE)  # somebody may have asked anew meanwhile
            for number in some:
                readers.erase(tx, number, actor=MACHINE, now=app.clock.now())
        app.ground.scrub()
    return len(some)
