"""Times as people at the desk write and read them: in the newsroom's zone, whatever the machine's own zone is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import overload
from zoneinfo import ZoneInfo

from desk.cli.options import WrongUsage

HOW_TO_WRITE = 'write "18:15", "tomorrow 08:00", "2026-09-21 18:15", "in 30m" or an ISO time with its offset'
_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK = re.compile(r"([0-9]{1,2}:[0-9]{2})(?::([0-5][0-9]))?")


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

    def read(self, text: str, *, past: bool = False) -> Said:
        """The moment ``text`` names. Raises ``NotATime``.

        ``past`` is for looking back: a day alone is its beginning, a weekday the last one, "2h" is two hours ago.
        Otherwise a time of day is needed and a weekday is the next one. A wall time that clocks skip is moved
        forward by the gap, one that comes twice is the first; the note says so.
        """
        words = text.strip().lower().split()
        try:
            return self._read(text, words, past)
        except OverflowError:
            raise NotATime(f'"{text}" is too far away; {HOW_TO_WRITE}.') from None

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

    def _read(self, text: str, words: list[str], past: bool) -> Said:
        if words == ["now"]:
            return Said(self.now)
        if words[:1] == ["in"] and len(words) > 1:
            return Said(self.now + span_of(" ".join(words[1:])))
        if words[-1:] == ["ago"] and len(words) > 1:
            return Said(self.now - span_of(" ".join(words[:-1])))
        exact = _with_offset(text)
        if exact is not None:
            return Said(exact)
        day, clock = self._day_and_clock(text, words, past)
        if clock is None:
            if not past:
                raise NotATime(f'"{text}" names a day and no time of day; {HOW_TO_WRITE}.')
            from scheduler.slots import start_of_day

            return Said(start_of_day(day, self.zone))
        return self._on_the_wall(day, clock)

    def _day_and_clock(self, text: str, words: list[str], past: bool) -> tuple[date, time | None]:
        today = self.now.astimezone(self.zone).date()
        if len(words) == 1 and "t" in words[0] and words[0][:1].isdigit():
            words = words[0].split("t", 1)
        clock = _clock_of(words[-1]) if words else None
        days = words[:-1] if clock is not None else words
        if not days and clock is not None:
            return today, clock
        if len(days) == 1:
            if days[0] in _DAYS:
                return today + timedelta(days=_DAYS[days[0]]), clock
            if (weekday := _weekday(days[0])) is not None:
                return self._weekday_day(weekday, clock, past), clock
            try:
                return date.fromisoformat(days[0]), clock
            except ValueError:
                pass
        if past:
            return self._ago(text)
        raise NotATime(f'"{text}" is not a time; {HOW_TO_WRITE}.')

    def _ago(self, text: str) -> tuple[date, time]:
        try:
            wall = (self.now - span_of(text)).astimezone(self.zone)
        except WrongUsage:
            raise NotATime(f'"{text}" is not a time; {HOW_TO_WRITE}, "yesterday" or "2h" for two hours ago.') from None
        return wall.date(), wall.timetz().replace(tzinfo=None)

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


def _with_offset(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo is not None else None


def _clock_of(word: str) -> time | None:
    from scheduler.slots import parse_time_of_day

    found = _CLOCK.fullmatch(word)
    if found is None:
        return None
    try:
        return parse_time_of_day(found[1]).replace(second=int(found[2] or 0))
    except ValueError as error:
        raise NotATime(f"{error}.") from None


def _weekday(word: str) -> int | None:
    found = [number for number, name in enumerate(_WEEKDAYS) if len(word) >= 3 and name.startswith(word)]
    return found[0] if len(found) == 1 else None
