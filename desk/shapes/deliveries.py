"""Deliveries, their attempts and what stops them, in JSON."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from db.records import Cause, KnownBy, Mode, Outcome, Priority, Scope, State, SubjectKind, Verb, Wish
from desk.shapes.kinds import Dollars, Fingerprint, Moment


class DeliveryForm(TypedDict):
    """The promise to put one post on one channel once."""

    delivery: int
    key: Annotated[str, Field(description="Its name for life.")]
    mode: Mode
    subject: SubjectKind
    subject_id: int
    channel: str
    kind: str
    purpose: str
    state: State
    reason: str
    priority: Priority
    due_at: Annotated[Moment, Field(description="The moment promised.")]
    next_at: Annotated[Moment, Field(description="Not before this one.")]
    latest_at: Annotated[Moment | None, Field(description="After it, sending makes no sense.")]
    ordered_by: str
    approved_by: str | None
    approved_at: Moment | None
    known_by: Annotated[KnownBy | None, Field(description="How it is known that it is out.")]
    wish: Wish | None
    tries: int
    cost_usd: Dollars
    fingerprint: Fingerprint
    updated_at: Moment | None


class LogRowForm(DeliveryForm):
    """A line of the log."""

    headline: str
    url: Annotated[str | None, Field(description="Where the post stands.")]
    outcome: Outcome | None
    code: Annotated[str, Field(description="The platform's own code.")]
    sentence: str
    tried_at: Moment | None
    text: Annotated[str | None, Field(description="Exactly what the latest try carried.")]


class AttemptForm(TypedDict):
    """One try, with the exact text it carried and the platform's answer, secrets masked."""

    attempt: int
    verb: Verb
    part: int
    mode: Mode
    opened_at: Moment
    closed_at: Moment | None
    outcome: Annotated[Outcome | None, Field(description="Null while it is under way, or died.")]
    code: str
    sentence: str
    receipt_id: str | None
    url: str | None
    known_by: KnownBy | None
    cost_usd: Dollars
    ordered_by: str
    approved_by: str | None
    teaser_version: int | None
    teaser_writer: str | None
    article_revision: int | None
    worker: str
    fingerprint: str
    text: str
    raw: str


class StopForm(TypedDict):
    """A hold or pause that lies over something."""

    scope: Scope
    target: Annotated[str, Field(description="What it lies over; empty for everything.")]
    cause: Cause
    reason: str
    by: str
    since_at: Moment
    until_at: Moment | None
    lets_breaking: bool
