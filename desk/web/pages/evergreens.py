"""Evergreens: the stories that come again by rule, how often each did and when it does next."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from desk.web.pages.page import Page, Reader
from scheduler import newsroom
from scheduler.newsroom.evergreening import said
from scheduler.people.roles import Permission

routes = APIRouter()
ROWS = 50


@routes.get("/evergreens")
def evergreens(visitor: Reader) -> Response:
    """A page of the stories that come again; each is marked, and ended, on its own page."""
    after = visitor.request.query_params.get("after", "")
    mark = int(after) if after.isdecimal() and len(after) < 16 else None
    found = newsroom.evergreen_stories(visitor.app, limit=ROWS + 1, after=mark)
    more, found = len(found) > ROWS, found[:ROWS]
    values = {
        "found": [(one, said(visitor.app, one.mark)) for one in found],
        "next": f"/evergreens?after={found[-1].article.id}" if more else "",
        "first": "/evergreens" if mark is not None else "",
    }
    return visitor.page("evergreens.html", values)


PAGE = Page("evergreens", "/evergreens", Permission.READ, routes, in_menu=False)
