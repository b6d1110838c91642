"""What the API answered to a write, by the caller's own key: asked again, the same answer is given and nothing is done.

The row stands before the verb begins. One without an answer belongs to a call that is under way, or that died: what
became of it is not known here, so the key never runs the verb a second time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update
from sqlalchemy.exc import IntegrityError

from db.tables import api_answers as t

KEY_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """What stands under a key. ``status`` None: begun, and no answer was written down."""

    id: int
    request_hash: str
    status: int | None
    body: str
    begun_at: datetime


def begin(tx: Connection, token_id: int, key: str, request_hash: str, *, now: datetime) -> Kept | None:
    """Takes the key for this call, or gives what stands under it already; None: go on."""
    query = select(t).where(t.c.token_id == token_id, t.c.key == key)
    row = tx.execute(query).one_or_none()
    if row is None:
        try:
            with tx.begin_nested():
                tx.execute(t.insert().values(token_id=token_id, key=key, request_hash=request_hash, begun_at=now))
            return None
        except IntegrityError:  # the same call came twice in this very moment
            row = tx.execute(query).one()
    return _kept(row)


def finish(tx: Connection, token_id: int, key: str, status: int, body: str) -> None:
    """Writes the answer down."""
    tx.execute(update(t).where(t.c.token_id == token_id, t.c.key == key).values(status=status, body=body))


def forget(tx: Connection, before: datetime) -> int:
    """Strikes what was begun before then; how many."""
    return tx.execute(delete(t).where(t.c.begun_at < before)).rowcount


def _kept(row: Row[Any]) -> Kept:
    return Kept(row.id, row.request_hash, row.status, row.body, row.begun_at)
