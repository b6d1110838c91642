"""Once a night: opens and clicks of old issues are added up and their rows deleted, after ``[readers] keep_hits``.

The totals are on disk before the first row goes, so that a night cut off in the middle goes on with the next. From the
same age on nothing more is counted of an issue (``hit_book``): of a copy whose row is gone nobody could say whether it
was counted before.
"""

from __future__ import annotations

import time
from datetime import timedelta

from db import hit_totals, hits
from db.records import MACHINE
from scheduler.app import App
from scheduler.still_up import last_night

MARGIN = timedelta(hours=1)
"""So much older than the last moment of counting an issue is at least: what was counted by then is written."""
ROWS_AT_ONCE = 1_000
ROOM_FOR_OTHERS = 0.005


def fold_hits(app: App) -> int:
    """Adds up and deletes, once a night in each process; how many issues. Raises ``GroundLost``."""
    now = app.clock.now()
    night = last_night(now, app.settings.newsroom.zone)
    if app.hits_folded_at == night:
        return 0
    with app.ground.reading() as tx:
        old = hits.issues_with_rows(tx, now - app.settings.readers.keep_hits - MARGIN)
    for number in old:
        with app.ground.reading() as tx:
            totals = None if hit_totals.of_issues(tx, [number]) else hits.totals_of(tx, number)
        if totals is not None:  # else a night before this one was cut off
            with app.ground.transaction() as tx:
                hit_totals.keep(tx, number, totals, actor=MACHINE, now=now)
        if not _deleted(app, number):
            return 0
    app.hits_folded_at = night
    return len(old)


def _deleted(app: App, issue_id: int) -> bool:
    """Deletes an issue's rows a thousand at a time (design rule 12). False: told to stop on the way."""
    while not app.stopping():
        with app.ground.transaction() as tx:
            gone = hits.forget(tx, issue_id, ROWS_AT_ONCE)
        if gone < ROWS_AT_ONCE:
            return True
        time.sleep(ROOM_FOR_OTHERS)
    return False
