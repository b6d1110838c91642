"""The stories as the desk's queue lists them: newest first, narrowed, a page at a time; no body is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Select, and_, select

from db.records import Priority
from db.tables import articles as t
from db.tables import queue as q
from db.word_search import holds_all


class Which(StrEnum):
    """Which stories a list shows."""

    ALL = "all"
    LINE = "line"  # still without words and a plan
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One story of the list. ``in_line``: it has no words and plan yet, or is to get new ones."""

    id: int
    headline: str
    section: str
    source: str
    priority: Priority
    embargo_at: datetime | None
    skipped_at: datetime | None
    published_at: datetime | None
    taken_in_at: datetime
    revision: int
    in_line: bool


@dataclass(frozen=True, slots=True)
class StoryFilter:
    """What to show; a field left as it is asks for nothing. ``text`` is words of the headline, case-blind."""

    which: Which = Which.ALL
    text: str = ""
    section: str = ""
    source: str = ""


def stories(tx: Connection, wanted: StoryFilter, limit: int, before: int | None = None) -> list[StoryLine]:
    """A page of stories, the one taken in last first. ``before``: only those with a smaller number."""
    query = page_of(wanted, limit, before)
    return [
        StoryLine(
            id=row.id,
            headline=row.headline,
            section=row.section,
            source=row.source,
            priority=Priority(row.priority),
            embargo_at=row.embargo_at,
            skipped_at=row.skipped_at,
            published_at=row.published_at,
            taken_in_at=row.created_at,
            revision=row.revision,
            in_line=row.queue_id is not None,
        )
        for row in tx.execute(query)
    ]


def page_of(wanted: StoryFilter, limit: int, before: int | None = None) -> Select[tuple[object, ...]]:
    """The statement of a page."""
    in_line = and_(q.c.article_id == t.c.id, q.c.done_at.is_(None))
    columns = (t, q.c.id.label("queue_id"))
    joined = t.join(q, in_line) if wanted.which is Which.LINE else t.outerjoin(q, in_line)
    query = select(*columns).select_from(joined).order_by(t.c.id.desc()).limit(limit)
    if wanted.which is Which.SKIPPED:
        query = query.where(t.c.skipped_at.is_not(None))
    if wanted.text.split():
        query = query.where(holds_all(t.c.headline, wanted.text))
    if wanted.section:
        query = query.where(t.c.section == wanted.section)
    if wanted.source:
        query = query.where(t.c.source == wanted.source)
    if before is not None:
        query = query.where(t.c.id < before)
    return query
