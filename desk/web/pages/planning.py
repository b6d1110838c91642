"""The calendar: a day or a week hour by hour, or a month; all channels or one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from db import log
from db.records import SubjectKind
from desk.web.door.visitor import Visitor
from desk.web.pages.page import Page, Reader
from desk.web.pages.planning_folds import Shown, room_for, shown
from scheduler.agenda import Day, Entry, agenda, hours_shown
from scheduler.people.roles import Permission

routes = APIRouter()

DAY, WEEK, MONTH = "day", "week", "month"
IN_A_DAY = 5
"""So many posts a day are shown at once in the month, where there is room; the rest folds."""
IN_AN_HOUR = 6
"""So many posts an hour are shown at once in the week, where there is room; the rest folds."""
A_PAGE = 100
"""So many posts stand on one page of a day."""


@routes.get("/calendar")
def calendar(
    visitor: Reader, view: str = WEEK, day: str = "", channel: str = "", hour: str = "", after: str = ""
) -> Response:
    """The day, the week or the weeks of the month around ``day`` (``2026-09-21``); whatever cannot be read is the usual.

    ``hour``: one hour of the day alone. ``after``: the mark of the post above a further page of the day.
    """
    view = view if view in (DAY, WEEK, MONTH) else WEEK
    around = _date(day) or visitor.times.today
    chosen = channel if channel in visitor.app.outlets else ""
    first, count, before, following = _span(view, around)
    found = agenda(visitor.app, first, count, channel=chosen or None)
    only = int(hour) if view == DAY and hour.isdecimal() and len(hour) < 3 and int(hour) < 24 else None

    def address(**changes: str) -> str:
        asked = {"view": view, "day": around.isoformat(), "channel": chosen, **changes}
        return f"/calendar?{urlencode({name: value for name, value in asked.items() if value})}"

    days, further = found.days, ""
    if view == DAY:
        day_shown, mark = _page_of_day(days[0], only, after)
        days = (day_shown,)
        further = address(hour=hour if only is not None else "", after=mark) if mark else ""
    places = _month_places(days) if view == MONTH else _places(days, IN_AN_HOUR if view == WEEK else A_PAGE)
    values = {
        "view": view,
        "around": around,
        "chosen": chosen,
        "channels": list(visitor.app.outlets),
        "days": days,
        "places": places,
        "names": _names(visitor, places.values()),
        "cut": found.cut,
        "weeks": [days[start : start + 7] for start in range(0, len(days), 7)],
        "hours": _hours(days, only, after),
        "hour": only,
        "title": _title(visitor, view, around, days),
        "there": address,
        "before": address(day=before.isoformat()),
        "after": address(day=following.isoformat()),
        "further": further,
        "paged": bool(after),
        "next_id": _next(places, visitor.times.now),
        "fold_id": fold_id,
        "may_move": visitor.may(Permission.APPROVE),
        "hour_now": visitor.times.now.astimezone(visitor.times.zone).hour,
    }
    return visitor.page("calendar.html", values)


Places = dict[tuple[date, int | None], Shown]
"""What each hour, or in the month each day (hour None), shows."""


def _places(days: Sequence[Day], usual: int) -> Places:
    most = (
        room_for(((hour.entries, hour.free) for day in days for hour in day.hours), usual) if usual < A_PAGE else usual
    )
    return {(day.date, hour.hour): shown(hour.entries, hour.free, most) for day in days for hour in day.hours}


def _month_places(days: Sequence[Day]) -> Places:
    most = room_for(((day.entries, ()) for day in days), IN_A_DAY)
    return {(day.date, None): shown(day.entries, (), most) for day in days}


def _page_of_day(day: Day, only: int | None, after: str) -> tuple[Day, str]:
    """The day with the posts of one page of it, and the mark of its last post where others follow."""
    wanted = [entry for hour in day.hours if only in (None, hour.hour) for entry in hour.entries]
    mark = _read_mark(after)
    page = [entry for entry in wanted if mark is None or _place(entry) > mark]
    ids = {entry.post.id for entry in page[:A_PAGE]}
    hours = tuple(
        replace(hour, entries=tuple(entry for entry in hour.entries if entry.post.id in ids)) for hour in day.hours
    )
    return replace(day, hours=hours), _mark(page[A_PAGE - 1]) if len(page) > A_PAGE else ""


def _place(entry: Entry) -> tuple[float, int]:
    return entry.post.due_at.timestamp(), entry.post.id


def _mark(entry: Entry) -> str:
    return "{!r}-{}".format(*_place(entry))


def _read_mark(text: str) -> tuple[float, int] | None:
    moment, _, number = text[:60].partition("-")
    try:
        return float(moment), int(number)
    except ValueError:
        return None


def _hours(days: Sequence[Day], only: int | None, after: str) -> Sequence[int]:
    if only is not None:
        return [only]
    if not after:
        return hours_shown(days)
    busy = [hour.hour for hour in days[0].hours if hour.entries]
    return range(busy[0], busy[-1] + 1) if busy else ()


def _names(visitor: Visitor, places: Iterable[Shown]) -> dict[tuple[SubjectKind, int], str]:
    """What each post that is shown is called, by its subject."""
    subjects = {entry.post.subject for place in places for entry in place.entries}
    with visitor.app.ground.reading() as tx:
        return log.headlines(tx, subjects)


def _next(places: Places, now: datetime) -> str:
    """The ``id`` of the line that is to come next, else of the last one; "" where there is none."""
    lines = sorted(
        (at, name)
        for (day, hour), place in places.items()
        for at, name in (
            *((entry.at, f"entry-{entry.post.id}") for entry in place.entries),
            *(((place.fold.last_at, fold_id(day, hour)),) if place.fold else ()),
        )
    )
    to_come = (name for at, name in lines if at >= now)
    return next(to_come, lines[-1][1] if lines else "")


def fold_id(day: date, hour: int | None) -> str:
    """What the line of an hour's fold, or a day's, is called on the page."""
    return f"fold-{day}" if hour is None else f"fold-{day}-{hour}"


def _span(view: str, around: date) -> tuple[date, int, date, date]:
    """The first day, how many, and a day in the span before and after."""
    if view == DAY:
        return around, 1, around - timedelta(days=1), around + timedelta(days=1)
    if view == WEEK:
        monday = around - timedelta(days=around.weekday())
        return monday, 7, around - timedelta(days=7), around + timedelta(days=7)
    first = around.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    monday = first - timedelta(days=first.weekday())
    weeks = -(-(following - monday).days // 7)
    return monday, weeks * 7, first - timedelta(days=1), following


def _title(visitor: Visitor, view: str, around: date, days: Sequence[Day]) -> str:
    if view == DAY:
        return visitor.times.date(around)
    if view == MONTH:
        return visitor.times.month_year(around)
    return visitor.times.span(days[0].date, days[-1].date)


def _date(text: str) -> date | None:
    """A date between 1990 and 2100, else None."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1990 <= found.year < 2100 else None


PAGE = Page("calendar", "/calendar", Permission.READ, routes, icon="calendar")
