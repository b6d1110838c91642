"""The web application: every page and call that ``pressrun serve`` answers, joined in one place."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp

from db import sources
from desk.web.answers import HANDLERS, StrictAnswers
from desk.web.desk import add_desk
from desk.web.intake import intake_routes
from desk.web.public import PublicDoor, public_routes
from scheduler.app import App
from scheduler.keys import keys_in
from scheduler.settings import EmailChannel
from templates.leaving import LeavingPages


def web_app(app: App) -> ASGIApp:
    """Everything under one roof. A room of pages is a router of its own and one line here.

    Raises ``KeyFileError`` when the keys of the unsubscribe links cannot be read.
    """
    web = FastAPI(title="Pressrun", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    for fault, handler in HANDLERS.items():
        web.add_exception_handler(fault, handler)
    web.include_router(health_routes(app))
    web.include_router(public_routes(public_door(app)))
    web.include_router(intake_routes(app))
    add_desk(web, app)
    return StrictAnswers(
        web, lambda fault: app.trouble(f"web: Pressrun met a fault of its own ({type(fault).__name__})")
    )


def public_door(app: App) -> PublicDoor:
    """What the readers' pages need, from the newsroom."""
    settings, keys = app.settings, keys_in(app.folder)
    folder = settings.teasers.folder
    mailing = [one for one in settings.channels.values() if isinstance(one, EmailChannel)]
    return PublicDoor(
        ground=app.ground,
        now=app.clock.now,
        keys=(keys.link, *keys.old),
        suppression_key=keys.suppression,
        newsletters={one.list_name: one.newsletter for one in mailing},
        newsroom=settings.newsroom.name,
        language=settings.newsroom.language,
        pages=LeavingPages([folder] if folder is not None else []),
    )


def health_routes(app: App) -> APIRouter:
    """``/healthz`` for a watchdog: 200 while the database answers, 503 while it does not or we are stopping."""
    routes = APIRouter()

    @routes.api_route("/healthz", methods=["GET", "HEAD"], include_in_schema=False)
    def health() -> JSONResponse:
        """Whether Pressrun can work."""
        with app.ground.reading() as tx:
            sources.every(tx)
        if app.stopping():
            return JSONResponse({"status": "stopping"}, status_code=503)
        return JSONResponse({"status": "ok"})

    return routes
