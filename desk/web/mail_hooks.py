"""``POST /mail/SERVICE``: the door for mail services that tell what came back. One sentence for every fault."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from desk.web.answers import refusal
from scheduler.hooking import NoReport, NoSuchService, NotSigned, take_hook
from scheduler.intake.errors import IntakeError
from scheduler.secrets import SecretError

if TYPE_CHECKING:
    from scheduler.app import App

MOST_BYTES = 2_000_000
SECONDS = 30.0


def mail_routes(app: App) -> APIRouter:
    """200 tells how many reports were taken in; 403 unsigned, 404 no such service, 413 too long, 422 no report."""
    routes = APIRouter()

    @routes.post("/mail/{service}", include_in_schema=False)
    async def called(service: str, request: Request, key: str = "") -> JSONResponse:
        """One call of one service."""
        body = bytearray()
        try:
            async with asyncio.timeout(SECONDS):
                async for chunk in request.stream():
                    body += chunk
                    if len(body) > MOST_BYTES:
                        return refusal(413, "The call is longer than any report.")
        except TimeoutError:
            return refusal(408, f"The call did not arrive within {SECONDS:.0f} s: send it again.")
        return await run_in_threadpool(_answer, app, service, bytes(body), dict(request.headers), key)

    return routes


def _answer(app: App, service: str, body: bytes, headers: dict[str, str], key: str) -> JSONResponse:
    try:
        taken = take_hook(app, service, body, headers, key)
    except NoSuchService as fault:
        return refusal(404, str(fault))
    except NotSigned as fault:
        return refusal(403, f"This call is not from {service}: {fault}.")
    except (NoReport, IntakeError) as fault:
        return refusal(422, str(fault))
    except SecretError as fault:
        app.trouble(f"mail service {service}: {fault}")
        return refusal(503, "The secret of this service cannot be read here: those who run Pressrun have been told.")
    return JSONResponse({"taken": len(taken)})
