"""Late news is worse than none: what is past its latest time and never went is expired (design rule 8)."""

from __future__ import annotations

from datetime import datetime

from db import deliveries, recipients
from db.deliveries import Stale
from db.records import State, SubjectKind
from scheduler.app import App
from scheduler.outcomes import tell_desk
from scheduler.work import read_work


def expire(app: App, now: datetime) -> int:
    """Expires planned and waiting deliveries past their latest time and tells how many.

    A thread of which some parts are out is a person's matter instead. Nothing expires while the clock or the database
    cannot be believed.
    """
    if app.safeguard.refusal() is not None:
        return 0
    with app.ground.reading() as tx:
        if not deliveries.overdue(tx, now):
            return 0
    expired = 0
    with app.ground.transaction() as tx:
        for delivery in deliveries.overdue(tx, now):
            why = "nobody approved it in time" if delivery.state is State.WAITING else "it could not go in time"
            reason = f"{why}: its latest moment was {app.told(delivery.latest_at)}"
            try:
                if delivery.subject_kind is SubjectKind.ISSUE and recipients.in_line(tx, delivery):
                    # Its readers' rows end with it, and some may have their copy: the next look tells.
                    deliveries.move(
                        tx,
                        delivery,
                        State.UNCERTAIN,
                        actor=app.worker,
                        now=now,
                        reason=reason,
                        look_at=now,
                        uncertain_at=now,
                    )
                elif read_work(tx, delivery).out:
                    halfway = deliveries.move(tx, delivery, State.UNCERTAIN, actor=app.worker, now=now, reason=reason)
                    unsettled = deliveries.move(
                        tx,
                        halfway,
                        State.UNSETTLED,
                        actor=app.worker,
                        now=now,
                        reason=f"some parts of the thread are out and the rest is too late; {reason}",
                    )
                    tell_desk(tx, unsettled, now)
                else:
                    deliveries.move(tx, delivery, State.EXPIRED, actor=app.worker, now=now, reason=reason)
            except Stale:
                continue  # somebody acted on it in this very moment
            expired += 1
    return expired
