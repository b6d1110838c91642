"""Audit: who did what, to which thing, why, and what was there before; searchable, by pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from db import audit
from desk.cli.moments import NotATime, Times
from desk.web.door.visitor import Visitor, may
from desk.web.pages.page import Page
from scheduler.people.roles import Permission

routes = APIRouter()
Auditor = Annotated[Visitor, Depends(may(Permission.AUDIT))]
ROWS = 50
SHORT = 160
"""So many signs of what was there before and after are shown at once; more unfolds."""


@routes.get("/audit")
def rows(
    visitor: Auditor,
    who: str = "",
    what: str = "",
    text: str = "",
    since: str = "",
    until: str = "",
    before: str = "",
) -> Response:
    """What was done, the last first. ``text`` is words that subject, reason, or what was before or after hold.

    What of ``since`` and ``until`` is no moment is told beside its field, and the rest holds.
    """
    mark = int(before) if before.isdecimal() and len(before) < 18 else None
    kept = {"who": who, "what": what, "text": text, "since": since, "until": until}
    began, ends, faults = None, None, dict[str, str]()
    try:
        began = _moment(visitor, since)
    except NotATime as fault:
        faults["since"] = str(fault)
    try:
        ends = _moment(visitor, until)
    except NotATime as fault:
        faults["until"] = str(fault)
    with visitor.app.ground.reading() as tx:
        found = audit.rows(
            tx,
            actor=who or None,
            verb=what or None,
            text=text,
            since=began,
            until=ends,
            limit=ROWS + 1,
            before_id=mark,
        )
        actors, verbs = audit.actors(tx), audit.verbs(tx)
    asked = {name: value for name, value in kept.items() if value}
    further = found[ROWS - 1].id if len(found) > ROWS else None
    return visitor.page(
        "audit.html",
        {
            **kept,
            "rows": [(row, page_of(row.subject, visitor.may)) for row in found[:ROWS]],
            "faults": faults,
            "short": SHORT,
            "actors": actors,
            "verbs": verbs,
            "asked": bool(asked),
            "first": f"/audit?{urlencode(asked)}" if mark is not None else "",
            "next": f"/audit?{urlencode({**asked, 'before': further})}" if further is not None else "",
        },
        status=422 if faults else 200,
    )


def page_of(subject: str, may: Callable[[Permission], bool]) -> str:
    """Where the thing itself is shown, "" where the desk has no page for it, or none that this person may open."""
    found = _SUBJECT.fullmatch(subject)
    if found is None:
        return ""
    path, permission = _PAGES[found["kind"]]
    number = found["number"]
    if not may(permission) or (number is None and "{}" in path):
        return ""
    return path.format(number)


_SUBJECT = re.compile(
    r"(?P<kind>story|delivery|issue|import|subscriber|channel|webhook|person|suppression)[ -]"
    r"(?:(?P<number>[0-9]{1,18})(?: (?:on|of) .*)?|.*)",
    re.DOTALL,
)
_PAGES = {
    "story": ("/story/{}", Permission.READ),
    "delivery": ("/log/{}", Permission.READ),
    "issue": ("/newsletters/issues/{}", Permission.READ),
    "import": ("/newsletters/imports/{}", Permission.READERS),
    "subscriber": ("/newsletters/subscribers/{}", Permission.READERS),
    "suppression": ("/newsletters/suppressions", Permission.READERS),
    "channel": ("/channels", Permission.READ),
    "webhook": ("/webhooks", Permission.READ),
    "person": ("/people", Permission.PEOPLE),
}


def _moment(visitor: Visitor, said: str) -> datetime | None:
    """The moment that a field names; None where it is empty. Raises ``NotATime``."""
    return Times(visitor.times.zone, visitor.times.now).read(said, past=True).at if said.strip() else None


PAGE = Page("audit", "/audit", Permission.AUDIT, routes, icon="audit")
