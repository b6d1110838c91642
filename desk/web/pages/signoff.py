"""Sign-off: the first story that waits opens, a key signs it, the next one comes."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from db import waiting
from desk.web.door.visitor import Visitor
from desk.web.pages.page import Page, Reader
from desk.web.pages.story import story_page
from scheduler.people.roles import Permission

routes = APIRouter()


@routes.get("/signoff")
def first(visitor: Reader) -> Response:
    """The story whose moment comes first, or the one of ``from`` while it waits; none: a page that says so."""
    line = _line(visitor)
    if not line:
        return visitor.page("signoff_done.html")
    asked = visitor.request.query_params.get("from", "")
    return _open(visitor, line, next((one for one in line if str(one) == asked), line[0]))


@routes.get("/signoff/{article_id:int}")
def one(visitor: Reader, article_id: int) -> Response:
    """A story of the line, or one that waited a moment ago."""
    return _open(visitor, _line(visitor), article_id)


def _open(visitor: Visitor, line: list[int], article_id: int) -> Response:
    place = line.index(article_id) if article_id in line else 0
    others = [number for number in line if number != article_id]
    following = line[place + 1] if article_id in line and place + 1 < len(line) else next(iter(others), None)
    before = line[place - 1] if article_id in line and place > 0 else None
    more = {
        "place": place + 1,
        "of": len(line),
        "next_story": following,
        "last_story": before,
        "address": f"/signoff/{article_id}",  # whatever comes first meanwhile, this page stays this story's
    }
    return story_page(visitor, article_id, "signoff.html", more=more)


def _line(visitor: Visitor) -> list[int]:
    with visitor.app.ground.reading() as tx:
        return waiting.stories(tx)


PAGE = Page("signoff", "/signoff", Permission.READ, routes, icon="signoff")
