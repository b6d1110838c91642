"""The log: every delivery and every attempt, filtered by the address bar; a row opens to what was said and answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends
from fastapi.responses import Response, StreamingResponse
from sqlalchemy import Connection
from starlette.datastructures import QueryParams

from db import attempts, audit, deliveries, log, notices, stops
from db.log import LogPage, LogRow
from db.log_view import LogOrder, PageMark
from db.log_walk import ids_of
from db.moves import OPEN
from db.records import Delivery, Mode, Scope, State, SubjectKind
from desk.cli.columns import csv_lines
from desk.cli.forms import log_row_form
from desk.cli.log_csv import HEADS, cells_of
from desk.cli.moments import Times
from desk.web.door.visitor import Visitor, may
from desk.web.page_marks import mark_text
from desk.web.pages.log_filter import ALL_WRONG, Asked, asked
from desk.web.pages.page import Page, Reader
from scheduler import newsroom
from scheduler.newsroom import Reach, Refused
from scheduler.people.actor import NotAllowed
from scheduler.people.roles import Permission

routes = APIRouter()
ROWS = 50
EXPORTED_AT_ONCE = 500
FOLDED = ("since", "until", "story", "by", "cause", "mode", "order")
"""Filters that stand behind a button; it says how many of them are set."""
MOST_IN_BULK = 200
Changer = Annotated[Visitor, Depends(may(Permission.STOP))]


@routes.get("/log")
def page_of_log(visitor: Reader) -> Response:
    """A page of the log."""
    view = _asked(visitor)
    with visitor.app.ground.reading() as tx:
        found = log.page_of(tx, view.wanted, ROWS + 1, view.after, view.order)
    return _page(visitor, view, found, status=422 if view.faults else 200)


@routes.get("/log.csv")
def as_csv(visitor: Reader) -> Response:
    """All that the filters find, in the order shown, as a spreadsheet reads it; with ``page`` only the page shown."""
    times = _times(visitor)

    def lines() -> Iterator[str]:
        yield csv_lines(HEADS, [])
        for rows in _runs(visitor):
            yield csv_lines(HEADS, [cells_of(row, times) for row in rows], first=False)

    return _download(lines(), "text/csv; charset=utf-8", "csv")


@routes.get("/log.json")
def as_json(visitor: Reader) -> Response:
    """The same as a JSON list."""
    times = _times(visitor)

    def pieces() -> Iterator[str]:
        yield "["
        between = "\n"
        for rows in _runs(visitor):
            for row in rows:
                yield between + json.dumps(log_row_form(row, times), ensure_ascii=False)
                between = ",\n"
        yield "\n]\n"

    return _download(pieces(), "application/json; charset=utf-8", "json")


@routes.get("/log/{delivery_id:int}")
def one_delivery(visitor: Reader, delivery_id: int) -> Response:
    """One delivery with every attempt."""
    with visitor.app.ground.reading() as tx:
        row = log.row_of(tx, delivery_id)
        tries = attempts.of_delivery(tx, delivery_id)
        done = audit.rows(tx, subject=f"delivery {delivery_id}")
        lying = stops.over(tx, row.delivery, visitor.times.now) if row.delivery.state in OPEN else []
        again, told = _after_failing(tx, row.delivery) if row.delivery.state is State.FAILED else (None, False)
    return visitor.page(
        "delivery.html",
        {
            "row": row,
            "one": row.delivery,
            "tries": tries,
            "audit": done,
            "stops": lying,
            "again": again,
            "verbs": _may_be_done(
                row.delivery, held=any(one.scope is Scope.DELIVERY for one in lying), again=again, told=told
            ),
        },
    )


@routes.post("/log/act")
def act(visitor: Changer) -> Response:
    """One verb for all the rows that were ticked. Each is a transaction of its own: what is refused stops no other."""
    word = str(visitor.form.get("verb", ""))
    verb = VERBS.get(word)
    back = str(visitor.form.get("back", ""))
    back = back if back == "/log" or back.startswith(("/log?", "/log/")) else "/log"
    if "all_found" in visitor.form:
        ids = _found(visitor, back)
    else:
        ids = [int(one) for one in map(str, visitor.form.getlist("row")) if one.isdecimal()][:MOST_IN_BULK]
    if verb is None or not ids:
        return visitor.go(back, done="nothing_ticked")
    reason = str(visitor.form.get("reason", "")).strip()
    done, refused = 0, list[str]()
    for number in ids:
        try:
            verb(visitor, number, reason)
            done += 1
        except (Refused, LookupError) as no:
            refused.append(str(no))
        except NotAllowed as no:
            refused.append(str(no))
            break
    if not refused:
        return visitor.go(back, done=f"log_{word}", n=done)
    return visitor.page("bulk.html", {"done_count": done, "refused": refused, "back": back}, status=409)


def _found(visitor: Visitor, address: str) -> list[int]:
    """All that a view of one cause finds, ``MOST_IN_BULK`` at once. Raises ``Refused`` where the view names no cause."""
    view = _view(visitor, QueryParams(urlsplit(address).query))
    if not view.wanted.cause or view.faults:
        raise Refused("say which cause: only what one cause brought about is changed all at once, the rest by its rows")
    with visitor.app.ground.reading() as tx:
        return ids_of(tx, view.wanted, MOST_IN_BULK, None, view.order)


def _cancel(visitor: Visitor, number: int, reason: str) -> None:
    newsroom.cancel(visitor.app, number, actor=visitor.actor, reason=reason)


def _retry(visitor: Visitor, number: int, reason: str) -> None:
    newsroom.retry(visitor.app, number, actor=visitor.actor, reason=reason)


def _hold(visitor: Visitor, number: int, reason: str) -> None:
    newsroom.hold(visitor.app, Reach(Scope.DELIVERY, str(number)), actor=visitor.actor, reason=reason)


def _release(visitor: Visitor, number: int, reason: str) -> None:
    newsroom.resume(visitor.app, Reach(Scope.DELIVERY, str(number)), actor=visitor.actor, reason=reason)


def _take_down(visitor: Visitor, number: int, reason: str) -> None:
    newsroom.take_down(visitor.app, number, actor=visitor.actor, reason=reason)


def _leave(visitor: Visitor, number: int, reason: str) -> None:
    newsroom.leave(visitor.app, number, actor=visitor.actor, reason=reason)


def _settle(verdict: State) -> Callable[[Visitor, int, str], None]:
    def settle(visitor: Visitor, number: int, reason: str) -> None:
        only = len(visitor.form.getlist("row")) == 1 and "all_found" not in visitor.form
        url = str(visitor.form.get("url", "")).strip() if only else ""
        if url and not url.lower().startswith(("https://", "http://")):
            raise Refused("the post's address is no web address: copy it from the browser, or leave it out")
        newsroom.settle(visitor.app, number, verdict, actor=visitor.actor, url=url or None, reason=reason)

    return settle


VERBS: dict[str, Callable[[Visitor, int, str], None]] = {
    "cancel": _cancel,
    "retry": _retry,
    "hold": _hold,
    "release": _release,
    "takedown": _take_down,
    "out": _settle(State.SENT),
    "not_out": _settle(State.PLANNED),
    "nobody_knows": _settle(State.UNKNOWN),
    "leave": _leave,
}
"""What may be done with ticked rows."""


def _may_be_done(one: Delivery, *, held: bool, again: Delivery | None, told: bool) -> tuple[str, ...]:
    """The verbs that fit a delivery; each is asked again by itself.

    ``again`` is what a failed one was tried once more as; ``told``: the desk has a notice of it.
    """
    no = {"hold" if held else "release"}
    no |= {"retry"} if again is not None else set()
    no |= set() if told else {"leave"}
    return tuple(verb for verb in fitting(one) if verb not in no)


def fitting(one: Delivery) -> tuple[str, ...]:
    """The verbs that a delivery's state lets through, as far as its row alone tells. Pure."""
    if one.state is State.UNSETTLED:
        return ("out", "not_out", "nobody_knows", "cancel")
    if one.state in OPEN:
        return ("hold", "release", "cancel")
    if one.state is State.FAILED:
        if one.look_at is not None:  # it may be out: nothing before it was looked for
            return ()
        return ("retry", "leave") if one.subject_kind is SubjectKind.ARTICLE else ("leave",)
    removable = not one.purpose.startswith("takedown") and one.subject_kind is not SubjectKind.ISSUE
    return ("takedown",) if one.state is State.SENT and removable else ()


def _after_failing(tx: Connection, failed: Delivery) -> tuple[Delivery | None, bool]:
    """What a failed delivery was tried once more as, and whether the desk still has a notice of it."""
    others = deliveries.of_subject(tx, failed.subject_kind, failed.subject_id, mode=failed.mode, channel=failed.channel)
    about = f"delivery {failed.id} {State.FAILED}"
    return newsroom.tried_again_as(failed, others), any(one.cause_key == about for one in notices.standing(tx))


def _page(visitor: Visitor, view: Asked, found: LogPage, *, status: int) -> Response:
    rows, further = found.rows[:ROWS], found.further
    behind = rows[-1].mark(view.order) if len(found.rows) > ROWS else further
    after = mark_text(behind) if behind is not None else ""
    here = {"after": mark_text(view.after)} if view.after is not None else {}
    values = {
        "view": view,
        "narrowed": sum(bool(view.given[name]) for name in FOLDED),
        "rows": rows,
        "further": further,
        "place": _place(visitor, view, further) if further is not None else "",
        "next": view.address(after=after) if after else "",
        "first": view.address() if view.after is not None else "",
        "fits": {row.delivery.id: fitting(row.delivery) for row in rows},
        "offered": list(VERBS) if view.given["cause"] else {verb for row in rows for verb in fitting(row.delivery)},
        "looked_for": min(
            (row.delivery.look_at for row in rows if row.delivery.state is State.FAILED and row.delivery.look_at),
            default=None,
        ),
        "columns": _columns(view),
        "orders": list(LogOrder),
        "back": view.address(**here),
        "channels": list(visitor.app.outlets),
        "states": [ALL_WRONG, *State],
        "modes_known": list(Mode),
        "most_in_bulk": MOST_IN_BULK,
        "exports": {
            "csv": view.address("/log.csv"),
            "json": view.address("/log.json"),
            "page_csv": view.address("/log.csv", page="1", **here),
            "page_json": view.address("/log.json", page="1", **here),
        },
    }
    return visitor.page("log.html", values, status=status)


def _place(visitor: Visitor, view: Asked, mark: PageMark) -> str:
    """The group in which a search ended, as the reader calls it."""
    if view.order.column == "state":
        return visitor.words(f"state.{mark.group}")
    return mark.group if view.order.column == "channel" else ""


_UP = frozenset({LogOrder.OLDEST, LogOrder.STATE, LogOrder.CHANNEL, LogOrder.STORY_BACK})
_WAYS = {
    "time": (LogOrder.NEWEST, LogOrder.OLDEST),
    "state": (LogOrder.STATE, LogOrder.STATE_BACK),
    "channel": (LogOrder.CHANNEL, LogOrder.CHANNEL_BACK),
    "story": (LogOrder.STORY, LogOrder.STORY_BACK),
}


def _columns(view: Asked) -> dict[str, dict[str, str]]:
    """For the head of each column that sorts: where it leads, and which way it sorts now, if it does.

    It leads to its first way; while the log is sorted by it, to the other.
    """
    heads: dict[str, dict[str, str]] = {}
    for column, (first, other) in _WAYS.items():
        following = other if view.order is first else first
        heads[column] = {
            "address": view.address(order="" if following is LogOrder.NEWEST else following),
            "way": ("ascending" if view.order in _UP else "descending") if view.order.column == column else "",
        }
    return heads


def _asked(visitor: Visitor) -> Asked:
    return _view(visitor, visitor.request.query_params)


def _view(visitor: Visitor, query: QueryParams) -> Asked:
    times = _times(visitor)
    return asked(query, lambda text: times.read(text, past=True).at)


def _times(visitor: Visitor) -> Times:
    return Times(visitor.times.zone, visitor.times.now)


def _runs(visitor: Visitor) -> Iterator[list[LogRow]]:
    """The rows that the filters find, some hundred at a time: memory stays flat however many there are.

    Each run is read as the log then stands: in an order by state, a delivery that moves on meanwhile is met where it
    stood when the walk came by.
    """
    view = _asked(visitor)
    after, one_page = view.after, visitor.request.query_params.get("page") == "1"
    while True:
        with visitor.app.ground.reading() as tx:
            if one_page:
                rows = log.page_of(tx, view.wanted, ROWS + 1, after, view.order).rows[:ROWS]
            else:
                rows = log.deliveries(tx, view.wanted, EXPORTED_AT_ONCE, after, view.order)
        yield rows
        if one_page or len(rows) < EXPORTED_AT_ONCE:
            return
        after = rows[-1].mark(view.order)


def _download(pieces: Iterator[str], media_type: str, kind: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="pressrun-log.{kind}"', "Cache-Control": "no-store"}
    return StreamingResponse(pieces, media_type=media_type, headers=headers)


PAGE = Page("log", "/log", Permission.READ, routes, icon="log")
