"""What holds for every answer of the web door: strict headers, one plain sentence for a fault, never a traceback."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any

from fastapi.responses import JSONResponse
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, ExceptionHandler, Message, Receive, Scope, Send

from db.session import GroundLost

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}
"""Set on every answer that does not set them itself."""

TRY_AGAIN = "300"
"""Seconds, for Retry-After."""

_SENTENCES = {404: "There is nothing at this address.", 405: "This address is not asked that way."}


class SlowBody(Exception):
    """The body of a request did not arrive in time."""

    def __init__(self) -> None:
        super().__init__("What was sent did not arrive in time: send it again.")


class StrictAnswers:
    """An application whose every answer carries ``HEADERS`` and out of which no exception comes.

    ``on_fault`` hears of one; whoever called has then got the answer of ``HANDLERS``.
    """

    def __init__(self, app: ASGIApp, on_fault: Callable[[BaseException], None]) -> None:
        self._app, self.on_fault = app, on_fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, as ASGI has it."""

        async def strict(message: Message) -> None:
            if message["type"] == "http.response.start":
                _complete(message)
            await send(message)

        try:
            await self._app(scope, receive, strict)
        except ClientDisconnect:
            pass  # whoever sends half a request and leaves is nobody's fault
        except Exception as fault:
            self.on_fault(fault)


def refusal(status: int, sentence: str) -> JSONResponse:
    """``{"error": sentence}``; a 503 says when to come back."""
    headers = {"Retry-After": TRY_AGAIN} if status == 503 else None
    return JSONResponse({"error": sentence}, status_code=status, headers=headers)


def _complete(message: MutableMapping[str, Any]) -> None:
    headers = MutableHeaders(scope=message)
    for name, value in HEADERS.items():
        headers.setdefault(name, value)


def refused(fault: HTTPException) -> JSONResponse:
    """What Starlette refuses by itself, in our form."""
    answer = refusal(fault.status_code, _SENTENCES.get(fault.status_code, "This cannot be done."))
    answer.headers.update(fault.headers or {})
    return answer


async def _refused(request: Request, fault: Exception) -> JSONResponse:
    assert isinstance(fault, HTTPException)
    return refused(fault)


async def _lost(request: Request, fault: Exception) -> JSONResponse:
    return refusal(503, "Pressrun's database is away for now: try again in a few minutes.")


async def _slow(request: Request, fault: Exception) -> JSONResponse:
    return refusal(408, str(fault))


async def _own_fault(request: Request, fault: Exception) -> JSONResponse:
    return refusal(500, "Pressrun met a fault of its own; those who run it have been told.")


HANDLERS: dict[type[Exception], ExceptionHandler] = {
    HTTPException: _refused,
    GroundLost: _lost,
    SlowBody: _slow,
    Exception: _own_fault,
}
"""Who answers for which exception."""
