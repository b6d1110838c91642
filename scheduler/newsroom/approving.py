"""A person's yes to exactly the posts that wait."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from db import articles, audit, deliveries, posts, teasers
from db.records import (
    Article,
    Delivery,
    Mode,
    State,
    SubjectKind,
    Teaser,
)
from scheduler.app import App
from scheduler.approval import approval
from scheduler.newsroom.four_eyes import mind_four_eyes, same_person
from scheduler.newsroom.grounds import Changed, Refused, current
from scheduler.people.actor import needs
from scheduler.people.roles import Permission
from scheduler.plan import Moment, find_moment, taken_from
from scheduler.ready_stories import asks_for_a_person


@needs(Permission.APPROVE)
def approve(
    app: App,
    article_id: int,
    *,
    actor: str,
    channels: Collection[str] = (),
    no_link: bool = False,
    fingerprint: str | None = None,
    seen: Mapping[str, str] | None = None,
    at_once: bool = False,
) -> list[Changed]:
    """A person's yes to exactly the posts that wait, on the channels named or on all.

    ``no_link`` also releases a story without an address. ``fingerprint``: the yes holds only for the post the
    person saw. ``seen`` says the same of several at once: for each channel the fingerprint the person saw, or on a
    channel that sends issues ``words-ID`` of the teaser; a channel not in it is left alone, and where one has changed
    none is approved. ``at_once``: a moment that has come stays, where else the next free one is taken. Raises ``Refused``
    where nothing waits, a problem stands, the post has changed since, or the actor wrote the words and another person's
    yes is asked for (``[rights] four_eyes``).
    """
    now = app.clock.now()
    if seen is not None:
        if not seen:
            raise Refused("no channel was chosen: nothing was approved")
        channels = tuple(seen)
    with app.ground.transaction() as tx:
        article = articles.get(tx, article_id)
        if no_link and not article.no_link:
            articles.set_no_link(tx, article_id, True, actor=actor, now=now, reason="released without a link")
            article = replace(article, no_link=True)
        waiting = [
            one
            for one in deliveries.of_subject(tx, SubjectKind.ARTICLE, article_id, states=(State.WAITING,))
            if (not channels or one.channel in channels) and current(app, one)
        ]
        words = _approve_words(app, tx, article, channels, actor, now, seen or {})
        if not waiting and not words:
            raise Refused(f"nothing of story {article_id} waits for a yes; see: pressrun show {article_id}")
        return [
            _approve_one(app, tx, article, one, actor, now, (seen or {}).get(one.channel, fingerprint), at_once)
            for one in waiting
        ]


def moment_after_yes(app: App, tx: Connection, delivery: Delivery, moment: datetime) -> Moment | None:
    """Where a yes given at ``moment`` puts a post whose moment passed while it waited: the next free one.

    None where its own moment is still to come.
    """
    if delivery.due_at > moment:
        return None
    outlet = app.outlets[delivery.channel]
    others = [
        one
        for one in deliveries.taken_since(tx, outlet.mode, outlet.name, taken_from(outlet.rules, moment))
        if one.id != delivery.id
    ]
    return find_moment(outlet.rules, others, moment, delivery.priority) or Moment(moment, delivery.latest_at)


def words_mark(teaser: Teaser) -> str:
    """What ``seen`` says of words on a channel that sends issues."""
    return f"words-{teaser.id}"


def _approve_words(
    app: App,
    tx: Connection,
    article: Article,
    channels: Collection[str],
    actor: str,
    now: datetime,
    seen: Mapping[str, str],
) -> list[str]:
    """The yes to a story's words on channels that send issues; which of them waited for one."""
    approved = []
    for outlet in app.outlets.values():
        if not outlet.crowd or (channels and outlet.name not in channels):
            continue
        newest = teasers.newest(tx, SubjectKind.ARTICLE, article.id, outlet.name)
        if not asks_for_a_person(outlet, article, newest):
            continue
        if newest is not None and seen.get(outlet.name, words_mark(newest)) != words_mark(newest):
            raise Refused(f"the words for {outlet.name} have changed since you saw them; look at them again")
        if newest is not None and not teasers.approved(tx, [newest.id]):
            if app.settings.rights.four_eyes and same_person(newest.writer, actor):
                raise Refused(
                    f"{actor} wrote the words for {outlet.name}; [rights] four_eyes asks for another person's yes"
                )
            teasers.approve(tx, newest.id, actor=actor, now=now)
            audit.write(tx, "approve", f"story {article.id} on {outlet.name}", actor=actor, now=now, after=newest.text)
            approved.append(outlet.name)
    return approved


@needs(Permission.APPROVE)
def approve_issue(app: App, delivery_id: int, *, actor: str, fingerprint: str | None = None) -> Changed:
    """A person's yes to exactly the issue or free post that waits under this delivery's number.

    ``fingerprint``: the yes holds only for what the person saw.
    """
    now = app.clock.now()
    with app.ground.transaction() as tx:
        delivery = deliveries.get(tx, delivery_id)
        if delivery.state is not State.WAITING:
            raise Refused(f"delivery {delivery_id} is {delivery.state}, it does not wait for a yes")
        return _approve_one(app, tx, None, delivery, actor, now, fingerprint)


def _approve_one(
    app: App,
    tx: Connection,
    article: Article | None,
    delivery: Delivery,
    actor: str,
    moment: datetime,
    fingerprint: str | None,
    at_once: bool = False,
) -> Changed:
    if fingerprint is not None and fingerprint != delivery.fingerprint:
        raise Refused(f"delivery {delivery.id} has changed since you saw it; look at it again")
    mind_four_eyes(app, tx, delivery, actor)
    problems = posts.problems(tx, delivery.post_id)
    stops = [problem.message for problem in problems if problem.stops]
    if stops:
        raise Refused(f"delivery {delivery.id} on {delivery.channel} cannot go yet: {' '.join(stops)}")
    live = delivery.mode is Mode.LIVE
    if live and article is not None and not article.url and not article.no_link:
        raise Refused(f"story {article.id} has no address; give it one, or approve it with --no-link")
    post = replace(posts.get(tx, delivery.post_id), id=delivery.post_id)
    times: dict[str, Any] = {}
    place = None if at_once else moment_after_yes(app, tx, delivery, moment)
    if place is not None:
        times = {
            "due_at": place.due_at,
            "next_at": place.due_at,
            "latest_at": place.latest_at,
            "slot_at": place.slot_at,
        }
    moved = deliveries.move(
        tx, delivery, State.PLANNED, actor=actor, now=moment, **approval(actor, post, moment, given=True), **times
    )
    audit.write(tx, "approve", f"delivery {delivery.id}", actor=actor, now=moment, after=delivery.fingerprint)
    return Changed(moved, problems)
