"""The calendar: a week hour by hour or a month, all channels or one; a post is moved by mouse, by keys, or by a form."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response

from desk.web.door.visitor import Visitor, may
from desk.web.pages.page import Page, Reader
from scheduler import newsroom
from scheduler.agenda import Day, Entry, agenda, hours_shown
from scheduler.newsroom import InTheWay, Refused
from scheduler.people.roles import Permission
from scheduler.slots import to_instant

routes = APIRouter()
Mover = Annotated[Visitor, Depends(may(Permission.APPROVE))]

WEEK, MONTH = "week", "month"
IN_A_DAY = 5
"""So many posts a day are shown in the month; the rest stand in the week."""
IN_AN_HOUR = 6
"""So many posts an hour are shown at once in the week; the rest unfolds."""


@routes.get("/calendar")
def calendar(visitor: Reader, view: str = WEEK, day: str = "", channel: str = "") -> Response:
    """A week or the weeks of a month around ``day`` (``2026-09-21``); whatever cannot be read is the usual."""
    view = view if view in (WEEK, MONTH) else WEEK
    around = _date(day) or visitor.times.today
    chosen = channel if channel in visitor.app.outlets else ""
    first, count, before, after = _span(view, around)
    found = agenda(visitor.app, first, count, channel=chosen or None)

    def address(**changes: str) -> str:
        asked = {"view": view, "day": around.isoformat(), "channel": chosen, **changes}
        return f"/calendar?{urlencode({name: value for name, value in asked.items() if value})}"

    values = {
        "view": view,
        "around": around,
        "chosen": chosen,
        "channels": list(visitor.app.outlets),
        "days": found.days,
        "cut": found.cut,
        "weeks": [found.days[start : start + 7] for start in range(0, len(found.days), 7)],
        "hours": hours_shown(found.days),
        "title": _title(visitor, view, around, found.days),
        "there": address,
        "before": address(day=before.isoformat()),
        "after": address(day=after.isoformat()),
        "may_move": visitor.may(Permission.APPROVE),
        "in_a_day": IN_A_DAY,
        "folded": folded,
        "hour_now": visitor.times.now.astimezone(visitor.times.zone).hour,
    }
    return visitor.page("calendar.html", values)


@routes.post("/calendar/move")
def move(visitor: Mover) -> Response:
    """Moves one post. A script is told as JSON what stands in the way; a form gets a page."""
    form, scripted = visitor.form, "application/json" in visitor.request.headers.get("accept", "")
    try:
        number, at = _order(visitor)
        changed = newsroom.move(
            visitor.app,
            number,
            at,
            actor=visitor.actor,
            override="override" in form,
            reason=str(form.get("why", "")),
        )
    except Refused as fault:
        if not scripted:
            raise
        passable = isinstance(fault, InTheWay) and visitor.may(Permission.OVERRIDE)
        return JSONResponse({"sentence": visitor.words.said(str(fault)), "passable": passable}, status_code=409)
    when = changed.delivery.due_at
    if scripted:
        told = visitor.words("calendar.moved", channel=changed.delivery.channel, when=visitor.times.show(when))
        return JSONResponse({"sentence": told})
    wall = when.astimezone(visitor.times.zone).date()
    return visitor.go(f"/calendar?{urlencode({'day': wall.isoformat()})}", done="post_moved")


def folded(entries: Sequence[Entry]) -> tuple[list[Entry], list[Entry]]:
    """What an hour shows at once and what unfolds, both in order: what can still be moved is the last to be folded."""
    shown = {one.row.delivery.id for one in sorted(entries, key=lambda one: not one.movable)[:IN_AN_HOUR]}
    return (
        [one for one in entries if one.row.delivery.id in shown],
        [one for one in entries if one.row.delivery.id not in shown],
    )


def _order(visitor: Visitor) -> tuple[int, datetime]:
    """Which delivery, to which moment. Raises ``Refused`` for a form that says neither."""
    number, wall = str(visitor.form.get("delivery", "")), str(visitor.form.get("at", ""))
    try:
        meant = datetime.fromisoformat(wall)
        if not number.isdecimal() or len(number) > 18 or meant.tzinfo is not None:
            raise ValueError
    except ValueError:
        raise Refused(f'"{wall}" is no moment on the wall; write it as 2026-09-21T08:15') from None
    return int(number), to_instant(meant.date(), meant.time(), visitor.times.zone)


def _span(view: str, around: date) -> tuple[date, int, date, date]:
    """The first day, how many, and a day in the span before and after."""
    if view == WEEK:
        monday = around - timedelta(days=around.weekday())
        return monday, 7, around - timedelta(days=7), around + timedelta(days=7)
    first = around.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    monday = first - timedelta(days=first.weekday())
    weeks = -(-(following - monday).days // 7)
    return monday, weeks * 7, first - timedelta(days=1), following


def _title(visitor: Visitor, view: str, around: date, days: Sequence[Day]) -> str:
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
