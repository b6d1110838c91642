"""Newsletters: for each the next issue, the last one's numbers and how its list grows; and the lists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response, StreamingResponse

from db import audit, issues, subscribers
from db.records import Issue
from db.subscribers import Tie
from desk.cli.columns import csv_lines
from desk.web.door.visitor import Visitor, may
from desk.web.pages.figures import TIES, Growth, counts_of, growth_of, issue_bar, list_counts
from desk.web.pages.page import Page, Reader
from scheduler.ahead import IssueAhead, issues_ahead
from scheduler.exporting import HEADS, export_pages
from scheduler.issue_standing import IssueStanding, not_begun, standing_of
from scheduler.outlet import Outlet
from scheduler.people.roles import Permission
from scheduler.periodical import periodicals
from scheduler.public_lists import public_lists

routes = APIRouter()
Keeper = Annotated[Visitor, Depends(may(Permission.READERS))]
"""Who may see and change readers."""
ISSUES = 6
"""So many issues of a newsletter stand on the overview."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One newsletter on the overview. ``last`` is the newest issue whose audience is frozen, ``bar`` its parts."""

    outlet: Outlet
    ahead: tuple[IssueAhead, ...]
    waits: Issue | None
    standings: tuple[IssueStanding, ...]
    last: IssueStanding | None
    bar: list[tuple[float, float]]
    growth: Growth


@routes.get("/newsletters")
def newsletters(visitor: Reader) -> Response:
    """Every newsletter at a glance."""
    ahead = issues_ahead(visitor.app)
    shown = [_shown(visitor, one, ahead) for one in visitor.app.outlets.values() if one.letter is not None]
    return visitor.page("newsletters.html", {"shown": shown})


@routes.get("/newsletters/lists")
def lists(visitor: Reader) -> Response:
    """Every list: how many stand where, which newsletters it gets, how one joins it."""
    counts = {one.name: one for one in list_counts(visitor)}
    settings = visitor.app.settings
    letters: dict[str, list[tuple[str, str]]] = {}
    for name, letter in periodicals(settings).items():
        letters.setdefault(letter.list_name, []).append((name, letter.title))
    public = public_lists(settings)
    names = sorted({*counts, *letters})
    values = {
        "rows": [(name, counts.get(name), letters.get(name, []), public.get(name)) for name in names],
        "readers": settings.readers,
        "public_url": settings.newsroom.public_url.rstrip("/"),
        "ties": TIES,
    }
    return visitor.page("lists.html", values)


@routes.get("/newsletters/lists/{name}/export.csv")
def export(visitor: Keeper, name: str, state: str = "") -> Response:
    """A list's readers as a spreadsheet, which can be imported again. Who took it stands in the audit."""
    tie = Tie(state) if state in set(Tie) else None
    with visitor.app.ground.transaction() as tx:
        subscribers.list_id(tx, name)
        audit.write(tx, "export", f"list {name}", actor=visitor.actor, now=visitor.times.now, after=state)

    def lines() -> Iterator[str]:
        yield csv_lines(HEADS, [])
        for page in export_pages(visitor.app.ground, list_name=name, tie=tie):
            yield csv_lines(HEADS, page, first=False)

    headers = {"Content-Disposition": 'attachment; filename="readers.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(lines(), media_type="text/csv; charset=utf-8", headers=headers)


def _shown(visitor: Visitor, outlet: Outlet, ahead: list[IssueAhead]) -> Shown:
    letter = outlet.letter
    assert letter is not None
    with visitor.app.ground.reading() as tx:
        recent = issues.newest(tx, outlet.mode, outlet.name, ISSUES)
        waits = not_begun(tx, outlet)
    counts = [counts_of(visitor, one.id) for one in recent]
    with visitor.app.ground.reading() as tx:
        standings = tuple(standing_of(tx, one, held, ()) for one, held in zip(recent, counts, strict=True))
    last = next((one for one in standings if one.frozen), None)
    return Shown(
        outlet=outlet,
        ahead=tuple(one for one in ahead if one.channel == outlet.name),
        waits=waits,
        standings=standings,
        last=last,
        bar=issue_bar(last.counts) if last is not None else [],
        growth=growth_of(visitor, letter.list_name),
    )


PAGE = Page("newsletters", "/newsletters", Permission.READ, routes, icon="newsletters")
