"""What readers may reach: the one-click unsubscribe address of RFC 8058. No cookie, no script, nothing of the desk.

GET shows a page and changes nothing, since mail scanners open every link. POST leaves the list whatever its body's
form (multipart, urlencoded or none: the token says it all), answers 200 and never redirects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from channels.email.links import BadToken
from db.session import Ground, GroundLost
from scheduler.leaving import leave, list_of
from templates.leaving import LeavingPages, Step


@dataclass(frozen=True, slots=True)
class PublicDoor:
    """What the public pages need. ``keys`` are the present link key and all older ones; ``newsletters`` names lists."""

    ground: Ground
    now: Callable[[], datetime]
    keys: Sequence[bytes] = field(repr=False)
    suppression_key: bytes = field(repr=False)
    newsletters: Mapping[str, str]
    newsroom: str
    language: str
    pages: LeavingPages


def public_routes(door: PublicDoor) -> APIRouter:
    """The routes under ``/u/``; to be included in an application of the caller's."""
    routes = APIRouter()

    @routes.api_route("/u/{token}", methods=["GET", "HEAD"], include_in_schema=False)
    def ask(token: str) -> HTMLResponse:
        """The page for people."""
        try:
            return _page(door, Step.ASK, list_of(token, door.keys))
        except BadToken:
            return _page(door, Step.BROKEN, "", status=404)

    @routes.post("/u/{token}", include_in_schema=False)
    def act(token: str) -> HTMLResponse:
        """Leaves the list: the button of the mail program, or of the page."""
        try:
            left = leave(
                door.ground,
                token,
                keys=door.keys,
                suppression_key=door.suppression_key,
                now=door.now(),
                source="unsubscribe link in the mail",
            )
        except BadToken:
            return _page(door, Step.BROKEN, "", status=404)
        except GroundLost:
            return _page(door, Step.LATER, "", status=503)
        return _page(door, Step.DONE, left)

    return routes


def _page(door: PublicDoor, step: Step, list_name: str, *, status: int = 200) -> HTMLResponse:
    page = door.pages.page(
        step,
        newsletter=door.newsletters.get(list_name, list_name),
        newsroom=door.newsroom,
        language=door.language,
    )
    headers = {
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": f"default-src 'none'; style-src {door.pages.style_hash}; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'",
    }
    if status == 503:
        headers["Retry-After"] = "300"
    return HTMLResponse(page, status_code=status, headers=headers)
