"""Pausing everything or one section with a reason that everybody sees, and ending that by a proposal, never with a burst."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from db.records import Scope
from desk.web.door.visitor import Visitor, may
from desk.web.pages.asked_moment import asked_moment
from desk.web.pages.page import Page
from desk.web.pages.resuming import agreed, asked_ways, proposal_page
from scheduler import newsroom
from scheduler.newsroom import Reach
from scheduler.people.roles import Permission

routes = APIRouter()
Stopper = Annotated[Visitor, Depends(may(Permission.STOP))]


@routes.post("/pause")
def pause(visitor: Stopper) -> Response:
    """Keeps everything, or one section, from going."""
    newsroom.hold(
        visitor.app,
        _reach(_field(visitor, "section")),
        actor=visitor.actor,
        reason=_field(visitor, "why"),
        until=asked_moment(visitor, "until"),
        lets_breaking="let_breaking" in visitor.form,
    )
    return visitor.go("/channels", done="paused")


@routes.get("/pause/resume")
def proposal(visitor: Stopper, section: str = "") -> Response:
    """What ending the pause would do to each post that it held."""
    return _proposal(visitor, section)


@routes.post("/pause/resume")
def resume(visitor: Stopper) -> Response:
    """Ends the pause by the proposal, or shows what would come of other choices."""
    section = _field(visitor, "section")
    if "look" in visitor.form:
        return _proposal(visitor, section)
    done = agreed(visitor, _reach(section))
    return visitor.go("/channels", done="channel_resumed", n=len(done.proposals))


def _proposal(visitor: Visitor, section: str) -> Response:
    name = section or visitor.words("channels.everything")
    title = visitor.words("channels.resume_what", name=name)
    return proposal_page(
        visitor, _reach(section), asked_ways(visitor), title=title, to="/pause/resume", leave="/channels"
    )


def _reach(section: str) -> Reach:
    return Reach(Scope.SECTION, section) if section else Reach(Scope.EVERYTHING)


def _field(visitor: Visitor, name: str) -> str:
    return str(visitor.form.get(name, "")).strip()


PAGE = Page("pausing", "/pause", Permission.STOP, routes, in_menu=False)
