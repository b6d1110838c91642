"""Moments as the pages show them: in the newsroom's zone, as near as the reader needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from templates.desk_words import DeskWords

_SOON = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PageTimes:
    """The newsroom's zone, the moment the page was asked for, and the words to say moments with."""

    zone: ZoneInfo
    now: datetime
    words: DeskWords

    @property
    def name(self) -> str:
        """The zone's IANA name."""
        return self.zone.key

    @property
    def today(self) -> date:
        """The newsroom's date now."""
        return self.now.astimezone(self.zone).date()

    def clock(self, moment: datetime) -> str:
        """``18:15``; a wall time that comes twice carries its offset."""
        wall = moment.astimezone(self.zone)
        twice = wall.utcoffset() != wall.replace(fold=1 - wall.fold).utcoffset()
        return f"{wall:%H:%M}" + (f" ({wall:%z})" if twice else "")

    def show(self, moment: datetime | None) -> str:
        """``today 18:15``, ``tomorrow 08:00``, ``Mon 21 Sep 18:15``, with its year where that is not this year."""
        if moment is None:
            return "–"
        day = moment.astimezone(self.zone).date()
        return f"{self.day(day)} {self.clock(moment)}"

    def day(self, day: date) -> str:
        """``today``, ``yesterday``, ``tomorrow``, else the weekday and date."""
        apart = (day - self.today).days
        if apart in (-1, 0, 1):
            return self.words(("times.yesterday", "times.today", "times.tomorrow")[apart + 1])
        return self.date(day)

    def month(self, day: date) -> str:
        """The month's word."""
        return self.words(f"times.month.{day.month}")

    def month_year(self, day: date) -> str:
        """``Sep 2026``."""
        return self.words("times.month_year", month=self.month(day), year=day.year)

    def day_month(self, day: date) -> str:
        """``21 Sep``."""
        return self.words("times.day_month", day=day.day, month=self.month(day))

    def span(self, first: date, last: date) -> str:
        """``21 Sep – 27 Sep 2026``."""
        return self.words("times.span", first=self.day_month(first), last=self.day_month(last), year=last.year)

    def date(self, day: date) -> str:
        """The weekday and date, with the year where that is not this year."""
        weekday = self.words(f"times.weekday.{day.isoweekday()}")
        form = "times.date" if day.year == self.today.year else "times.date_year"
        return self.words(form, weekday=weekday, day=day.day, month=self.month(day), year=day.year)

    def ago(self, moment: datetime | None) -> str:
        """``3 min ago``, ``2 h ago``, ``in 5 min``; beyond two days the date."""
        if moment is None:
            return "–"
        apart = self.now - moment
        span, word = (apart, "times.ago") if apart >= timedelta(0) else (-apart, "times.in")
        if span >= timedelta(days=2):
            return self.show(moment)
        minutes = int(span.total_seconds() // 60)
        if minutes == 0:
            return self.words("times.now")
        told = self.words("times.minutes", n=minutes) if span < _SOON else self.words("times.hours", n=minutes // 60)
        return self.words(word, span=told)
