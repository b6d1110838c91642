"""Eight classes of fault, each with the faults that belong to it, for tests that enumerate bad days.

What the classes have in common is what a caller may conclude, whichever platform and fault it is. The faults of
a class are orders for ``FaultBook.add``; ``draw`` picks one by a seeded random number generator.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from enum import StrEnum

from channels.rehearsal.catalogue import CATALOGUE, Wire
from channels.rehearsal.faults import Fault
from channels.rehearsal.graph_answers import EVERY_CODE


class FaultClass(StrEnum):
    """What happened to the call, as one who sees everything would say it."""

    LOST_BEFORE = "lost before landing"  # no clear answer, and nothing is out
    LOST_AFTER = "lost after landing"  # no clear answer, and it is out
    REFUSED = "refused"
    REFUSED_LANDED = "refused but landed"  # the answer says no, and it is out
    RATE_LIMITED = "rate limited"
    UNREACHABLE = "unreachable"  # nobody listens
    RUBBISH = "rubbish answer"  # a success that cannot be read; out or not
    HANG = "hang"  # no answer within any deadline; out or not


_STATUSES = tuple(f"{status}-{form}" for status in (500, 502, 503, 504) for form in ("json", "html", "empty"))
_LOST = ("reset", "closed", "body-cut", "error-no-error", *_STATUSES)
_RUBBISH = (
    *(name for name in CATALOGUE if name.startswith("ok-")),
    "json-cut",
    "no-content-type",
    "text-javascript",
    "moved",
)
_X_LIMITS = tuple(name for name in CATALOGUE if name.startswith(("x-429", "x-usage-capped", "429-")))
_X_REFUSALS = tuple(
    name
    for name, entry in CATALOGUE.items()
    if name.startswith("x-") and entry.wire is Wire.ANSWER and name not in _X_LIMITS and name != "x-duplicate"
)
_GRAPH_LIMITS = (4, 17, 32, 341, 613, 80001)
_GRAPH_UNCLEAR = (1, 2)
_HANGS = ("hang", "drip")


def _http(platform: str, names: tuple[str, ...], *whens: str) -> tuple[Fault, ...]:
    return tuple(Fault(platform, "send", name, when) for name in names for when in whens)


def _graph(codes: tuple[int, ...], when: str, *, without: bool = False) -> tuple[Fault, ...]:
    return tuple(
        Fault("facebook", "send", "graph", when, arguments={"code": code, "subcode": subcode or 0})
        for code, subcode in EVERY_CODE
        if (code in codes) is not without
    )


def _mail(names: tuple[str, ...], stages: tuple[str, ...], *whens: str) -> tuple[Fault, ...]:
    return tuple(Fault("email", stage, name, when) for name in names for stage in stages for when in whens)


_STAGES = ("mail", "rcpt", "data", "dot")
_SMTP_REFUSALS = ("smtp-550", "smtp-550-policy", "smtp-552", "smtp-554", "smtp-451", "smtp-452")
_SMTP_FINAL = ("smtp-550", "smtp-552")  # what is taken and put off is sent again by every mail program there is
_SMTP_LIMITS = ("smtp-421", "smtp-450", "smtp-451-rate")
_NO_DUPLICATE = (506, *_GRAPH_LIMITS, *_GRAPH_UNCLEAR)

CLASSES: Mapping[FaultClass, Mapping[str, tuple[Fault, ...]]] = {
    FaultClass.LOST_BEFORE: {
        "x": _http("x", _LOST, "before"),
        "facebook": _http("facebook", _LOST, "before") + _graph(_GRAPH_UNCLEAR, "before"),
        "email": _mail(("reset", "closed"), ("connect", "ehlo", *_STAGES), "before"),
    },
    FaultClass.LOST_AFTER: {
        "x": _http("x", _LOST, "after"),
        "facebook": _http("facebook", _LOST, "after") + _graph(_GRAPH_UNCLEAR, "after"),
        "email": _mail(("reset", "closed"), ("dot",), "after"),
    },
    FaultClass.REFUSED: {
        "x": _http("x", _X_REFUSALS, "before"),
        "facebook": _graph(_NO_DUPLICATE, "before", without=True),
        "email": _mail(_SMTP_REFUSALS, _STAGES, "before"),
    },
    FaultClass.REFUSED_LANDED: {
        "x": _http("x", ("x-duplicate", *_X_REFUSALS, *_X_LIMITS), "after"),
        "facebook": _graph(_GRAPH_UNCLEAR, "after", without=True),
        "email": _mail(_SMTP_FINAL, ("dot",), "after"),
    },
    FaultClass.RATE_LIMITED: {
        "x": _http("x", _X_LIMITS, "before"),
        "facebook": _graph(_GRAPH_LIMITS, "before")
        + _http("facebook", ("graph-limit", "429-retry-after", "429-empty"), "before"),
        "email": _mail(_SMTP_LIMITS, ("connect", *_STAGES), "before"),
    },
    FaultClass.UNREACHABLE: {
        platform: (Fault(platform, "any", "unplugged", arguments={"seconds": 0.3}),)
        for platform in ("x", "facebook", "email")
    },
    FaultClass.RUBBISH: {
        "x": _http("x", _RUBBISH, "before", "after"),
        "facebook": _http("facebook", _RUBBISH, "before", "after"),
        "email": _mail(("smtp-garbage",), ("dot",), "before", "after"),
    },
    FaultClass.HANG: {
        "x": _http("x", _HANGS, "before", "after"),
        "facebook": _http("facebook", _HANGS, "before", "after"),
        "email": _mail(_HANGS, ("connect", *_STAGES), "before") + _mail(_HANGS, ("dot",), "after"),
    },
}
"""Class, then platform, then the faults that belong to it."""


def draw(kind: FaultClass, platform: str, chance: random.Random) -> Fault:
    """One fault of the class; the same seed draws the same."""
    return chance.choice(CLASSES[kind][platform])
