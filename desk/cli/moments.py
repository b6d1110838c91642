"""Times as people at the desk write and read them: in the newsroom's zone, whatever the machine's own zone is."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import overload
from zoneinfo import ZoneInfo

from desk.cli.options import WrongUsage
from desk.cli.typed_times import Day, NotTyped, japanese_span, plain, typed

HOW_TO_WRITE = (
    'write "18:15", "6pm", "tomorrow 8", "fri 9:30", "21 Sep 18:15", "2026-09-21 18:15", "in 30m" '
    "or an ISO time with its offset"
)
_WEEK = timedelta(days=7)
_HALF_A_YEAR = timedelta(days=183)


class NotATime(WrongUsage):
    """What was written is no time; ``str()`` says how times are written."""


@dataclass(frozen=True, slots=True)
class Said:
    """A moment that a person named (UTC), and a sentence where clocks change at it and it had to be understood."""

    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Times:
    """The newsroom's zone and the moment at which the command was given."""

    zone: ZoneInfo
    now: datetime

    @property
    def name(self) -> str:
        """The zone's IANA name."""
        return self.zone.key

    def read(self, text: str, *, past: bool = False, day_alone: bool = False) -> Said:
        """The moment ``text`` names. Raises ``NotATime`` for what is no time and for what may be two.

        ``past`` is for looking back: a day alone is its beginning, a weekday the last one, "2h" is two hours ago.
        Otherwise a time of day is needed, except with ``day_alone`` behind a date in full, and a weekday is the next
        one. A day without its year lies within half a year. A wall time that clocks skip is moved forward by the gap,
        one that comes twice is the first; the note says so.
        """
        try:
            return self._read(text.strip(), past, day_alone)
        except OverflowError:
            raise NotATime(f'"{text}" is too far away; {HOW_TO_WRITE}.') from None
        except NotTyped as fault:
            raise NotATime(f"{fault}." if str(fault) else f'"{text}" is not a time; {HOW_TO_WRITE}.') from None

    def show(self, moment: datetime | None, absent: str = "–") -> str:
        """A moment for people: ``Mon 21 Sep 18:15``, with its year where that is not this year.

        A wall time that comes twice carries its offset.
        """
        if moment is None:
            return absent
        wall = moment.astimezone(self.zone)
        year = "" if wall.year == self.now.astimezone(self.zone).year else f" {wall.year}"
        twice = wall.utcoffset() != wall.replace(fold=1 - wall.fold).utcoffset()
        return f"{wall:%a %d %b}{year} {wall:%H:%M}" + (f" ({wall:%z})" if twice else "")

    @overload
    def iso(self, moment: datetime) -> str: ...
    @overload
    def iso(self, moment: None) -> None: ...
    @overload
    def iso(self, moment: datetime | None) -> str | None: ...
    def iso(self, moment: datetime | None) -> str | None:
        """A moment for programs: ISO 8601 with the newsroom's offset, to the second."""
        return moment.astimezone(self.zone).isoformat(timespec="seconds") if moment is not None else None

    def wall(self, moment: datetime | None) -> str:
        """A moment for spreadsheets, which know no offsets: the newsroom's wall time, "" for none."""
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M:%S}" if moment is not None else ""

    def _read(self, text: str, past: bool, day_alone: bool) -> Said:
        exact = _with_offset(text)
        if exact is not None:
            return Said(exact)
        said = plain(text)
        if said in ("now", "今", "今すぐ"):
            return Said(self.now)
        span = _span_ahead(said)
        if span is not None:
            return Said(self.now + span)
        if past and (back := _maybe_span(said)) is not None:
            return Said(self.now - back)
        if _maybe_span(said) is not None and not said.endswith("h"):
            raise NotTyped(f'"{text}" is a span of time: write "in {said}"')
        read = typed(said)
        if read.dated and (past or day_alone):
            raise NotTyped(f'"{text}" may be a time or a date: write "{read.clock:%H:%M}" or a date as "2026-09-21"')
        if read.clock is None:
            whole = day_alone and read.day is not None and read.day.year is not None
            if read.day is None or not (past or whole):
                raise NotTyped(f'"{text}" names a day and no time of day; {HOW_TO_WRITE}')
            from scheduler.slots import start_of_day

            return Said(start_of_day(self._day(text, read.day, None, past), self.zone))
        wall = self.now.astimezone(self.zone)
        if read.day is None:
            return self._on_the_wall(wall.date(), read.clock)
        day = self._day(text, read.day, read.clock, past)
        today = wall.date() in (day, day - _WEEK if read.day.shift is None and not read.day.month else day)
        if read.bare and today and not past and 1 <= read.clock.hour < 12 and read.clock <= wall.time():
            early, late = f"{read.clock:%H:%M}", f"{read.clock.hour + 12}:00"
            raise NotTyped(f'"{text}" may be {early}, which is past today, or {late}: write "today {late}" or the date')
        return self._on_the_wall(day, read.clock)

    def _day(self, text: str, named: Day, clock: time | None, past: bool) -> date:
        today = self.now.astimezone(self.zone).date()
        if named.shift is not None:
            return today + timedelta(days=named.shift)
        if not named.month:
            return self._weekday_day(named.weekday or 0, clock, past)
        found = _dated(named, today)
        if found is None or (named.year is None and abs(found - today) > _HALF_A_YEAR):
            raise NotTyped(f'"{text}" needs its year; {HOW_TO_WRITE}')
        if named.year is None and found < today and not past:
            raise NotTyped(f'"{text}" is {found}, which is past: write the year where another is meant')
        if named.weekday not in (None, found.weekday()):
            raise NotTyped(f'"{text}" names a weekday that {found} is not; {HOW_TO_WRITE}')
        return found

    def _weekday_day(self, weekday: int, clock: time | None, past: bool) -> date:
        wall = self.now.astimezone(self.zone)
        away = (weekday - wall.weekday()) % 7
        if past:
            away = away - 7 if away > 0 or (clock is not None and clock > wall.time()) else away
        elif away == 0 and (clock is None or clock <= wall.time()):
            away = 7
        return wall.date() + timedelta(days=away)

    def _on_the_wall(self, day: date, clock: time) -> Said:
        from scheduler.slots import to_instant

        at = to_instant(day, clock, self.zone)
        meant = at.astimezone(self.zone)
        if meant.replace(tzinfo=None) != datetime.combine(day, clock):
            return Said(at, f"{clock:%H:%M} does not exist on {day}: clocks go forward, so {meant:%H:%M} is meant.")
        if meant.utcoffset() != meant.replace(fold=1).utcoffset():
            return Said(at, f"{clock:%H:%M} comes twice on {day}: clocks go back, and the first ({meant:%z}) is meant.")
        return Said(at)


def span_of(text: str) -> timedelta:
    """A span as ``30m``, ``2h`` or ``1h30m``. Raises ``WrongUsage`` with a sentence."""
    from scheduler.spans import parse_span

    try:
        return parse_span(text)
    except ValueError as error:
        raise WrongUsage(f"{error}.") from None


def _span_ahead(said: str) -> timedelta | None:
    """How far ahead "in 30m", "30分後", "2h ago" are, what is back with a minus; None for what says neither."""
    if said.startswith("in "):
        return span_of(said.removeprefix("in "))
    if said.endswith(" ago"):
        return -span_of(said.removesuffix(" ago"))
    return japanese_span(said)


def _maybe_span(said: str) -> timedelta | None:
    from scheduler.spans import parse_span

    try:
        return parse_span(said)
    except ValueError:
        return None


def _dated(named: Day, today: date) -> date | None:
    """The date of a day, without a year the nearest one; None where no year near has it."""
    if named.year is not None:
        return date(named.year, named.month, named.day)
    found = []
    for year in (today.year - 1, today.year, today.year + 1):
        with suppress(ValueError):
            found.append(date(year, named.month, named.day))
    return min(found, key=lambda one: abs(one - today), default=None)


def _with_offset(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo is not None else None
