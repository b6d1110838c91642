"""Pausing everything or one section with a reason that everybody sees, and ending that by a proposal, never with a burst."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from db.records import Scope
from desk.cli.moments import NotATime, Times
from desk.web.door.visitor import Visitor, may
from desk.web.pages.page import Page
from scheduler import newsroom
from scheduler.newsroom import Reach, Refused
from scheduler.people.roles import Permission

routes = APIRouter()
Stopper = Annotated[Visitor, Depends(may(Permission.STOP))]


@routes.post("/pause")
def pause(visitor: Stopper) -> Response:
    """Keeps everything, or one section, from going."""
    until = None
    if said := _field(visitor, "until"):
        try:
            until = Times(visitor.times.zone, visitor.times.now).read(said).at
        except NotATime as fault:
            raise Refused(str(fault)) from None
    newsroom.hold(
        visitor.app,
        _reach(_field(visitor, "section")),
        actor=visitor.actor,
        reason=_field(visitor, "why"),
        until=until,
        lets_breaking="let_breaking" in visitor.form,
    )
    return visitor.go("/channels", done="paused")


@routes.get("/pause/resume")
def proposal(visitor: Stopper, section: str = "") -> Response:
    """What ending the pause would do to each post that it held."""
    try:
        found = newsroom.propose(visitor.app, _reach(section))
    except Refused:
        return visitor.go("/channels")  # somebody has just ended it
    name = section or visitor.words("channels.everything")
    return visitor.page(
        "channel_resume.html", {"name": name, "found": found, "to": "/pause/resume", "section": section}
    )


@routes.post("/pause/resume")
def resume(visitor: Stopper) -> Response:
    """Ends the pause by the proposal."""
    done = newsroom.resume(
        visitor.app, _reach(_field(visitor, "section")), actor=visitor.actor, reason=_field(visitor, "why")
    )
    return visitor.go("/channels", done="channel_resumed", n=len(done.proposals))


def _reach(section: str) -> Reach:
    return Reach(Scope.SECTION, section) if section else Reach(Scope.EVERYTHING)


def _field(visitor: Visitor, name: str) -> str:
    return str(visitor.form.get(name, "")).strip()


PAGE = Page("pausing", "/pause", Permission.STOP, routes, in_menu=False)
