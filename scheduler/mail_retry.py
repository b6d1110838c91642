"""What becomes of one reader's copy after a try failed, by its lane. Pure: no wire, no table, no clock.

Pauses follow RFC 5321 §4.5.4.1 (two tries in the first hour, then every two or three hours) where there is time; a
breaking alert has minutes, and nobody gets yesterday's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from db.records import Delivery, Failure, Outcome, Priority, State

PAUSES = (timedelta(minutes=15), timedelta(minutes=30), timedelta(hours=2))
LAST_PAUSE = timedelta(hours=3)
BREAKING_PAUSES = (timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4))
BREAKING_LAST_PAUSE = timedelta(minutes=5)
KEEP_TRYING = timedelta(days=4)
"""How long a copy is tried where its delivery names no latest time (RFC 5321: four to five days)."""
KEEP_TRYING_BREAKING = timedelta(hours=1)

ASK_AGAIN = timedelta(minutes=15)
POLICY_TRIES = 3
"""So often a server may refuse one reader's copy as a matter of policy before it is that reader's refusal."""


class Lane(StrEnum):
    """The line a mail goes through: how long it is tried, and who waits for whom."""

    BREAKING = "breaking"  # minutes; while one is under way no other issue opens a copy
    DIGEST = "digest"  # until its latest moment, at most until the next issue
    OPT_IN = "opt-in"  # asked for by the reader just now: four days, as RFC 5321 has it

    @staticmethod
    def of(delivery: Delivery) -> Lane:
        """The lane of an issue."""
        return Lane.BREAKING if delivery.priority is Priority.BREAKING else Lane.DIGEST


@dataclass(frozen=True, slots=True)
class Next:
    """Where the copy goes: ``send_at`` for one that is planned again."""

    state: State
    sentence: str
    send_at: datetime | None = None
    spends_try: bool = True


class Tried(Protocol):
    """A reader's copy or a letter: what was tried so often."""

    @property
    def tries(self) -> int:
        """How many tries it has spent."""
        ...


def after_failure(
    recipient: Tried,
    attempt_number: int,
    failure: Failure,
    *,
    give_up_at: datetime,
    now: datetime,
    lane: Lane = Lane.DIGEST,
) -> Next:
    """The rules of design §3 for one copy. What nobody can know is unsettled and never sent again by itself."""
    if failure.outcome is Outcome.UNCERTAIN:
        return Next(State.UNSETTLED, failure.sentence)
    if failure.outcome is Outcome.REJECTED and (failure.again_after is None or recipient.tries >= failure.at_most):
        return Next(State.FAILED, failure.sentence)
    if failure.outcome is Outcome.UNAUTHORIZED:
        if attempt_number >= POLICY_TRIES:
            return Next(State.FAILED, f"{failure.sentence}; refused {attempt_number} times")
        pause, spends = ASK_AGAIN, False
    elif failure.outcome is Outcome.RATE_LIMITED:
        pause, spends = failure.retry_after or ASK_AGAIN, False
    else:
        pause, spends = pause_after(recipient.tries + 1, lane), True
        if failure.again_after is not None and lane is not Lane.BREAKING:
            pause = max(pause, failure.again_after)
    again = now + pause
    if again >= give_up_at:
        return Next(State.FAILED, f"given up: {failure.sentence}")
    return Next(State.PLANNED, failure.sentence, again, spends)


def pause_after(tries: int, lane: Lane = Lane.DIGEST) -> timedelta:
    """How long to wait after so many tries of one copy; at least 1."""
    pauses, last = (BREAKING_PAUSES, BREAKING_LAST_PAUSE) if lane is Lane.BREAKING else (PAUSES, LAST_PAUSE)
    return pauses[tries - 1] if tries <= len(pauses) else last


def give_up_at(due_at: datetime, latest_at: datetime | None, lane: Lane = Lane.DIGEST) -> datetime:
    """From when on a copy is not tried again."""
    if latest_at is not None:
        return latest_at
    return due_at + (KEEP_TRYING_BREAKING if lane is Lane.BREAKING else KEEP_TRYING)
