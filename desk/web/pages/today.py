"""Today: what needs a person, what went and what is next, a lane a channel."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from desk.web.pages.page import Page, Reader
from scheduler.needs import needs_of
from scheduler.people.roles import Permission

routes = APIRouter()


@routes.get("/")
def today(visitor: Reader) -> Response:
    """The day at a glance."""
    return visitor.page("today.html", {"needs": needs_of(visitor.app)})


PAGE = Page("today", "/", Permission.READ, routes, icon="today")
