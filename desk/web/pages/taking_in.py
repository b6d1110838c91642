"""Imports: a file of subscribers with the newsroom's statement of their consent, how far it is, what was refused."""

from __future__ import annotations

import csv
from typing import Any

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response
from starlette.datastructures import UploadFile

from db import imports, subscribers
from db.errors import NotThere
from db.imports import Import, ImportState
from desk.web.door.visitor import Visitor
from desk.web.pages.newsletters import Keeper
from desk.web.pages.page import Page
from desk.web.pages.readers import statement_of
from scheduler.app import App
from scheduler.importing import broken_off, refused_file, start_import
from scheduler.people.roles import Permission
from scheduler.public_lists import public_lists
from scheduler.subscriber_file import ImportRefused
from templates.charts import shares

routes = APIRouter()
ROWS, SHOWN = 30, 50
HOME = "/newsletters/imports"
PARTS = ("added", "already", "suppressed", "refused")


@routes.get("/newsletters/imports")
def every_import(visitor: Keeper) -> Response:
    """The form, and the imports there were."""
    return _page(visitor)


@routes.post("/newsletters/imports")
def take_in(visitor: Keeper) -> Response:
    """Begins an import; its page tells how far it is."""
    given = {name: str(visitor.form.get(name, "")).strip() for name in ("list", "source", "day", "wording")}
    file = visitor.form.get("file")
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            raise ImportRefused("Choose a CSV file with a column email.", "file")
        content = file.file.read()
        begun = start_import(
            visitor.app, given["list"], file.filename, content, statement_of(given), actor=visitor.actor
        )
    except ImportRefused as fault:
        return _page(visitor, given=given, wrong=str(fault), about=fault.about, status=422)
    return visitor.go(f"{HOME}/{begun.number}")


@routes.get("/newsletters/imports/{number:int}")
def one_import(visitor: Keeper, number: int) -> Response:
    """How far an import is, and which rows it did not take."""
    with visitor.app.ground.reading() as tx:
        one = imports.get(tx, number)
    values = {
        "one": one,
        "broken": broken_off(one, visitor.times.now),
        "running": one.state is ImportState.RUNNING and not broken_off(one, visitor.times.now),
        "done_share": 100 * one.numbers.line // max(one.numbers.lines, 1),
        "PARTS": PARTS,
        "bar": shares([getattr(one.numbers, name) for name in PARTS]),
        "refused": _refused(visitor.app, one),
        "file_there": refused_file(visitor.app, number).exists(),
    }
    return visitor.page("import.html", values)


@routes.get("/newsletters/imports/{number:int}/refused.csv")
def refused(visitor: Keeper, number: int) -> Response:
    """The rows that were not taken, each with its line and reason."""
    file = refused_file(visitor.app, number)
    if not file.exists():
        raise NotThere(f"import {number} refused no row, or there is no such import")
    return FileResponse(
        file,
        media_type="text/csv; charset=utf-8",
        filename=f"import-{number}-refused.csv",
        headers={"Cache-Control": "no-store"},
    )


def _page(
    visitor: Visitor, *, given: dict[str, str] | None = None, wrong: str = "", about: str = "", status: int = 200
) -> Response:
    before, again = (_number(visitor, name) for name in ("before", "again"))
    with visitor.app.ground.reading() as tx:
        found = imports.page_of(tx, before=before, limit=ROWS + 1)
        names = sorted({*subscribers.list_names(tx), *public_lists(visitor.app.settings)})
        if given is None and again is not None:
            given = _as_said(imports.get(tx, again))
    more, found = len(found) > ROWS, found[:ROWS]
    values: dict[str, Any] = {
        "rows": found,
        "standings": {one.id: _standing(one, visitor) for one in found},
        "names": names,
        "given": given or {},
        "wrong": wrong,
        "about": about,
        "today": visitor.times.today,
        "next": f"{HOME}?before={found[-1].id}" if more else "",
        "first": HOME if before is not None else "",
    }
    return visitor.page("imports.html", values, status=status)


def _standing(one: Import, visitor: Visitor) -> str:
    """An import's state, or ``broken`` where nobody works on it any more."""
    return "broken" if broken_off(one, visitor.times.now) else one.state.value


def _as_said(one: Import) -> dict[str, str]:
    """The form as it was filled for an import, to take its file in once more."""
    return {"list": one.list_name, "source": one.source, "day": one.day.isoformat(), "wording": one.wording}


def _number(visitor: Visitor, name: str) -> int | None:
    text = visitor.request.query_params.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _refused(app: App, one: Import) -> list[tuple[str, str]]:
    """The first rows that were not taken."""
    file = refused_file(app, one.id)
    if not file.exists():
        return []
    with file.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines)
        next(rows, None)
        return [(row[0], row[1]) for row, _ in zip(rows, range(SHOWN), strict=False) if len(row) == 2]


PAGE = Page("imports", HOME, Permission.READERS, routes, in_menu=False)
