"""Sign-off: the first story that waits opens, a key signs it, the next one comes."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from desk.web.door.visitor import Visitor
from desk.web.pages.page import Page, Reader
from desk.web.pages.signoff_line import place_in, waiting_line
from desk.web.pages.story import story_page
from scheduler.people.roles import Permission

routes = APIRouter()


@routes.get("/signoff")
def first(visitor: Reader) -> Response:
    """The story whose moment comes first, or the one of ``from`` while it waits; none: a page that says so."""
    line = waiting_line(visitor)
    if not line:
        return visitor.page("signoff_done.html")
    asked = visitor.request.query_params.get("from", "")
    return _open(visitor, line, next((one for one in line if str(one) == asked), line[0]))


@routes.get("/signoff/{article_id:int}")
def one(visitor: Reader, article_id: int) -> Response:
    """A story of the line, or one that waited a moment ago."""
    return _open(visitor, waiting_line(visitor), article_id)


def _open(visitor: Visitor, line: list[int], article_id: int) -> Response:
    return story_page(visitor, article_id, "signoff.html", more=place_in(line, article_id))


PAGE = Page("signoff", "/signoff", Permission.READ, routes, icon="signoff")
