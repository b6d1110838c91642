"""When an evergreen story comes again, and in which words. Pure.

Seasons are days of the year, ``11-15..12-24``; one that passes the new year is written ``12-20..01-06``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.slots import start_of_day

REPEAT_WINDOW = timedelta(days=14)
"""The same words go to one account no sooner. X turns back a repeated text for some time that it does not publish
(about 12 hours were seen) and forbids substantially similar posts; Facebook turns back one right after the other."""

_SEASON = re.compile(r"(\d{1,2})-(\d{1,2})\s*(?:\.\.|…|–)\s*(\d{1,2})-(\d{1,2})")
_LEAP = 2024
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Season:
    """From one day of the year to another, both counting in."""

    begins: tuple[int, int]
    ends: tuple[int, int]

    def holds(self, day: date) -> bool:
        """Whether a day lies in it."""
        at = (day.month, day.day)
        if self.begins <= self.ends:
            return self.begins <= at <= self.ends
        return at >= self.begins or at <= self.ends

    def __str__(self) -> str:
        (a, b), (c, d) = self.begins, self.ends
        return f"{a:02d}-{b:02d}..{c:02d}-{d:02d}"


def parse_season(text: str) -> Season | None:
    """A season from ``11-15..12-24``; None for an empty text. Raises ``ValueError`` with a sentence."""
    if not text.strip():
        return None
    found = _SEASON.fullmatch(text.strip())
    if found is None:
        raise ValueError(f'"{text}" is not a season; write month and day of both ends, e.g. 11-15..12-24')
    a, b, c, d = (int(piece) for piece in found.groups())
    try:
        date(_LEAP, a, b), date(_LEAP, c, d)
    except ValueError:
        raise ValueError(f'"{text}" names a day that no year has; write e.g. 11-15..12-24') from None
    return Season((a, b), (c, d))


def next_turn(
    last_at: datetime,
    every: timedelta,
    *,
    zone: ZoneInfo,
    season: Season | None = None,
    until_at: datetime | None = None,
    done: int = 0,
    times: int | None = None,
) -> datetime | None:
    """The first moment at which it may come again after ``last_at``; None when it has come for the last time.

    A turn outside the season waits for the season's first day. ``done`` of ``times`` turns are behind it.
    """
    if times is not None and done >= times:
        return None
    at = last_at + every
    if season is not None:
        day = at.astimezone(zone).date()
        if not season.holds(day):
            while not season.holds(day):
                day += _DAY
            at = start_of_day(day, zone).astimezone(UTC)
    return at if until_at is None or at < until_at else None


def choose_words(offered: Iterable[str], used: Mapping[str, datetime], now: datetime) -> str | None:
    """Of the texts offered, the one that was never used, else the one used longest ago; none within the window.

    ``used`` maps a text, without its link, to when it last went to the account.
    """
    free = [text for text in dict.fromkeys(offered) if text not in used or used[text] <= now - REPEAT_WINDOW]
    if not free:
        return None
    never = [text for text in free if text not in used]
    return never[0] if never else min(free, key=lambda text: used[text])


def first_free(offered: Collection[str], used: Mapping[str, datetime]) -> datetime | None:
    """When one of these texts may go again; None where one was never used, or none is offered."""
    moments = [used[text] + REPEAT_WINDOW for text in offered if text in used]
    return min(moments) if offered and len(moments) == len(offered) else None
