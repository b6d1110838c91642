"""A person says that a restored, copied or moved database goes on from here (design rule 10).

What may have gone out since the moment it goes back to is not known here: every open promise becomes uncertain and is
looked for before its first send. What comes in again from its sources is looked for too (``may_be_out``).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from db import attempts, audit, deliveries, installation
from db.records import Delivery, State, SubjectKind
from scheduler.app import App


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
        doubtful = [one for one in deliveries.in_states(tx, (State.PLANNED, State.SENDING)) if _may_be_out(one, now)]
        for one in doubtful:
            deliveries.move(
                tx,
                one,
                State.UNCERTAIN,
                actor=actor,
                now=now,
                reason="the database went back to an older moment; Pressrun looks at the account before anything else",
                look_at=now,
                uncertain_at=now,
            )
        audit.write(tx, "adopt", "database", actor=actor, now=now, reason=reason)
        highest = attempts.highest(tx)
    app.safeguard.adopt(adopted, highest)
    return len(doubtful)


def _may_be_out(delivery: Delivery, now: datetime) -> bool:
    """Only what was due by now can have gone; an issue's readers have rows of their own, but those went back too."""
    return delivery.next_at <= now or delivery.state is State.SENDING or delivery.subject_kind is SubjectKind.ISSUE


def first_state(tx: Connection, delivery: Delivery) -> Delivery:
    """A promise as it may be stored: after an adoption, news that may have gone before is looked for first."""
    raise AssertionError
