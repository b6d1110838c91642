"""``POST /intake/SOURCE``: the door for sites that send their stories by themselves, signed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from desk.web.answers import refusal
from scheduler.calling import CallTaken, NoSuchSource, take_call
from scheduler.intake.decoding import MAX_BYTES
from scheduler.intake.errors import IntakeError
from scheduler.intake.webhook import NotSigned
from scheduler.secrets import SecretError

if TYPE_CHECKING:
    from scheduler.app import App

SECONDS = 30.0
"""How long a call's body may take to arrive."""

READ_ON = 64_000_000
"""Bytes of a body that is too long, after which nobody is waited for."""


class _TooLong(Exception):
    """The body is longer than any story is."""


def intake_routes(app: App) -> APIRouter:
    """The routes under ``/intake/``.

    200 tells what each story became; 403 unsigned, 404 no such source, 408 too slow, 413 too long, 422 no story,
    503 the secret or the database is out of reach. Every answer but the first is ``{"error": sentence}``.
    """
    routes = APIRouter()

    @routes.post("/intake/{source}", include_in_schema=False)
    async def called(source: str, request: Request) -> JSONResponse:
        """One call of one source."""
        try:
            async with asyncio.timeout(SECONDS):
                body = await _body(request)
        except _TooLong:
            most = f"{MAX_BYTES / 1e6:.0f} MB"
            return refusal(413, f"The call has more than {most}, and no story is that long: send the text alone.")
        except TimeoutError:
            return refusal(408, f"The call did not arrive within {SECONDS:.0f} s: send it again.")
        return await run_in_threadpool(_answer, app, source, body, dict(request.headers))

    return routes


async def _body(request: Request) -> bytes:
    """The call's body, never more than ``MAX_BYTES`` of it held. Raises ``_TooLong``.

    What is too long is read on for a while, unkept: most senders read no answer before they have sent all.
    """
    body, length = bytearray(), 0
    async for chunk in request.stream():
        length += len(chunk)
        if length <= MAX_BYTES:
            body += chunk
        elif length > READ_ON:
            break
    if length > MAX_BYTES:
        raise _TooLong
    return bytes(body)


def _answer(app: App, source: str, body: bytes, headers: dict[str, str]) -> JSONResponse:
    try:
        taken = take_call(app, source, body, headers)
    except NoSuchSource as fault:
        return refusal(404, str(fault))
    except NotSigned as fault:
        return refusal(403, str(fault))
    except IntakeError as fault:
        return refusal(422, str(fault))
    except SecretError as fault:
        app.trouble(f"source {source}: {fault}")
        return refusal(503, "This source's secret cannot be read here: those who run Pressrun have been told.")
    return JSONResponse({"stories": [_form(one) for one in taken]})


def _form(one: CallTaken) -> dict[str, Any]:
    return {"story": one.article_id, "what": one.what, "headline": one.headline}
