"""What a story's own address showed when it was last looked at, and which looks a delivery waits for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, and_, cast, exists, func, or_, select, update
from sqlalchemy import String as Text

from db.records import MACHINE, Cause, Scope
from db.tables import sightings as t
from db.tables import stops
from db.writing import clean, insert_unless_there, resigned, signed


class Found(StrEnum):
    """What a look at a story's address showed."""

    THERE = "there"
    GONE = "gone"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"  # its source itself took it back; only its source, or a person, brings it again
    UNKNOWN = "unknown"  # no clear answer: it is taken for there


@dataclass(frozen=True, slots=True)
class Sighting:
    """One story's: ``asked_at`` since when a delivery waits for a look, ``seen_at`` the last one that told something.

    ``tried_at`` is the last look at all, ``headline`` the page's when all was well ("" before that).
    """

    article_id: int
    asked_at: datetime | None = None
    seen_at: datetime | None = None
    tried_at: datetime | None = None
    found: Found | None = None
    headline: str = ""


def get(tx: Connection, article_id: int) -> Sighting | None:
    """What is known of a story's address; None where it was never asked for."""
    row = tx.execute(select(t).where(t.c.article_id == article_id)).one_or_none()
    return _sighting(row) if row is not None else None


def several(tx: Connection, ids: Collection[int]) -> dict[int, Sighting]:
    """The same of many, by story; those that were never asked for are left out."""
    return {row.article_id: _sighting(row) for row in tx.execute(select(t).where(t.c.article_id.in_(set(ids))))}


def ask(tx: Connection, article_id: int, *, now: datetime) -> None:
    """Notes that a delivery waits for a look; one that is asked for already keeps its moment."""
    if insert_unless_there(tx, t, {"article_id": article_id, "asked_at": now} | signed(MACHINE, now)) is None:
        tx.execute(
            update(t)
            .where(t.c.article_id == article_id)
            .values(asked_at=func.coalesce(t.c.asked_at, now), **resigned(t, MACHINE, now))
        )


def asked(tx: Connection, limit: int) -> list[Sighting]:
    """The looks that deliveries wait for, the longest asked first."""
    query = select(t).where(t.c.asked_at.is_not(None)).order_by(t.c.asked_at, t.c.id).limit(limit)
    return [_sighting(row) for row in tx.execute(query)]


def to_look_at_again(tx: Connection, before: datetime, limit: int) -> list[Sighting]:
    """Stories that are held because of what their address showed, last looked at before this moment."""
    s = stops.c
    held = exists().where(
        and_(s.scope == Scope.STORY, s.cause == Cause.SOURCE, s.lifted_at.is_(None)),
        s.target == cast(t.c.article_id, Text),
    )
    query = select(t).where(
        t.c.found.in_((Found.GONE, Found.CHANGED)), or_(t.c.tried_at.is_(None), t.c.tried_at <= before), held
    )
    return [_sighting(row) for row in tx.execute(query.order_by(t.c.tried_at).limit(limit))]


def note(
    tx: Connection, article_id: int, found: Found, *, headline: str | None, now: datetime, reason: str = ""
) -> None:
    """Writes down what a look showed; nobody waits for it any more. ``headline`` None leaves the one that is known."""
    values: dict[str, Any] = {"asked_at": None, "tried_at": now}
    if found is not Found.UNKNOWN:
        values |= {"seen_at": now, "found": found}
    if headline is not None:
        values["headline"] = clean(headline)
    if insert_unless_there(tx, t, {"article_id": article_id, **values} | signed(MACHINE, now, reason)) is None:
        tx.execute(update(t).where(t.c.article_id == article_id).values(**values, **resigned(t, MACHINE, now, reason)))


def _sighting(row: Row[Any]) -> Sighting:
    return Sighting(
        article_id=row.article_id,
        asked_at=row.asked_at,
        seen_at=row.seen_at,
        tried_at=row.tried_at,
        found=Found(row.found) if row.found else None,
        headline=row.headline,
    )
