"""Evergreens: the stories that come again by rule, how often each did and when it does next."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from desk.web.pages.page import Page, Reader
from scheduler import newsroom
from scheduler.newsroom.evergreening import said
from scheduler.people.roles import Permission

routes = APIRouter()


@routes.get("/evergreens")
def evergreens(visitor: Reader) -> Response:
    """Every story that comes again; each is marked, and ended, on its own page."""
    found = [(one, said(visitor.app, one.mark)) for one in newsroom.evergreen_stories(visitor.app)]
    return visitor.page("evergreens.html", {"found": found})


PAGE = Page("evergreens", "/evergreens", Permission.READ, routes, in_menu=False)
