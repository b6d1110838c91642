"""A person says that a restored, copied or moved database goes on from here (design rule 10).

What may have gone out after the moment it went back to is not known here: every open promise that could have gone is
uncertain, and whatever has no try of its own yet is looked for before its first send (``may_be_out``).
"""

from __future__ import annotations

from sqlalchemy import Connection

from db import articles, attempts, audit, deliveries, installation, letters
from db.installation import Installation
from db.records import Delivery, State, SubjectKind
from scheduler.app import App

LOOKED_FOR = "the database went back to an older moment; Pressrun looks at the account before anything else"


def adopt(app: App, *, actor: str, reason: str = "", clock: bool = False) -> int:
    """Goes on from this database, or with ``clock`` only from the present time; how many promises are looked for."""
    now = app.clock.now()
    if clock:
        app.safeguard.believe_clock()
        with app.ground.transaction() as tx:
            audit.write(tx, "adopt", "clock", actor=actor, now=now, reason=reason)
        return 0
    with app.ground.transaction() as tx:
        adopted = installation.adopt(tx, actor=actor, now=now, reason=reason)
        due = [one for one in deliveries.in_states(tx, (State.PLANNED,)) if one.next_at <= now]
        for one in due:
            look_for(tx, one, actor=actor, now_at=adopted)
        letters.disown(tx, actor=actor, now=now, reason="the database went back to an older moment; it may have gone")
        audit.write(tx, "adopt", "database", actor=actor, now=now, reason=reason)
        highest = attempts.highest(tx)
    app.safeguard.adopt(adopted, highest)
    return len(due)


def look_for(tx: Connection, delivery: Delivery, *, actor: str, now_at: Installation) -> Delivery:
    """Makes a promise uncertain, to be looked for at once."""
    assert now_at.adopted_at is not None
    return deliveries.move(
        tx,
        delivery,
        State.UNCERTAIN,
        actor=actor,
        now=now_at.adopted_at,
        reason=LOOKED_FOR,
        look_at=now_at.adopted_at,
        uncertain_at=now_at.adopted_at,
    )


def may_be_out(tx: Connection, delivery: Delivery, adopted: Installation | None) -> bool:
    """Whether a promise without a try since the adoption may have been kept in the time that was forgotten.

    An issue's readers have rows of their own, which went back with it: it may always be out.
    """
    if adopted is None or adopted.adopted_at is None:
        return False
    if any(one.opened_at >= adopted.adopted_at for one in attempts.of_delivery(tx, delivery.id)):
        return False
    if delivery.created_at is not None and delivery.created_at < adopted.adopted_at:
        return True
    if delivery.subject_kind is not SubjectKind.ARTICLE:
        return False
    published_at = articles.get(tx, delivery.subject_id).published_at
    return published_at is None or published_at < adopted.adopted_at
