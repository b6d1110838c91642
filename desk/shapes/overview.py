"""The calendar, the reports, and who did what, in JSON."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from db.records import KnownBy, Mode, Outcome, State
from desk.shapes.deliveries import LogRowForm
from desk.shapes.kinds import Dollars, Moment, Next, Zone
from scheduler.people.roles import Permission, Role

Date = Annotated[str, Field(json_schema_extra={"format": "date"})]


class EntryForm(LogRowForm):
    """A delivery in the calendar. ``movable``: its moment is still a person's to change."""

    movable: bool


class FreeSlotForm(TypedDict):
    """A slot to come that nothing holds."""

    channel: str
    at: Moment


class DayForm(TypedDict):
    """One day of the calendar."""

    date: Date
    shift_minutes: Annotated[int, Field(description="By how much the clocks change in it.")]
    closed: Annotated[list[str], Field(description="Channels on which nothing goes that day.")]
    quiet_hours: Annotated[list[int], Field(description="Hours at whose beginning no channel speaks.")]
    deliveries: list[EntryForm]
    free: list[FreeSlotForm]


class Calendar(TypedDict):
    """Days one after the other. ``cut``: there were more deliveries than are shown."""

    timezone: Zone
    days: list[DayForm]
    cut: bool


class DayTallyForm(TypedDict):
    """How many deliveries promised for a day stand in one state."""

    date: Date
    channel: str
    state: State
    known_by: KnownBy | None
    deliveries: int


class LatenessForm(TypedDict):
    """How many posts began later than their moment by at most so much. ``within_minutes`` null: by more."""

    channel: str
    within_minutes: int | None
    posts: int


class CauseForm(TypedDict):
    """Why tries did not end well."""

    channel: str
    outcome: Outcome
    code: str
    sentence: str
    tries: int
    last_at: Moment


class SpendForm(TypedDict):
    """What a channel cost, or may have cost, in a month."""

    month: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")]
    channel: str
    usd: Dollars


class GrowthForm(TypedDict):
    """How many subscriptions were confirmed and how many ended in the week from a Monday on."""

    monday: Date
    came: int
    went: int


class IssueTallyForm(TypedDict):
    """What became of an issue's copies."""

    delivery: int
    newsletter: str
    window: str
    cut_at: Moment
    sent: int
    refused: int
    unknown: int
    excluded: int
    open: int
    bounced: Annotated[int, Field(description="Readers from whom it came back, for good or for now.")]
    complained: int
    left: Annotated[int, Field(description="Readers who left by it.")]


class Reports(TypedDict):
    """The figures of the reports; ``days`` and all but ``spend`` and ``readers`` over the days asked for."""

    timezone: Zone
    mode: Mode
    since: Date
    days: list[DayTallyForm]
    lateness: list[LatenessForm]
    causes: list[CauseForm]
    spend: list[SpendForm]
    readers: list[GrowthForm]
    issues: list[IssueTallyForm]


class DeedForm(TypedDict):
    """Who did what, to which thing, why, and what was there before and after."""

    line: int
    at: Moment
    by: str
    did: str
    subject: str
    why: str
    before: str
    after: str


class Audit(TypedDict):
    """A page of the audit, the last first."""

    timezone: Zone
    audit: list[DeedForm]
    next: Next


class PersonForm(TypedDict):
    """Somebody who belongs or belonged to the desk."""

    name: str
    role: Role
    has_password: bool
    has_second_factor: bool
    since: Moment | None
    left_at: Moment | None


class People(TypedDict):
    """Everybody."""

    people: list[PersonForm]


class TokenForm(TypedDict):
    """A program's token. It never may more than its person; what it is stands nowhere."""

    token: int
    person: str
    program: str
    scopes: list[Permission]
    made_at: Moment
    ends_at: Annotated[Moment | None, Field(description="Null: until it is taken back.")]
    used_at: Moment | None


class Tokens(TypedDict):
    """Every token that was not taken back."""

    tokens: list[TokenForm]


class LoggedOut(TypedDict):
    """How many browsers a person was logged out of."""

    ended: int


class TokenEnded(TypedDict):
    """A token that opens nothing from now on."""

    ended: int


class SlotsForm(TypedDict):
    """A channel's week. ``set_at`` null: the slots of the settings count."""

    channel: str
    slots: list[str]
    settings: Annotated[list[str], Field(description="What settings.toml says.")]
    set_by: str | None
    set_at: Moment | None
