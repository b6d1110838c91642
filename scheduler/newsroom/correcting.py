"""Correcting a story that is out: in place where the platform can, else by an answer or a new post."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from db import articles, audit, deliveries, stops
from db.moves import OPEN
from db.records import Delivery, Post, Priority, State, SubjectKind
from scheduler import correction, takedown
from scheduler.app import App, Outlet
from scheduler.approval import approval
from scheduler.correction import Manner
from scheduler.newsroom.four_eyes import WAITS, waits_for_another
from scheduler.newsroom.grounds import Changed, Refused, newest_words, outlet_named
from scheduler.newsroom.taking_back import ask_why
from scheduler.people.actor import needs
from scheduler.people.roles import Permission
from scheduler.prepare import checked, store_draft


@needs(Permission.TAKE_BACK)
def correct(app: App, article_id: int, channel: str, text: str, *, actor: str, reason: str) -> Changed:
    """Corrects a story's post on one channel, as a delivery of its own with the actor's yes; due at once.

    Facebook replaces the words in place, and so does X within the channel's ``edit_window``. Else ``[corrections] x``
    decides: a reply to the post, or the text as a new post, after which the old one is taken down. Raises ``Refused`` without a reason, where nothing of the story is out,
    while something of it is in flight, for words the channel would not take, and for newsletters.
    """
    ask_why(reason)
    outlet, moment = outlet_named(app, channel), app.clock.now()
    if outlet.crowd:
        raise Refused(f"{channel} is a newsletter, which correct_mail corrects")
    with app.ground.transaction() as tx:
        article = articles.get(tx, article_id)
        if stops.killed(tx, article_id) is not None:
            raise Refused(f"story {article_id} was killed; to bring it back by name: pressrun revive {article_id}")
        of_channel = deliveries.of_subject(tx, SubjectKind.ARTICLE, article_id, mode=outlet.mode, channel=channel)
        corrections = [one for one in of_channel if correction.is_correction(one)]
        under_way = [one for one in corrections if one.state in OPEN]
        if under_way:
            raise Refused(f"delivery {under_way[-1].id} corrects it already and is {under_way[-1].state}; let it end")
        standing = [
            one for one in of_channel if one.state is State.SENT and _is_post(one) and not takedown.orders_for(tx, one)
        ]
        if not standing:
            raise Refused(
                f"nothing of story {article_id} is out on {channel}; change its words: pressrun edit {article_id}"
            )
        newest = newest_words(tx, article, outlet)
        words = replace(newest, text=text.strip(), writer=actor, used=())
        draft = checked(outlet, app.silent(outlet), words)
        stopping = " ".join(problem.message for problem in draft.problems if problem.stops)
        if stopping:
            raise Refused(stopping)
        post = store_draft(tx, article_id, draft, actor=actor, now=moment)
        wrong = standing[-1]
        edits = [one for one in corrections if correction.is_edit(one) and correction.corrected(one) == wrong.id]
        manner = _manner(app, tx, outlet, wrong, draft.post, edits)
        if correction.answered(tx, replace(wrong, purpose=correction.purpose_of(wrong.id, Manner.REPLY, 1))) is None:
            raise Refused(f"no receipt names the post of delivery {wrong.id}; correct it by hand")
        number = sum(
            correction.corrected(one) == wrong.id and correction.manner_of(one) is manner for one in corrections
        )
        latest, waits = outlet.rules.latest, waits_for_another(app, actor)
        promise = replace(
            wrong,
            id=0,
            purpose=correction.purpose_of(wrong.id, manner, number + 1),
            post_id=post.id,
            fingerprint=post.fingerprint,
            state=State.WAITING if waits else State.PLANNED,
            due_at=moment,
            next_at=moment,
            latest_at=moment + latest if latest is not None else None,
            priority=Priority.BREAKING,
            slot_at=None,
            ordered_by=actor,
            reason=f"{reason}; {WAITS.format(writer=actor)}" if waits else reason,
            cost=app.silent(outlet).price(post),
            **approval(actor, post, moment, given=not waits),
        )
        delivery = deliveries.add(tx, promise, actor=actor, now=moment)
        subject, after = f"story {article_id} on {channel}", f"delivery {delivery.id} ({manner}): {text.strip()}"
        before = f"delivery {wrong.id}"
        audit.write(tx, "correct", subject, actor=actor, now=moment, reason=reason, before=before, after=after)
        return Changed(delivery, draft.problems)


def _manner(app: App, tx: Connection, outlet: Outlet, wrong: Delivery, post: Post, edits: Sequence[Delivery]) -> Manner:
    """In place where that is possible now; else as the outlet's policy says, never a silent delete."""
    if correction.can_edit(tx, wrong, post, app.silent(outlet).limits, app.clock.now(), edits):
        return Manner.EDIT
    return Manner(app.settings.corrections.x)


def _is_post(one: Delivery) -> bool:
    """Whether it put a post of its own out that says the story; a reply only adds to one."""
    if takedown.is_takedown(one):
        return False
    return not correction.is_correction(one) or correction.manner_of(one) is Manner.REPOST
