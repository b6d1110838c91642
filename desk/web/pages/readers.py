"""Subscribers: who is on which list, one reader's whole story, adding and removing one, erasing one on request."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from channels.email.addresses import BadAddress
from channels.email.headers import UnsafeHeader
from db import readers, subscribers
from db.errors import NotThere
from db.readers import Subscription
from db.subscribers import Tie
from desk.web.door.visitor import Visitor
from desk.web.pages.figures import TIES, list_counts
from desk.web.pages.newsletters import Keeper
from desk.web.pages.page import Page
from scheduler import readership
from scheduler.newsroom.grounds import Refused
from scheduler.people.roles import Permission
from scheduler.public_lists import public_lists
from scheduler.reader_story import reader_story
from scheduler.readership import NotWanted
from scheduler.subscriber_file import ImportRefused
from scheduler.subscribing import Statement

routes = APIRouter()
ROWS = 50
HOME = "/newsletters/subscribers"


@routes.get("/newsletters/subscribers")
def everybody(visitor: Keeper) -> Response:
    """Readers by pages: of one list or all, by where they stand; by a whole address, its beginning, or @domain."""
    return _page(visitor)


@routes.post("/newsletters/subscribers")
def add(visitor: Keeper) -> Response:
    """Adds one reader: asked by letter, or at once with a statement of consent."""
    given = {name: _field(visitor, name) for name in ("list", "address", "name", "source", "day", "wording")}
    try:
        statement = statement_of(given) if any(given[name] for name in ("source", "day", "wording")) else None
        added = readership.add_reader(
            visitor.app, given["list"], given["address"], given["name"], statement, actor=visitor.actor
        )
    except (BadAddress, UnsafeHeader, ImportRefused) as fault:
        about = (
            fault.about if isinstance(fault, ImportRefused) else "address" if isinstance(fault, BadAddress) else "name"
        )
        return _page(visitor, given=given, wrong=str(fault), about=about, status=422)
    except NotWanted as fault:
        return _page(visitor, given=given, wrong=str(fault), status=409)
    return visitor.go(f"{HOME}/{added.subscriber_id}", done=f"reader_{added.how}")


@routes.get("/newsletters/subscribers/{number:int}")
def one_reader(visitor: Keeper, number: int) -> Response:
    """Did this reader get it, and why not: consent, letters, each issue with its outcome, orders not to write."""
    address = _address(visitor, number)
    story = reader_story(visitor.app, address)
    return visitor.page("reader.html", {"story": story, "number": number, "ties": Tie})


@routes.post("/newsletters/subscribers/{number:int}/remove")
def remove(visitor: Keeper, number: int) -> Response:
    """Ends a subscription for good, as if they had pressed the button themselves."""
    address, why = _address(visitor, number), _field(visitor, "why")
    readership.remove_reader(visitor.app, _field(visitor, "list"), address, actor=visitor.actor, reason=why)
    return visitor.go(f"{HOME}/{number}", done="reader_removed")


@routes.post("/newsletters/subscribers/{number:int}/erase")
def erase(visitor: Keeper, number: int) -> Response:
    """Erases a reader on request. Their address is written once more, so that nobody is erased by a slip."""
    address = _address(visitor, number)
    if _field(visitor, "again").casefold() != address.casefold():
        raise Refused("Nobody was erased: write the reader's address once more, exactly as it stands there.")
    why = _field(visitor, "why")
    if not why:
        raise Refused("Nobody was erased: say on what request, since erasing cannot be undone.")
    readership.erase_reader(visitor.app, address, actor=visitor.actor, reason=why)
    return visitor.go(HOME, done="reader_erased")


def statement_of(given: dict[str, str]) -> Statement:
    """The newsroom's word on consent, from a form's fields. Raises ``ImportRefused`` for a day that is none."""
    try:
        day = date.fromisoformat(given["day"])
    except ValueError:
        raise ImportRefused("Say on which day they consented, as 2026-09-21.", "day") from None
    return Statement(given["source"], day, given["wording"])


def _page(
    visitor: Visitor, *, given: dict[str, str] | None = None, wrong: str = "", about: str = "", status: int = 200
) -> Response:
    asked = visitor.request.query_params
    find, on, state = asked.get("find", "").strip(), asked.get("list", ""), asked.get("state", "")
    if "@" in find[1:]:
        found = _by_address(visitor, find)
        if found is not None:
            return visitor.go(f"{HOME}/{found}")
    tie = Tie(state) if state in set(Tie) else None
    rows, mark = _rows(visitor, find, on, tie, asked.get("after", ""))

    def address(after: str = "") -> str:
        kept = {"find": find, "list": on, "state": state, "after": after}
        return f"{HOME}?{urlencode({name: one for name, one in kept.items() if one})}"

    with visitor.app.ground.reading() as tx:
        names = sorted({*subscribers.list_names(tx), *public_lists(visitor.app.settings)})
    values: dict[str, Any] = {
        "rows": rows,
        "find": find,
        "on": on,
        "state": state,
        "names": names,
        "ties": TIES,
        "counts": _counts(visitor, on),
        "next": address(mark) if mark else "",
        "first": address() if asked.get("after") else "",
        "given": given or {},
        "wrong": wrong,
        "about": about,
    }
    return visitor.page("subscribers.html", values, status=status)


def _counts(visitor: Visitor, on: str) -> dict[Tie, int]:
    """How many subscriptions stand where, of one list or of all."""
    found = [one for one in list_counts(visitor) if on in ("", one.name)]
    return {tie: sum(getattr(one, tie.value) for one in found) for tie in TIES}


def _rows(visitor: Visitor, find: str, on: str, tie: Tie | None, after: str) -> tuple[list[Subscription], str]:
    """One page, and the mark that the next one begins behind, "" for none."""
    with visitor.app.ground.reading() as tx:
        if find.startswith("@"):
            found, mark = readers.at_domain(tx, find[1:], list_name=on, tie=tie, after=_mark(after), limit=ROWS)
            return found, f"{mark[0]}.{mark[1]}" if mark is not None else ""
        if find:
            key, _, at = after.rpartition(".")
            began = (key, int(at)) if at.isdecimal() and len(at) < 19 else ("", 0)
            found = readers.beginning(tx, find, list_name=on, tie=tie, after=began, limit=ROWS + 1)
            more, found = len(found) > ROWS, found[:ROWS]
            return found, f"{found[-1].address_key}.{found[-1].list_id}" if more else ""
        found = readers.page_of(tx, list_name=on, tie=tie, after=_mark(after), limit=ROWS + 1)
        more, found = len(found) > ROWS, found[:ROWS]
        return found, f"{found[-1].subscriber.id}.{found[-1].list_id}" if more else ""


def _mark(text: str) -> tuple[int, int]:
    """(person, list) of the last row seen; whatever cannot be read is the beginning."""
    person, _, at = text.partition(".")
    if person.isdecimal() and at.isdecimal() and max(len(person), len(at)) < 20:
        return int(person), min(int(at), 2**62)
    return 0, 0


def _by_address(visitor: Visitor, text: str) -> int | None:
    try:
        with visitor.app.ground.reading() as tx:
            return readership.known(tx, text).id
    except (BadAddress, NotThere):
        return None


def _address(visitor: Visitor, number: int) -> str:
    """The address of a reader. Raises ``NotThere`` for who was erased or never was."""
    with visitor.app.ground.reading() as tx:
        person = subscribers.get(tx, number)
    if person is None:
        raise NotThere(f"there is no reader {number}: they were erased, or never were")
    return person.address


def _field(visitor: Visitor, name: str) -> str:
    return str(visitor.form.get(name, "")).strip()


PAGE = Page("subscribers", HOME, Permission.READERS, routes, in_menu=False)
