"""The counted links of issues: the pixel, and the way to a story. They lead only to links of their own issue.

A reader always gets where the link leads, counted or not; whoever made a link up gets nowhere.
"""

from __future__ import annotations

import base64

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from channels.email.counting import NO_PIXEL
from channels.email.links import BadToken, HitToken, read_hit_token
from db.session import GroundLost
from desk.web.callers import Limiter, caller_of
from desk.web.public import PublicDoor
from scheduler.hit_book import HitBook

MOST_OF_A_COPY = 60
"""Calls of one copy that are counted in ten minutes."""
MOST_MADE_UP = 60
"""Links that lead nowhere, from one network in ten minutes; then it is told to wait."""
_PIXEL = base64.b64decode(NO_PIXEL.partition(",")[2])
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
_EVERYBODY = 10_000_000


def counted_routes(door: PublicDoor, book: HitBook) -> APIRouter:
    """The routes under ``/k/`` and ``/o/``."""
    routes = APIRouter()
    copies, made_up = Limiter(most=MOST_OF_A_COPY, most_of_all=_EVERYBODY), Limiter(most=MOST_MADE_UP)

    @routes.api_route("/k/{token}/{link}", methods=["GET", "HEAD"], include_in_schema=False)
    def click(token: str, link: str, request: Request) -> Response:
        """On to the story."""
        try:
            hit = read_hit_token(token, door.joining.keys)
            target = book.target(hit, link)
        except BadToken:
            target = None
        except GroundLost:
            return door.message("later", status=503)
        if target is None:
            if not made_up.allows(caller_of(request, door.proxies)):
                return door.message("too_many", status=429)
            return door.message("nothing", status=404)
        _note(hit, request, link)
        return RedirectResponse(target, status_code=302, headers=_HEADERS)

    @routes.api_route("/o/{name}", methods=["GET", "HEAD"], include_in_schema=False)
    def opened(name: str, request: Request) -> Response:
        """An empty picture of one point."""
        try:
            hit = read_hit_token(name.removesuffix(".gif"), door.joining.keys)
        except BadToken:
            return Response(status_code=404, headers=_HEADERS)
        _note(hit, request)
        shared = {"Cross-Origin-Resource-Policy": "cross-origin"}  # mail is read on other sites than ours
        return Response(_PIXEL, media_type="image/gif", headers={**_HEADERS, **shared})

    def _note(hit: HitToken, request: Request, link: str = "") -> None:
        if copies.allows(hit.mark):
            book.note(hit, request.method, {name.lower(): value for name, value in request.headers.items()}, link)

    return routes
