"""What one reader gets of an issue, and when, or why nothing. Pure: no table, no clock, no wire."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from db.records import Choices, Frequency
from scheduler.periodical import Periodical
from scheduler.slots import Quiet, end_of_quiet, start_of_day, to_instant

NOT_CHOSEN = "chose no section of it for this issue"
OTHER_LANGUAGE = "has no story of it in the language they chose"
HAD = "had every story of it before"
QUIET = "is in quiet hours until it is too late"


@dataclass(frozen=True, slots=True)
class Piece:
    """One story of an issue: its number, and the section and language that readers choose by."""

    article_id: int
    section: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Occasion:
    """The issue as one reader's copy is decided: its stories, for whom, from when and until when it makes sense."""

    letter: Periodical
    frequency: Frequency
    pieces: Sequence[Piece]
    due_at: datetime
    latest_at: datetime | None
    correction: bool = False  # repeats on purpose, and counts as no alert


@dataclass(frozen=True, slots=True)
class Copy:
    """The stories of a reader's copy, in the issue's order, and when it may go."""

    article_ids: tuple[int, ...]
    send_at: datetime


def copy_for(
    occasion: Occasion,
    choices: Choices,
    *,
    had: Collection[int] = (),
    alerts_at: Sequence[datetime] = (),
    now: datetime,
) -> Copy | str:
    """One reader's copy, or the reason why they get none.

    ``had`` are stories they got before or are about to get, ``alerts_at`` when their alerts of late went or will go.
    Sections are theirs to choose; each story comes once; alerts keep to their cap a day and all mail to their quiet
    hours, in their own zone.
    """
    letter = occasion.letter
    zone = _zone(choices, letter)
    if choices.paused_until is not None and choices.paused(now):
        return f"has paused it until {choices.paused_until.astimezone(zone):%Y-%m-%d %H:%M} {zone.key}"
    usual = letter.usual
    wanted = [
        one
        for one in occasion.pieces
        if occasion.correction or choices.wants(one.section, occasion.frequency, usual=usual)
    ]
    if not wanted:
        return NOT_CHOSEN
    chosen = [one.article_id for one in wanted if occasion.correction or letter.speaks(choices.language, one.language)]
    if not chosen:
        return OTHER_LANGUAGE
    new = tuple(number for number in chosen if number not in had)
    if not new:
        return HAD
    send_at = _hour(occasion, choices, zone)
    if occasion.latest_at is not None and send_at >= occasion.latest_at:
        return QUIET
    if occasion.frequency is Frequency.IMMEDIATE and not occasion.correction:
        most = letter.alerts_a_day if choices.alerts_a_day is None else min(choices.alerts_a_day, letter.alerts_a_day)
        if _on_the_day(alerts_at, send_at, zone) >= most:
            return f"has had as many alerts that day as they want: {most}" if most else "wants no alerts"
    return Copy(new, send_at)


def _zone(choices: Choices, letter: Periodical) -> ZoneInfo:
    return ZoneInfo(choices.zone) if choices.zone else letter.zone


def _hour(occasion: Occasion, choices: Choices, zone: ZoneInfo) -> datetime:
    """When the copy may go: at the issue's hour, of the reader's own zone where the newsletter does so, not in quiet.

    A reader whose hour has passed already when the issue is cut gets it at once.
    """
    at, letter = occasion.due_at, occasion.letter
    if letter.local_times and occasion.frequency is not Frequency.IMMEDIATE and not occasion.correction:
        wall = at.astimezone(letter.zone).time()
        at = max(at, to_instant(at.astimezone(zone).date(), wall, zone))
    if choices.quiet_start is None or choices.quiet_end is None:
        return at
    return end_of_quiet(Quiet(choices.quiet_start, choices.quiet_end), zone, at)


def _on_the_day(alerts_at: Sequence[datetime], at: datetime, zone: ZoneInfo) -> int:
    day = at.astimezone(zone).date()
    begins, ends = start_of_day(day, zone), start_of_day(day + timedelta(days=1), zone)
    return sum(begins <= one < ends for one in alerts_at)
