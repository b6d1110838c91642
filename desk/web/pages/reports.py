"""Reports: what went and what did not, by day, lateness, cause, spend and newsletter; each chart with its table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter
from fastapi.responses import Response

from db import tallies
from db.records import KnownBy, Mode, Money, State
from db.tallies import DayTally, Span
from desk.web.door.visitor import Visitor
from desk.web.pages.page import Page, Reader
from desk.web.periods import LIMITS, days_to, months_to, spans_of, weeks_to
from scheduler.people.roles import Permission
from templates.charts import Chart, shares, stacked_columns

routes = APIRouter()

DAYS = (7, 30, 90)
GROUPS: tuple[tuple[str, tuple[State, ...]], ...] = (
    ("sent", (State.SENT,)),
    ("found", ()),
    ("said", ()),
    ("planned", (State.PLANNED, State.WAITING, State.SENDING)),
    ("uncertain", (State.UNCERTAIN, State.UNSETTLED, State.UNKNOWN)),
    ("failed", (State.FAILED,)),
    ("expired", (State.EXPIRED, State.CANCELLED)),
)
"""What a chart tells apart, from the bottom up; what was found by looking, and what a person said, are
counted apart from what the platform answered."""

_KNOWN = {KnownBy.LOOKING: "found", KnownBy.PERSON: "said"}


@dataclass(frozen=True, slots=True)
class Spent:
    """A channel's spend by month, its budget, and the chart of both."""

    channel: str
    months: tuple[tuple[str, Money], ...]
    budget: Money | None
    chart: Chart


@dataclass(frozen=True, slots=True)
class ChannelSum:
    """What became of a channel's deliveries in the whole period, in the order of ``GROUPS``."""

    channel: str
    counts: tuple[int, ...]
    bar: tuple[tuple[float, float], ...]


@routes.get("/reports")
def reports(visitor: Reader, days: str = "", mode: str = "") -> Response:
    """All reports over the last ``days`` (7, 30 or 90) in one mode; anything else is the usual."""
    span_days = int(days) if days in {str(one) for one in DAYS} else 30
    modes = list(visitor.app.modes()) or [Mode.REHEARSAL]
    chosen = next((one for one in modes if one.value == mode), modes[0])
    today, zone = visitor.times.today, visitor.times.zone
    days_back, weeks, months = days_to(today, zone, span_days), weeks_to(today, zone), months_to(today, zone)
    spans = spans_of(days_back)
    whole = Span(spans[0].start, spans[-1].end)
    with visitor.app.ground.reading() as tx:
        by_day = tallies.by_day(tx, chosen, spans)
        late = tallies.lateness(tx, chosen, whole, LIMITS)
        causes = tallies.causes(tx, chosen, whole)
        spent = tallies.spent(tx, chosen, spans_of(months))
        readers = tallies.readers(tx, spans_of(weeks))
        issues = tallies.latest_issues(tx, chosen)
    labels = [_short(visitor, day) for day, _ in days_back]
    values = {
        "days": span_days,
        "choices": DAYS,
        "told_modes": modes,
        "chosen": chosen,
        "labels": labels,
        "groups": [name for name, _ in GROUPS],
        "by_day": _by_group(by_day, len(spans)),
        "day_chart": stacked_columns(labels, _by_group(by_day, len(spans))),
        "channels": _channel_sums(by_day),
        "late": [(one, shares(one.steps)) for one in late],
        "limits": [int(limit.total_seconds() // 60) for limit in LIMITS],
        "causes": causes,
        "spent": _spending(visitor, spent, [_month(visitor, day) for day, _ in months]),
        "weeks": [_short(visitor, day) for day, _ in weeks],
        "readers": readers,
        "reader_chart": stacked_columns(
            [_short(visitor, day) for day, _ in weeks],
            [("sent", [came for came, _ in readers]), ("expired", [went for _, went in readers])],
            height=160,
        ),
        "issues": issues,
        "counted": any(one.hits is not None for one in issues),
        "since": days_back[0][0],
    }
    return visitor.page("reports.html", values)


def _group(one: DayTally) -> str:
    if one.state is State.SENT and one.known_by in _KNOWN:
        return _KNOWN[one.known_by]
    return next(name for name, states in GROUPS if one.state in states)


def _by_group(counted: Sequence[DayTally], spans: int) -> list[tuple[str, list[int]]]:
    series = {name: [0] * spans for name, _ in GROUPS}
    for one in counted:
        series[_group(one)][one.span] += one.count
    return list(series.items())


def _channel_sums(counted: Sequence[DayTally]) -> list[ChannelSum]:
    sums: dict[str, dict[str, int]] = {}
    for one in counted:
        groups = sums.setdefault(one.channel, {name: 0 for name, _ in GROUPS})
        groups[_group(one)] += one.count
    return [
        ChannelSum(channel, tuple(groups.values()), tuple(shares(list(groups.values()))))
        for channel, groups in sorted(sums.items())
    ]


def _spending(visitor: Visitor, spent: dict[tuple[int, str], Money], months: list[str]) -> list[Spent]:
    """Every channel that cost something or has a budget."""
    outlets = visitor.app.outlets
    budgets = {name: one.budget for name, one in outlets.items() if one.budget is not None}
    names = sorted({channel for _, channel in spent} | set(budgets))
    found = []
    for name in names:
        held = [spent.get((number, name), Money()) for number in range(len(months))]
        budget = budgets.get(name)
        chart = stacked_columns(
            months,
            [("planned", [one.micros / 1_000_000 for one in held])],
            width=720 if len(names) == 1 else 430,
            height=160,
            left=60,
            limit=budget.micros / 1_000_000 if budget is not None else None,
            whole=False,
        )
        found.append(Spent(name, tuple(zip(months, held, strict=True)), budget, chart))
    return found


def _short(visitor: Visitor, day: date) -> str:
    return f"{day.day} {visitor.words(f'times.month.{day.month}')}"


def _month(visitor: Visitor, day: date) -> str:
    return f"{visitor.words(f'times.month.{day.month}')} {day.year}"


PAGE = Page("reports", "/reports", Permission.READ, routes, icon="reports")
