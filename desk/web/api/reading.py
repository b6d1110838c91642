"""What a program may read: stories, deliveries with every attempt, channels, what needs a person."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from db import articles, attempts, log
from db import deliveries as deliveries_store
from db.log_view import LogFilter, LogOrder
from db.records import Mode, State, SubjectKind
from desk.cli.forms import article_body_form, article_form, attempt_form, delivery_form, dollars, log_row_form
from desk.web.api.caller import Reading
from desk.web.api.fields import MOST_NUMBER, Before, Limit, Moment, Numbered, Words, kind
from desk.web.api.gives import Channels, LogPage, Needs, OneDelivery, OneStory, Stories
from desk.web.api.problems import Problem
from desk.web.api.routes import ReadRoute
from desk.web.page_marks import mark_of, mark_text
from scheduler.channel_standing import channel_standings
from scheduler.needs import needs_of

reading = APIRouter(route_class=ReadRoute)
Cursor = Annotated[
    str, Query(max_length=200, json_schema_extra=kind("cursor"), description="`next` of the page before.")
]


@reading.get("/stories", tags=["stories"])
def stories(call: Reading, text: Words = "", before: Before = None, limit: Limit = 50) -> Stories:
    """Stories, the newest first; `text` is words that the headline holds."""
    with call.app.ground.reading() as tx:
        found = articles.page(tx, limit + 1, words=text, before=before)
    more, found = len(found) > limit, found[:limit]
    return {
        "timezone": call.times.name,
        "stories": [article_form(one, call.times) for one in found],
        "next": found[-1].id if more else None,
    }


@reading.get("/stories/{story}", tags=["stories"])
def story(call: Reading, story: Numbered) -> OneStory:
    """One story with its paragraphs, what was left out of every teaser, and its deliveries."""
    with call.app.ground.reading() as tx:
        found = articles.get(tx, story)
        promised = deliveries_store.of_subject(tx, SubjectKind.ARTICLE, story)
    return {
        **article_body_form(found, call.times),
        "timezone": call.times.name,
        "deliveries": [delivery_form(one, call.times) for one in promised],
    }


@reading.get("/deliveries", tags=["deliveries"])
def deliveries(
    call: Reading,
    story: Annotated[int | None, Query(ge=1, le=MOST_NUMBER)] = None,
    channel: Words | None = None,
    state: Annotated[list[State] | None, Query()] = None,
    by_whom: Words | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    text: Words = "",
    cause: Words = "",
    mode: Mode | None = None,
    order: LogOrder = LogOrder.NEWEST,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> LogPage:
    """The log: the moment promised last first, or in the `order` asked for, which goes with every page's call."""
    after = mark_of(cursor, order)
    if cursor and after is None:
        raise Problem(
            422, "not-understood", "cursor: send back `next` of the page before as it was, with the same order."
        )
    wanted = LogFilter(
        story=story,
        channel=channel,
        states=tuple(state or ()),
        by_whom=by_whom,
        since=call.moment(since, past=True) if since else None,
        until=call.moment(until, past=True) if until else None,
        text=text,
        cause=cause,
        mode=mode,
    )
    with call.app.ground.reading() as tx:
        rows = log.deliveries(tx, wanted, limit + 1, after, order)
    more, rows = len(rows) > limit, rows[:limit]
    return {
        "timezone": call.times.name,
        "deliveries": [log_row_form(row, call.times) for row in rows],
        "next": mark_text(rows[-1].mark(order)) if more else None,
    }


@reading.get("/deliveries/{delivery}", tags=["deliveries"])
def delivery(call: Reading, delivery: Numbered) -> OneDelivery:
    """One delivery with every attempt: what was said, what was answered."""
    with call.app.ground.reading() as tx:
        row = log.row_of(tx, delivery)
        tries = attempts.of_delivery(tx, delivery)
    return {
        **log_row_form(row, call.times),
        "timezone": call.times.name,
        "attempts": [attempt_form(one, call.times) for one in tries],
    }


@reading.get("/channels", tags=["channels"])
def channels(call: Reading) -> Channels:
    """Every channel: whose account, what stops it, when it speaks next, what it spent this month."""
    times = call.times
    return {
        "timezone": times.name,
        "channels": [
            {
                "channel": one.outlet.name,
                "kind": one.outlet.kind,
                "mode": one.outlet.mode,
                "account_id": one.state.account_id if one.state else None,
                "account_name": one.state.account_name if one.state else None,
                "state": one.word,
                "stops": [
                    {
                        "cause": stop.cause,
                        "reason": stop.reason,
                        "by": stop.by,
                        "until_at": times.iso(stop.until_at),
                    }
                    for stop in one.stops
                ],
                "next_at": times.iso(one.next_at),
                "spent_usd": dollars(one.spent),
                "budget_usd": dollars(one.outlet.budget) if one.outlet.budget else None,
            }
            for one in channel_standings(call.app)
        ],
    }


@reading.get("/needs", tags=["newsroom"])
def needs(call: Reading) -> Needs:
    """What needs a person now, and the command that settles it."""
    return {"needs": [{"sentence": one.sentence, "remedy": one.remedy} for one in needs_of(call.app)]}
