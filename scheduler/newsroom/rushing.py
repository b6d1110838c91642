"""Breaking news: declared by a person who may, past slots, spacing and quiet hours, and never late."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from db import articles, audit, deliveries, queue
from db.moves import OPEN
from db.records import Article, Delivery, Priority, State, SubjectKind
from scheduler import proposals, takedown
from scheduler.app import App
from scheduler.intake.alike import same_story
from scheduler.newsroom.calling_off import call_off
from scheduler.newsroom.grounds import MAY_CHANGE, Refused, current
from scheduler.people.actor import needs
from scheduler.people.roles import Permission
from scheduler.plan import Moment, find_moment, taken_from


@dataclass(frozen=True, slots=True)
class Rushed:
    """A story and its open posts, as they are planned now.

    ``leads`` is the story that is breaking already and tells the same: ``called_off`` are the posts of this one that
    its posts make needless.
    """

    article: Article
    moved: tuple[Delivery, ...]
    leads: Article | None = None
    called_off: tuple[Delivery, ...] = ()


@needs(Permission.APPROVE)
def declare_breaking(app: App, article_id: int, *, actor: str, reason: str = "", apart: bool = False) -> Rushed:
    """Makes a story breaking: its open posts are due at once (or at the end of its embargo) and first in every lane.

    A post that waits for a yes still waits for it. Two breaking stories that tell the same are merged: where the first
    has a post, the second's is called off, unless ``apart``. Raises ``Refused`` for who may not declare it, for a story that is
    breaking already, and for one that was skipped or killed.
    """
    return _turn(app, article_id, Priority.BREAKING, actor, reason, apart=apart)


@needs(Permission.APPROVE)
def undo_breaking(app: App, article_id: int, *, actor: str, reason: str = "") -> Rushed:
    """Makes a story news like any other again; what has not gone takes its channel's next free moment."""
    return _turn(app, article_id, Priority.NORMAL, actor, reason)


def _turn(app: App, article_id: int, priority: Priority, actor: str, reason: str, *, apart: bool = True) -> Rushed:
    may = app.settings.rights.breaking
    if may and actor.casefold() not in {name.casefold() for name in may}:
        raise Refused(f"{actor} may not declare breaking news; those who may: {', '.join(may)} ([rights] breaking)")
    moment = app.clock.now()
    with app.ground.transaction() as tx:
        article = articles.get(tx, article_id)
        if (article.priority is Priority.BREAKING) is (priority is Priority.BREAKING):
            raise Refused(f"story {article_id} is {article.priority} already; see: pressrun show {article_id}")
        if article.skipped_at is not None:
            raise Refused(f"story {article_id} was skipped or killed; see: pressrun show {article_id}")
        before = article.priority
        article = articles.set_priority(tx, article_id, priority, actor=actor, now=moment, reason=reason)
        if any(place.article_id == article_id for place in queue.waiting(tx, _WHOLE_LINE)):
            queue.put(tx, article_id, priority, actor=actor, now=moment, reason=f"{priority} by {actor}")
        open_ones = [
            one
            for one in deliveries.of_subject(tx, SubjectKind.ARTICLE, article_id, states=MAY_CHANGE)
            if current(app, one) and not takedown.is_takedown(one)
        ]
        leads = None if apart else _told_already(tx, article, moment)
        covered = _channels_of(app, tx, leads) if leads is not None else set()
        needless = [one for one in open_ones if one.channel in covered]
        why = f"story {leads.id} tells the same and is breaking already" if leads is not None else ""
        gone = [call_off(tx, one, actor, moment, why) for one in needless]
        for one in gone:
            audit.write(tx, "merge", f"delivery {one.id}", actor=actor, now=moment, reason=why)
        moved = [_plan(app, tx, one, article, actor, moment) for one in open_ones if one not in needless]
        proposals.take_down(tx, article_id, moment)
        verb, after = ("breaking", priority) if priority is Priority.BREAKING else ("not breaking", priority)
        audit.write(tx, verb, f"story {article_id}", actor=actor, now=moment, reason=reason, before=before, after=after)
        return Rushed(article, tuple(moved), leads if gone else None, tuple(gone))


_WORD, _NUMBER = re.compile(r"[^\W\d_]{4,}|[\u3040-\u9fff\uac00-\ud7a3]"), re.compile(r"\d+")

SAME_EVENT = timedelta(hours=6)
"""Within this span two breaking stories in the same words are one event."""


def _told_already(tx: Connection, article: Article, moment: datetime) -> Article | None:
    """A story that was declared breaking lately, still is, and tells the same."""
    for row in audit.rows(tx, verb="breaking", since=moment - SAME_EVENT):
        number = int(row.subject.removeprefix("story "))
        if number == article.id:
            continue
        other = articles.get(tx, number)
        if other.priority is Priority.BREAKING and other.skipped_at is None and _tells_the_same(other, article):
            return other
    return None


def _tells_the_same(one: Article, other: Article) -> bool:
    """Most of the words agree, in the headlines too, and no number in these differs: a doubt leaves both to go."""
    numbers = [set(_NUMBER.findall(story.headline)) for story in (one, other)]
    left, right = (set(_WORD.findall(story.headline.casefold())) for story in (one, other))
    close = len(left & right) >= 0.5 * min(len(left), len(right)) > 0
    return numbers[0] == numbers[1] and close and same_story(one, other)


def _channels_of(app: App, tx: Connection, article: Article) -> set[str]:
    """The channels where the story has a post that is out, or on its way."""
    return {
        one.channel
        for one in deliveries.of_subject(tx, SubjectKind.ARTICLE, article.id)
        if current(app, one)
        and not takedown.is_takedown(one)
        and (one.state in OPEN or (one.state is State.SENT and not takedown.orders_for(tx, one)))
    }


_WHOLE_LINE = 10_000


def _plan(app: App, tx: Connection, one: Delivery, article: Article, actor: str, moment: datetime) -> Delivery:
    outlet = app.outlets[one.channel]
    taken = deliveries.taken_since(tx, outlet.mode, outlet.name, taken_from(outlet.rules, moment))
    others = [other for other in taken if other.id != one.id]
    start = max(moment, article.embargo_at) if article.embargo_at is not None else moment
    place = find_moment(outlet.rules, others, start, article.priority) or Moment(start, None)
    return deliveries.move(
        tx,
        one,
        one.state,
        actor=actor,
        now=moment,
        reason=one.reason,
        priority=article.priority,
        due_at=place.due_at,
        next_at=place.due_at,
        latest_at=place.latest_at,
        slot_at=place.slot_at,
    )
