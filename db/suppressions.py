"""Standing orders not to write to an address, kept as keyed hashes so that they outlive the address itself.

The caller makes the hashes (``channels.email.links.suppression_hash``): one for all mail, one for a list.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select

from db.tables import suppressions as t
from db.writing import insert_unless_there, signed

UNSUBSCRIBED = "unsubscribed"
HARD_BOUNCE = "hard bounce"
COMPLAINT = "complaint"
BY_HAND = "by hand"


def add(tx: Connection, address_hash: str, cause: str, *, actor: str, now: datetime, reason: str = "") -> bool:
    """Lays the order; False when it stood already (the first cause stays)."""
    values = {"address_hash": address_hash, "cause": cause, **signed(actor, now, reason)}
    return insert_unless_there(tx, t, values) is not None


def standing(tx: Connection, hashes: Collection[str]) -> dict[str, str]:
    """Those of these hashes that an order stands over, with its cause. At most a few thousand at a time."""
    if not hashes:
        return {}
    query = select(t.c.address_hash, t.c.cause).where(t.c.address_hash.in_(hashes))
    return {row.address_hash: row.cause for row in tx.execute(query)}
