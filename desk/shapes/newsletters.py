"""Newsletters, issues and what became of their copies, in JSON."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from db.records import Frequency, State
from desk.shapes.kinds import Moment


class FindingForm(TypedDict):
    """One finding of the pre-flight."""

    name: str
    level: Annotated[str, Field(description='ok, note, not asked, or "stops it".')]
    sentence: str


class ReasonForm(TypedDict):
    """Why copies stand where they stand, and how many."""

    state: str
    code: str
    sentence: str
    copies: int


class IssueCorrectionForm(TypedDict):
    """A correction of what an issue said."""

    story: int
    note: str
    told_in: int | None


class IssueForm(TypedDict):
    """One issue and what became of its copies."""

    issue: int
    newsletter: str
    window: str
    frequency: Frequency
    corrects: int | None
    stories: list[int]
    cut_at: Moment
    delivery: int
    state: State
    audience_frozen: bool
    finished: bool
    candidates: int
    sent: int
    refused: int
    unknown: int
    excluded: int
    open: int
    expired: int
    cancelled: int
    variants: int
    reasons: list[ReasonForm]
    corrections: list[IssueCorrectionForm]


class ByWhomForm(TypedDict):
    """Copies by people and by machines alone."""

    people: int
    machines: int


class MachineForm(TypedDict):
    """What machines did, and what gave them away."""

    what: str
    sign: str
    copies: int


class LinkForm(TypedDict):
    """A link of an issue and by how many copies it was followed."""

    address: str
    headline: str
    people: int
    machines: int


class CountedForm(TypedDict):
    """Opens and clicks; null where the newsletter does not count them."""

    opens: ByWhomForm | None
    clicks: ByWhomForm | None
    machines: list[MachineForm]
    links: list[LinkForm]
