"""What a person at the desk sees when a page cannot be given: a page with one sentence, in place of the JSON of calls."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from anyio.to_thread import run_sync
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from db.deliveries import NoDelivery
from db.errors import NotThere
from desk.web import answers
from desk.web.answers import refusal
from desk.web.door.origin import Origin
from desk.web.door.visitor import Caller, Outside, Shut, called, known
from scheduler.newsroom.grounds import Refused
from scheduler.people.actor import NotAllowed
from scheduler.readership import NotWanted

Handler = Callable[[Request, Exception], Awaitable[Response]]


async def outside(request: Request, fault: Exception) -> Response:
    """To the log-in, and back afterwards."""
    assert isinstance(fault, Outside)
    if not wants_page(request):
        return refusal(401, "Log in at the desk first.")
    to = f"?to={quote(fault.back_to, safe='/')}" if fault.back_to != "/" else ""
    return RedirectResponse(f"/enter{to}", status_code=303, headers={"Cache-Control": "no-store"})


async def shut(request: Request, fault: Exception) -> Response:
    """A request that does not come in. It gets no page of ours under a foreign host."""
    assert isinstance(fault, Shut)
    if fault.word in ("host", "unsafe"):
        return refusal(fault.status, _SHUT[fault.word])
    return await run_sync(_page, request, "shut.html", {"word": fault.word}, fault.status)


async def not_allowed(request: Request, fault: Exception) -> Response:
    """A person who may not do this."""
    return await run_sync(_page, request, "refused.html", {"sentence": str(fault), "word": "not_allowed"}, 403)


async def refused(request: Request, fault: Exception) -> Response:
    """A verb that may not be done now: its own sentence."""
    return await run_sync(_page, request, "refused.html", {"sentence": str(fault), "word": "refused"}, 409)


async def not_there(request: Request, fault: Exception) -> Response:
    """A story or delivery that there is not: the page says where such things are found, not with which command."""
    return await run_sync(_page, request, "refused.html", {"word": "not_there", "sentence": ""}, 404)


async def http(request: Request, fault: Exception) -> Response:
    """What Starlette refuses by itself: a page for browsers inside the desk, JSON for the rest."""
    assert isinstance(fault, HTTPException)
    if fault.status_code == 404 and wants_page(request):
        return await run_sync(_page, request, "shut.html", {"word": "nothing"}, 404)
    return answers.refused(fault)


def wants_page(request: Request) -> bool:
    """Whether it is a browser that asks for a page."""
    return "text/html" in request.headers.get("accept", "")


def _page(request: Request, template: str, values: dict[str, str], status: int) -> Response:
    """The page, with the desk's head and menu for somebody who is in."""
    try:
        caller: Caller = called(request)
    except Shut as fault:
        return refusal(fault.status, _SHUT.get(fault.word, _SHUT["host"]))
    caller = known(caller) or caller
    return caller.page(template, {**values, "back": came_from(request, caller.origin)}, status=status)


def came_from(request: Request, origin: Origin) -> str:
    """The page of ours from which a form was sent, to lead back to it; "" for any other request."""
    if request.method != "POST":
        return ""
    try:
        sent = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return ""
    if sent.netloc != origin.netloc or sent.path.startswith("//"):
        return ""
    page = {**request.scope, "path": sent.path, "raw_path": sent.path.encode(), "method": "GET"}
    if not any(route.matches(page)[0] is Match.FULL for route in request.app.routes):
        return ""  # an answer to a form stands at an address that only forms have
    words = [(name, value) for name, value in parse_qsl(sent.query) if name != "done"]
    return f"{sent.path}?{urlencode(words)}" if words else sent.path


_SHUT = {
    "host": "This is not the address of this desk: open it at the address that pressrun serve prints.",
    "unsafe": "The desk opens on this machine, or over https through a proxy that settings.toml names under "
    "[serve] proxies.",
}

HANDLERS: dict[type[Exception], Handler] = {
    Outside: outside,
    Shut: shut,
    NotAllowed: not_allowed,
    Refused: refused,
    NotWanted: refused,
    NotThere: not_there,
    NoDelivery: not_there,
    HTTPException: http,
}
"""Who answers for which exception of a page; the rest is the whole web door's (``answers.HANDLERS``)."""
