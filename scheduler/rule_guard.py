"""The rules about stories, asked again for one delivery at the moment at which it would go.

Planning keeps to the rules already; a moment that a person, a retry or other settings gave is asked here.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from db.records import Delivery, SubjectKind
from scheduler import story_rules
from scheduler.app import App
from scheduler.asked_first import NotYet, is_news, ordered_by_person, stories_of
from scheduler.outlet import Outlet

_ASK_AGAIN = timedelta(days=1)
"""How soon something is asked for again that no rule will ever let go: the settings may have changed by then."""


def kept_by_rule(app: App, tx: Connection, outlet: Outlet, delivery: Delivery, at: datetime) -> NotYet | None:
    """Why no rule lets this delivery go at ``at``, and until when; None where all do.

    An issue is kept only by a silence over one of its stories: its slot is its hour. A moment that a person ordered
    by name passes hours.
    """
    timed = tuple(one for one in outlet.rules.stories if one.hours is not None or one.silence is not None)
    if not timed or not is_news(delivery):
        return None
    by_person = ordered_by_person(delivery) or delivery.subject_kind is SubjectKind.ISSUE
    if not any(story_rules.is_closed(one, at, delivery.priority, by_person=by_person) for one in timed):
        return None  # asked before the story is read: mostly all are open
    latest: NotYet | None = None
    for story in stories_of(tx, delivery):
        found = story_rules.fits(timed, replace(story, priority=delivery.priority), outlet.name)
        opening = story_rules.opens(found, at, delivery.priority, by_person=by_person)
        if opening.by is None:
            continue
        until = opening.at or at + _ASK_AGAIN
        rule = opening.by.rule
        told = f"until {app.told(opening.at)}" if opening.at is not None else "for good, as the settings stand"
        why = f" ({rule.why})" if rule.why else ""
        reason = f'rule "{rule.name}" keeps it {told}: {opening.by.because}{why}'
        if latest is None or until > latest.until:
            latest = NotYet(until, reason)
    return latest
