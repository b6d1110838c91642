"""The line of stories that still need words and a plan."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Row, and_, case, false, or_, select, update

from db.deliveries import claim_values
from db.records import Claim, Priority, QueuePlace
from db.tables import queue as t
from db.writing import insert_unless_there, resigned, signed


class Moment(Protocol):
    """Both readings of a clock, taken together: what tells whether a claim is still alive."""

    @property
    def at(self) -> datetime:
        """The wall's time."""
        ...

    @property
    def boot(self) -> float:
        """Seconds on the boot clock."""
        ...

    @property
    def boot_id(self) -> str:
        """Which boot they count from."""
        ...

    @property
    def machine(self) -> str:
        """Whose clocks these are."""
        ...


def put(
    tx: Connection, article_id: int, priority: Priority, *, actor: str, now: datetime, reason: str = ""
) -> QueuePlace:
    """Puts a story in the line; one that was done goes to its end, one still waiting keeps its place.

    Whoever is working on it loses the claim, so that what has changed is worked on again.
    """
    values = {"article_id": article_id, "priority": priority, "put_at": now}
    if insert_unless_there(tx, t, values | signed(actor, now, reason)) is None:
        put_at = case((t.c.done_at.is_(None), t.c.put_at), else_=now)
        tx.execute(
            update(t)
            .where(t.c.article_id == article_id)
            .values(
                priority=priority,
                put_at=put_at,
                done_at=None,
                **claim_values(None),
                **resigned(t, actor, now, reason),
            )
        )
    return _place(tx.execute(select(t).where(t.c.article_id == article_id)).one())


def waiting(tx: Connection, limit: int, *, instant: Moment | None = None) -> list[QueuePlace]:
    """The head of the line: breaking first, then normal, then evergreen, and in each the oldest first.

    With ``instant``, without those that a worker holds a live claim on.
    """
    query = select(t).where(t.c.done_at.is_(None))
    if instant is not None:
        query = query.where(~_alive(instant))
    return [_place(row) for row in tx.execute(query.order_by(_rank(), t.c.put_at, t.c.id).limit(limit))]


def claim(tx: Connection, article_id: int, claim: Claim, *, instant: Moment) -> bool:
    """Takes the right to work on a story in the line. False: it is done, or somebody else's claim is alive."""
    taken = tx.execute(
        update(t)
        .where(
            t.c.article_id == article_id,
            t.c.done_at.is_(None),
            or_(~_alive(instant), t.c.claim_owner == claim.owner),
        )
        .values(updated_at=instant.at, **claim_values(claim))
    )
    return taken.rowcount == 1


def done(
    tx: Connection, article_id: int, *, actor: str, now: datetime, reason: str = "", claim: Claim | None = None
) -> bool:
    """Takes a story out of the line. False: it was not in it.

    With ``claim``, also False where the claim is no longer the owner's: the story was put back meanwhile.
    """
    mine = t.c.claim_owner == claim.owner if claim is not None else ~false()
    result = tx.execute(
        update(t)
        .where(t.c.article_id == article_id, t.c.done_at.is_(None), mine)
        .values(done_at=now, **claim_values(None), **resigned(t, actor, now, reason))
    )
    return result.rowcount == 1


def place(tx: Connection, article_id: int) -> QueuePlace | None:
    """A story's place, also one that is done with; None where it was never put in the line."""
    row = tx.execute(select(t).where(t.c.article_id == article_id)).one_or_none()
    return _place(row) if row is not None else None


def _rank() -> ColumnElement[int]:
    """``Priority``'s own order."""
    return case({priority.value: rank for rank, priority in enumerate(Priority)}, value=t.c.priority, else_=1)


def _alive(instant: Moment) -> ColumnElement[bool]:
    """True for a row under a live claim: by the boot clock on its machine, by the wall on another one.

    A claim of an earlier boot of this machine is dead: its worker died with it.
    """
    here = t.c.claim_machine == instant.machine
    this_boot = and_(here, t.c.claim_boot_id == instant.boot_id)
    lives = or_(and_(this_boot, t.c.claim_until_boot > instant.boot), and_(~here, t.c.claim_until_at > instant.at))
    return and_(t.c.claim_owner.is_not(None), lives)


def _place(row: Row[Any]) -> QueuePlace:
    return QueuePlace(
        article_id=row.article_id, put_at=row.put_at, priority=Priority(row.priority), done_at=row.done_at
    )
