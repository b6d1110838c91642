"""A few hashes of each story's text, by which its twins are found whatever they are called."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from db.tables import articles
from db.tables import text_marks as t
from db.writing import signed


def save(tx: Connection, article_id: int, marks: Collection[int], *, actor: str, now: datetime) -> None:
    """Writes a story's marks in place of those it had."""
    tx.execute(delete(t).where(t.c.article_id == article_id))
    if marks:
        rows = [{"article_id": article_id, "mark": mark, **signed(actor, now)} for mark in sorted(set(marks))]
        tx.execute(t.insert(), rows)


def sharing(tx: Connection, marks: Collection[int], *, since: datetime, at_least: int, limit: int) -> list[int]:
    """Stories taken in since then that share so many of these marks, those that share most first."""
    if not marks:
        return []
    shared = func.count(t.c.mark)
    query = (
        select(t.c.article_id)
        .join(articles, articles.c.id == t.c.article_id)
        .where(t.c.mark.in_(set(marks)), articles.c.created_at >= since)
        .group_by(t.c.article_id)
        .having(shared >= at_least)
        .order_by(shared.desc(), t.c.article_id.desc())
        .limit(limit)
    )
    return list(tx.execute(query).scalars())
