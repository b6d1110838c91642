"""Moving one post of the calendar: by a page of its own, or told to a script; what stands in the way may be passed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response

from db import log
from db.records import SubjectKind
from desk.cli.moments import NotATime, Times
from desk.web.door.visitor import Visitor, may
from desk.web.pages.page import Page
from scheduler import newsroom
from scheduler.agenda import next_free
from scheduler.newsroom import InTheWay, Refused
from scheduler.newsroom.grounds import MAY_CHANGE
from scheduler.people.roles import Permission

routes = APIRouter()
Mover = Annotated[Visitor, Depends(may(Permission.APPROVE))]


@dataclass(frozen=True, slots=True)
class No:
    """Why a post was not moved. ``passable``: this person may pass what stands in the way, for a reason."""

    why: str
    passable: bool = False


@routes.get("/calendar/move/{delivery_id:int}")
def form(visitor: Mover, delivery_id: int) -> Response:
    """Where a post is moved without a mouse and without scripts: an exact moment, or a free slot."""
    return _form(visitor, delivery_id, typed="", no=None)


@routes.post("/calendar/move")
def move(visitor: Mover) -> Response:
    """Moves one post. A script is told as JSON what stands in the way; a form gets its page again, with what it says."""
    sent, scripted = visitor.form, "application/json" in visitor.request.headers.get("accept", "")
    number, typed = str(sent.get("delivery", "")), str(sent.get("slot") or sent.get("at", ""))
    if not number.isdecimal() or len(number) > 18:
        raise Refused("say which delivery: the form names none")
    try:
        changed = newsroom.move(
            visitor.app,
            int(number),
            _meant(visitor, typed),
            actor=visitor.actor,
            override="override" in sent,
            reason=str(sent.get("why", "")),
        )
    except (NotATime, Refused) as fault:
        no = No(str(fault), isinstance(fault, InTheWay) and visitor.may(Permission.OVERRIDE))
        if scripted:
            return JSONResponse({"sentence": visitor.words.said(no.why), "passable": no.passable}, status_code=409)
        return _form(visitor, int(number), typed=typed, no=no)
    when = changed.delivery.due_at
    wall = when.astimezone(visitor.times.zone)
    day = wall.date().isoformat()
    if scripted:
        told = visitor.words("calendar.moved", channel=changed.delivery.channel, when=visitor.times.show(when))
        return JSONResponse({"sentence": told, "day": day, "at": f"{wall:%Y-%m-%dT%H:%M}"})
    return visitor.go(f"/calendar?{urlencode({'day': day})}", done="post_moved")


def _meant(visitor: Visitor, typed: str) -> datetime:
    """The moment that was typed. Raises ``NotATime``, and ``Refused`` for one that is past."""
    at = Times(visitor.times.zone, visitor.times.now).read(typed).at
    if at <= visitor.times.now:
        raise Refused(visitor.words("calendar.past", when=visitor.times.show(at)))
    return at


def _form(visitor: Visitor, delivery_id: int, *, typed: str, no: No | None) -> Response:
    with visitor.app.ground.reading() as tx:
        row = log.row_of(tx, delivery_id)
        outlet = visitor.app.outlets.get(row.delivery.channel)
        free = next_free(visitor.app, tx, outlet) if outlet is not None else []
    at = row.delivery.due_at.astimezone(visitor.times.zone)
    values = {
        "row": row,
        "movable": row.delivery.state in MAY_CHANGE and row.delivery.subject_kind is SubjectKind.ARTICLE,
        "typed": typed or f"{at:%Y-%m-%d %H:%M}",
        "no": no,
        "free": free,
        "day": at.date().isoformat(),
    }
    return visitor.page("calendar_move.html", values, status=409 if no else 200)


PAGE = Page("calendar_move", "/calendar/move", Permission.APPROVE, routes, in_menu=False)
