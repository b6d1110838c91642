"""Reports: what went and what did not, by day, lateness, cause, spend and newsletter; each chart with its table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter
from fastapi.responses import Response

from db.records import KnownBy, Mode, Money, State
from db.tallies import DayTally
from desk.web.door.visitor import Visitor
from desk.web.looking_back import look_back
from desk.web.pages.page import Page, Reader
from desk.web.periods import LIMITS
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
    seen = look_back(visitor.app, visitor.times.today, chosen, span_days)
    labels = [_short(visitor, day) for day, _ in seen.days]
    groups = _by_group(seen.by_day, len(seen.days))
    values = {
        "days": span_days,
        "choices": DAYS,
        "told_modes": modes,
        "chosen": chosen,
        "labels": labels,
        "groups": [name for name, _ in GROUPS],
        "by_day": groups,
        "day_chart": stacked_columns(labels, groups),
        "channels": _channel_sums(seen.by_day),
        "late": [(one, shares(one.steps)) for one in seen.late],
        "limits": [int(limit.total_seconds() // 60) for limit in LIMITS],
        "causes": seen.causes,
        "spent": _spending(visitor, seen.spent, [_month(visitor, day) for day, _ in seen.months]),
        "weeks": [_short(visitor, day) for day, _ in seen.weeks],
        "readers": seen.readers,
        "reader_chart": stacked_columns(
            [_short(visitor, day) for day, _ in seen.weeks],
            [("sent", [came for came, _ in seen.readers]), ("expired", [went for _, went in seen.readers])],
            height=160,
        ),
        "issues": seen.issues,
        "counted": any(one.hits is not None for one in seen.issues),
        "since": seen.days[0][0],
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
