"""The control of a rehearsal over HTTP: order faults, read what was published, change rules, begin anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from urllib.parse import urlsplit

from channels.rehearsal import published
from channels.rehearsal.catalogue import CATALOGUE
from channels.rehearsal.exchange import Answer, BadBody, Request, json_answer
from channels.rehearsal.faults import PLATFORMS, BadFault, FaultBook, as_json, fault_from
from channels.rehearsal.published import Published
from channels.rehearsal.requests_log import asked
from channels.rehearsal.rules import BadRules, Rules
from channels.rehearsal.rules_kept import RulesKept
from channels.rehearsal.store import Store


def answer(store: Store, rules: RulesKept, book: FaultBook, home: str, request: Request) -> Answer:
    """What the control answers; errors are ``{"error": sentence}`` with 400, 403, 404, 405 or 415."""
    if request.method in ("POST", "DELETE", "PUT", "PATCH"):
        refused = _foreign(request, home)
        if refused is not None:
            return refused
    calls: dict[tuple[str, str], Callable[[], object]] = {
        ("GET", "health"): lambda: {"rehearsal": True, "store": store.fact("store id")},
        ("GET", "catalogue"): lambda: {
            name: {"what": entry.what, "platforms": entry.platforms, "arguments": dict(entry.arguments)}
            for name, entry in CATALOGUE.items()
        },
        ("GET", "faults"): lambda: [as_json(fault) for fault in book.waiting()],
        ("POST", "faults"): lambda: _order(book, request),
        ("DELETE", "faults"): lambda: _clear(book),
        ("GET", "published"): lambda: {
            platform: [_shape(post) for post in published.everything(store, platform)] for platform in PLATFORMS
        },
        ("GET", "requests"): lambda: [_plain(asdict(one)) for one in asked(store)],
        ("GET", "rules"): lambda: asdict(rules.get()),
        ("POST", "rules"): lambda: _change(rules, request),
        ("POST", "reset"): lambda: _reset(store, book),
    }
    name = request.path.removeprefix("/rehearsal/")
    call = calls.get((request.method, name))
    if call is None:
        verbs = [verb for verb, known in calls if known == name]
        if verbs:
            return json_answer({"error": f"Use {' or '.join(verbs)} for /rehearsal/{name}."}, 405)
        there = ", ".join(sorted({known for _, known in calls}))
        return json_answer({"error": f"There is no /rehearsal/{name}; there are {there}."}, 404)
    try:
        return json_answer(call())
    except (BadFault, BadRules, BadBody) as error:
        return json_answer({"error": str(error)}, 400)


def _foreign(request: Request, home: str) -> Answer | None:
    """The refusal of a change that a web page of another site may have asked for."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        return json_answer({"error": "A change must not come from a page of another site."}, 403)
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return json_answer({"error": "A change must not come from a page of another site."}, 403)
    if request.body and request.content_type != "application/json":
        return json_answer({"error": "Send JSON, with the header Content-Type: application/json."}, 415)
    return None


def _order(book: FaultBook, request: Request) -> object:
    value = request.json()
    faults = [fault_from(one) for one in (value if isinstance(value, list) else [value])]
    book.add(*faults)
    return {"waiting": len(book.waiting())}


def _clear(book: FaultBook) -> object:
    book.clear()
    return {"waiting": 0}


def _change(rules: RulesKept, request: Request) -> object:
    value = request.json()
    if not isinstance(value, dict):
        raise BadRules("The rules must be a JSON object with x, graph or smtp.")
    rules.set(rules.get().changed(value))
    return asdict(rules.get())


def _reset(store: Store, book: FaultBook) -> object:
    book.clear()
    store.empty()
    return {"reset": True, "rules": asdict(Rules())}


def _plain(values: dict[str, object]) -> dict[str, object]:
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in values.items()}


def _shape(post: Published) -> dict[str, object]:
    """A record as JSON; a mail's raw bytes are left to ``/mail/<id>/raw``."""
    shape = _plain(asdict(post))
    shape.pop("raw")
    return {**shape, "deleted": post.deleted}
