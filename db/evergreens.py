"""Stories that come again by rule: who marked them, how often, until when."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, tuple_, update

from db.deliveries import from_row
from db.records import Delivery, SubjectKind
from db.tables import deliveries
from db.tables import evergreens as t
from db.writing import clean, insert_unless_there, resigned, signed


@dataclass(frozen=True, slots=True)
class Mark:
    """One story's rule. ``times`` counts on each channel, None is no limit; no ``channels`` is every one that posts.

    ``season`` is ``MM-DD..MM-DD`` as a person wrote it, "" for the whole year.
    """

    article_id: int
    every: timedelta
    marked_by: str
    marked_at: datetime
    times: int | None = None
    until_at: datetime | None = None
    season: str = ""
    channels: tuple[str, ...] = ()
    ended_at: datetime | None = None
    reason: str = ""


def mark(tx: Connection, wanted: Mark) -> Mark:
    """Marks a story, or gives its mark new words; one that had ended begins anew."""
    values: dict[str, Any] = {
        "every_seconds": int(wanted.every.total_seconds()),
        "times": wanted.times,
        "until_at": wanted.until_at,
        "season": wanted.season,
        "channels": list(wanted.channels),
        "marked_by": clean(wanted.marked_by)[:120],
        "ended_at": None,
    }
    at, by = wanted.marked_at, wanted.marked_by
    row = {"article_id": wanted.article_id, **values, **signed(by, at, wanted.reason)}
    if insert_unless_there(tx, t, row) is None:
        again = {**values, **resigned(t, by, at, wanted.reason), "created_at": at}
        tx.execute(update(t).where(t.c.article_id == wanted.article_id).values(**again))
    found = get(tx, wanted.article_id)
    assert found is not None
    return found


def end(tx: Connection, article_id: int, *, actor: str, now: datetime, reason: str) -> bool:
    """Ends a mark; False where none stood."""
    result = tx.execute(
        update(t)
        .where(t.c.article_id == article_id, t.c.ended_at.is_(None))
        .values(ended_at=now, **resigned(t, actor, now, reason))
    )
    return result.rowcount == 1


def get(tx: Connection, article_id: int) -> Mark | None:
    """A story's mark, ended or not; None where it never had one."""
    row = tx.execute(select(t).where(t.c.article_id == article_id)).one_or_none()
    return _mark(row) if row is not None else None


def active(tx: Connection) -> list[Mark]:
    """Every mark that stands, the oldest first."""
    return [_mark(row) for row in tx.execute(select(t).where(t.c.ended_at.is_(None)).order_by(t.c.created_at, t.c.id))]


def page(tx: Connection, limit: int, after: int | None = None) -> list[Mark]:
    """So many marks that stand, the oldest first. ``after``: only those behind this story's, which may have ended."""
    query = select(t).where(t.c.ended_at.is_(None)).order_by(t.c.created_at, t.c.id).limit(limit)
    if after is not None:
        last = tx.execute(select(t.c.created_at, t.c.id).where(t.c.article_id == after)).one_or_none()
        if last is None:
            return []
        query = query.where(tuple_(t.c.created_at, t.c.id) > tuple_(*last))
    return [_mark(row) for row in tx.execute(query)]


def deliveries_of_marked(tx: Connection, stories: Collection[int] | None = None) -> dict[int, list[Delivery]]:
    """All deliveries of the stories whose mark stands, or of these alone, by story, the oldest first."""
    d = deliveries.c
    marked = select(t.c.article_id).where(t.c.ended_at.is_(None)) if stories is None else list(stories)
    query = select(deliveries).where(d.subject_kind == SubjectKind.ARTICLE, d.subject_id.in_(marked)).order_by(d.id)
    found: dict[int, list[Delivery]] = {}
    for row in tx.execute(query):
        found.setdefault(row.subject_id, []).append(from_row(row))
    return found


def _mark(row: Row[Any]) -> Mark:
    return Mark(
        article_id=row.article_id,
        every=timedelta(seconds=row.every_seconds),
        marked_by=row.marked_by,
        marked_at=row.created_at,
        times=row.times,
        until_at=row.until_at,
        season=row.season,
        channels=tuple(row.channels),
        ended_at=row.ended_at,
        reason=row.reason,
    )
