"""For programs: the API's addresses by theme, with what each takes and gives, from its own description."""

from __future__ import annotations

from functools import cache

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response
from fastapi.routing import APIRoute

from desk.web.api.app import ROOMS, ROOT, description
from desk.web.api.caller import permission_of
from desk.web.api.reference import Theme, themes
from desk.web.api.routes import KEY
from desk.web.door.visitor import Visitor
from desk.web.pages.page import Page, Reader
from scheduler.people.roles import Permission

routes = APIRouter()


@routes.get("/api")
def overview(visitor: Reader) -> Response:
    """Every address with its sentence."""
    return _page(visitor, None)


@routes.get("/api/{theme}")
def one_theme(visitor: Reader, theme: str) -> Response:
    """A theme's addresses, key by key."""
    found = next((one for one in _themes() if one.name == theme), None)
    if found is None:
        raise HTTPException(404)
    return _page(visitor, found)


def _page(visitor: Visitor, one: Theme | None) -> Response:
    values = {
        "themes": _themes(),
        "one": one,
        "root": ROOT,
        "key": KEY,
        "document": "openapi.json",
        "example": f'curl -H "Authorization: Bearer $TOKEN" {visitor.origin.text}{ROOT}/stories',
    }
    return visitor.page("reference.html", values)


@cache
def _themes() -> tuple[Theme, ...]:
    """They are the code's own and never change while it runs."""
    needs = {
        (route.path, method.lower()): permission_of(route.dependant).value
        for room in ROOMS
        for route in room.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
    return themes(description(), needs)


PAGE = Page("reference", "/api", Permission.READ, routes, in_menu=False)
