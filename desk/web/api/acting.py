"""What a program may do: the newsroom's verbs, each with the caller's own key so that it is done once."""

from __future__ import annotations

import base64
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from db import articles, deliveries
from db.records import Article, Delivery, Scope, State
from desk.cli.forms import article_form, delivery_form
from desk.shapes.stories import StoryForm
from desk.web.api.caller import Approving, Call, Queueing, Settling, Stopping, TakingBack, Wording
from desk.web.api.fields import (
    At,
    Channel,
    ChannelNamed,
    Demanded,
    Line,
    Number,
    Numbered,
    Reason,
    Text,
    WebAddress,
    kind,
)
from desk.web.api.gives import Deliveries, KeptPicture, Laid, Lifted, TakenIn
from desk.web.api.problems import Problem
from desk.web.api.routes import WriteRoute
from scheduler import newsroom
from scheduler.hand_in import hand_in
from scheduler.intake.draft import MAX_HEADLINE
from scheduler.intake.errors import IntakeError
from scheduler.intake.targets import Said
from scheduler.newsroom import Changed, Reach
from scheduler.rewording import Rewording

acting = APIRouter(route_class=WriteRoute)
VERDICTS = {"out": State.SENT, "not-out": State.PLANNED, "nobody-knows": State.UNKNOWN}


class Asked(BaseModel):
    """What a call asks for; a field that is not known is refused, and "1" is no number."""

    model_config = ConfigDict(extra="forbid", strict=True)


class NewStory(Asked):
    """A story in its own words."""

    title: Annotated[str, Field(min_length=1, max_length=MAX_HEADLINE, json_schema_extra=kind("headline"))]
    body: Text
    byline: Annotated[str, Field(default="", max_length=300)]
    url: WebAddress | None = None
    section: Annotated[str, Field(default="", max_length=120)]
    wants_yes: Annotated[bool, Field(default=False, description="No post of it goes without a yes.")]


class Why(Asked):
    """A reason alone."""

    why: Reason = ""


class Because(Asked):
    """A reason, without which it is not done."""

    why: Demanded


class Choice(Why):
    """On which channels; none named: all."""

    channels: Annotated[list[Channel], Field(default=[], max_length=100)]


class Approve(Choice):
    """A yes; with ``seen`` to exactly what was looked at, on the channels that it names."""

    seen: Annotated[
        dict[Channel, Annotated[str, Field(max_length=200)]] | None,
        Field(
            default=None,
            min_length=1,
            max_length=100,
            description="`seen` of each channel as it was read; 409 where one is another by now.",
        ),
    ]


class NewAddress(Asked):
    """Where a story can be read: a page, a feed, a sitemap, a WordPress site."""

    address: Annotated[str, Field(min_length=1, max_length=2_000, json_schema_extra=kind("story-address"))]
    section: Annotated[str, Field(default="", max_length=120)]
    wants_yes: Annotated[bool, Field(default=False, description="No post of its stories goes without a yes.")]


class Moment(Choice):
    """A moment: ISO with its offset, or "tomorrow 08:00" in the newsroom's zone."""

    at: At


class Until(Why):
    """An end; none: until it is lifted."""

    until: At | None = None


class Pause(Until):
    """A pause; breaking news may pass it."""

    let_breaking: bool = False


class Verdict(Why):
    """What a person knows of an unsettled delivery: out, not-out or nobody-knows; ``url`` where the post stands.

    ``leave`` is for one that failed: it stays as it is, and its notice ends.
    """

    verdict: Literal["out", "not-out", "nobody-knows", "leave"]
    url: WebAddress | None = None


class OwnWords(Asked):
    """A post of one's own words on one channel."""

    text: Text
    channel: Channel
    at: At | None = None


class Wordings(Why):
    """Other words for a story on one channel, or what stands beside them; what is not given stays."""

    channel: Channel
    text: Annotated[str | None, Field(default=None, max_length=100_000)]
    subject: Annotated[Line | None, Field(default=None, description="E-mail alone.")]
    preheader: Annotated[Line | None, Field(default=None, description="E-mail alone.")]
    image: Annotated[
        str | None,
        Field(
            default=None, max_length=64, description='"none", "story" or the sha256 of a picture that was handed in.'
        ),
    ]
    alt: Annotated[str | None, Field(default=None, max_length=2_000, description="What the picture shows.")]
    hashtags: Annotated[list[str] | None, Field(default=None, max_length=50, description="Exactly these.")]
    utm: Annotated[
        dict[str, str] | None,
        Field(default=None, max_length=20, description='The link\'s campaign parameters; "" takes one out.'),
    ]
    version: Annotated[
        Number | None,
        Field(default=None, description="The version that was read; 409 where somebody wrote a newer one."),
    ]


class NewPicture(Asked):
    """A picture's bytes in Base64: JPEG, PNG, GIF or WebP, by content."""

    data: Annotated[str, Field(min_length=1, max_length=11_000_000, json_schema_extra=kind("picture-base64"))]


class Again(Why):
    """Once more on one channel, in these words or another of the story's."""

    channel: Channel
    text: Annotated[str | None, Field(default=None, max_length=100_000)]


@acting.post("/stories", tags=["stories"], status_code=201)
def add_story(call: Queueing, story: NewStory) -> StoryForm:
    """Takes a story in; words and a plan follow by themselves."""
    title, byline = " ".join(story.title.split()), " ".join(story.byline.split())
    lines = [title, *([f"By {byline}"] if byline else []), "", story.body]
    said = Said(url=story.url, section=story.section or None, wants_yes=story.wants_yes)
    found, refused = hand_in(call.app, "story.txt", actor=call.actor, said=said, text="\n".join(lines).encode())
    if not found:
        raise Problem(422, "no-story", refused[0].sentence if refused else "There is no story in it.")
    return article_form(found[0].article, call.times)


def _said_of(asked: NewAddress) -> Said:
    return Said(section=asked.section or None, wants_yes=asked.wants_yes)


@acting.post("/addresses", tags=["stories"], status_code=201)
def add_by_address(call: Queueing, asked: NewAddress) -> TakenIn:
    """Reads what stands at a web address and takes its stories in; words and a plan follow by themselves."""
    if not asked.address.lower().startswith(("http://", "https://")):
        raise Problem(422, "not-understood", "address: a web address, as https://example.org/story.")
    try:
        found, refused = hand_in(call.app, asked.address, actor=call.actor, said=_said_of(asked))
    except IntakeError as why:  # the call is right: the address does not give what was hoped for
        raise Problem(409, "refused", str(why)) from None
    if not found:
        raise Problem(409, "refused", refused[0].sentence if refused else "There is no story at this address.")
    return {
        "timezone": call.times.name,
        "stories": [{**article_form(one.article, call.times), "what": one.taken.what} for one in found],
        "refused": [one.sentence for one in refused],
    }


@acting.post("/stories/{story}/words", tags=["stories"])
def edit(call: Wording, story: Numbered, asked: Wordings) -> Deliveries:
    """Replaces a story's words, picture, hashtags or campaign on one channel: version by version, none is lost."""
    done = newsroom.edit(
        call.app, story, asked.channel, rewording(asked), actor=call.actor, reason=asked.why, seen_version=asked.version
    )
    return _changed(call, [done] if isinstance(done, Changed) else [])


def rewording(asked: Wordings) -> Rewording:
    """What a call wants changed."""
    return Rewording(
        text=asked.text,
        subject=asked.subject,
        preheader=asked.preheader,
        picture=asked.image,
        alt=asked.alt,
        hashtags=tuple(asked.hashtags) if asked.hashtags is not None else None,
        utm=asked.utm,
    )


@acting.post("/pictures", tags=["stories"], status_code=201)
def add_picture(call: Wording, picture: NewPicture) -> KeptPicture:
    """Keeps a picture under the hash of its bytes, for a story's posts."""
    try:
        data = base64.b64decode(picture.data, validate=True)
    except ValueError:
        raise Problem(422, "not-understood", "The data is not Base64: send the picture's bytes in it.") from None
    kept = newsroom.keep_upload(call.app, data)
    return {"sha256": kept.sha256 or "", "media_type": kept.media_type}


@acting.post("/stories/{story}/approve", tags=["stories"])
def approve(call: Approving, story: Numbered, asked: Approve) -> Deliveries:
    """A yes to exactly the posts that wait."""
    done = newsroom.approve(call.app, story, actor=call.actor, channels=asked.channels, seen=asked.seen)
    return _changed(call, done)


@acting.post("/stories/{story}/schedule", tags=["stories"])
def schedule(call: Approving, story: Numbered, asked: Moment) -> Deliveries:
    """Gives a story's posts an exact moment."""
    at = call.moment(asked.at)
    done = newsroom.schedule(call.app, story, at, actor=call.actor, channels=asked.channels, reason=asked.why)
    return _changed(call, done)


@acting.post("/stories/{story}/now", tags=["stories"])
def now(call: Approving, story: Numbered, asked: Choice) -> Deliveries:
    """Lets a story's posts go at once."""
    done = newsroom.now(call.app, story, actor=call.actor, channels=asked.channels, reason=asked.why)
    return _changed(call, done)


@acting.post("/stories/{story}/again", tags=["stories"])
def again(call: Approving, story: Numbered, asked: Again) -> Deliveries:
    """Posts a story once more, in other words."""
    done = newsroom.again(call.app, story, asked.channel, actor=call.actor, text=asked.text, reason=asked.why)
    return _changed(call, [done])


@acting.post("/stories/{story}/skip", tags=["stories"])
def skip(call: Queueing, story: Numbered, asked: Why) -> Deliveries:
    """Makes nothing more of a story."""
    return _told(call, newsroom.skip(call.app, story, actor=call.actor, reason=asked.why))


@acting.post("/stories/{story}/hold", tags=["stories"])
def hold(call: Stopping, story: Numbered, asked: Pause) -> Laid:
    """Keeps a story from going."""
    return lay(call, Reach(Scope.STORY, str(story)), asked)


@acting.post("/stories/{story}/release", tags=["stories"])
def release(call: Stopping, story: Numbered, asked: Why) -> Lifted:
    """Lets a held story go again, never with a burst."""
    return lift(call, Reach(Scope.STORY, str(story)), asked)


@acting.post("/stories/{story}/embargo", tags=["stories"])
def embargo(call: Approving, story: Numbered, asked: Until) -> Deliveries:
    """Sets or moves an embargo; without an end it is lifted."""
    if asked.until is None:
        done = newsroom.lift_embargo(call.app, story, actor=call.actor, reason=asked.why)
    else:
        done = newsroom.embargo(call.app, story, call.moment(asked.until), actor=call.actor, reason=asked.why)
    return _told(call, done.moved)


@acting.post("/stories/{story}/breaking", tags=["stories"])
def breaking(call: Approving, story: Numbered, asked: Why) -> StoryForm:
    """Declares a story breaking."""
    newsroom.declare_breaking(call.app, story, actor=call.actor, reason=asked.why)
    return _article(call, story)


@acting.post("/stories/{story}/kill", tags=["stories"])
def kill(call: TakingBack, story: Numbered, asked: Why) -> StoryForm:
    """Takes a whole story back everywhere."""
    newsroom.kill(call.app, story, actor=call.actor, reason=asked.why)
    return _article(call, story)


@acting.post("/posts", tags=["posts"], status_code=201)
def post(call: Wording, asked: OwnWords) -> Deliveries:
    """Posts a person's own words, without a story."""
    at = call.moment(asked.at) if asked.at else None
    return _changed(call, [newsroom.free_post(call.app, asked.text, asked.channel, actor=call.actor, at=at)])


@acting.post("/deliveries/{delivery}/cancel", tags=["deliveries"])
def cancel(call: Stopping, delivery: Numbered, asked: Why) -> Deliveries:
    """Calls one delivery off."""
    return _told(call, [newsroom.cancel(call.app, delivery, actor=call.actor, reason=asked.why)])


@acting.post("/deliveries/{delivery}/move", tags=["deliveries"])
def move(call: Approving, delivery: Numbered, asked: Moment) -> Deliveries:
    """Gives one delivery another moment, if its channel's rules let it."""
    done = newsroom.move(call.app, delivery, call.moment(asked.at), actor=call.actor, reason=asked.why)
    return _changed(call, [done])


@acting.post("/deliveries/{delivery}/settle", tags=["deliveries"])
def settle(call: Settling, delivery: Numbered, asked: Verdict) -> Deliveries:
    """A person's verdict on an unsettled delivery, or that a failed one is left as it is."""
    if asked.verdict == "leave":
        return _told(call, [newsroom.leave(call.app, delivery, actor=call.actor, reason=asked.why)])
    done = newsroom.settle(
        call.app, delivery, VERDICTS[asked.verdict], actor=call.actor, url=asked.url, reason=asked.why
    )
    return _told(call, [done])


@acting.post("/deliveries/{delivery}/takedown", tags=["deliveries"])
def take_down(call: TakingBack, delivery: Numbered, asked: Why) -> Deliveries:
    """Orders one post to be taken down; the worker does it, and the log says what became of it."""
    newsroom.take_down(call.app, delivery, actor=call.actor, reason=asked.why)
    with call.app.ground.reading() as tx:
        return _told(call, [deliveries.get(tx, delivery)])


@acting.post("/channels/{name}/pause", tags=["channels"])
def pause_channel(call: Stopping, name: ChannelNamed, asked: Pause) -> Laid:
    """Keeps one channel from speaking."""
    return lay(call, Reach(Scope.CHANNEL, name), asked)


@acting.post("/channels/{name}/resume", tags=["channels"])
def resume_channel(call: Stopping, name: ChannelNamed, asked: Why) -> Lifted:
    """Ends a channel's pause, never with a burst."""
    return lift(call, Reach(Scope.CHANNEL, name), asked)


@acting.post("/pause", tags=["newsroom"])
def pause(call: Stopping, asked: Pause) -> Laid:
    """Keeps everything from going."""
    return lay(call, Reach(Scope.EVERYTHING), asked)


@acting.post("/resume", tags=["newsroom"])
def resume(call: Stopping, asked: Why) -> Lifted:
    """Ends the pause of everything, never with a burst."""
    return lift(call, Reach(Scope.EVERYTHING), asked)


def lay(call: Call, reach: Reach, asked: Pause) -> Laid:
    """Holds or pauses what is within reach."""
    laid = newsroom.hold(
        call.app,
        reach,
        actor=call.actor,
        reason=asked.why,
        until=call.moment(asked.until) if asked.until else None,
        lets_breaking=asked.let_breaking,
    )
    stop = laid.stop
    return {
        "stopped": laid.reach.told,
        "reason": stop.reason,
        "by": stop.by,
        "until_at": call.times.iso(stop.until_at),
        "keeps": laid.keeps,
        "in_flight": [one.id for one in laid.in_flight],
    }


def lift(call: Call, reach: Reach, asked: Why) -> Lifted:
    """Lets what is within reach go again."""
    done = newsroom.resume(call.app, reach, actor=call.actor, reason=asked.why)
    return {
        "resumed": reach.told,
        "deliveries": [
            {"delivery": one.delivery.id, "goes_at": call.times.iso(one.at.due_at) if one.at else None}
            for one in done.proposals
        ],
    }


def _changed(call: Call, done: list[Changed]) -> Deliveries:
    return _told(call, [one.delivery for one in done])


def _told(call: Call, done: list[Delivery] | tuple[Delivery, ...]) -> Deliveries:
    return {"timezone": call.times.name, "deliveries": [delivery_form(one, call.times) for one in done]}


def _article(call: Call, story: int) -> StoryForm:
    with call.app.ground.reading() as tx:
        found: Article = articles.get(tx, story)
    return article_form(found, call.times)
