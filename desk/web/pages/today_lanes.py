"""A channel's day as its lane shows it: what stands where along the day, what went, what is next. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from db.log import LogRow
from db.records import Mode, Money, State, Stop
from scheduler.aftermath import how_it_stands
from scheduler.ahead import IssueAhead
from scheduler.outlet import Outlet
from scheduler.slots import start_of_day, to_instant

QUARTER = timedelta(minutes=15)
SHOWN = 8
"""So many lines of what went and of what comes are shown; the log has the rest."""
DEEP = 4
"""So many marks stand above each other in one quarter of an hour."""
WENT = (State.SENT, State.FAILED, State.UNCERTAIN, State.UNSETTLED, State.UNKNOWN, State.SENDING)
COMES = (State.PLANNED,)
_EVERY_HOURS = 3
_GRAVEST = ("unsettled", "failed", "uncertain", "unknown", "waiting")


@dataclass(frozen=True, slots=True)
class Day:
    """The newsroom's day from its first moment to its last. Where clocks change it has more or fewer quarters."""

    date: date
    zone: ZoneInfo
    began_at: datetime
    ends_at: datetime

    @property
    def quarters(self) -> int:
        """How many quarters of an hour it has: 96, 92 or 100."""
        return (self.ends_at - self.began_at) // QUARTER

    def quarter(self, moment: datetime) -> int:
        """Which quarter a moment lies in, counted from 1."""
        return max(1, min(self.quarters, (moment - self.began_at) // QUARTER + 1))

    def hours(self) -> list[tuple[int, str]]:
        """The quarter and the wall time of every third hour."""
        walls = [self.began_at + QUARTER * number for number in range(self.quarters)]
        shown = [(number, wall.astimezone(self.zone)) for number, wall in enumerate(walls, 1)]
        return [
            (number, f"{wall:%H:%M}") for number, wall in shown if wall.minute == 0 and wall.hour % _EVERY_HOURS == 0
        ]


@dataclass(frozen=True, slots=True)
class Mark:
    """One delivery, or a free slot (``state`` "slot"), in a quarter of an hour; ``step`` counts those in the same one.

    The topmost says in ``more`` how many stand above it without a mark of their own.
    """

    quarter: int
    step: int
    state: str
    more: int = 0


@dataclass(frozen=True, slots=True)
class Lane:
    """One channel's day. ``quiet`` are quarters in which it is silent; ``counts`` how many stand how."""

    channel: str
    kind: str
    mode: Mode
    marks: tuple[Mark, ...]
    quiet: tuple[int, ...]
    went: tuple[LogRow, ...]
    comes: tuple[LogRow, ...]
    counts: tuple[tuple[str, int], ...]
    stops: tuple[Stop, ...]
    spent: Money
    budget: Money | None
    issue: IssueAhead | None


def day_of(moment: datetime, zone: ZoneInfo) -> Day:
    """The newsroom's day in which a moment lies."""
    today = moment.astimezone(zone).date()
    return Day(today, zone, start_of_day(today, zone), start_of_day(today + timedelta(days=1), zone))


def lane_of(
    outlet: Outlet,
    rows: Sequence[LogRow],
    day: Day,
    now: datetime,
    *,
    stops: Sequence[Stop],
    spent: Money,
    issue: IssueAhead | None,
) -> Lane:
    """The lane of a channel from its day's deliveries, in any order."""
    in_order = sorted(rows, key=lambda row: (row.delivery.next_at, row.delivery.id))
    went = [row for row in in_order if row.delivery.state in WENT]
    comes = [row for row in in_order if row.delivery.state in COMES]
    counted = Counter(how_it_stands(row.delivery) for row in rows)
    return Lane(
        channel=outlet.name,
        kind=outlet.kind,
        mode=outlet.mode,
        marks=tuple(_marks(outlet, in_order, day, now)),
        quiet=tuple(_quiet(outlet, day)),
        went=tuple(reversed(went[-SHOWN:])),
        comes=tuple(comes[:SHOWN]),
        counts=tuple((word, counted[word]) for word in (*State, "corrected", "taken down") if counted[word]),
        stops=tuple(stops),
        spent=spent,
        budget=outlet.budget,
        issue=issue,
    )


def _marks(outlet: Outlet, rows: Sequence[LogRow], day: Day, now: datetime) -> list[Mark]:
    steps: Counter[int] = Counter()
    marks = []
    moments = [(row.delivery.next_at, row.delivery.state.value) for row in rows]
    moments += [(moment, "slot") for moment in _free_slots(outlet, rows, day, now)]
    placed = [(day.quarter(moment), _gravity(state), moment, state) for moment, state in moments]
    for quarter, _, _, state in sorted(placed):
        steps[quarter] += 1
        if steps[quarter] <= DEEP:
            marks.append(Mark(quarter, steps[quarter], state))
    return [replace(one, more=max(0, steps[one.quarter] - DEEP)) if one.step == DEEP else one for one in marks]


def _gravity(state: str) -> int:
    """The place in a stack: what needs a person is never the one that has no room."""
    return _GRAVEST.index(state) if state in _GRAVEST else len(_GRAVEST)


def _free_slots(outlet: Outlet, rows: Sequence[LogRow], day: Day, now: datetime) -> list[datetime]:
    rules = outlet.rules
    if day.date in rules.except_dates:
        return []
    taken = {row.delivery.slot_at for row in rows}
    today = [slot for slot in rules.slots.places if slot.weekday == day.date.weekday()]
    moments = [to_instant(day.date, slot.at, rules.zone) for slot in today]
    return [moment for moment in moments if moment > now and moment not in taken]


def _quiet(outlet: Outlet, day: Day) -> list[int]:
    quiet = outlet.rules.quiet
    if quiet is None:
        return []
    walls = [(day.began_at + QUARTER * number).astimezone(outlet.rules.zone) for number in range(day.quarters)]
    return [number for number, wall in enumerate(walls, 1) if quiet.holds(wall.time())]
