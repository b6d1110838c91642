"""A channel's week: which hours of which day have a slot, set on a grid; and back to what the settings say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from desk.web.door.visitor import Visitor, may
from desk.web.pages.page import Page
from scheduler.channel_rules import rules_of
from scheduler.newsroom.grounds import Refused
from scheduler.people.roles import Permission
from scheduler.slot_edits import lines_of, set_slots, use_settings_slots, week_of
from scheduler.slots import WEEKDAYS, Slot, Slots, parse_slots

routes = APIRouter()
Setter = Annotated[Visitor, Depends(may(Permission.CHANNELS))]


@routes.get("/channels/{name}/slots")
def week(visitor: Setter, name: str) -> Response:
    """The grid."""
    return _page(visitor, name, week_of(visitor.app, name).slots)


@routes.post("/channels/{name}/slots")
def keep(visitor: Setter, name: str) -> Response:
    """Sets the week that the grid shows, with the lines written below it."""
    at = [str(one) for one in visitor.form.getlist("at")]
    more = str(visitor.form.get("more", ""))
    lines = [*at, *(line.strip() for line in more.splitlines() if line.strip())]
    try:
        set_slots(visitor.app, name, lines, actor=visitor.actor, reason=str(visitor.form.get("why", "")))
    except Refused as fault:
        return _page(visitor, name, _readable(at), wrong=str(fault), more=more, status=409)
    return visitor.go(f"/channels/{name}/slots", done="slots_set")


@routes.post("/channels/{name}/slots/settings")
def back(visitor: Setter, name: str) -> Response:
    """The slots of settings.toml count again."""
    use_settings_slots(visitor.app, name, actor=visitor.actor)
    return visitor.go(f"/channels/{name}/slots", done="slots_back")


def _page(visitor: Visitor, name: str, shown: Slots, *, wrong: str = "", more: str = "", status: int = 200) -> Response:
    found, quiet = week_of(visitor.app, name), rules_of(name, visitor.app.settings).quiet
    taken = set(shown.places)
    times = sorted({time(hour) for hour in range(24)} | {slot.at for slot in shown.places})
    rows = [
        (
            f"{at:%H:%M}",
            quiet is not None and quiet.holds(at),
            [(f"{word} {at:%H:%M}", Slot(day, at) in taken) for day, word in enumerate(WEEKDAYS)],
        )
        for at in times
    ]
    values = {
        "name": name,
        "week": found,
        "rows": rows,
        "weekdays": [visitor.words(f"times.weekday.{number}") for number in range(1, 8)],
        "quiet": quiet,
        "more": more,
        "settings_lines": ", ".join(lines_of(found.settings)),
        "wrong": wrong,
        "zone": visitor.app.settings.newsroom.timezone,
    }
    return visitor.page("week.html", values, status=status)


def _readable(lines: Sequence[str]) -> Slots:
    """The slots of the grid's own boxes; a box that no grid of ours has is left out."""
    try:
        return parse_slots(list(lines)) if lines else Slots()
    except ValueError:
        return Slots()


PAGE = Page("week", "/channels", Permission.CHANNELS, routes, in_menu=False)
