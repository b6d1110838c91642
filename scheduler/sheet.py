"""The day's sheet: what a run did, what it cost, what needs a person, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, func, select

from db import attempts, deliveries, notices
from db.notices import Notice
from db.records import Delivery, KnownBy, Money, State
from db.tables import deliveries as t
from scheduler.app import App
from scheduler.slots import start_of_day


@dataclass(frozen=True, slots=True)
class Sheet:
    """Counts since ``since_at``. ``found`` of ``sent`` are known by looking, ``said`` because a person said so.

    ``waiting`` need a yes, ``notices`` need a person; ``news`` tells whether any of it is new since the run began.
    ``spent`` is today's spend by channel. ``ahead`` is what is planned, the next first. ``fresh``: so many files of a
    folder, by its source, may still be being written and were left for the next look.
    """

    since_at: datetime
    sent: int
    found: int
    said: int
    failed: int
    held: int
    expired: int
    cancelled: int
    unsettled: int
    spent: dict[str, Money]
    waiting: tuple[Delivery, ...]
    ahead: tuple[Delivery, ...]
    notices: tuple[Notice, ...]
    news: bool
    fresh: dict[str, int] = field(default_factory=dict)


def day_sheet(app: App, since_at: datetime) -> Sheet:
    """The sheet of everything that moved since ``since_at``, in the modes the channels have now."""
    with app.ground.reading() as tx:
        moved = _moved(tx, since_at)
        waiting = tuple(deliveries.in_states(tx, (State.WAITING,)))
        ahead = tuple(deliveries.in_states(tx, (State.PLANNED, State.UNCERTAIN, State.SENDING)))
        standing = tuple(notices.standing(tx))
        spent = {
            outlet.name: attempts.spent(
                tx,
                outlet.mode,
                outlet.name,
                start_of_day(since_at.astimezone(outlet.rules.zone).date(), outlet.rules.zone),
            )
            for outlet in app.outlets.values()
        }
    new_waiting = any(one.created_at is not None and one.created_at >= since_at for one in waiting)
    return Sheet(
        since_at=since_at,
        sent=sum(number for (state, _), number in moved.items() if state is State.SENT),
        found=moved.get((State.SENT, KnownBy.LOOKING), 0),
        said=moved.get((State.SENT, KnownBy.PERSON), 0),
        failed=_count(moved, State.FAILED),
        held=len(waiting),
        expired=_count(moved, State.EXPIRED),
        cancelled=_count(moved, State.CANCELLED),
        unsettled=_count(moved, State.UNSETTLED),
        spent={name: money for name, money in spent.items() if money.micros},
        waiting=waiting,
        ahead=ahead,
        notices=standing,
        fresh={name: number for name, number in sorted(app.fresh_files.items()) if number},
        news=new_waiting or any(one.since_at >= since_at for one in standing),
    )


def _moved(tx: Connection, since_at: datetime) -> dict[tuple[State, KnownBy | None], int]:
    query = (
        select(t.c.state, t.c.known_by, func.count())
        .where(t.c.updated_at >= since_at)
        .group_by(t.c.state, t.c.known_by)
    )
    return {
        (State(state), KnownBy(known_by) if known_by else None): number for state, known_by, number in tx.execute(query)
    }


def _count(moved: dict[tuple[State, KnownBy | None], int], state: State) -> int:
    return sum(number for (one, _), number in moved.items() if one is state)
