"""Stories in JSON."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from db.records import Label, Mode, Priority
from desk.shapes.deliveries import DeliveryForm
from desk.shapes.kinds import Dollars, Fingerprint, Moment


class StoryForm(TypedDict):
    """A story as we know it."""

    story: int
    revision: int
    headline: str
    authors: list[str]
    outlet: str
    url: str | None
    source: str
    section: str
    label: Label
    language: str
    priority: Priority
    published_at: Moment | None
    taken_in_at: Moment | None
    embargo_at: Annotated[Moment | None, Field(description="No word of it leaves before.")]
    skipped_at: Moment | None
    no_link: Annotated[bool, Field(description="A person said that it may go without an address.")]
    wants_yes: Annotated[bool, Field(description="A person said that no post of it goes without a yes.")]
    flags: Annotated[list[str], Field(description="What an editor should know of it, in sentences.")]


class RemovedForm(TypedDict):
    """A line of the source that is kept out of every teaser."""

    kind: str
    text: str


class StoryBodyForm(StoryForm):
    """A story with all its paragraphs."""

    paragraphs: list[str]
    removed: list[RemovedForm]


class PictureForm(TypedDict):
    """A picture beside the words."""

    url: str | None
    sha256: str | None
    alt: str
    credit: str


class PartForm(TypedDict):
    """One call's worth of a post, exactly as it leaves."""

    text: str
    link: str | None
    subject: str
    preheader: str
    html: str
    images: list[PictureForm]


class PostForm(TypedDict):
    """The exact payload."""

    fingerprint: Fingerprint
    parts: list[PartForm]


class ProblemForm(TypedDict):
    """What an editor must fix (``stops``), or should know."""

    code: str
    message: str
    stops: bool


class WordsForm(TypedDict):
    """One channel of a story: its words, the exact post, what it counts and costs, where it stands."""

    channel: str
    kind: str
    mode: Mode
    version: Annotated[int | None, Field(description="Of the words; null while they are a draft that is not kept.")]
    writer: str | None
    text: str | None
    subject: str | None
    preheader: str | None
    hashtags: list[str]
    image: PictureForm | None
    link: str | None
    used: Annotated[list[str], Field(description="The story's sentences that the words were made of.")]
    count: Annotated[int, Field(description="As the platform counts.")]
    limit: int
    cost_usd: Dollars
    problems: list[ProblemForm]
    fault: Annotated[str | None, Field(description="Why there are no words.")]
    waits: Annotated[bool, Field(description="A person's yes is wanted now.")]
    seen: Annotated[str, Field(description="What a yes to it names: `seen` of approve.")]
    may_change: bool
    next_slot: Annotated[Moment | None, Field(description="The first free slot of the channel.")]
    post: PostForm | None
    delivery: DeliveryForm | None


class VersionForm(TypedDict):
    """One version of the words on a channel."""

    version: int
    writer: str
    text: str
    approved: bool


class WordingForm(TypedDict):
    """Another wording that the machine has for a channel."""

    variant: str
    text: str


class TurnForm(TypedDict):
    """How often a story came again on a channel, and when it does next."""

    channel: str
    done: int
    next_at: Moment | None
    delivery: int | None


class EvergreenForm(TypedDict):
    """A story that comes again: its rule and its turns."""

    story: int
    headline: str
    every_seconds: int
    times: int | None
    until_at: Moment | None
    season: str | None
    channels: list[str]
    marked_by: str
    marked_at: Moment
    ended_at: Moment | None
    turns: list[TurnForm]
    called_off: Annotated[list[int], Field(description="Deliveries called off by this.")]
