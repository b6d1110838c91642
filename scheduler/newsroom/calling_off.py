"""Calling off: a whole story, or one delivery, whatever state it is in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from db import articles, attempts, audit, deliveries, queue, recipients
from db.deliveries import Stale
from db.moves import IN_FLIGHT
from db.records import (
    Delivery,
    State,
    SubjectKind,
    Wish,
)
from scheduler import correction, proposals, takedown
from scheduler.app import App
from scheduler.newsroom.grounds import MAY_CHANGE, Refused
from scheduler.people.actor import needs
from scheduler.people.roles import Permission


@needs(Permission.QUEUE)
def skip(app: App, article_id: int, *, actor: str, reason: str = "") -> list[Delivery]:
    """Takes a story out of the queue and calls off what was planned; what is in flight gets the wish."""
    moment = app.clock.now()
    with app.ground.transaction() as tx:
        article = articles.get(tx, article_id)
        articles.skip(tx, article_id, actor=actor, now=moment, reason=reason)
        queue.done(tx, article_id, actor=actor, now=moment, reason="skipped")
        proposals.take_down(tx, article_id, moment)
        why = reason or "the story was skipped"
        gone = [
            call_off(tx, one, actor, moment, why)
            for one in deliveries.of_subject(tx, SubjectKind.ARTICLE, article_id)
            if one.state in (*MAY_CHANGE, *IN_FLIGHT) and not takedown.is_takedown(one)
        ]
        audit.write(tx, "skip", f"story {article.id}", actor=actor, now=moment, reason=reason)
        return gone


@needs(Permission.STOP)
def cancel(app: App, delivery_id: int, *, actor: str, reason: str) -> Delivery:
    """Calls one delivery off. One whose words may be out gets the wish: not there becomes cancelled, there is taken
    down. Raises ``Refused`` for one that has ended."""
    moment = app.clock.now()
    with app.ground.transaction() as tx:
        delivery = deliveries.locked(tx, delivery_id)
        if delivery.state not in (*MAY_CHANGE, *IN_FLIGHT):
            hint = "; it is out, so it can only be taken down"
            if delivery.subject_kind is SubjectKind.ISSUE:
                hint = "; mail that has gone cannot be taken back; put it right: pressrun issue correct"
            hint = hint if delivery.state is State.SENT else ""
            raise Refused(f"delivery {delivery_id} is {delivery.state} already{hint}")
        if delivery.state in IN_FLIGHT and (takedown.is_takedown(delivery) or correction.is_edit(delivery)):
            raise Refused(
                f"delivery {delivery_id} changes a post that is out and is under way; it cannot be called back"
            )
        after = call_off(tx, delivery, actor, moment, reason)
        audit.write(tx, "cancel", f"delivery {delivery_id}", actor=actor, now=moment, reason=reason)
        return after


def call_off(tx: Connection, delivery: Delivery, actor: str, moment: datetime, reason: str) -> Delivery:
    """Ends what has not begun, and leaves the wish on what may be out; an issue that some readers have is told by
    their rows. Raises ``Refused`` when it moved in this very moment."""
    if delivery.state in IN_FLIGHT:
        return deliveries.wish(tx, delivery.id, Wish.CANCEL, actor=actor, now=moment, reason=reason)
    try:
        if delivery.subject_kind is SubjectKind.ISSUE and recipients.in_line(tx, delivery):
            # Some readers may have their copy: what becomes of the issue is told by their rows.
            deliveries.move(
                tx,
                delivery,
                State.UNCERTAIN,
                actor=actor,
                now=moment,
                reason=reason,
                look_at=moment,
                uncertain_at=moment,
            )
            return deliveries.wish(tx, delivery.id, Wish.CANCEL, actor=actor, now=moment, reason=reason)
        after = deliveries.move(tx, delivery, State.CANCELLED, actor=actor, now=moment, reason=reason)
        if not takedown.is_takedown(delivery) and attempts.receipts_of(tx, delivery.id):  # some parts of it are out
            takedown.plan_takedown(tx, after, actor=actor, reason=reason, now=moment)
        return after
    except Stale as stale:
        raise Refused(f"delivery {delivery.id} moved in this very moment; try again") from stale
