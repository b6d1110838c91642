"""How the API says no: ``application/problem+json`` (RFC 9457), one sentence for a person, a word for a program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ExceptionHandler

from channels.email.addresses import BadAddress
from channels.email.headers import UnsafeHeader
from channels.errors import ChannelError
from db.deliveries import NoDelivery
from db.errors import NotThere
from db.session import GroundLost
from desk.cli.moments import NotATime
from desk.web.answers import SlowBody
from scheduler.intake.errors import IntakeError
from scheduler.newsroom.grounds import Refused
from scheduler.people.actor import NotAllowed
from scheduler.readership import NotWanted
from scheduler.subscriber_file import ImportRefused

TYPE = "application/problem+json"


class Problem(Exception):
    """A request that is answered with a problem: its HTTP status, its word, its sentence."""

    def __init__(self, status: int, word: str, sentence: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status, self.word, self.sentence, self.headers = status, word, sentence, dict(headers or {})


def problem_of(fault: Exception) -> Problem | None:
    """The problem that an exception of ours is to whoever called; None for a fault of our own."""
    match fault:
        case Problem():
            return fault
        case NotThere() | NoDelivery():
            return Problem(404, "not-there", str(fault))
        case NotAllowed():
            return Problem(403, "not-allowed", str(fault))
        case Refused() | NotWanted() | ChannelError():
            return Problem(409, "refused", str(fault))
        case NotATime() | IntakeError() | BadAddress() | UnsafeHeader() | ImportRefused():
            return Problem(422, "not-understood", str(fault))
        case RequestValidationError():
            return Problem(422, "not-understood", _told(fault.errors()))
        case GroundLost():
            sentence = "Pressrun's database is away for now: try again in a few minutes."
            return Problem(503, "database-away", sentence, {"Retry-After": "300"})
        case SlowBody():
            return Problem(408, "too-slow", str(fault))
        case HTTPException():
            return _of_status(fault)
    return None


def answer(problem: Problem) -> JSONResponse:
    """The problem as it goes out."""
    body = {"type": f"about:blank#{problem.word}", "title": problem.word, "status": problem.status}
    body["detail"] = problem.sentence
    return JSONResponse(body, status_code=problem.status, headers=problem.headers, media_type=TYPE)


async def _handle(request: Request, fault: Exception) -> JSONResponse:
    problem = problem_of(fault)
    if problem is None:
        problem = Problem(500, "own-fault", "Pressrun met a fault of its own; those who run it have been told.")
    return answer(problem)


HANDLERS: dict[type[Exception], ExceptionHandler] = dict.fromkeys(
    (
        Problem,
        NotThere,
        NoDelivery,
        NotAllowed,
        Refused,
        NotWanted,
        ChannelError,
        BadAddress,
        UnsafeHeader,
        ImportRefused,
        NotATime,
        IntakeError,
        RequestValidationError,
        GroundLost,
        SlowBody,
        HTTPException,
        Exception,
    ),
    _handle,
)
"""Who answers for which exception of a call."""


def _told(errors: Any) -> str:
    said = [f"{'.'.join(str(step) for step in one['loc'])}: {one['msg']}" for one in errors]
    return "; ".join(said[:5]) + ("; and more" if len(said) > 5 else "")


def _of_status(fault: HTTPException) -> Problem:
    words = {
        400: ("not-understood", "The body cannot be read as JSON: it is broken off, or nested too deep."),
        404: ("nothing-here", "There is nothing at this address; see /api/v1/openapi.json for what there is."),
    }
    word, sentence = words.get(fault.status_code, ("refused", "This cannot be done."))
    return Problem(fault.status_code, word, sentence, fault.headers)
