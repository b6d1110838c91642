"""The API's description for programs, completed: what holds for every address, said once.

FastAPI describes what each address takes and gives. This adds the key of a write, the ETag of a read, and every no
that an address may say, each in the form in which it really goes out. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import TypeAdapter

from desk.web.api.fields import KEY_PATTERN

Document = dict[str, Any]

PROBLEM: Document = {
    "type": "object",
    "title": "Problem",
    "description": "A no (RFC 9457): `title` is a word for programs, `detail` a sentence for people.",
    "required": ["type", "title", "status", "detail"],
    "additionalProperties": False,
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string", "pattern": "^[a-z]+(-[a-z]+)*$"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "minLength": 1},
    },
}
NOES: dict[int, str] = {
    400: "A write without its key.",
    401: "No token, or one that opens nothing.",
    403: "The token may not do this, or it came over an open line.",
    404: "There is no such thing.",
    408: "What was sent did not arrive in time: send it again.",
    409: "It may not be done now, and why; or a call under this key has no answer yet.",
    413: "More than is taken at once.",
    421: "This is not the address of this newsroom.",
    422: "A field, a moment or a story that cannot be read; or a key that belongs to another call.",
    500: "A fault of Pressrun's own.",
    503: "The database is away: come back after `Retry-After` seconds.",
}
"""What each status says."""
OF_READS = (401, 403, 404, 421, 422, 500, 503)
OF_WRITES = tuple(NOES)
_HEADERS: dict[int, dict[str, Document]] = {
    401: {"WWW-Authenticate": {"required": True, "schema": {"type": "string", "pattern": "^Bearer"}}},
    503: {"Retry-After": {"required": True, "schema": {"type": "integer", "minimum": 1}}},
}
_ETAG: Document = {
    "ETag": {
        "description": "Send it back as If-None-Match: 304 while nothing changed.",
        "required": True,
        "schema": {"type": "string", "pattern": '^"[0-9a-f]{24}"$'},
    }
}
_REPLAYED: Document = {
    "Idempotent-Replayed": {
        "description": "Here where this is the first call's answer given again.",
        "schema": {"type": "string", "enum": ["true"]},
    }
}
_KEY: Document = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "A text of your own, the same when you send the same call again: nothing is done twice.",
    "schema": {"type": "string", "pattern": KEY_PATTERN, "minLength": 1, "maxLength": 200},
}
_IF_NONE_MATCH: Document = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of the answer that you have.",
    "schema": {"type": "string"},
}


def complete(document: Document, gives: Mapping[tuple[str, str], Any]) -> Document:
    """The description with all of that in it, changed in place. ``gives``: the shape of each address's good answer.

    Raises ``ValueError`` for two different shapes of one name.
    """
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):  # FastAPI's own form of a no, which is never ours
        schemas.pop(unused, None)
    schemas["Problem"] = PROBLEM
    components["responses"] = {f"No{status}": _no(status) for status in NOES}
    components["parameters"] = {"IdempotencyKey": _KEY, "IfNoneMatch": _IF_NONE_MATCH}
    shapes = _shapes(schemas, gives)
    for path, verbs in document["paths"].items():
        for method, operation in verbs.items():
            _complete(operation, reads=method == "get")
            for good in [one for one in operation["responses"] if one.startswith("2")]:
                operation["responses"][good]["content"] = {"application/json": {"schema": shapes[path, method]}}
    return document


def _shapes(schemas: Document, gives: Mapping[tuple[str, str], Any]) -> dict[tuple[str, str], Document]:
    """Each address's shape; what they share is put among ``schemas``. A shape has exactly the keys it names."""
    asked: list[tuple[tuple[str, str], Literal["serialization"], TypeAdapter[Any]]] = [
        (key, "serialization", TypeAdapter(shape)) for key, shape in gives.items()
    ]
    found, told = TypeAdapter.json_schemas(asked, ref_template="#/components/schemas/{model}")
    for name, schema in told.get("$defs", {}).items():
        if schema.get("type") == "object":
            schema["additionalProperties"] = False
        if schemas.setdefault(name, schema) != schema:
            raise ValueError(f"two shapes of the API are called {name}")
    return {key: schema for (key, _), schema in found.items()}


def _complete(operation: Document, *, reads: bool) -> None:
    parameter = "IfNoneMatch" if reads else "IdempotencyKey"
    operation.setdefault("parameters", []).append({"$ref": f"#/components/parameters/{parameter}"})
    answers: Document = operation["responses"]
    for good in [one for one in answers if one.startswith("2")]:
        answers[good].setdefault("headers", {}).update(_ETAG if reads else _REPLAYED)
    if reads:
        answers["304"] = {"description": "You have exactly this answer.", "headers": _ETAG}
    own = {int(one) for one in answers if int(one) in NOES}  # a no that others of its kind never say
    for status in sorted({*own, *(OF_READS if reads else OF_WRITES)}):
        answers[str(status)] = {"$ref": f"#/components/responses/No{status}"}


def _no(status: int) -> Document:
    answer: Document = {
        "description": NOES[status],
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in _HEADERS:
        answer["headers"] = _HEADERS[status]
    return answer
