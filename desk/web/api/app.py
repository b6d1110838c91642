"""The API put together: its addresses, its problems, and its description for programs (OpenAPI)."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.requests import Request

from desk.web.api.acting import acting
from desk.web.api.connecting import connecting_acts, connecting_reads
from desk.web.api.description import complete
from desk.web.api.newsletters import letters_act, letters_read
from desk.web.api.overview import overview
from desk.web.api.problems import HANDLERS, Problem, answer
from desk.web.api.readers import readers_act, readers_read
from desk.web.api.reading import reading
from desk.web.api.routes import ToldRoute
from desk.web.api.staff import staff_acts, staff_reads
from desk.web.api.standing import standing_acts, standing_reads
from desk.web.api.story_deeds import story_deeds, story_reads
from desk.web.api.story_words import words_read, words_try
from desk.web.api.webhooks import hearing, trying
from desk.web.door.door import Door

ROOT = "/api/v1"
ROOMS = (
    *(
        reading,
        words_read,
        story_reads,
        overview,
        standing_reads,
        connecting_reads,
        staff_reads,
        letters_read,
        readers_read,
        hearing,
    ),
    *(acting, words_try, story_deeds, standing_acts, connecting_acts, staff_acts, letters_act, readers_act, trying),
)
"""Every address there is, reads first."""


def description() -> dict[str, Any]:
    """The API's description, without a newsroom behind it."""
    return _bare().openapi()


class _Api(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """The description, made once and completed."""
        if self.openapi_schema is None:
            self.openapi_schema = complete(super().openapi(), _gives())
        return self.openapi_schema


def _gives() -> dict[tuple[str, str], Any]:
    """The shape of each address's good answer, by path and method."""
    return {
        (route.path, method.lower()): route.gives
        for room in ROOMS
        for route in room.routes
        if isinstance(route, ToldRoute)
        for method in route.methods or ()
    }


def api_app(door: Door) -> FastAPI:
    """The API as an application of its own, to be mounted at ``ROOT``. Its description lies at ``/openapi.json``."""
    api = _bare()
    api.state.door = door
    for fault, handler in HANDLERS.items():
        api.add_exception_handler(fault, handler)
    api.add_exception_handler(405, _not_this_way)
    return api


def _bare() -> _Api:
    api = _Api(
        title="Pressrun",
        version="1",
        description=(
            "The newsroom's verbs and its log. Every call carries a token (`Authorization: Bearer TOKEN`), every write "
            "an `Idempotency-Key`. Times are read in the newsroom's zone and written with their offset. What goes wrong "
            "is `application/problem+json`. No text may hold the character NUL."
        ),
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
    )
    for room in ROOMS:
        api.include_router(room)
    return api


async def _not_this_way(request: Request, fault: Exception) -> JSONResponse:
    """405, with every method by which the address is asked."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    ways = {
        method
        for room in ROOMS
        for route in room.routes
        if isinstance(route, APIRoute) and route.path_regex.match(path)
        for method in route.methods or ()
    }
    told = ", ".join(sorted(ways))
    sentence = f"This address is not asked that way, but by {told}."
    return answer(Problem(405, "not-this-way", sentence, {"Allow": told}))
