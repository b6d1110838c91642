"""Moving one post to another moment, as a calendar does: the channel's own rules are asked, and may be passed by name."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from db import deliveries
from db.records import Delivery, Priority, SubjectKind
from scheduler.app import App, Outlet
from scheduler.newsroom.grounds import MAY_CHANGE, Changed, Refused, current
from scheduler.newsroom.timing import schedule
from scheduler.people.actor import check, needs
from scheduler.people.roles import Permission
from scheduler.slots import end_of_quiet
from scheduler.spans import say_span


class InTheWay(Refused):
    """A rule of the channel's stands against the moment; who may override can pass it by name."""


@needs(Permission.APPROVE)
def move(app: App, delivery_id: int, at: datetime, *, actor: str, override: bool = False, reason: str = "") -> Changed:
    """Gives one delivery of a story another moment. ``override`` passes quiet hours, closed days, spacing and the cap.

    Raises ``InTheWay`` where one of these stands against it, ``Refused`` for what cannot be passed: a moment that is
    past, an embargo, a rule about stories, a post that is on its way or out. ``NotAllowed`` for an override without
    the right to it.
    """
    if override:
        check(actor, Permission.OVERRIDE)
    with app.ground.reading() as tx:
        found = deliveries.get(tx, delivery_id)
        if found.state not in MAY_CHANGE or not current(app, found):
            raise Refused(f"delivery {delivery_id} is {found.state}: only what is still to go has a moment to change")
        if found.subject_kind is not SubjectKind.ARTICLE:
            raise Refused(f"delivery {delivery_id} is no story's post: an issue keeps its newsletter's own time")
        why = "" if override else _against(app, tx, app.outlets[found.channel], found, at)
    if why:
        raise InTheWay(f"{found.channel}: {why}")
    (changed,) = schedule(app, found.subject_id, at, actor=actor, reason=reason, only=delivery_id)
    return changed


def _against(app: App, tx: Connection, outlet: Outlet, delivery: Delivery, at: datetime) -> str:
    """Which rule of the channel's stands against ``at``; "" where none does. Breaking news passes them all."""
    rules = outlet.rules
    if delivery.priority is Priority.BREAKING:
        return ""
    if (opens := end_of_quiet(rules.quiet, rules.zone, at)) > at:
        return f"it is quiet then, until {app.told(opens)}"
    day = at.astimezone(rules.zone).date()
    if day in rules.except_dates:
        return f"nothing goes there on {day.isoformat()}"
    others = [
        one
        for one in deliveries.taken_since(tx, outlet.mode, outlet.name, at - timedelta(days=1))
        if one.id != delivery.id and one.priority is not Priority.BREAKING
    ]
    near = min(others, key=lambda one: abs(one.next_at - at), default=None)
    if near is not None and rules.spacing and abs(near.next_at - at) < rules.spacing:
        return (
            f"{say_span(rules.spacing)} lie between two posts there, and delivery {near.id} goes at "
            f"{app.told(near.next_at)}"
        )
    if rules.daily_cap is not None:
        same_day = sum(one.next_at.astimezone(rules.zone).date() == day for one in others)
        if same_day >= rules.daily_cap:
            return f"{same_day} posts go there on {day.isoformat()} already, and its daily cap is {rules.daily_cap}"
    return ""
