"""The stories as we know them: one row a story, one row a revision.

A revision holds the content as its source gave it. The story's own row holds what is in force: embargo,
priority, "may go without a link" and "skipped", which people may change. Where a later revision brings another
embargo, priority or link rule than the one before it, the source has changed its mind and is followed; where it
brings the same, what the desk set stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, select, update

from db.deliveries import Stale, Taken
from db.errors import NotThere
from db.json_forms import article_form, article_of
from db.records import Article, Priority
from db.tables import articles as t
from db.tables import revisions as r
from db.word_search import holds_all
from db.writing import clean, cut, insert_unless_there, key, resigned, signed

URL_KEY_LENGTH = 500
SECTION_LENGTH = 120
SOURCE_LENGTH = 120


def find(tx: Connection, *, url_key: str | None, content_hash: str) -> Article | None:
    """The story with this address, else one that has or once had exactly this content, else None.

    A story whose content is this now comes before one that was so earlier, then the newer one.
    """
    if url_key is not None:
        row = tx.execute(_current().where(t.c.url_key == key(url_key, URL_KEY_LENGTH))).one_or_none()
        if row is not None:
            return _article(row)
    same_now = (t.c.content_hash == content_hash).desc()
    article_id = tx.execute(
        select(t.c.id)
        .join(r, r.c.article_id == t.c.id)
        .where(r.c.content_hash == content_hash)
        .order_by(same_now, t.c.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    return get(tx, article_id) if article_id is not None else None


def add(
    tx: Connection, article: Article, *, url_key: str | None, actor: str, now: datetime, reason: str = ""
) -> Article:
    """Takes a story in, at revision 1. Raises ``Taken`` where another story has this address."""
    article = _fitted(article)
    article_id = insert_unless_there(
        tx,
        t,
        {
            "source": article.source,
            "url_key": key(url_key, URL_KEY_LENGTH) if url_key is not None else None,
            "skipped_at": article.skipped_at,
            **_facts(article),
            **_content_columns(article, 1),
            **signed(actor, now, reason),
        },
    )
    if article_id is None:
        raise Taken(f"the address {article.url or url_key} already belongs to another story; find it before adding")
    _write_revision(tx, article_id, 1, article, actor, now, reason)
    return get(tx, article_id)


def revise(
    tx: Connection,
    article_id: int,
    article: Article,
    *,
    actor: str,
    now: datetime,
    reason: str = "",
    url_key: str | None = None,
) -> Article:
    """Stores the next revision and makes it the current one; the old ones stay.

    ``url_key`` gives the story a (new) address; None leaves the one it has. Raises ``NotThere`` for an unknown
    story, ``Taken`` where the address belongs to another one, ``Stale`` when somebody else revised it at the
    same moment.
    """
    row = _row(tx, article_id)
    article = _fitted(replace(article, source=row.source))
    before = article_of(row.content)
    number = row.revision + 1
    changes: dict[str, Any] = {name: value for name, value in _facts(article).items() if value != _facts(before)[name]}
    if url_key is not None:
        changes["url_key"] = key(url_key, URL_KEY_LENGTH)
        other = tx.execute(select(t.c.id).where(t.c.url_key == changes["url_key"], t.c.id != article_id)).first()
        if other is not None:
            raise Taken(f"the address {article.url or url_key} already belongs to story {other.id}")
    moved = tx.execute(
        update(t)
        .where(t.c.id == article_id, t.c.revision == row.revision)
        .values(**changes, **_content_columns(article, number), **resigned(t, actor, now, reason))
    )
    if moved.rowcount != 1:
        raise Stale(f"story {article_id} was revised by somebody else; read it again")
    _write_revision(tx, article_id, number, article, actor, now, reason)
    return get(tx, article_id)


def get(tx: Connection, article_id: int) -> Article:
    """The story as it stands now. Raises ``NotThere``."""
    return _article(_row(tx, article_id))


def several(tx: Connection, ids: Sequence[int]) -> list[Article]:
    """These stories in the order asked; a number that no story has is left out."""
    found = {row.id: _article(row) for row in tx.execute(_current().where(t.c.id.in_(set(ids))))}
    return [found[article_id] for article_id in ids if article_id in found]


def revision(tx: Connection, article_id: int, number: int) -> Article:
    """The story as it was at one revision: the content of then, the desk's rules of now. Raises ``NotThere``."""
    row = tx.execute(
        select(t, r.c.content).join(r, r.c.article_id == t.c.id).where(t.c.id == article_id, r.c.revision == number)
    ).one_or_none()
    if row is None:
        raise NotThere(
            f"story {article_id} has no revision {number}; see those it has with: pressrun show {article_id}"
        )
    return replace(_article(row), revision=number)


def newest(tx: Connection) -> Article | None:
    """The story taken in last, None where there is none yet."""
    row = tx.execute(_current().order_by(t.c.id.desc()).limit(1)).one_or_none()
    return _article(row) if row is not None else None


def search(tx: Connection, words: str, limit: int = 10) -> list[Article]:
    """Stories whose headline holds all these words (or beginnings, or parts of them), case-blind, newest first."""
    if not words.split() or limit < 1:
        return []
    query = _current().where(holds_all(t.c.headline, words)).order_by(t.c.id.desc()).limit(limit)
    return [_article(row) for row in tx.execute(query)]


def page(tx: Connection, limit: int, *, words: str = "", before: int | None = None) -> list[Article]:
    """Stories, the newest first: those below ``before``, and only those whose headline holds all these words."""
    query = _current().order_by(t.c.id.desc()).limit(limit)
    if words.split():
        query = query.where(holds_all(t.c.headline, words))
    if before is not None:
        query = query.where(t.c.id < before)
    return [_article(row) for row in tx.execute(query)]


def set_embargo(
    tx: Connection, article_id: int, embargo_at: datetime | None, *, actor: str, now: datetime, reason: str = ""
) -> Article:
    """Sets the moment before which no word of the story leaves; None lifts it. Raises ``NotThere``."""
    return _set(tx, article_id, {"embargo_at": embargo_at}, actor, now, reason)


def set_priority(
    tx: Connection, article_id: int, priority: Priority, *, actor: str, now: datetime, reason: str = ""
) -> Article:
    """Says how urgent the story is. Raises ``NotThere``."""
    return _set(tx, article_id, {"priority": priority}, actor, now, reason)


def set_no_link(
    tx: Connection, article_id: int, no_link: bool = True, *, actor: str, now: datetime, reason: str = ""
) -> Article:
    """Says whether the story may go without an address. Raises ``NotThere``."""
    return _set(tx, article_id, {"no_link": no_link}, actor, now, reason)


def skip(tx: Connection, article_id: int, *, actor: str, now: datetime, reason: str = "") -> Article:
    """Says that nothing more is to be made of the story. Raises ``NotThere``."""
    return _set(tx, article_id, {"skipped_at": now}, actor, now, reason)


def unskip(tx: Connection, article_id: int, *, actor: str, now: datetime, reason: str = "") -> Article:
    """Takes ``skip`` back. Raises ``NotThere``."""
    return _set(tx, article_id, {"skipped_at": None}, actor, now, reason)


def _set(tx: Connection, article_id: int, changes: dict[str, Any], actor: str, now: datetime, reason: str) -> Article:
    tx.execute(update(t).where(t.c.id == article_id).values(**changes, **resigned(t, actor, now, reason)))
    return get(tx, article_id)


def _current() -> Select[Any]:
    return select(t, r.c.content).join(r, and_(r.c.article_id == t.c.id, r.c.revision == t.c.revision))


def _row(tx: Connection, article_id: int) -> Row[Any]:
    row = tx.execute(_current().where(t.c.id == article_id)).one_or_none()
    if row is None:
        raise NotThere(f"there is no story {article_id}; see the newest with: pressrun queue")
    return row


def _article(row: Row[Any]) -> Article:
    """A story from a row of articles beside a revision's content."""
    return replace(
        article_of(row.content),
        id=row.id,
        revision=row.revision,
        source=row.source,
        priority=Priority(row.priority),
        embargo_at=row.embargo_at,
        no_link=row.no_link,
        wants_yes=row.wants_yes,
        taken_in_at=row.created_at,
        skipped_at=row.skipped_at,
    )


def _fitted(article: Article) -> Article:
    """What stands in columns must be one value everywhere, so it is cut once, here."""
    return replace(article, section=cut(article.section, SECTION_LENGTH), source=cut(article.source, SOURCE_LENGTH))


def _facts(article: Article) -> dict[str, Any]:
    """What both a source and the desk may say of a story."""
    embargo_at = article.embargo_at.astimezone(UTC) if article.embargo_at else None
    return {
        "priority": article.priority,
        "embargo_at": embargo_at,
        "no_link": article.no_link,
        "wants_yes": article.wants_yes,
    }


def _content_columns(article: Article, number: int) -> dict[str, Any]:
    return {
        "revision": number,
        "content_hash": article.content_hash(),
        "headline": clean(article.headline),
        "section": article.section,
        "published_at": article.published_at,
    }


def _write_revision(
    tx: Connection, article_id: int, number: int, article: Article, actor: str, now: datetime, reason: str
) -> None:
    tx.execute(
        r.insert().values(
            article_id=article_id,
            revision=number,
            content_hash=article.content_hash(),
            content=article_form(article),
            **signed(actor, now, reason),
        )
    )
