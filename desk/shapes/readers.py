"""Readers, their consent, their letters and the orders not to write to them, in JSON."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from db.records import Mode
from desk.shapes.kinds import Moment


class TieForm(TypedDict):
    """One subscription. Moments are ISO in UTC, all fields text: the row of an export."""

    email: str
    name: str
    language: str
    list: str
    state: str
    since: str
    ended: str
    consent_at: str
    consent_source: str
    consent_wording: str
    sections: str
    paused_until: str
    zone: str
    quiet: str
    alerts_a_day: str
    in_language: str


class SubscriptionForm(TieForm):
    """One subscription and whose it is."""

    subscriber: int


class OrderForm(TypedDict):
    """A standing order not to write."""

    cause: str
    list: Annotated[str | None, Field(description="Null: for all mail.")]
    by: str
    reason: str
    since: Moment


class SuppressionForm(OrderForm):
    """The same with its number."""

    suppression: int


class ConsentForm(TypedDict):
    """What proves a consent."""

    at: Moment
    event: str
    list: str
    source: str
    wording: str
    form: str
    wording_version: str
    ip: str | None
    issue: int | None
    by: str
    reason: str


class LetterForm(TypedDict):
    """A letter to one reader."""

    asked: Moment
    purpose: str
    list: str
    state: str
    tries: int
    detail: str
    code: str


class CopyForm(TypedDict):
    """One issue and this reader: what became of their copy, and why."""

    issue: int
    list: str
    mode: Mode
    window: str
    subject: str
    cut: Moment
    outcome: str
    why: str
    code: str
    tries: int
    at: Moment | None


class ReaderForm(TypedDict):
    """A reader's whole story."""

    address: str
    subscriber: int | None
    name: str
    subscriptions: list[TieForm]
    suppressions: list[OrderForm]
    consents: list[ConsentForm]
    letters: list[LetterForm]
    issues: list[CopyForm]


ImportForm = TypedDict(
    "ImportForm",
    {
        "import": int,
        "list": str,
        "file": str,
        "state": Annotated[str, Field(description="running, done, failed, stopped or broken off.")],
        "line": int,
        "lines": int,
        "rows": int,
        "added": int,
        "already": int,
        "suppressed": int,
        "refused": int,
        "sentence": str,
        "by": str,
        "begun": Moment,
        "ended": Moment | None,
    },
)
ImportForm.__doc__ = "How far an import is, and what became of its rows."
