"""The web applications: every page and call that ``pressrun serve`` answers, joined in one place."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp

from db import sources
from db.session import GroundLost
from desk.web.answers import HANDLERS, StrictAnswers
from desk.web.archive import archive_routes
from desk.web.choices import choices_routes
from desk.web.counted import counted_routes
from desk.web.desk import add_desk
from desk.web.intake import intake_routes
from desk.web.mail_hooks import mail_routes
from desk.web.patience import PatientBodies
from desk.web.public import PublicDoor, public_routes
from scheduler.app import App
from scheduler.hit_book import HitBook
from scheduler.joining import Joining
from scheduler.key_ring import KeyRing
from scheduler.keys import keys_in
from scheduler.periodical import periodicals
from scheduler.public_lists import public_lists
from templates.public_pages import PublicPages

STILL = 120.0
"""Seconds without a tick after which something is wrong: the worker ticks every 30 s at least."""


def web_app(app: App) -> ASGIApp:
    """Everything under one roof. A room of pages is a router of its own and one line here.

    Raises ``KeyFileError`` when the keys of the readers' links cannot be read.
    """
    web = _bare()
    for fault, handler in HANDLERS.items():
        web.add_exception_handler(fault, handler)
    web.include_router(health_routes(app))
    door = public_door(app)
    web.include_router(readers_routes(door))
    web.include_router(counted_routes(door, hit_book(app)))
    web.include_router(intake_routes(app))
    web.include_router(mail_routes(app))
    add_desk(web, app)
    return _strict(app, web)


def public_app(app: App) -> ASGIApp:
    """The readers' pages alone, for a host and port of their own: nothing of the desk or of intake is behind it.

    What is not there is told as a page. Raises ``KeyFileError``.
    """
    web, door = _bare(), public_door(app)

    async def nothing(request: Request, fault: Exception) -> HTMLResponse:
        assert isinstance(fault, HTTPException)
        return door.message("nothing", status=fault.status_code)

    async def later(request: Request, fault: Exception) -> HTMLResponse:
        return door.message("later", status=503)

    for kind, handler in ((HTTPException, nothing), (GroundLost, later), (Exception, later)):
        web.add_exception_handler(kind, handler)
    web.include_router(health_routes(app))
    web.include_router(readers_routes(door))
    web.include_router(counted_routes(door, hit_book(app)))
    web.include_router(front_routes(door))
    return _strict(app, web)


def readers_routes(door: PublicDoor) -> APIRouter:
    """Every page for readers."""
    routes = APIRouter()
    routes.include_router(public_routes(door))
    routes.include_router(choices_routes(door))
    routes.include_router(archive_routes(door))
    return routes


def front_routes(door: PublicDoor) -> APIRouter:
    """The bare address of a host that has readers' pages only: all newsletters."""
    routes = APIRouter()

    @routes.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    def front() -> HTMLResponse:
        """All that can be subscribed to."""
        return door.newsletters()

    return routes


def public_door(app: App) -> PublicDoor:
    """What the readers' pages need, from the newsroom."""
    settings, keys = app.settings, keys_in(app.folder)
    folder = settings.teasers.folder
    return PublicDoor(
        ground=app.ground,
        now=app.clock.now,
        joining=Joining(
            keys=KeyRing(app.folder),
            suppression_key=keys.suppression,
            double=settings.readers.opt_in == "double",
            within=settings.readers.confirm_within,
        ),
        lists=public_lists(settings),
        newsroom=settings.newsroom.name,
        language=settings.newsroom.language,
        pages=PublicPages([folder] if folder is not None else []),
        public_url=settings.newsroom.public_url,
        postal_address=settings.newsroom.postal_address,
        wording=settings.readers.wording,
        privacy_url=settings.readers.privacy_url,
        keep_ip=settings.readers.keep_ip,
        proxies=settings.serve.proxies,
    )


def hit_book(app: App) -> HitBook:
    """Where opens and clicks are counted, for the newsletters that count them."""
    counted = {name: one.counted for name, one in periodicals(app.settings).items()}
    return HitBook(app.ground, app.clock.now, counted, keep=app.settings.readers.keep_hits)


def health_routes(app: App) -> APIRouter:
    """``/healthz`` for a watchdog: 200 while the database answers and the worker ticks, else 503, and while stopping."""
    routes = APIRouter()

    @routes.api_route("/healthz", methods=["GET", "HEAD"], include_in_schema=False)
    def health() -> JSONResponse:
        """Whether Pressrun can work."""
        with app.ground.reading() as tx:
            sources.every(tx)
        if app.stopping():
            return JSONResponse({"status": "stopping"}, status_code=503)
        age = app.tick_age()
        if age is not None and age > STILL:
            return JSONResponse({"status": f"no tick for {age:.0f} s"}, status_code=503)
        return JSONResponse({"status": "ok"})

    return routes


def _bare() -> FastAPI:
    return FastAPI(title="Pressrun", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)


def _strict(app: App, web: FastAPI) -> ASGIApp:
    return StrictAnswers(
        PatientBodies(web), lambda fault: app.trouble(f"web: Pressrun met a fault of its own ({type(fault).__name__})")
    )
