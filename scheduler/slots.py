"""Slots and quiet hours: recurring places in a channel's week, as wall time in an IANA zone.

Where clocks change: a wall time that is skipped moves forward by the gap (02:30 becomes 03:30 when an hour is
skipped), one that comes twice counts once, the first time (PEP 495, fold=0). Pure: no clock, no table, no wire.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)
_ALL_DAYS = frozenset(range(7))
_HOW = 'write "mon-fri 08:00", "sat,sun 10:30" or "daily 18:15"'
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_QUIET = re.compile(r"\s*([0-9:]+)\s*-\s*([0-9:]+)\s*")


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """One place in a week: ``weekday`` 0 is Monday, ``at`` the wall time."""

    weekday: int
    at: time


@dataclass(frozen=True, slots=True)
class Slots:
    """A channel's places in the week, sorted, each once. None at all means: immediately."""

    places: tuple[Slot, ...] = ()

    @property
    def immediately(self) -> bool:
        """True when the channel has no slots: a post goes as soon as it may."""
        return not self.places


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours in which a channel does not speak, every day; they cross midnight when ``end`` is before ``start``."""

    start: time
    end: time

    def holds(self, wall: time) -> bool:
        """Whether a wall time lies inside: from ``start`` on, ``end`` itself is outside."""
        if self.start < self.end:
            return self.start <= wall < self.end
        return wall >= self.start or wall < self.end


def parse_slots(value: str | Sequence[str]) -> Slots:
    """Slots from ``"immediately"`` or a list such as ``["mon-fri 08:00", "daily 18:15", "sat,sun 10:30"]``.

    A range may pass the week's end (``fri-mon``). Raises ``ValueError`` with a sentence for what is not a slot.
    """
    if isinstance(value, str):
        if value.strip().lower() == "immediately":
            return Slots()
        raise ValueError(f'"{value}" is not "immediately"; for fixed slots write a list, e.g. ["mon-fri 08:00"]')
    if not value:
        raise ValueError(f'the list of slots is empty; {_HOW}, or slots = "immediately"')
    return Slots(tuple(sorted({slot for line in value for slot in _parse_line(line)})))


def parse_quiet(text: str) -> Quiet:
    """Quiet hours from ``"22:00-06:30"``. Raises ``ValueError`` with a sentence."""
    found = _QUIET.fullmatch(text)
    if found is None:
        raise ValueError(f'"{text}" are not quiet hours; write them as "22:00-06:30"')
    try:
        quiet = Quiet(parse_time_of_day(found[1]), parse_time_of_day(found[2]))
    except ValueError as error:
        raise ValueError(f'"{text}" are not quiet hours: {error}') from None
    if quiet.start == quiet.end:
        raise ValueError(f'"{text}" would be quiet all day; to silence a channel, pause it')
    return quiet


def parse_time_of_day(text: str) -> time:
    """A wall time ``08:00`` to ``23:59``. Raises ``ValueError`` with a sentence."""
    found = _TIME.fullmatch(text.strip())
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValueError(f'"{text}" is not a time of day; write 00:00 to 23:59')
    return time(int(found[1]), int(found[2]))


def to_instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """The UTC moment of a wall time: moved forward by the gap where skipped, the first where it comes twice."""
    return datetime.combine(day, wall, tzinfo=zone).replace(fold=0).astimezone(UTC)


def start_of_day(day: date, zone: ZoneInfo, *, again: bool = False) -> datetime:
    """The first UTC moment of a local day: midnight, or the end of the gap where midnight is skipped.

    ``again``: the second midnight where clocks go back over it, so that a day is entered twice.
    """
    midnight = datetime.combine(day, time(0), tzinfo=zone)
    moment = midnight.astimezone(UTC)
    later = midnight.replace(fold=1).astimezone(UTC)
    if later >= moment:  # not in a gap
        return later if again else moment
    # fold=0 reads a skipped midnight with the offset before the gap, fold=1 with the one after it.
    low, high = later, moment
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).date() >= day:
            high = middle
        else:
            low = middle
    return high.replace(microsecond=0)


def next_slots(
    slots: Slots, zone: ZoneInfo, after: datetime, *, except_dates: Collection[date] = ()
) -> Iterator[datetime]:
    """The moments of the slots strictly after ``after``, in UTC, strictly increasing, without end.

    Days in ``except_dates`` (local dates) have none. Two wall times that a gap moves onto one moment are one.
    Empty when the slots are "immediately".
    """
    if slots.immediately:
        return
    by_weekday: dict[int, list[time]] = {}
    for slot in slots.places:
        by_weekday.setdefault(slot.weekday, []).append(slot.at)
    day = after.astimezone(zone).date() - 2 * _DAY  # a gap can be a whole day long (Pacific/Apia, 2011)
    pending: set[datetime] = set()
    while True:
        if day not in except_dates:
            pending.update(to_instant(day, wall, zone) for wall in by_weekday.get(day.weekday(), ()))
        day += _DAY
        # Nothing of a later day comes before its midnight read with either offset.
        midnight = datetime.combine(day, time(0), tzinfo=zone)
        floor = min(midnight.astimezone(UTC), midnight.replace(fold=1).astimezone(UTC))
        ready = sorted(moment for moment in pending if moment < floor)
        pending.difference_update(ready)
        yield from (moment for moment in ready if moment > after)


def end_of_quiet(quiet: Quiet | None, zone: ZoneInfo, at: datetime) -> datetime:
    """``at`` itself when it lies outside the quiet hours, else the first moment after them (UTC).

    Each night's quiet hours are one unbroken span from the moment of ``start`` to the moment of ``end``, also on
    the nights when clocks change.
    """
    at = at.astimezone(UTC)
    if quiet is None:
        return at
    moved = True
    while moved:
        moved = False
        today = at.astimezone(zone).date()
        for offset in (-2, -1, 0, 1):
            day = today + offset * _DAY
            begins = to_instant(day, quiet.start, zone)
            ends = to_instant(day if quiet.start < quiet.end else day + _DAY, quiet.end, zone)
            if begins <= at < ends:
                at, moved = ends, True
    return at


def _parse_line(line: str) -> Iterator[Slot]:
    words = line.split()
    if len(words) != 2:
        raise ValueError(f'"{line}" is not a slot; {_HOW}')
    days, at = words
    try:
        wall = parse_time_of_day(at)
    except ValueError as error:
        raise ValueError(f'"{line}" is not a slot: {error}') from None
    for weekday in sorted(_parse_days(line, days.lower())):
        yield Slot(weekday, wall)


def _parse_days(line: str, days: str) -> frozenset[int]:
    if days == "daily":
        return _ALL_DAYS
    chosen: set[int] = set()
    for piece in days.split(","):
        first, dash, last = piece.partition("-")
        start = _parse_weekday(line, first)
        end = _parse_weekday(line, last) if dash else start
        chosen.update((start + step) % 7 for step in range((end - start) % 7 + 1))
    return frozenset(chosen)


def _parse_weekday(line: str, word: str) -> int:
    if word not in WEEKDAYS:
        raise ValueError(f'"{line}" is not a slot: "{word}" is not a weekday; use {", ".join(WEEKDAYS)} or daily')
    return WEEKDAYS.index(word)
