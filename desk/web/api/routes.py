"""The two manners of the API's addresses: reads carry an ETag, writes are done once for each key of the caller's."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, get_type_hints

from anyio.to_thread import run_sync
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.types import Message, Receive

from db import api_answers
from db.api_answers import KEY_LENGTH, Kept
from desk.web.api.caller import admitted, permission_of
from desk.web.api.fields import KEY_PATTERN
from desk.web.api.nul import check_no_nul, check_no_nul_in
from desk.web.api.problems import Problem, answer, problem_of
from scheduler.app import App
from scheduler.people.api_tokens import Program

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
KEY = "Idempotency-Key"
KEPT_FOR = timedelta(hours=24)
MOST_BYTES, MOST_OF_A_PICTURE = 1_000_000, 11_100_000


class ToldRoute(APIRoute):
    """An address whose good answer is described by what its function returns: ``gives``, a shape of ``desk.shapes``.

    The description alone is made from it. An answer is never held to it while a call waits: a verb that was done would
    then be told as a fault. mypy and the tests hold the functions to their shapes.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        self.gives = get_type_hints(endpoint, include_extras=True)["return"]
        super().__init__(path, endpoint, **{**options, "response_model": dict[str, Any]})


class ReadRoute(ToldRoute):
    """A read: 304 where the caller has exactly this answer (``If-None-Match``)."""

    def get_route_handler(self) -> Handler:
        """As FastAPI asks for it."""
        inner, permission = super().get_route_handler(), permission_of(self.dependant)
        known = frozenset(one.alias for one in self.dependant.query_params)

        async def handle(request: Request) -> Response:
            await run_sync(admitted, request, permission)
            check_no_nul(request)
            _check_names(request, known)
            response = await inner(request)
            tag = f'"{hashlib.sha256(bytes(response.body)).hexdigest()[:24]}"'
            if request.headers.get("if-none-match") == tag:
                return Response(status_code=304, headers={"ETag": tag})
            response.headers["ETag"] = tag
            return response

        return handle


class WriteRoute(ToldRoute):
    """A write: needs a key of the caller's own. The same key and call again gives the first answer, for 24 hours.

    The key is written down before the verb begins. Where a call under a key died before its answer was written, the
    key is refused: the verb may have been done, and is not done twice.
    """

    def get_route_handler(self) -> Handler:
        """As FastAPI asks for it."""
        inner, permission = super().get_route_handler(), permission_of(self.dependant)

        async def handle(request: Request) -> Response:
            program = await run_sync(admitted, request, permission)
            check_no_nul(request)
            key = _key(request)
            most = MOST_OF_A_PICTURE if request.url.path.endswith("/pictures") else MOST_BYTES
            request = Request(request.scope, _up_to(most, request))
            body = await request.body()
            check_no_nul_in(body)
            app: App = request.app.state.door.app
            asked = _hash(request, body)
            kept = await run_sync(_begin, app, program, key, asked)
            if kept is not None:
                return _again(kept, asked)
            try:
                response = await inner(request)
            except Exception as fault:
                problem = problem_of(fault)
                if problem is None:
                    raise  # what became of the verb is not known: the key stays without an answer
                response = answer(problem)
            await run_sync(_finish, app, program, key, response)
            return response

        return handle


def _check_names(request: Request, known: frozenset[str]) -> None:
    """A misspelt filter would filter nothing, and the answer would look right."""
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        there = f"there are: {', '.join(sorted(known))}" if known else "this address takes none"
        raise Problem(422, "not-understood", f"query.{unknown[0]}: there is no such parameter; {there}.")


def _up_to(most: int, request: Request) -> Receive:
    """What receives a call's body, and refuses it before more than ``most`` bytes are held."""
    too_long = Problem(413, "too-long", f"The API takes up to {most // 1_000_000} MB at once here.")
    if int(request.headers.get("content-length") or 0) > most:
        raise too_long
    length = 0

    async def receive() -> Message:
        nonlocal length
        message = await request.receive()
        length += len(message.get("body", b""))
        if length > most:
            raise too_long
        return message

    return receive


def _key(request: Request) -> str:
    key = request.headers.get(KEY, "").strip()
    if re.fullmatch(KEY_PATTERN, key) is None:
        sentence = (
            f"A write needs the header {KEY}: a text of your own of up to {KEY_LENGTH} plain letters (ASCII), the same "
            "when you send the same call again, so that nothing is done twice."
        )
        raise Problem(400, "no-key", sentence)
    return key


def _hash(request: Request, body: bytes) -> str:
    head = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    return hashlib.sha256(head + body).hexdigest()


def _begin(app: App, program: Program, key: str, asked: str) -> Kept | None:
    now = app.clock.now()
    with app.ground.transaction() as tx:
        api_answers.forget(tx, now - KEPT_FOR)
        return api_answers.begin(tx, program.token.id, key, asked, now=now)


def _finish(app: App, program: Program, key: str, response: Response) -> None:
    with app.ground.transaction() as tx:
        api_answers.finish(tx, program.token.id, key, response.status_code, bytes(response.body).decode())


def _again(kept: Kept, asked: str) -> Response:
    if kept.request_hash != asked:
        raise Problem(422, "key-used", f"This {KEY} belongs to another call: take a new one for this.")
    if kept.status is None:
        sentence = (
            "A call under this key was begun and has no answer yet: it is under way, or it died and what became of it "
            "must be looked up. It is not done a second time."
        )
        raise Problem(409, "begun", sentence)
    media = "application/problem+json" if kept.status >= 400 else "application/json"
    return Response(kept.body, status_code=kept.status, media_type=media, headers={"Idempotent-Replayed": "true"})
