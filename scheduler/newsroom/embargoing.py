"""The embargo: the moment before which no word of a story leaves, on any channel and in any issue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from db import articles, audit, deliveries, embargoes, issues
from db.moves import IN_FLIGHT
from db.records import MACHINE, Article, Delivery, State, SubjectKind
from scheduler import takedown
from scheduler.app import App
from scheduler.newsroom.grounds import MAY_CHANGE, Refused, current
from scheduler.people.actor import needs
from scheduler.people.roles import Permission
from scheduler.plan import Moment, find_moment, taken_from


@dataclass(frozen=True, slots=True)
class Embargoed:
    """A story's embargo as it stands now (None: lifted), the posts that were planned anew, the issues that wait for
    its end, what it comes too late for (in flight or out), and the planned posts that keep their moment."""

    article: Article
    moved: tuple[Delivery, ...] = ()
    issues: tuple[Delivery, ...] = ()
    too_late: tuple[Delivery, ...] = ()
    stays: tuple[Delivery, ...] = ()


@needs(Permission.APPROVE)
def embargo(app: App, article_id: int, until: datetime, *, actor: str, reason: str = "") -> Embargoed:
    """Sets or moves a story's embargo; posts that were to go before its end are planned anew from there.

    Moved to an earlier end, the posts that the machine had placed behind the old one come forward. Raises ``Refused``
    for a moment that is past.
    """
    if until <= app.clock.now():
        raise Refused(f"{app.told(until)} is past; to let the story go: pressrun embargo {article_id} --lift")
    return _set(app, article_id, until, actor, reason)


@needs(Permission.APPROVE)
def lift_embargo(app: App, article_id: int, *, actor: str, reason: str = "") -> Embargoed:
    """Lifts a story's embargo; the posts that the machine had placed behind it come forward. Raises ``Refused`` where
    there is none that still holds."""
    return _set(app, article_id, None, actor, reason)


def _set(app: App, article_id: int, until: datetime | None, actor: str, reason: str) -> Embargoed:
    moment = app.clock.now()
    with app.ground.transaction() as tx:
        before = articles.get(tx, article_id)
        held_until = before.embargo_at if before.embargo_at is not None and before.embargo_at > moment else None
        if until is None and held_until is None:
            raise Refused(f"story {article_id} is under no embargo")
        article = articles.set_embargo(tx, article_id, until, actor=actor, now=moment, reason=reason)
        told = (app.told(held_until) if held_until else "", app.told(until) if until else "lifted")
        subject = f"story {article_id}"
        audit.write(tx, embargoes.SET, subject, actor=actor, now=moment, reason=reason, before=told[0], after=told[1])
        own = [
            one for one in deliveries.of_subject(tx, SubjectKind.ARTICLE, article_id) if not takedown.is_takedown(one)
        ]
        open_ones = [one for one in own if one.state in MAY_CHANGE and current(app, one)]
        to_move = [one for one in open_ones if _is_to_move(one, held_until, until)]
        stays = tuple(one for one in open_ones if one not in to_move)
        moved = [_plan_anew(app, tx, one, max(moment, until or moment), actor, moment) for one in to_move]
        carrying = [
            one
            for issue in issues.of_article(tx, article_id)
            for one in deliveries.of_subject(tx, SubjectKind.ISSUE, issue.id)
        ]
        late = [one for one in (*own, *carrying) if one.state in IN_FLIGHT or one.state is State.SENT]
        waiting = [one for one in carrying if one.state in MAY_CHANGE]
        return Embargoed(article, tuple(moved), tuple(waiting), tuple(late) if until is not None else (), stays)


def _is_to_move(one: Delivery, held_until: datetime | None, until: datetime | None) -> bool:
    """Whatever would go too early; and what only the old embargo had put so late, unless a person chose the moment."""
    if until is not None and one.next_at < until:
        return True
    return held_until is not None and one.next_at >= held_until and one.ordered_by == MACHINE


def _plan_anew(app: App, tx: Connection, one: Delivery, not_before: datetime, actor: str, moment: datetime) -> Delivery:
    outlet = app.outlets[one.channel]
    taken = deliveries.taken_since(tx, outlet.mode, outlet.name, taken_from(outlet.rules, moment))
    others = [other for other in taken if other.id != one.id]
    place = find_moment(outlet.rules, others, not_before, one.priority) or Moment(not_before, None)
    moved = deliveries.move(
        tx,
        one,
        one.state,
        actor=actor,
        now=moment,
        reason=one.reason,
        due_at=place.due_at,
        next_at=place.due_at,
        latest_at=place.latest_at,
        slot_at=place.slot_at,
    )
    before, after = app.told(one.next_at), app.told(place.due_at)
    audit.write(tx, "plan anew", f"delivery {one.id}", actor=actor, now=moment, before=before, after=after)
    return moved
