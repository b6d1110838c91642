"""The character NUL (U+0000), which no database keeps and no reader sees: a call that holds one is refused."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote_to_bytes

from starlette.requests import Request

from desk.web.api.problems import Problem

_WRITTEN = b"\\u0000"
_SENTENCE = "{where}: an invisible NUL character (U+0000) stands in it; take it out."


def check_no_nul(request: Request) -> None:
    """Raises ``Problem`` for a NUL in the address or in its query."""
    for where, text in (("path", request.scope["path"].encode()), ("query", request.scope["query_string"])):
        if b"\0" in unquote_to_bytes(text):
            raise _problem(where)


def check_no_nul_in(body: bytes) -> None:
    """Raises ``Problem`` for a NUL in a text of a JSON body; what is no JSON is refused elsewhere."""
    if _WRITTEN not in body:
        return
    try:
        holds = _holds_nul(json.loads(body))
    except (ValueError, RecursionError):
        return
    if holds:
        raise _problem("body")


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_holds_nul(one) for pair in value.items() for one in pair)
    return isinstance(value, list) and any(map(_holds_nul, value))


def _problem(where: str) -> Problem:
    return Problem(422, "not-understood", _SENTENCE.format(where=where))
