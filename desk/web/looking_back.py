"""What reports count, once for the page and for programs: days, weeks and months back from the newsroom's present day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from db import tallies
from db.records import Mode, Money
from db.tallies import CauseTally, DayTally, IssueTally, Lateness, Span
from desk.web.periods import LIMITS, Period, days_to, months_to, spans_of, weeks_to
from scheduler.app import App


@dataclass(frozen=True, slots=True)
class LookBack:
    """The periods, each list's last the present one, and what was counted in them.

    ``by_day`` names a day, ``spent`` a month by its place; ``readers`` are who came and who went, week by week.
    """

    days: list[Period]
    weeks: list[Period]
    months: list[Period]
    by_day: list[DayTally]
    late: list[Lateness]
    causes: list[CauseTally]
    spent: dict[tuple[int, str], Money]
    readers: list[tuple[int, int]]
    issues: list[IssueTally]


def look_back(app: App, today: date, mode: Mode, count: int) -> LookBack:
    """All numbers of one mode over the last ``count`` days up to ``today``, read as of one moment."""
    zone = app.settings.newsroom.zone
    days, weeks, months = days_to(today, zone, count), weeks_to(today, zone), months_to(today, zone)
    spans = spans_of(days)
    whole = Span(spans[0].start, spans[-1].end)
    with app.ground.reading() as tx:
        return LookBack(
            days,
            weeks,
            months,
            by_day=tallies.by_day(tx, mode, spans),
            late=tallies.lateness(tx, mode, whole, LIMITS),
            causes=tallies.causes(tx, mode, whole),
            spent=tallies.spent(tx, mode, spans_of(months)),
            readers=tallies.readers(tx, spans_of(weeks)),
            issues=tallies.latest_issues(tx, mode),
        )
