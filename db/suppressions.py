"""Standing orders not to write to an address, kept as keyed hashes so that they outlive the address itself.

The caller makes the hashes (``channels.email.links.suppression_hash``): one for all mail, one for a list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select

from db.tables import suppressions as t
from db.writing import cut, insert_unless_there, signed

UNSUBSCRIBED = "unsubscribed"
HARD_BOUNCE = "hard bounce"
COMPLAINT = "complaint"
BY_HAND = "by hand"
ERASED = "erased"
CAUSES = (UNSUBSCRIBED, HARD_BOUNCE, COMPLAINT, BY_HAND, ERASED)


@dataclass(frozen=True, slots=True)
class Suppression:
    """One standing order: ``list_name`` "" is all mail. The address cannot be read back from it."""

    address_hash: str
    cause: str
    list_name: str
    by: str
    reason: str
    since_at: datetime
    id: int


def add(
    tx: Connection,
    address_hash: str,
    cause: str,
    *,
    actor: str,
    now: datetime,
    reason: str = "",
    list_name: str = "",
) -> bool:
    """Lays the order; False when it stood already (the first cause stays)."""
    values = {
        "address_hash": address_hash,
        "cause": cause,
        "list_name": cut(list_name, 120),
        **signed(actor, now, reason),
    }
    return insert_unless_there(tx, t, values) is not None


def standing(tx: Connection, hashes: Collection[str]) -> dict[str, str]:
    """Those of these hashes that an order stands over, with its cause. At most a few thousand at a time."""
    if not hashes:
        return {}
    query = select(t.c.address_hash, t.c.cause).where(t.c.address_hash.in_(hashes))
    return {row.address_hash: row.cause for row in tx.execute(query)}


def over(tx: Connection, hashes: Collection[str]) -> list[Suppression]:
    """The orders that stand over these hashes, oldest first, with all that is kept of them."""
    query = select(t).where(t.c.address_hash.in_(hashes)).order_by(t.c.id)
    return [_suppression(row) for row in tx.execute(query)]


def lift(tx: Connection, hashes: Collection[str], causes: Collection[str] = CAUSES) -> int:
    """Takes away the orders of these causes that stand over these hashes; how many those were."""
    if not hashes:
        return 0
    return tx.execute(delete(t).where(t.c.address_hash.in_(hashes), t.c.cause.in_(causes))).rowcount


def newest(tx: Connection, *, cause: str = "", page: int = 1_000) -> Iterator[Suppression]:
    """Every order, newest first, read page by page; of one cause or of all."""
    before: int | None = None
    while True:
        query = select(t).order_by(t.c.id.desc()).limit(page)
        if cause:
            query = query.where(t.c.cause == cause)
        if before is not None:
            query = query.where(t.c.id < before)
        rows = tx.execute(query).all()
        for row in rows:
            yield _suppression(row)
        if len(rows) < page:
            return
        before = rows[-1].id


def page_of(tx: Connection, *, cause: str = "", before: int | None = None, limit: int = 50) -> list[Suppression]:
    """One page of the orders, newest first, from below the number ``before`` of the page before."""
    query = select(t).order_by(t.c.id.desc()).limit(limit)
    if cause:
        query = query.where(t.c.cause == cause)
    if before is not None:
        query = query.where(t.c.id < before)
    return [_suppression(row) for row in tx.execute(query)]


def lists_named(tx: Connection) -> set[str]:
    """The lists that orders stand for, those that are gone included."""
    return set(tx.execute(select(t.c.list_name).distinct()).scalars())


def counts(tx: Connection) -> dict[str, int]:
    """How many orders stand, by cause."""
    query = select(t.c.cause, func.count().label("number")).group_by(t.c.cause)
    return {row.cause: row.number for row in tx.execute(query)}


def _suppression(row: Row[Any]) -> Suppression:
    return Suppression(row.address_hash, row.cause, row.list_name, row.actor, row.reason, row.created_at, row.id)
