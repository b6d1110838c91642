"""The desk as part of the web door: its pages, its files, and the line that tells open pages of news."""

from __future__ import annotations

import re
from functools import partial

from fastapi import APIRouter, FastAPI
from fastapi.responses import StreamingResponse
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount

from desk.web.answers import refusal
from desk.web.api.app import ROOT, api_app
from desk.web.door.door import Door
from desk.web.faults import HANDLERS
from desk.web.live import MOST
from desk.web.metrics import metric_routes
from desk.web.pages import PAGES, entering, menu_for
from desk.web.pages.page import Reader
from scheduler.app import App
from scheduler.people import entering as entering_verbs


def add_desk(web: FastAPI, app: App) -> None:
    """Puts the desk of a newsroom into a web application."""
    door = Door.of(app, menu_for)
    web.state.door = door
    for fault, handler in HANDLERS.items():
        web.add_exception_handler(fault, handler)
    web.mount(ROOT, api_app(door))
    _take_all(web.routes[-1])
    web.include_router(metric_routes(app, door))
    web.include_router(door.static.routes())
    web.include_router(_live(door))
    for routes in (entering.routes, *(page.routes for page in PAGES)):
        web.include_router(routes, include_in_schema=False)


def _take_all(mount: BaseRoute) -> None:
    """Lets a mount take every address below its own: as Starlette has it, one with a line break passes it by."""
    assert isinstance(mount, Mount)
    mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)


def _live(door: Door) -> APIRouter:
    routes = APIRouter()

    @routes.get("/live", include_in_schema=False)
    async def live(visitor: Reader) -> Response:
        """Server-sent events: ``changed`` whenever something was committed."""
        if door.pulses.lines >= MOST:
            return refusal(503, "Too many pages are open: this one does not update by itself.")
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        news = door.pulses.news(partial(entering_verbs.still_in, door.app, visitor.token))
        return StreamingResponse(news, media_type="text/event-stream", headers=headers)

    return routes
