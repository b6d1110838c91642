"""When soft bounces are enough: a score that grows by the day and is forgotten. Pure.

As Mailman scores: a hard bounce 1, a soft one 0.5, at most one a day, and after a week of quiet it begins anew. A hard
bounce or a complaint does not wait for a score: it suppresses at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

HARD, SOFT = 1.0, 0.5
ENOUGH = 5.0
FORGOTTEN_AFTER = timedelta(days=7)


def score(bounces: Iterable[tuple[datetime, bool]], now: datetime) -> float:
    """The score at ``now`` of (moment, is it hard), oldest first."""
    total, last = 0.0, None
    counted: dict[date, float] = {}
    for at, hard in bounces:
        if last is not None and at - last > FORGOTTEN_AFTER:
            counted.clear()
        day = at.date()
        counted[day] = max(counted.get(day, 0.0), HARD if hard else SOFT)
        last = at
    if last is None or now - last > FORGOTTEN_AFTER:
        return 0.0
    total = sum(counted.values())
    return total
