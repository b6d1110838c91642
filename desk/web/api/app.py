"""The API put together: its addresses, its problems, and its description for programs (OpenAPI)."""

from __future__ import annotations

from fastapi import FastAPI

from desk.web.api.acting import acting
from desk.web.api.newsletters import letters_act, letters_read
from desk.web.api.problems import HANDLERS
from desk.web.api.readers import readers_act, readers_read
from desk.web.api.reading import reading
from desk.web.api.webhooks import hearing, trying
from desk.web.door.door import Door

ROOT = "/api/v1"
ROOMS = (reading, letters_read, readers_read, hearing, acting, letters_act, readers_act, trying)
"""Every address there is, reads first."""


def api_app(door: Door) -> FastAPI:
    """The API as an application of its own, to be mounted at ``ROOT``. Its description lies at ``/openapi.json``."""
    api = FastAPI(
        title="Pressrun",
        version="1",
        description=(
            "The newsroom's verbs and its log. Every call carries a token (`Authorization: Bearer TOKEN`), every write "
            "an `Idempotency-Key`. Times are read in the newsroom's zone and written with their offset. What goes wrong "
            "is `application/problem+json`."
        ),
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
    )
    api.state.door = door
    for fault, handler in HANDLERS.items():
        api.add_exception_handler(fault, handler)
    for room in ROOMS:
        api.include_router(room)
    return api
