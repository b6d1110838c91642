"""Suppressions: the standing orders not to write, which stand over an address, laying and lifting them with a reason."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from channels.email.addresses import BadAddress, parse_address
from db import subscribers, suppressions
from db.suppressions import CAUSES, Suppression
from desk.web.door.visitor import Visitor
from desk.web.pages.figures import order_counts
from desk.web.pages.newsletters import Keeper
from desk.web.pages.page import Page
from scheduler import readership
from scheduler.people.roles import Permission
from scheduler.public_lists import public_lists
from scheduler.readership import NotWanted, orders_over

routes = APIRouter()
ROWS = 50
HOME = "/newsletters/suppressions"


@routes.get("/newsletters/suppressions")
def standing(visitor: Keeper) -> Response:
    """The orders that stand, newest first; with an address those over it."""
    return _page(visitor)


@routes.post("/newsletters/suppressions")
def lay(visitor: Keeper) -> Response:
    """Lays an order not to write to an address, known or not."""
    given = {name: _field(visitor, name) for name in ("address", "list", "why")}
    try:
        laid = readership.suppress(
            visitor.app, given["address"], given["list"], actor=visitor.actor, reason=given["why"]
        )
    except (BadAddress, NotWanted) as fault:
        return _page(visitor, given=given, wrong=str(fault), about=_about("lay", fault), status=422)
    return visitor.go(HOME, done="order_laid" if laid else "order_stood")


@routes.post("/newsletters/suppressions/lift")
def lift(visitor: Keeper) -> Response:
    """Lifts the orders over an address, of one list or all, with a reason."""
    given = {name: _field(visitor, name) for name in ("address", "list", "why")}
    on = None if given["list"] == "*" else given["list"]
    try:
        gone = readership.lift(visitor.app, given["address"], on, actor=visitor.actor, reason=given["why"])
    except (BadAddress, NotWanted) as fault:
        return _page(visitor, lifting=given, wrong=str(fault), about=_about("lift", fault), status=422)
    return visitor.go(HOME, done="order_lifted" if gone else "order_none", n=len(gone))


def _page(
    visitor: Visitor,
    *,
    given: dict[str, str] | None = None,
    lifting: dict[str, str] | None = None,
    wrong: str = "",
    about: str = "",
    status: int = 200,
) -> Response:
    asked = visitor.request.query_params
    address, cause, below = asked.get("address", "").strip(), asked.get("cause", ""), asked.get("before", "")
    cause = cause if cause in CAUSES else ""
    before = int(below) if below.isdecimal() and len(below) < 19 else None
    unread, more = "", False
    with visitor.app.ground.reading() as tx:
        names = sorted({*subscribers.list_names(tx), *public_lists(visitor.app.settings)})
        rows: list[Suppression] = []
        if address:
            try:
                rows = orders_over(visitor.app, tx, parse_address(address))
            except BadAddress as fault:
                unread = str(fault)
        else:
            rows = suppressions.page_of(tx, cause=cause, before=before, limit=ROWS + 1)
            more, rows = len(rows) > ROWS, rows[:ROWS]

    def at(**changes: str) -> str:
        kept = {"cause": cause, **changes}
        return f"{HOME}?{urlencode({name: one for name, one in kept.items() if one})}"

    counts = order_counts(visitor)
    values: dict[str, Any] = {
        "rows": rows,
        "over": address,
        "unread": unread,
        "cause": cause,
        "causes": CAUSES,
        "counts": counts,
        "names": names,
        "next": at(before=str(rows[-1].id)) if more else "",
        "first": at() if before is not None else "",
        "given": given or {},
        "lifting": lifting or {},
        "wrong": wrong,
        "about": about,
        "all": counts.get(cause, 0) if cause else sum(counts.values()),
    }
    return visitor.page("suppressions.html", values, status=status)


def _about(form: str, fault: BadAddress | NotWanted) -> str:
    """The field that has to be mended: an address that is none, or the reason that is missing."""
    return f"{form}-address" if isinstance(fault, BadAddress) else f"{form}-why"


def _field(visitor: Visitor, name: str) -> str:
    return str(visitor.form.get(name, "")).strip()


PAGE = Page("suppressions", HOME, Permission.READERS, routes, in_menu=False)
