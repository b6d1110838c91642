"""What a program may read and do with lists, subscribers, suppressions and imports: addresses are for those who may."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from channels.email.addresses import parse_address
from db import imports, readers, subscribers, suppressions
from db.errors import NotThere
from db.imports import Import
from db.subscribers import Tie
from db.suppressions import Suppression
from desk.cli.reader_page import reader_form, tie_form
from desk.shapes.readers import ImportForm, SuppressionForm
from desk.web.api.acting import Asked, Because, Why
from desk.web.api.caller import Call, Keeping, Reading
from desk.web.api.fields import (
    Address,
    Before,
    Day,
    Demanded,
    Limit,
    ListName,
    ListNamed,
    Numbered,
    ReaderName,
    Words,
    kind,
)
from desk.web.api.gives import (
    AddedReader,
    Erased,
    Imports,
    LaidOrder,
    LeftList,
    LiftedOrders,
    Lists,
    OneReader,
    Readers,
    Suppressions,
)
from desk.web.api.problems import Problem
from desk.web.api.routes import ReadRoute, WriteRoute
from scheduler import readership
from scheduler.importing import broken_off, start_import
from scheduler.reader_story import reader_story
from scheduler.subscribing import Statement

readers_read = APIRouter(route_class=ReadRoute)
readers_act = APIRouter(route_class=WriteRoute)
Cause = Literal["unsubscribed", "hard bounce", "complaint", "by hand", "erased"]
Asking = Annotated[str, Query(max_length=400, json_schema_extra=kind("mail-address"))]


class Consent(Asked):
    """The newsroom's statement: where they subscribed, on which day, and what they were told."""

    source: Annotated[str, Field(min_length=1, max_length=1_000)]
    day: Day
    wording: Annotated[str, Field(min_length=1, max_length=5_000)]

    @property
    def statement(self) -> Statement:
        """As the verbs take it."""
        return Statement(self.source, self.day, self.wording)


class NewReader(Asked):
    """A reader to add: asked by letter, or at once with a statement of consent."""

    address: Address
    name: ReaderName = ""
    consent: Consent | None = None


class Leave(Why):
    """Which list a reader leaves."""

    list: ListName


class Suppress(Asked):
    """An order not to write; ``list`` empty: for all mail."""

    address: Address
    list: Annotated[str, Field(default="", max_length=120, json_schema_extra=kind("list"))]
    why: Demanded


class Lift(Asked):
    """Which orders are lifted: those of one list, with "" that of all mail, without it all of them."""

    address: Address
    list: Annotated[str | None, Field(default=None, max_length=120, json_schema_extra=kind("list"))]
    why: Demanded


class NewImport(Consent):
    """A file of readers: the CSV itself, at most 1 MB, and the statement of consent."""

    list: ListName
    csv: Annotated[str, Field(min_length=1, max_length=1_000_000, json_schema_extra=kind("csv"))]
    name: Annotated[str, Field(default="api.csv", max_length=100)]


@readers_read.get("/lists", tags=["readers"])
def lists(call: Reading) -> Lists:
    """Every list and where its readers stand."""
    with call.app.ground.reading() as tx:
        found = subscribers.overview(tx)
    return {
        "lists": [
            {"list": one.name, "confirmed": one.confirmed, "unconfirmed": one.unconfirmed, "ended": one.ended}
            for one in found
        ]
    }


@readers_read.get("/subscribers", tags=["readers"])
def everybody(
    call: Keeping,
    list: Words = "",
    state: Tie | None = None,
    address: Asking = "",
    cursor: Annotated[str, Query(max_length=60, pattern=r"^[0-9]{0,19}(\.[0-9]{1,19})?$")] = "",
    limit: Limit = 50,
) -> Readers:
    """Subscriptions by pages, or with `address` those of one person."""
    with call.app.ground.reading() as tx:
        if address:
            found = readers.of_person(tx, readership.known(tx, address).id)
        else:
            person, _, at = cursor.partition(".")
            after = (int(person or 0), int(at or 0))
            found = readers.page_of(tx, list_name=list, tie=state, after=after, limit=limit + 1)
    more, found = not address and len(found) > limit, found if address else found[:limit]
    return {
        "readers": [{"subscriber": one.subscriber.id, **tie_form(one)} for one in found],
        "next": f"{found[-1].subscriber.id}.{found[-1].list_id}" if more else None,
    }


@readers_read.get("/subscribers/{subscriber}", tags=["readers"])
def one_reader(call: Keeping, subscriber: Numbered) -> OneReader:
    """A reader's whole story: did they get it, and why not."""
    return {"timezone": call.times.name, **reader_form(call.times, reader_story(call.app, _address(call, subscriber)))}


@readers_read.get("/suppressions", tags=["readers"])
def orders(
    call: Keeping, address: Asking = "", cause: Cause | None = None, before: Before = None, limit: Limit = 50
) -> Suppressions:
    """The orders not to write, newest first; with `address` those over it."""
    with call.app.ground.reading() as tx:
        if address:
            found = readership.orders_over(call.app, tx, parse_address(address))
            return {"suppressions": [_order_form(call, one) for one in found], "next": None}
        found = suppressions.page_of(tx, cause=cause or "", before=before, limit=limit + 1)
    more, found = len(found) > limit, found[:limit]
    return {"suppressions": [_order_form(call, one) for one in found], "next": found[-1].id if more else None}


@readers_read.get("/imports", tags=["readers"])
def every_import(call: Keeping, before: Before = None, limit: Limit = 50) -> Imports:
    """The imports, newest first."""
    with call.app.ground.reading() as tx:
        found = imports.page_of(tx, before=before, limit=limit + 1)
    more, found = len(found) > limit, found[:limit]
    return {"imports": [_import_form(call, one) for one in found], "next": found[-1].id if more else None}


@readers_read.get("/imports/{number}", tags=["readers"])
def one_import(call: Keeping, number: Numbered) -> ImportForm:
    """How far an import is, and what became of its rows."""
    with call.app.ground.reading() as tx:
        return _import_form(call, imports.get(tx, number))


@readers_act.post("/lists/{name}/subscribers", tags=["readers"], status_code=201)
def add(call: Keeping, name: ListNamed, asked: NewReader) -> AddedReader:
    """Adds one reader: asked by letter, or at once with your statement of their consent."""
    statement = asked.consent.statement if asked.consent is not None else None
    added = readership.add_reader(call.app, name, asked.address, asked.name, statement, actor=call.actor)
    return {"list": name, "subscriber": added.subscriber_id, "how": added.how}


@readers_act.post("/subscribers/{subscriber}/remove", tags=["readers"])
def remove(call: Keeping, subscriber: Numbered, asked: Leave) -> LeftList:
    """Ends a subscription for good."""
    address = _address(call, subscriber)
    ended = readership.remove_reader(call.app, asked.list, address, actor=call.actor, reason=asked.why)
    return {"subscriber": subscriber, "list": asked.list, "ended": ended}


@readers_act.post("/subscribers/{subscriber}/erase", tags=["readers"])
def erase(call: Keeping, subscriber: Numbered, asked: Because) -> Erased:
    """Erases a reader on request; it cannot be undone."""
    if not asked.why.strip():
        raise Problem(422, "not-understood", "why: say on what request; erasing cannot be undone.")
    readership.erase_reader(call.app, _address(call, subscriber), actor=call.actor, reason=asked.why)
    return {"erased": subscriber}


@readers_act.post("/suppressions", tags=["readers"], status_code=201)
def suppress(call: Keeping, asked: Suppress) -> LaidOrder:
    """Orders that an address is not written to, known or not."""
    laid = readership.suppress(call.app, asked.address, asked.list, actor=call.actor, reason=asked.why)
    return {"laid": laid, "list": asked.list or None}


@readers_act.post("/suppressions/lift", tags=["readers"])
def lift(call: Keeping, asked: Lift) -> LiftedOrders:
    """Lifts orders over an address. A subscription that ended stays ended."""
    gone = readership.lift(call.app, asked.address, asked.list, actor=call.actor, reason=asked.why)
    return {"lifted": [_order_form(call, one) for one in gone]}


@readers_act.post("/imports", tags=["readers"], status_code=202)
def take_in(call: Keeping, asked: NewImport) -> ImportForm:
    """Begins an import; ask for it by its number until it has ended."""
    begun = start_import(call.app, asked.list, asked.name, asked.csv.encode(), asked.statement, actor=call.actor)
    with call.app.ground.reading() as tx:
        return _import_form(call, imports.get(tx, begun.number))


def _order_form(call: Call, one: Suppression) -> SuppressionForm:
    return {
        "suppression": one.id,
        "cause": one.cause,
        "list": one.list_name or None,
        "by": one.by,
        "reason": one.reason,
        "since": call.times.iso(one.since_at),
    }


def _import_form(call: Call, one: Import) -> ImportForm:
    numbers = one.numbers
    return {
        "import": one.id,
        "list": one.list_name,
        "file": one.file_name,
        "state": "broken off" if broken_off(one, call.app.clock.now()) else one.state.value,
        "line": numbers.line,
        "lines": numbers.lines,
        "rows": numbers.rows,
        "added": numbers.added,
        "already": numbers.already,
        "suppressed": numbers.suppressed,
        "refused": numbers.refused,
        "sentence": one.sentence,
        "by": one.by,
        "begun": call.times.iso(one.begun_at),
        "ended": call.times.iso(one.ended_at),
    }


def _address(call: Call, subscriber: int) -> str:
    with call.app.ground.reading() as tx:
        person = subscribers.get(tx, subscriber)
    if person is None:
        raise NotThere(f"there is no reader {subscriber}: they were erased, or never were")
    return person.address
