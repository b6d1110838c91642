"""What becomes of one reader's copy after a try failed. Pure: no wire, no table, no clock.

Pauses follow RFC 5321 §4.5.4.1 (two tries in the first hour, then every two or three hours) as far as news stays news.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from db.records import Failure, Outcome, State

PAUSES = (timedelta(minutes=15), timedelta(minutes=30), timedelta(hours=2))
LAST_PAUSE = timedelta(hours=3)
KEEP_TRYING = timedelta(days=4)
"""How long a copy is tried where its delivery names no latest time (RFC 5321: four to five days)."""

ASK_AGAIN = timedelta(minutes=15)
POLICY_TRIES = 3
"""So often a server may refuse one reader's copy as a matter of policy before it is that reader's refusal."""


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
    recipient: Tried, attempt_number: int, failure: Failure, *, give_up_at: datetime, now: datetime
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
        pause, spends = max(pause_after(recipient.tries + 1), failure.again_after or timedelta(0)), True
    again = now + pause
    if again >= give_up_at:
        return Next(State.FAILED, f"given up: {failure.sentence}")
    return Next(State.PLANNED, failure.sentence, again, spends)


def pause_after(tries: int) -> timedelta:
    """How long to wait after so many tries of one copy; at least 1."""
    return PAUSES[tries - 1] if tries <= len(PAUSES) else LAST_PAUSE


def give_up_at(due_at: datetime, latest_at: datetime | None) -> datetime:
    """From when on a copy is not tried again."""
    return latest_at if latest_at is not None else due_at + KEEP_TRYING
