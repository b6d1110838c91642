"""The issues to come: which newsletters have stories waiting, and when the next edition is cut."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from db import issues
from scheduler.app import App, Outlet
from scheduler.cutting import ready_stories
from scheduler.slots import next_slots, start_of_day


@dataclass(frozen=True, slots=True)
class IssueAhead:
    """So many stories wait for a channel's next issue, cut at ``at``; None where the settings have no slot for it."""

    channel: str
    stories: int
    at: datetime | None


def issues_ahead(app: App) -> list[IssueAhead]:
    """One for each newsletter with a story that no issue has carried yet. Raises ``GroundLost``."""
    now = app.clock.now()
    ahead = []
    for outlet in app.outlets.values():
        if not outlet.crowd:
            continue
        with app.ground.reading() as tx:
            waiting = ready_stories(tx, outlet, now)
            today = now.astimezone(outlet.rules.zone).date().isoformat()
            cut = issues.find(tx, outlet.mode, outlet.name, today) is not None
        if waiting:
            ahead.append(IssueAhead(outlet.name, len(waiting), _next_cut(outlet, now, cut_today=cut)))
    return ahead


def _next_cut(outlet: Outlet, now: datetime, *, cut_today: bool) -> datetime | None:
    rules = outlet.rules
    if not rules.slots.immediately:
        return next(iter(next_slots(rules.slots, rules.zone, now, except_dates=rules.except_dates)), None)
    day = now.astimezone(rules.zone).date()
    if not cut_today and day not in rules.except_dates:
        return now
    return start_of_day(day + timedelta(days=1), rules.zone)
