"""What people type for a day and a time of day, in English and in Japanese: ``6:30pm``, ``fri 9``, ``明日 午後6時``. Pure.

Only the words are read here, no clock and no zone; ``desk.cli.moments`` says which moment they mean.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cache

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAMES = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_JAPANESE_WEEKDAYS = "月火水木金土日"
_SHIFTS = {
    **{"yesterday": -1, "today": 0, "tomorrow": 1},
    **{"一昨日": -2, "おととい": -2, "昨日": -1, "きのう": -1, "今日": 0, "きょう": 0, "本日": 0},
    **{"明日": 1, "あした": 1, "あす": 1, "明後日": 2, "あさって": 2},
}
_WEEKDAY = "|".join(name[:end] for name in _WEEKDAYS for end in range(len(name), 2, -1))
_MONTH = "|".join(sorted({*_MONTHS, *_MONTH_NAMES, "sept"}, key=len, reverse=True))
_DAY = "|".join(
    (
        rf"(?P<shift>{'|'.join(sorted(_SHIFTS, key=len, reverse=True))})",
        r"(?P<iso>[0-9]{4}-?(?:[0-9]{2}-?[0-9]{2}|w[0-9]{2}-?[1-7]))",
        r"(?P<y1>[0-9]{4})/(?P<m1>[0-9]{1,2})/(?P<d1>[0-9]{1,2})",
        r"(?:(?P<y2>[0-9]{4})年)?(?P<m2>[0-9]{1,2})月(?P<d2>[0-9]{1,2})日"
        rf"(?:\s?\((?P<w2>[{_JAPANESE_WEEKDAYS}])\))?",
        rf"(?:(?P<w3>{_WEEKDAY})\s)?"
        rf"(?:(?P<d3>[0-9]{{1,2}})(?:st|nd|rd|th)?\s(?P<mm3>{_MONTH})|(?P<mm4>{_MONTH})\s(?P<d4>[0-9]{{1,2}})(?:st|nd|rd|th)?)"
        r"(?:\s(?P<y3>[0-9]{4}))?",
        rf"(?P<weekday>{_WEEKDAY})",
        rf"(?P<kanji>[{_JAPANESE_WEEKDAYS}])(?:曜日?)?",
    )
)
_CLOCK = "|".join(
    (
        r"(?P<named>noon|midnight|正午|真夜中)",
        r"(?P<h12>[0-9]{1,2})(?:[:.](?P<min12>[0-9]{2}))?\s?(?P<half>am|pm)",
        r"(?P<h>[0-9]{1,2}):(?P<min>[0-9]{2})(?::(?P<sec>[0-5][0-9])(?:[.][0-9]{1,6})?)?",
        r"(?P<hdot>[0-9]{1,2})[.](?P<mindot>[0-9]{2})",
        r"(?P<hh>[0-9]{1,2})\s?h(?:\s?(?P<minh>[0-9]{2}))?",
        r"(?:(?P<noonside>午前|午後)\s?)?(?P<hj>[0-9]{1,2})"
        r"(?:\s?時(?:(?P<midway>半)|\s?(?P<minj>[0-9]{1,2})\s?分)?|:(?P<minj2>[0-9]{2}))",
        r"(?P<hour>[0-9]{1,2})",
    )
)
_BETWEEN = r"(?:\s(?:at\s)?|(?<=[0-9])t(?=[0-9])|(?<=[^\x00-\x7f])の?|(?<=\))|の?(?=[^\x00-\x7f]))"
_JAPANESE_SPAN = re.compile(
    r"(?:今から)?(?=[0-9])(?:([0-9]{1,4})日)?(?:([0-9]{1,4})時間(半)?)?(?:([0-9]{1,5})分)?(後|前)"
)
_HALF_OF_DAY = re.compile(r"(?<![a-z])([ap])\.\s?m\.?(?![a-z])")


class NotTyped(ValueError):
    """What was typed is no time, or may be two; ``str()`` says so in a sentence, "" where nothing is known of it."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day as it was named: by its distance from today, by its weekday (0 is Monday), or by month, day and maybe year."""

    shift: int | None = None
    weekday: int | None = None
    month: int = 0
    day: int = 0
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Typed:
    """A day, a time of day, or both. ``bare``: the hour was a number alone, "tomorrow 8". ``dated``: what stands alone
    may as well be a day and a month, "18.12"."""

    day: Day | None
    clock: time | None
    bare: bool = False
    dated: bool = False


def plain(text: str) -> str:
    """A text as it is read: full-width signs as their plain ones, small letters, one space between words."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(_HALF_OF_DAY.sub(r"\1m", re.sub(r"[,、@]", " ", folded)).split())


def typed(text: str) -> Typed:
    """What a text names, already ``plain``. Raises ``NotTyped``."""
    found = _day_first().fullmatch(text) or _clock_first().fullmatch(text)
    if found is None:
        raise NotTyped
    said = found.groupdict()
    day = _day(text, said)
    if said["hour"] is not None and day is None:
        raise _number_alone(text, int(said["hour"]))
    if said["hh"] is not None and said["minh"] is None and day is None:
        hour = int(said["hh"])
        raise NotTyped(f'"{text}" may be a time or a span: write "{hour}:00" or "in {hour}h"' if hour < 24 else "")
    dated = day is None and said["hdot"] is not None and 1 <= int(said["mindot"] or 0) <= 12
    if dated and int(said["hdot"] or 0) > 23:
        raise NotTyped
    return Typed(day, _clock(text, said), bare=said["hour"] is not None, dated=dated)


def japanese_span(text: str) -> timedelta | None:
    """How far ahead (后 with a minus for back) ``30分後`` and ``2時間前`` are; None for what is no such span."""
    found = _JAPANESE_SPAN.fullmatch(text.replace(" ", ""))
    if found is None:
        return None
    days, hours, midway, minutes, side = found.groups()
    span = timedelta(days=int(days or 0), hours=int(hours or 0) + (0.5 if midway else 0), minutes=int(minutes or 0))
    return span if side == "後" else -span


@cache
def _day_first() -> re.Pattern[str]:
    return re.compile(rf"(?:{_DAY})(?:{_BETWEEN}(?:{_CLOCK}))?")


@cache
def _clock_first() -> re.Pattern[str]:
    return re.compile(rf"(?:at\s)?(?:{_CLOCK})(?:\s(?:on\s)?(?:{_DAY}))?")


def _day(text: str, said: dict[str, str | None]) -> Day | None:
    if said["shift"] is not None:
        return Day(shift=_SHIFTS[said["shift"]])
    if said["kanji"] is not None:
        return Day(weekday=_JAPANESE_WEEKDAYS.index(said["kanji"]))
    if said["weekday"] is not None:
        return Day(weekday=_weekday(said["weekday"]))
    if said["iso"] is not None:
        try:
            day = date.fromisoformat(said["iso"].upper())
        except ValueError:
            raise NotTyped from None
        return Day(month=day.month, day=day.day, year=day.year)
    number = said["d1"] or said["d2"] or said["d3"] or said["d4"]
    if number is None:
        return None
    name = said["mm3"] or said["mm4"]
    month = _MONTHS.index(name[:3]) + 1 if name is not None else int(said["m1"] or said["m2"] or 0)
    year = said["y1"] or said["y2"] or said["y3"]
    weekday = None
    if said["w2"] is not None:
        weekday = _JAPANESE_WEEKDAYS.index(said["w2"])
    elif said["w3"] is not None:
        weekday = _weekday(said["w3"])
    try:
        date(int(year) if year else 2000, month, int(number))  # 2000 had a 29 February
    except ValueError:
        raise NotTyped from None
    return Day(weekday=weekday, month=month, day=int(number), year=int(year) if year else None)


def _weekday(word: str) -> int:
    return next(number for number, name in enumerate(_WEEKDAYS) if name.startswith(word))


def _clock(text: str, said: dict[str, str | None]) -> time | None:
    if said["named"] is not None:
        if said["named"] in ("noon", "正午"):
            return time(12)
        raise _noon_or_midnight(text)
    if said["half"] is not None:
        return _of_half(text, int(said["h12"] or 0), int(said["min12"] or 0), 1, 12, later=said["half"] == "pm")
    if said["hj"] is not None:
        minute = 30 if said["midway"] else int(said["minj"] or said["minj2"] or 0)
        if said["noonside"] is not None:
            return _of_half(text, int(said["hj"]), minute, 0, 11, later=said["noonside"] == "午後")
        return _wall(text, int(said["hj"]), minute)
    hour = said["h"] or said["hdot"] or said["hh"] or said["hour"]
    if hour is None:
        return None
    minute = int(said["min"] or said["mindot"] or said["minh"] or 0)
    return _wall(text, int(hour), minute).replace(second=int(said["sec"] or 0))


def _wall(text: str, hour: int, minute: int) -> time:
    if hour > 23 or minute > 59:
        raise NotTyped(f'"{text}" is not a time of day; write 00:00 to 23:59')
    return time(hour, minute)


def _of_half(text: str, hour: int, minute: int, first: int, last: int, *, later: bool) -> time:
    """A time of a half of the day, whose hours go from ``first`` to ``last``; later: the half after noon."""
    if hour == 12 and minute == 0:
        raise _noon_or_midnight(text)
    if not first <= hour <= last or minute > 59:
        raise NotTyped(f'"{text}": there the hours go from {first} to {last}; write "6pm", "午後6時" or "18:00"')
    return time(hour % 12 + (12 if later else 0), minute)


def _noon_or_midnight(text: str) -> NotTyped:
    return NotTyped(
        f'"{text}" may be noon or midnight, of this day or the next: write "12:00" or "00:00" behind its day'
    )


def _number_alone(text: str, hour: int) -> NotTyped:
    if 1 <= hour <= 12:
        return NotTyped(
            f'"{text}" may be {hour:02}:00, {hour % 12 + 12}:00 or a day: write "{hour}:00", "{hour}am" or "{hour}pm"'
        )
    if hour <= 23:
        return NotTyped(f'"{text}" may be an hour or a day: write "{hour}:00"')
    return NotTyped()
