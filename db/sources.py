"""What we remember of each source, and of each thing it ever showed us."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from db.records import SourceState
from db.tables import articles
from db.tables import source_items as items
from db.tables import sources as t
from db.writing import clean, insert_unless_there, key, resigned, signed

ITEM_LENGTH = 500


@dataclass(frozen=True, slots=True)
class SeenItem:
    """One thing a source showed us: a guid, path or address as the source names it.

    ``article_id`` is None where it was seen and left out; ``reason`` says why.
    """

    source: str
    item: str
    article_id: int | None
    content_hash: str
    reason: str


def get(tx: Connection, name: str) -> SourceState | None:
    """What we remember of a source; None before its first fetch."""
    row = tx.execute(select(t).where(t.c.name == name)).one_or_none()
    return _state(row) if row is not None else None


def every(tx: Connection) -> list[SourceState]:
    """All sources ever fetched, by name, also those that the settings no longer name."""
    return [_state(row) for row in tx.execute(select(t).order_by(t.c.name))]


def save(tx: Connection, state: SourceState, *, actor: str, now: datetime, reason: str = "") -> SourceState:
    """Writes all of ``state`` over what was remembered under its name."""
    values = asdict(state) | {"error": clean(state.error)}
    if insert_unless_there(tx, t, values | signed(actor, now, reason)) is None:
        tx.execute(update(t).where(t.c.name == state.name).values(**values, **resigned(t, actor, now, reason)))
    return _state(tx.execute(select(t).where(t.c.name == state.name)).one())


def new_since(tx: Connection, moment: datetime) -> dict[str, int]:
    """How many stories each source has brought since then, the moment counting in; one that brought none is not there."""
    counted = select(articles.c.source, func.count().label("new")).where(articles.c.created_at >= moment)
    return {row.source: row.new for row in tx.execute(counted.group_by(articles.c.source))}


def item(tx: Connection, source: str, item: str) -> SeenItem | None:
    """What became of this thing of this source; None where it is new. The name may have any length."""
    row = tx.execute(
        select(items).where(items.c.source == source, items.c.item == key(item, ITEM_LENGTH))
    ).one_or_none()
    return SeenItem(source, item, row.article_id, row.content_hash, row.reason) if row is not None else None


def came_by_address(tx: Connection, source: str, article_id: int) -> bool:
    """Whether this source brought the story from a web address, and not from a file."""
    query = select(items.c.id).where(
        items.c.source == source, items.c.article_id == article_id, items.c.item.like("http%://%")
    )
    return tx.execute(query.limit(1)).first() is not None


def refused_since(tx: Connection, moment: datetime, *, but: str, limit: int) -> dict[str, list[SeenItem]]:
    """What could not be read since then and has not been read after all, by source, the newest first.

    ``but`` is the reason of what was left out on purpose. At most ``limit`` in all.
    """
    query = (
        select(items)
        .where(items.c.article_id.is_(None), items.c.updated_at >= moment, items.c.reason.not_in(("", but)))
        .order_by(items.c.updated_at.desc(), items.c.id.desc())
        .limit(limit)
    )
    found: dict[str, list[SeenItem]] = {}
    for row in tx.execute(query):
        found.setdefault(row.source, []).append(SeenItem(row.source, row.item, None, row.content_hash, row.reason))
    return found


def remember(
    tx: Connection,
    source: str,
    item: str,
    *,
    article_id: int | None,
    content_hash: str,
    actor: str,
    now: datetime,
    reason: str = "",
) -> SeenItem:
    """Notes what became of a thing; again means: it became this now. ``reason`` says why it was left out."""
    values = {"article_id": article_id, "content_hash": content_hash}
    name = {"source": source, "item": key(item, ITEM_LENGTH)}
    if insert_unless_there(tx, items, name | values | signed(actor, now, reason)) is None:
        tx.execute(
            update(items)
            .where(items.c.source == source, items.c.item == name["item"])
            .values(**values, **resigned(items, actor, now, reason))
        )
    return SeenItem(source, item, article_id, content_hash, clean(reason))


def _state(row: Row[Any]) -> SourceState:
    return SourceState(
        name=row.name,
        first_seen_at=row.first_seen_at,
        fetched_at=row.fetched_at,
        next_at=row.next_at,
        etag=row.etag,
        last_modified=row.last_modified,
        failures=row.failures,
        error=row.error,
        new_at=row.new_at,
        new_count=row.new_count,
    )
