"""What a program may do with a whole story, and to correct or bring back what is out: the newsroom's verbs."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from db import articles
from db.records import Priority
from desk.cli.forms import article_form, delivery_form, evergreen_form
from desk.shapes.stories import EvergreenForm, StoryForm
from desk.web.api.acting import Why
from desk.web.api.caller import Approving, Call, Queueing, Reading, Stopping, TakingBack
from desk.web.api.fields import At, Channel, Limit, Numbered, Text, WebAddress, kind
from desk.web.api.gives import Deliveries, Evergreens, OrderedDown, TakenDown
from desk.web.api.problems import Problem
from desk.web.api.routes import ReadRoute, WriteRoute
from scheduler import newsroom
from scheduler.newsroom import Changed, TakenBack
from scheduler.spans import parse_span

story_deeds = APIRouter(route_class=WriteRoute)
story_reads = APIRouter(route_class=ReadRoute)

AfterStory = Annotated[str, Query(pattern=r"^([1-9][0-9]{0,14})?$", description="`next` of the page before.")]


class Urgency(Why):
    """How urgent a story is; "breaking" asks for the permission to approve as well."""

    priority: Literal["normal", "breaking", "evergreen"]


class Rule(Why):
    """By which rule a story comes again; without ``every`` it does no more."""

    every: Annotated[
        str | None, Field(default=None, max_length=40, json_schema_extra=kind("span"), description="A span, e.g. 30d.")
    ]
    times: Annotated[int | None, Field(default=None, ge=1, le=99_999)]
    until: At | None = None
    season: Annotated[
        str,
        Field(
            default="",
            max_length=40,
            json_schema_extra=kind("season"),
            description="Days of the year, e.g. 11-15..12-24.",
        ),
    ]
    channels: Annotated[list[Channel], Field(default_factory=list)]


class Found(Why):
    """Where readers find a story; null: it may go without a link."""

    url: WebAddress | None


class RightWords(Why):
    """The right words for a post that is out."""

    channel: Channel
    text: Text


@story_reads.get("/evergreens", tags=["stories"])
def evergreens(call: Reading, cursor: AfterStory = "", limit: Limit = 50) -> Evergreens:
    """Stories that come again by rule with their turns, the one marked first coming first."""
    found = newsroom.evergreen_stories(call.app, limit=limit + 1, after=int(cursor) if cursor else None)
    more, found = len(found) > limit, found[:limit]
    return {
        "timezone": call.times.name,
        "evergreens": [evergreen_form(one, call.times) for one in found],
        "next": str(found[-1].article.id) if more else None,
    }


@story_deeds.post("/stories/{story}/take", tags=["stories"])
def take(call: Queueing, story: Numbered, asked: Why) -> StoryForm:
    """Takes a story out of the line, to have its words written now; a skipped one comes back."""
    return article_form(newsroom.take(call.app, story, actor=call.actor), call.times)


@story_deeds.post("/stories/{story}/priority", tags=["stories"])
def prioritise(call: Queueing, story: Numbered, asked: Urgency) -> StoryForm:
    """Says how urgent a story is."""
    done = newsroom.prioritise(call.app, story, Priority(asked.priority), actor=call.actor, reason=asked.why)
    return article_form(done, call.times)


@story_deeds.post("/stories/{story}/address", tags=["stories"])
def give_address(call: Queueing, story: Numbered, asked: Found) -> StoryForm:
    """Says where readers find a story that came without its address, or that it may go without a link."""
    if asked.url is None:
        return article_form(newsroom.go_without_link(call.app, story, actor=call.actor, reason=asked.why), call.times)
    done = newsroom.give_address(call.app, story, asked.url, actor=call.actor, reason=asked.why)
    return article_form(done, call.times)


@story_deeds.post("/stories/{story}/calm", tags=["stories"])
def calm(call: Approving, story: Numbered, asked: Why) -> StoryForm:
    """Undoes "breaking": it is news like any other."""
    newsroom.undo_breaking(call.app, story, actor=call.actor, reason=asked.why)
    return _article(call, story)


@story_deeds.post("/stories/{story}/cancel", tags=["stories"])
def cancel(call: Stopping, story: Numbered, asked: Why) -> Deliveries:
    """Calls off all of a story's own posts that have not ended."""
    done = newsroom.cancel_story(call.app, story, actor=call.actor, reason=asked.why)
    return {"timezone": call.times.name, "deliveries": [delivery_form(one, call.times) for one in done]}


@story_deeds.post("/stories/{story}/takedown", tags=["stories"])
def take_down(call: TakingBack, story: Numbered, asked: Why) -> TakenDown:
    """Orders every post of a story that is out to be taken down; what is planned stays planned."""
    return _taken_back(call, newsroom.take_story_down(call.app, story, actor=call.actor, reason=asked.why))


@story_deeds.post("/stories/{story}/revive", tags=["stories"])
def revive(call: TakingBack, story: Numbered, asked: Why) -> StoryForm:
    """Brings a killed story back; what was taken down stays down."""
    return article_form(newsroom.revive(call.app, story, actor=call.actor, reason=asked.why), call.times)


@story_deeds.post("/stories/{story}/correct", tags=["stories"])
def correct(call: TakingBack, story: Numbered, asked: RightWords) -> Deliveries:
    """Puts right what a story's post on one channel says; issues have an address of their own."""
    return _changed(
        call,
        newsroom.correct(call.app, story, asked.channel, asked.text, actor=call.actor, reason=asked.why),
    )


@story_deeds.post("/stories/{story}/evergreen", tags=["stories"])
def evergreen(call: Queueing, story: Numbered, asked: Rule) -> EvergreenForm:
    """Lets a story come again by rule; without `every` it comes again no more."""
    if asked.every is None:
        done = newsroom.end_evergreen(call.app, story, actor=call.actor, reason=asked.why)
        return evergreen_form(done, call.times)
    try:
        every = parse_span(asked.every)
    except ValueError as fault:
        raise Problem(422, "not-understood", f"every: {fault}.") from None
    done = newsroom.mark_evergreen(
        call.app,
        story,
        every=every,
        times=asked.times,
        until=call.moment(asked.until) if asked.until else None,
        season=asked.season,
        channels=asked.channels,
        actor=call.actor,
        reason=asked.why,
    )
    return evergreen_form(done, call.times)


@story_deeds.post("/deliveries/{delivery}/retry", tags=["deliveries"])
def retry(call: Approving, delivery: Numbered, asked: Why) -> Deliveries:
    """Promises a failed post once more, as a delivery of its own."""
    return _changed(call, newsroom.retry(call.app, delivery, actor=call.actor, reason=asked.why))


def _changed(call: Call, done: Changed) -> Deliveries:
    return {"timezone": call.times.name, "deliveries": [delivery_form(done.delivery, call.times)]}


def _taken_back(call: Call, rows: list[TakenBack]) -> TakenDown:
    told = [OrderedDown(delivery=one.delivery.id, told=one.sentence) for one in rows]
    return {"timezone": call.times.name, "deliveries": told}


def _article(call: Call, story: Numbered) -> StoryForm:
    with call.app.ground.reading() as tx:
        return article_form(articles.get(tx, story), call.times)
