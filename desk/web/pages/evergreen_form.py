"""The form by which a story comes again: empty, or with the rule that holds now, as its verb reads it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from zoneinfo import ZoneInfo

from db.evergreens import Mark
from scheduler.spans import say_span


@dataclass(frozen=True, slots=True)
class RuleForm:
    """The fields as they are written; ``channels`` are those ticked, none for all."""

    every: str = ""
    times: str = ""
    until: str = ""
    season: str = ""
    channels: tuple[str, ...] = ()


def rule_form(mark: Mark | None, zone: ZoneInfo) -> RuleForm:
    """The form for a story with this mark. ``until`` is a day alone where it ends at the day's beginning."""
    if mark is None or mark.ended_at is not None:
        return RuleForm()
    until = mark.until_at.astimezone(zone) if mark.until_at is not None else None
    return RuleForm(
        every=say_span(mark.every),
        times=str(mark.times) if mark.times is not None else "",
        until=f"{until:%Y-%m-%d}" if until and until.time() == time() else f"{until:%Y-%m-%d %H:%M}" if until else "",
        season=mark.season,
        channels=mark.channels,
    )
