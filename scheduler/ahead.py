"""The issues to come: which newsletters have stories waiting, and when the next edition is cut."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from db import issues
from db.records import Frequency
from scheduler.app import App
from scheduler.cutting import BY_THE_CLOCK, slot_after, waiting_for


@dataclass(frozen=True, slots=True)
class IssueAhead:
    """So many stories wait for a newsletter's next issue, cut at ``at``; None where the settings have no slot for it."""

    channel: str
    stories: int
    at: datetime | None
    frequency: Frequency = Frequency.DAILY


def issues_ahead(app: App) -> list[IssueAhead]:
    """One for each daily or weekly issue to come that has a story. Raises ``GroundLost``."""
    now = app.clock.now()
    ahead = []
    for outlet in app.outlets.values():
        letter = outlet.letter
        if letter is None:
            continue
        for frequency in BY_THE_CLOCK:
            slots = letter.slots_of(frequency)
            if slots is None:
                continue
            with app.ground.reading() as tx:
                waiting = waiting_for(tx, outlet, frequency, now).stories
                cut = issues.find(tx, outlet.mode, outlet.name, letter.window(frequency, now)) is not None
            if waiting:
                at_once = (
                    slots.immediately and not cut and now.astimezone(letter.zone).date() not in letter.except_dates
                )
                at = now if at_once else slot_after(letter, frequency, now)
                ahead.append(IssueAhead(outlet.name, len(waiting), at, frequency))
    return ahead
