"""How sources and webhooks stand, in JSON."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from desk.shapes.kinds import Moment


class RefusedForm(TypedDict):
    """One story that could not be read, and why."""

    item: str
    sentence: str


class SourceForm(TypedDict):
    """A source: does it answer, when it was read and will be again."""

    source: str
    kind: str
    state: Annotated[str, Field(description="ok, failing, quiet or not read yet.")]
    fetched_at: Moment | None
    next_at: Moment | None
    new_at: Moment | None
    new_today: int
    new_total: int
    failures: int
    sentence: str | None
    refused: list[RefusedForm]


class ForeseenForm(TypedDict):
    """A story that a source would bring."""

    what: str
    headline: str
    url: str | None
    published_at: Moment | None
    flags: list[str]


class LookForm(TypedDict):
    """What a look at a source found; nothing of it is stored."""

    source: str
    kind: str
    ok: bool
    error: str | None
    note: str | None
    fresh_files: int
    stories: list[ForeseenForm]
    refused: list[RefusedForm]


class WebhookForm(TypedDict):
    """A webhook; of its address only the host."""

    webhook: str
    host: str
    state: Annotated[str, Field(description="ok, failing, paused or new.")]
    events: Annotated[list[str], Field(description="Which it asks for; none: all.")]
    answered_at: Moment | None
    failures: int
    failing_since: Moment | None
    next_at: Moment | None
    paused_at: Moment | None
    sentence: str | None
    owed: int
    told: int
    given_up: int


class CallForm(TypedDict):
    """One call of a webhook. ``closed_at`` null: it is under way, or died."""

    opened_at: Moment
    closed_at: Moment | None
    status: int | None
    sentence: str | None


class WebhookEventForm(TypedDict):
    """An event with every call that was made for it."""

    id: str
    type: str
    delivery: int
    version: int
    at: Moment
    outcome: Annotated[str, Field(description="owed, told or given up.")]
    done_at: Moment | None
    next_at: Moment | None
    tries: list[CallForm]
