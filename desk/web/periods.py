"""The days, weeks and months that reports look back over, in the newsroom's zone, the present one last. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from db.tallies import Span
from scheduler.slots import start_of_day

Period = tuple[date, Span]
"""Its first day, and its moments."""
LIMITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
"""The steps of lateness: later than its moment by at most so much."""
MONTHS, WEEKS = 6, 12


def days_to(today: date, zone: ZoneInfo, count: int) -> list[Period]:
    """The last ``count`` days."""
    dates = [today - timedelta(days=back) for back in range(count - 1, -1, -1)]
    return _periods(zone, [*dates, today + timedelta(days=1)])


def weeks_to(today: date, zone: ZoneInfo, count: int = WEEKS) -> list[Period]:
    """The last ``count`` weeks, each from its Monday on."""
    monday = today - timedelta(days=today.weekday())
    return _periods(zone, [monday - timedelta(weeks=back) for back in range(count - 1, -2, -1)])


def months_to(today: date, zone: ZoneInfo, count: int = MONTHS) -> list[Period]:
    """The last ``count`` months."""
    dates = [today.replace(day=1)]
    while len(dates) < count:
        dates.insert(0, (dates[0] - timedelta(days=1)).replace(day=1))
    return _periods(zone, [*dates, (dates[-1] + timedelta(days=32)).replace(day=1)])


def spans_of(periods: Sequence[Period]) -> list[Span]:
    """Their moments alone."""
    return [span for _, span in periods]


def _periods(zone: ZoneInfo, edges: Sequence[date]) -> list[Period]:
    begins = [start_of_day(one, zone) for one in edges]
    return [(day, Span(*pair)) for day, pair in zip(edges, pairwise(begins), strict=False)]
