"""The editor's word on a newsletter's issues: send it now, cut it now, an alert by name, a story first, the templates anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from db import articles, audit, deliveries, issue_pins, issue_variants, issues, notices, posts, recipients
from db.records import Delivery, Frequency, Issue, Mode, State, SubjectKind
from scheduler import alerting
from scheduler.app import App, Outlet
from scheduler.approval import approval
from scheduler.cutting import waiting_for
from scheduler.issue_promise import Cut, compose, promise_issue
from scheduler.lineup import Lineup
from scheduler.newsroom.four_eyes import mind_four_eyes
from scheduler.newsroom.grounds import MAY_CHANGE, Changed, Refused, outlet_named
from scheduler.people.actor import needs
from scheduler.people.roles import Permission
from scheduler.variants import lineup_of

ANYWAY = "send anyway"
"""The audit's verb for an issue that goes although the pre-flight would stop it; ``after`` is the fingerprint."""


@needs(Permission.APPROVE)
def send_issue(
    app: App, delivery_id: int, *, actor: str, seen: str | None = None, reason: str = "", anyway: bool = False
) -> Changed:
    """A person's yes to exactly this issue, which goes at once, on a live newsletter after ``[newsroom] undo``.

    ``seen``: the fingerprint that the person looked at; one with another by now does not go. ``anyway``: what the pre-flight finds is told and stops nothing; that needs a reason. Raises ``Refused`` for an
    issue that is under way or over, while a problem of its words stands, or where four eyes are asked for.
    """
    if anyway and not reason.strip():
        raise Refused("say why it goes although something stands against it: --why")
    now = app.clock.now()
    with app.ground.transaction() as tx:
        delivery = deliveries.locked(tx, delivery_id)
        if delivery.state not in MAY_CHANGE:
            raise Refused(f"delivery {delivery_id} is {delivery.state}; there is nothing to send")
        if seen is not None and seen != delivery.fingerprint:
            raise Refused(f"delivery {delivery_id} has changed since you saw it; look at it again")
        mind_four_eyes(app, tx, delivery, actor)
        problems = posts.problems(tx, delivery.post_id)
        stopping = [problem.message for problem in problems if problem.stops]
        if stopping:
            raise Refused(f"the issue cannot go yet: {' '.join(stopping)}")
        post = replace(posts.get(tx, delivery.post_id), id=delivery.post_id)
        moved = deliveries.move(
            tx,
            delivery,
            State.PLANNED,
            actor=actor,
            now=now,
            reason=reason,
            **_at_once(app, delivery, now),
            **approval(actor, post, now, given=True),
        )
        notices.clear(tx, f"pre-flight {delivery_id}", now=now)
        subject = f"delivery {delivery_id}"
        audit.write(tx, "send issue", subject, actor=actor, now=now, reason=reason, after=post.fingerprint)
        if anyway:
            audit.write(tx, ANYWAY, subject, actor=actor, now=now, reason=reason, after=post.fingerprint)
        return Changed(moved, problems)


@needs(Permission.APPROVE)
def cut_now(app: App, channel: str, frequency: Frequency, *, actor: str) -> Delivery:
    """Cuts a newsletter's next issue at once, from what waits for it; it goes with the next turn, or waits for a yes.

    Raises ``Refused`` where nothing waits, or the window's issue was cut already.
    """
    outlet, now = outlet_named(app, channel), app.clock.now()
    letter = outlet.letter
    if letter is None:
        raise Refused(f"{channel} is no newsletter")
    window = letter.window(frequency, now)
    with app.ground.reading() as tx:
        there = issues.find(tx, outlet.mode, channel, window)
        waiting = waiting_for(tx, outlet, frequency, now)
    if there is not None:
        raise Refused(f"issue {there.id} was cut for {window} already; see: pressrun issue report {there.id}")
    if not waiting.stories:
        raise Refused(f"no story waits for the next issue of {channel}; see: pressrun queue")
    lineup = Lineup(window, frequency, waiting.stories, waiting.articles)
    cut = Cut(lineup, purpose="digest", due_at=now, latest=letter.latest, ordered_by=actor)
    delivery = promise_issue(app, outlet, cut, now)
    if delivery is None:
        raise Refused("somebody else cut it in this very moment; try again")
    return delivery


@needs(Permission.APPROVE)
def alert_now(app: App, channel: str, article_id: int, *, actor: str) -> Delivery:
    """Orders one story's alert, fresh or not, with the actor's yes to it. Raises ``Refused`` with the reason."""
    outlet = outlet_named(app, channel)
    if outlet.letter is None or outlet.letter.alerts == "off":
        raise Refused(f'{channel} sends no alerts; write alerts = "breaking" or "all" in [newsletters.{channel}]')
    why = alerting.alert(app, outlet, article_id, actor=actor)
    if why:
        raise Refused(why)
    with app.ground.transaction() as tx:
        issue = issues.find(tx, outlet.mode, channel, alerting.window_of(article_id))
        assert issue is not None, "an alert that was cut is there"
        (delivery,) = deliveries.of_subject(tx, SubjectKind.ISSUE, issue.id)
        audit.write(tx, "alert", f"story {article_id}", actor=actor, now=app.clock.now(), after=f"d{delivery.id}")
        return delivery


@needs(Permission.WORD)
def pin(app: App, channel: str, article_id: int, *, actor: str, away: bool = False) -> bool:
    """Puts a story first in a newsletter's next issue, or (``away``) takes that back; False when it stood so already."""
    outlet, now = outlet_named(app, channel), app.clock.now()
    if outlet.letter is None:
        raise Refused(f"{channel} is no newsletter")
    with app.ground.transaction() as tx:
        articles.get(tx, article_id)
        if away:
            changed = bool(issue_pins.unpin(tx, channel, [article_id]))
        else:
            changed = issue_pins.pin(tx, channel, article_id, actor=actor, now=now)
        if changed:
            verb = "unpin" if away else "pin"
            audit.write(tx, verb, f"story {article_id}", actor=actor, now=now, after=f"next issue of {channel}")
        return changed


@needs(Permission.WORD)
def recompose(app: App, delivery_id: int, *, actor: str, reason: str = "") -> Changed:
    """Makes an issue anew from its stories' words and the templates as they are now; it waits for a yes to that.

    Raises ``Refused`` once its audience is frozen, and for an issue that is under way or over.
    """
    now = app.clock.now()
    with app.ground.transaction() as tx:
        delivery = deliveries.locked(tx, delivery_id)
        if delivery.state not in MAY_CHANGE or recipients.in_line(tx, delivery):
            raise Refused("readers have it, or are about to; put it right with: pressrun issue correct")
        issue = issues.get(tx, delivery.subject_id)
        return remade(app, tx, outlet_named(app, delivery.channel), issue, delivery, actor, now, reason)


def remade(
    app: App,
    tx: Connection,
    outlet: Outlet,
    issue: Issue,
    delivery: Delivery,
    actor: str,
    now: datetime,
    reason: str,
    *,
    lineup: Lineup | None = None,
) -> Changed:
    """Composes an issue that nobody has begun to get, stores it, and lets it wait for a yes to what it says now."""
    lineup = lineup or lineup_of(tx, issue)
    post, problems = compose(app, outlet, lineup)
    stored = posts.add(tx, post, problems, teaser_id=None, actor=actor, now=now)
    issues.note_post(tx, issue.id, stored.id, actor=actor, now=now, reason=reason)
    issue_variants.add(tx, issue.id, stored, issue.article_ids, actor=actor, now=now)
    waits = " ".join(one.message for one in problems if one.stops) or "It was made anew and waits for a person's yes."
    moved = deliveries.move(
        tx,
        delivery,
        State.WAITING,
        actor=actor,
        now=now,
        reason=reason or waits,
        post_id=stored.id,
        fingerprint=stored.fingerprint,
        **approval(actor, stored, now, given=False),
    )
    audit.write(
        tx,
        "recompose",
        f"delivery {delivery.id}",
        actor=actor,
        now=now,
        reason=reason,
        before=delivery.fingerprint,
        after=stored.fingerprint,
    )
    return Changed(moved, tuple(problems))


def _at_once(app: App, delivery: Delivery, now: datetime) -> dict[str, Any]:
    """The moments of an issue that goes now. Its latest time stays as long after its due time as it was."""
    at = now + (app.settings.newsroom.undo if delivery.mode is Mode.LIVE else timedelta(0))
    span = delivery.latest_at - delivery.due_at if delivery.latest_at is not None else None
    return {"due_at": at, "next_at": at, "latest_at": at + span if span is not None else None}
