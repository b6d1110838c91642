"""Slowing a channel down in time: what the platform's usage and a backlog make of its spacing. Pure.

Graph tells in percent how much of a limit is used and refuses at 100, so a Page that goes on at full speed at 95 is
shut out for an hour (Graph API, rate limiting). What waited out a stop goes out one by one for the same reason: a
burst after silence looks like a robot, to readers and to platforms.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from db.quota import Usage

STEPS: tuple[tuple[float, timedelta], ...] = ((90.0, timedelta(minutes=10)), (80.0, timedelta(minutes=2)))
"""From so many percent on, posts are at least so far apart; the highest step that fits counts."""

FULL = 100.0
STALE = timedelta(hours=1)
"""A percentage older than this says nothing any more: the windows of the platforms have moved on."""

CATCH_UP = timedelta(minutes=1)
"""Between two posts that waited out a stop, where the settings ask for less."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The least time between two posts, and until when nothing goes at all (None: it may go)."""

    spacing: timedelta
    hold_until: datetime | None = None


def pace_of(spacing: timedelta, usages: Iterable[Usage], now: datetime, *, backlog: bool = False) -> Pace:
    """The pace at ``now`` for a channel whose settings ask for ``spacing``; never faster than that.

    A full bucket holds the channel until its reset; where none was told, until the percentage is stale.
    ``backlog``: something that waited out a stop is still to go.
    """
    hold_until: datetime | None = None
    if backlog:
        spacing = max(spacing, CATCH_UP)
    for usage in usages:
        if usage.percent >= FULL:
            until = usage.reset_at or usage.told_at + STALE
            if until > now:
                hold_until = until if hold_until is None else max(hold_until, until)
        if now - usage.told_at <= STALE:
            spacing = max(spacing, _step(usage.percent))
    return Pace(spacing, hold_until)


def _step(percent: float) -> timedelta:
    return next((span for least, span in STEPS if percent >= least), timedelta(0))
