"""Channels: whose account, what stops it, its limits, budget and week; check, pause, resume, and try a post in rehearsal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from db import channel_slots, sections, stops
from db.records import Cause, Mode, Receipt, Scope
from desk.web.door.visitor import Visitor, may
from desk.web.pages.asked_moment import asked_moment
from desk.web.pages.page import Page, Reader
from desk.web.pages.resuming import agreed, asked_ways, proposal_page
from scheduler import newsroom
from scheduler.app import Outlet
from scheduler.channel_standing import ChannelStanding, channel_standings
from scheduler.newsroom import Reach
from scheduler.newsroom.grounds import outlet_named
from scheduler.people.roles import Permission
from scheduler.slot_edits import follow_slots
from scheduler.slots import WEEKDAYS
from scheduler.spans import say_span
from scheduler.standing import check

routes = APIRouter()
Stopper = Annotated[Visitor, Depends(may(Permission.STOP))]
Writer = Annotated[Visitor, Depends(may(Permission.APPROVE))]


@dataclass(frozen=True, slots=True)
class Week:
    """A channel's slots by weekday, Monday first; all empty where it speaks at once."""

    at: tuple[tuple[str, ...], ...]

    @property
    def times(self) -> list[str]:
        """Every time of day at which it has a slot on some day."""
        return sorted({one for day in self.at for one in day})


@routes.get("/channels")
def channels(visitor: Reader) -> Response:
    """Every channel."""
    return _page(visitor)


@routes.post("/channels/{name}/check")
def check_now(visitor: Stopper, name: str) -> Response:
    """Asks the platform whether a post could go out now; posts nothing."""
    outlet = outlet_named(visitor.app, name)
    return _page(visitor, checked={outlet.name: check(visitor.app, outlet)})


@routes.post("/channels/{name}/pause")
def pause(visitor: Stopper, name: str) -> Response:
    """Keeps everything of one channel from going, for a reason that everybody sees."""
    reason = str(visitor.form.get("why", ""))
    breaking = "let_breaking" in visitor.form
    reach = Reach(Scope.CHANNEL, outlet_named(visitor.app, name).name)
    until = asked_moment(visitor, "until")
    newsroom.hold(visitor.app, reach, actor=visitor.actor, reason=reason, until=until, lets_breaking=breaking)
    return visitor.go("/channels", done="channel_paused")


@routes.get("/channels/{name}/resume")
def proposal(visitor: Stopper, name: str) -> Response:
    """What ending the pause would do to each post that it held."""
    return _proposal(visitor, outlet_named(visitor.app, name).name)


@routes.post("/channels/{name}/resume")
def resume(visitor: Stopper, name: str) -> Response:
    """Ends the pause by the proposal, never with a burst; or shows what would come of other choices."""
    channel = outlet_named(visitor.app, name).name
    if "look" in visitor.form:
        return _proposal(visitor, channel)
    done = agreed(visitor, Reach(Scope.CHANNEL, channel))
    return visitor.go("/channels", done="channel_resumed", n=len(done.proposals))


def _proposal(visitor: Visitor, channel: str) -> Response:
    return proposal_page(
        visitor,
        Reach(Scope.CHANNEL, channel),
        asked_ways(visitor),
        title=visitor.words("channels.resume_what", name=channel),
        to=f"/channels/{channel}/resume",
        leave="/channels",
    )


@routes.post("/channels/{name}/try")
def try_out(visitor: Writer, name: str) -> Response:
    """A post of one's own words on the rehearsal platform: of a channel that rehearses it stands in the log."""
    outlet, text = outlet_named(visitor.app, name), str(visitor.form.get("text", ""))
    if outlet.mode is not Mode.REHEARSAL:
        return _page(visitor, tried={name: newsroom.try_out(visitor.app, name, text, actor=visitor.actor)})
    changed = newsroom.free_post(visitor.app, text, name, actor=visitor.actor)
    return visitor.go(f"/log/{changed.delivery.id}", done="post_tried")


def _page(
    visitor: Visitor, checked: dict[str, object] | None = None, tried: dict[str, tuple[Receipt, ...]] | None = None
) -> Response:
    follow_slots(visitor.app)
    found = channel_standings(visitor.app)
    with visitor.app.ground.reading() as tx:
        set_here = channel_slots.every(tx)
        wide = [
            one
            for one in stops.active(tx, visitor.times.now)
            if one.scope in (Scope.EVERYTHING, Scope.SECTION) and one.cause is Cause.PERSON
        ]
        known = sorted({*sections.known(tx), *visitor.app.settings.sections}, key=str.casefold)
    return visitor.page(
        "channels.html",
        {
            "standings": [(one, _week(one.outlet), _facts(visitor, one)) for one in found],
            "checked": checked or {},
            "tried": tried or {},
            "wide": wide,
            "sections": known,
            "set_here": set_here,
            "weekdays": [visitor.words(f"times.weekday.{number}") for number in range(1, 8)],
        },
    )


def _week(outlet: Outlet) -> Week:
    days: list[list[str]] = [[] for _ in WEEKDAYS]
    for slot in outlet.rules.slots.places:
        days[slot.weekday].append(f"{slot.at:%H:%M}")
    return Week(tuple(tuple(day) for day in days))


def _facts(visitor: Visitor, one: ChannelStanding) -> list[tuple[str, str]]:
    """The channel's rules in words, each with its catalogue name; what is not set is left out."""
    rules, words = one.outlet.rules, visitor.words
    facts = [("publish", words(f"channels.publishes.{rules.asks}"))]
    if rules.quiet is not None:
        facts.append(("quiet", f"{rules.quiet.start:%H:%M} – {rules.quiet.end:%H:%M}"))
    if rules.spacing:
        facts.append(("spacing", words.said(say_span(rules.spacing))))
    if rules.daily_cap is not None:
        facts.append(("cap", words("channels.a_day", n=rules.daily_cap)))
    if rules.latest is not None:
        facts.append(("latest", words.said(say_span(rules.latest))))
    facts.append(("deadline", words.said(say_span(one.outlet.deadline))))
    return facts


PAGE = Page("channels", "/channels", Permission.READ, routes, icon="channels")
