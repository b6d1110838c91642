"""Audit: who did what, to which thing, why, and what was there before; searchable, by pages."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from db import audit
from desk.web.door.visitor import Visitor, may
from desk.web.pages.page import Page
from scheduler.people.roles import Permission

routes = APIRouter()
Auditor = Annotated[Visitor, Depends(may(Permission.AUDIT))]
ROWS = 50


@routes.get("/audit")
def rows(visitor: Auditor, who: str = "", what: str = "", text: str = "", before: str = "") -> Response:
    """What was done, the last first. ``text`` is words that subject, reason, or what was before or after hold."""
    mark = int(before) if before.isdecimal() and len(before) < 18 else None
    with visitor.app.ground.reading() as tx:
        found = audit.rows(tx, actor=who or None, verb=what or None, text=text, limit=ROWS + 1, before_id=mark)
        actors, verbs = audit.actors(tx), audit.verbs(tx)
    kept = {"who": who, "what": what, "text": text}
    asked = {name: value for name, value in kept.items() if value}
    further = found[ROWS - 1].id if len(found) > ROWS else None
    return visitor.page(
        "audit.html",
        {
            **kept,
            "rows": [(row, _link(row.subject)) for row in found[:ROWS]],
            "actors": actors,
            "verbs": verbs,
            "asked": bool(asked),
            "first": f"/audit?{urlencode(asked)}" if mark is not None else "",
            "next": f"/audit?{urlencode({**asked, 'before': further})}" if further is not None else "",
        },
    )


def _link(subject: str) -> str:
    """Where the thing itself is shown, "" where the desk has no page for it."""
    kind, _, number = subject.partition(" ")
    if number.isdecimal():
        return {"story": f"/stories/{number}", "delivery": f"/log/{number}"}.get(kind, "")
    return ""


PAGE = Page("audit", "/audit", Permission.AUDIT, routes, icon="audit")
