"""Sources: does each answer, when it was read and will be again, what is wrong; and a look at one that stores nothing."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import Response

from desk.web.door.visitor import Visitor, may
from desk.web.pages.page import Page, Reader
from scheduler.people.roles import Permission
from scheduler.source_standing import SourceLook, look_at, source_standings

routes = APIRouter()
Looker = Annotated[Visitor, Depends(may(Permission.QUEUE))]
MOST_STORIES = 20
"""So many of what a look finds are named."""


@routes.get("/sources")
def sources(visitor: Reader) -> Response:
    """Every source of the settings."""
    return _page(visitor)


@routes.post("/sources/{name}/check")
def check(visitor: Looker, name: str) -> Response:
    """Reads one source now and tells what it would bring; stores nothing, posts nothing."""
    if name not in visitor.app.settings.sources:
        raise HTTPException(404)
    return _page(visitor, look_at(visitor.app, name))


def _page(visitor: Visitor, look: SourceLook | None = None) -> Response:
    fresh = [one for one in look.stories if one.what in ("new", "revision")] if look is not None else []
    values = {
        "standings": source_standings(visitor.app),
        "look": look,
        "fresh": fresh[:MOST_STORIES],
        "further": max(0, len(fresh) - MOST_STORIES),
        "known": len(look.stories) - len(fresh) if look is not None else 0,
        "unreadable": look.refused[:MOST_STORIES] if look is not None else (),
    }
    return visitor.page("sources.html", values)


PAGE = Page("sources", "/sources", Permission.READ, routes, in_menu=False)
