"""Today: what needs a person, what went and what is next, a lane a channel along the newsroom's day."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from db import articles, attempts, log, stops
from db.log import LogRow
from db.log_view import LogFilter
from db.records import Scope, State, Stop, SubjectKind
from desk.web.door.visitor import Visitor, may
from desk.web.pages.page import Page, Reader
from desk.web.pages.today_lanes import SHOWN, Day, Lane, day_of, lane_of
from scheduler import newsroom
from scheduler.ahead import issues_ahead
from scheduler.app import App
from scheduler.needs import Need, needs_of
from scheduler.people.roles import Permission
from scheduler.story_view import words_waiting

routes = APIRouter()
_DELIVERY = re.compile(r"\b(?:delivery |d)(\d+)\b")
MOST = 600
"""So many deliveries of a day stand in the lanes; the log has them all."""
MOST_NEEDS = 25
AT_FIRST = 5
"""So many stories that wait are shown at once; the others unfold."""
VERDICTS = {"out": State.SENT, "not_out": State.PLANNED, "nobody_knows": State.UNKNOWN}
Settler = Annotated[Visitor, Depends(may(Permission.SETTLE))]


@routes.get("/")
def today(visitor: Reader) -> Response:
    """The day at a glance."""
    now = visitor.times.now
    day = day_of(now, visitor.times.zone)
    needs = needs_of(visitor.app)
    shown = lanes(visitor.app, day)
    return visitor.page(
        "today.html",
        {
            "day": day,
            "now_quarter": day.quarter(now),
            "lanes": shown,
            "modes_differ": len({lane.mode for lane in shown}) > 1,
            "went": in_one_line(shown, "went", newest_first=True),
            "comes": in_one_line(shown, "comes"),
            "waiting": by_story(visitor.app, [one for one in needs if one.kind == "waiting"]),
            "urgent": [
                (one, leads_to(one, visitor.app.outlets))
                for one in needs
                if one.kind in ("safety", "notice", "failed", "unsettled")
            ][:MOST_NEEDS],
            "at_first": AT_FIRST,
            "ends_at": ends_at,
            "held": [one for one in needs if one.kind == "stop"][:MOST_NEEDS],
        },
    )


def ends_at(stop: Stop) -> str:
    """The page on which a person's stop is ended."""
    match stop.scope:
        case Scope.EVERYTHING:
            return "/pause/resume"
        case Scope.SECTION:
            return f"/pause/resume?{urlencode({'section': stop.target})}"
        case Scope.CHANNEL:
            return f"/channels/{quote(stop.target)}/resume"
        case Scope.STORY:
            return f"/story/{stop.target}/release"
    return f"/log/{stop.target}"


@routes.post("/settle/{delivery_id}")
def give_verdict(visitor: Settler, delivery_id: int) -> Response:
    """A person says what became of an unsettled post, or what is to become of a failed one."""
    said, reason = str(visitor.form.get("verdict", "")), str(visitor.form.get("reason", "")).strip()
    if said == "retry":
        newsroom.retry(visitor.app, delivery_id, actor=visitor.actor, reason=reason)
        return visitor.go("/", done="log_retry", n=1)
    if said == "leave":
        newsroom.leave(visitor.app, delivery_id, actor=visitor.actor, reason=reason)
        return visitor.go("/", done="log_leave", n=1)
    if said in VERDICTS:
        newsroom.settle(visitor.app, delivery_id, VERDICTS[said], actor=visitor.actor, reason=reason)
        return visitor.go("/", done="settled")
    return visitor.go("/")


def lanes(app: App, day: Day) -> list[Lane]:
    """A lane for each channel, in the order of the settings."""
    now = app.clock.now()
    with app.ground.reading() as tx:
        rows = log.deliveries(tx, LogFilter(since=day.began_at, until=day.ends_at), MOST)
        lying = stops.active(tx, now)
        spent = {one.name: attempts.spent(tx, one.mode, one.name, day.began_at) for one in app.outlets.values()}
    by_channel: dict[tuple[str, str], list[LogRow]] = defaultdict(list)
    for row in rows:
        by_channel[row.delivery.channel, row.delivery.mode].append(row)
    ahead = {one.channel: one for one in issues_ahead(app)}
    return [
        lane_of(
            one,
            by_channel[one.name, one.mode],
            day,
            now,
            stops=[
                stop
                for stop in lying
                if stop.mode in (None, one.mode)
                and (stop.scope is Scope.EVERYTHING or (stop.scope is Scope.CHANNEL and stop.target == one.name))
            ],
            spent=spent[one.name],
            issue=ahead.get(one.name),
        )
        for one in app.outlets.values()
    ]


def in_one_line(shown: Sequence[Lane], which: Literal["went", "comes"], *, newest_first: bool = False) -> list[LogRow]:
    """What went, or what comes, on all channels together in the order of its moments."""
    rows = [row for lane in shown for row in (lane.went if which == "went" else lane.comes)]
    rows.sort(key=lambda row: (row.delivery.next_at, row.delivery.id), reverse=newest_first)
    return rows[:SHOWN]


def leads_to(need: Need, channels: Iterable[str]) -> str:
    """The page on which a need can be looked into."""
    if need.delivery is not None:
        return f"/log/{need.delivery.id}"
    if named := _DELIVERY.search(need.cause):
        return f"/log/{named[1]}"
    if set(need.cause.split()) & set(channels):
        return "/channels"
    return "/log"


@dataclass(frozen=True, slots=True)
class InLine:
    """What waits, a line a story: its headline, where to say yes, the first need of it, and all channels that a yes is for."""

    headline: str
    address: str
    need: Need
    channels: tuple[str, ...]


def by_story(app: App, waiting: Sequence[Need]) -> list[InLine]:
    """What waits for a yes, in order, the words for newsletters with the posts that wait beside them."""
    found: dict[tuple[SubjectKind, int], list[Need]] = defaultdict(list)
    for one in waiting:
        if one.delivery is not None:
            found[one.delivery.subject_kind, one.delivery.subject_id].append(one)
    shown = list(found.items())[:MOST_NEEDS]
    with app.ground.reading() as tx:
        stories = articles.several(tx, [number for (kind, number), _ in shown if kind is SubjectKind.ARTICLE])
        headlines = {one.id: one.headline for one in stories}
        letters = words_waiting(app, tx, stories)
        lines = []
        for (kind, number), needs in shown:
            on = tuple(one.delivery.channel for one in needs if one.delivery is not None)
            if kind is SubjectKind.ARTICLE:
                channels = (*on, *letters.get(number, ()))
                lines.append(InLine(headlines.get(number, ""), f"/signoff/{number}", needs[0], channels))
            else:
                row = _id_of(needs[0])
                lines.append(InLine(log.row_of(tx, row).headline, f"/log/{row}", needs[0], on))
        return lines


def _id_of(need: Need) -> int:
    assert need.delivery is not None
    return need.delivery.id


PAGE = Page("today", "/", Permission.READ, routes, icon="today")
