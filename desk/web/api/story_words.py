"""A story's words for programs: on each channel what would go and how it counts, its versions, other wordings, a try."""

from __future__ import annotations

from fastapi import APIRouter

from db import articles, teasers
from db.records import Article, Image
from desk.cli.forms import delivery_form, dollars, post_form, problem_form
from desk.shapes.stories import PictureForm, WordsForm
from desk.web.api.acting import Wordings, rewording
from desk.web.api.caller import Call, Reading, Wording
from desk.web.api.fields import ChannelNamed, Numbered
from desk.web.api.gives import StoryWords, Versions
from desk.web.api.routes import ReadRoute, WriteRoute
from scheduler.agenda import next_free
from scheduler.newsroom.grounds import outlet_named
from scheduler.story_view import Standing, standings, tried, versions, wordings
from templates.tagged import hashtags_in

words_read = APIRouter(route_class=ReadRoute)
words_try = APIRouter(route_class=WriteRoute)


@words_read.get("/stories/{story}/words", tags=["stories"])
def words(call: Reading, story: Numbered) -> StoryWords:
    """On each channel the words, the exact post, what it counts and costs, its problems, and where it stands."""
    found = standings(call.app, _article(call, story))
    return {"timezone": call.times.name, "story": story, "channels": [_form(call, one) for one in found]}


@words_read.get("/stories/{story}/words/{name}", tags=["stories"], responses={409: {}})
def of_channel(call: Reading, story: Numbered, name: ChannelNamed) -> Versions:
    """The versions of the words on one channel, the newest first, and the machine's other wordings."""
    outlet_named(call.app, name)
    article = _article(call, story)
    kept = versions(call.app, article, name)
    with call.app.ground.reading() as tx:
        approved = teasers.approved(tx, [one.id for one in kept])
    return {
        "story": story,
        "channel": name,
        "versions": [
            {"version": one.version, "writer": one.writer, "text": one.text, "approved": one.id in approved}
            for one in reversed(kept)
        ],
        "wordings": [{"variant": variant, "text": text} for variant, text in wordings(call.app, article, name).items()],
    }


@words_try.post("/stories/{story}/try", tags=["stories"])
def try_words(call: Wording, story: Numbered, asked: Wordings) -> WordsForm:
    """How one channel would stand with other words; keeps none."""
    return _form(call, tried(call.app, _article(call, story), asked.channel, rewording(asked)))


def _article(call: Call, story: int) -> Article:
    with call.app.ground.reading() as tx:
        return articles.get(tx, story)


def _form(call: Call, one: Standing) -> WordsForm:
    words, outlet = one.teaser, one.outlet
    free = []
    if not outlet.crowd:
        with call.app.ground.reading() as tx:
            free = next_free(call.app, tx, outlet, 1)
    return {
        "channel": outlet.name,
        "kind": outlet.kind,
        "mode": outlet.mode,
        "version": words.version if words is not None and one.stored else None,
        "writer": words.writer if words is not None else None,
        "text": words.text if words is not None else None,
        "subject": words.subject if words is not None and outlet.crowd else None,
        "preheader": words.preheader if words is not None and outlet.crowd else None,
        "hashtags": list(hashtags_in(words.text)) if words is not None and not outlet.crowd else [],
        "image": _picture(words.image) if words is not None else None,
        "link": words.link if words is not None else None,
        "used": list(words.used) if words is not None else [],
        "count": one.count,
        "limit": one.limit,
        "cost_usd": dollars(one.cost),
        "problems": [problem_form(problem) for problem in one.problems],
        "fault": one.fault or None,
        "waits": one.waits,
        "seen": one.seen,
        "may_change": one.may_change,
        "next_slot": call.times.iso(free[0]) if free else None,
        "post": post_form(one.post) if one.post is not None else None,
        "delivery": delivery_form(one.delivery, call.times) if one.delivery is not None else None,
    }


def _picture(image: Image | None) -> PictureForm | None:
    if image is None:
        return None
    return {"url": image.url, "sha256": image.sha256, "alt": image.alt, "credit": image.credit}
