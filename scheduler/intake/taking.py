"""Takes one story in: a new article in the queue, a new revision of the one we have, or nothing new."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection

from db import articles, queue, sources, text_marks
from db.deliveries import Taken as AddressTaken
from db.records import MACHINE, Article
from db.sources import SeenItem
from scheduler.intake.alike import SHARED, is_twin, marks_of, same_story
from scheduler.intake.revising import address_of, revision_of

BEFORE = "before we watched"
"""The reason of an item that was there before its source was watched: seen, and never sent by itself."""
TWINS_WITHIN = timedelta(days=30)
"""So far back a twin under another headline is looked for."""
_SUBSTANCE = 200
"""Less text than this is no proof of sameness: "Morning briefing" is a new story every day."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one story. ``article_id`` is None for one that was left out."""

    article_id: int | None
    what: Literal["new", "revision", "same"]


def take_article(tx: Connection, article: Article, item_id: str, *, actor: str, now: datetime) -> Taken:
    """Takes one story in under the name its source has for it.

    A new one is put in the queue; so is a changed one, as a revision: what is still to go is brought up to date there,
    and what has gone is never sent again. What a person hands
    over (any ``actor`` but the machine) is taken even if its source had it before it was watched, and the
    person's embargo, priority, "may go without a link" and "ask first" count, also where nothing else changed.
    """
    source, address = article.source, address_of(article)
    seen = sources.item(tx, source, item_id)
    if seen is not None and actor == MACHINE:
        if seen.reason == BEFORE:
            remember(tx, item_id, article, None, actor, now, BEFORE)
            return Taken(None, "same")
        if seen.content_hash == stamp_of(article):
            return Taken(seen.article_id, "same")
    ours = _ours(tx, article, seen, address, now)
    if ours is None:
        return _add(tx, article, item_id, address, actor, now)
    remember(tx, item_id, article, ours.id, actor, now)
    revised = revision_of(ours, article, seen=seen is not None, actor=actor)
    if revised is None:
        return Taken(ours.id, "same")
    moved = address if address != address_of(ours) and _is_free(tx, address, ours.id) else None
    if moved is None:
        revised = replace(revised, url=ours.url)
    articles.revise(tx, ours.id, revised, actor=actor, now=now, reason=revised.flags[-1], url_key=moved)
    text_marks.save(tx, ours.id, marks_of(revised), actor=actor, now=now)
    queue.put(tx, ours.id, revised.priority, actor=actor, now=now, reason="the article changed")
    return Taken(ours.id, "revision")


def _add(tx: Connection, article: Article, item_id: str, address: str | None, actor: str, now: datetime) -> Taken:
    try:
        stored = articles.add(tx, article, url_key=address, actor=actor, now=now)
    except AddressTaken:  # another worker took it in at this very moment
        owner = articles.find(tx, url_key=address, content_hash="")
        if owner is None:
            raise
        remember(tx, item_id, article, owner.id, actor, now)
        return Taken(owner.id, "same")
    text_marks.save(tx, stored.id, marks_of(stored), actor=actor, now=now)
    queue.put(tx, stored.id, stored.priority, actor=actor, now=now)
    remember(tx, item_id, article, stored.id, actor, now)
    return Taken(stored.id, "new")


def remember(
    tx: Connection, item_id: str, article: Article, article_id: int | None, actor: str, now: datetime, reason: str = ""
) -> None:
    """Notes what became of an item, and the state it was in."""
    stamp = stamp_of(article)
    sources.remember(
        tx, article.source, item_id, article_id=article_id, content_hash=stamp, actor=actor, now=now, reason=reason
    )


def _ours(
    tx: Connection, article: Article, seen: SeenItem | None, address: str | None, now: datetime
) -> Article | None:
    """The article this story is, by address, by its source's own name for it, by content, by near-identical text."""
    if address is not None and (known := articles.find(tx, url_key=address, content_hash="")):
        return known
    if seen is not None and seen.article_id is not None:
        known = articles.get(tx, seen.article_id)
        if same_story(known, article):
            return known
        return None  # the name is used again for another story
    substance = sum(map(len, article.paragraphs))
    if substance >= _SUBSTANCE or address is None:
        known_by_content = articles.find(tx, url_key=None, content_hash=article.content_hash())
        if known_by_content is not None:
            return known_by_content
    by_headline = next((one for one in articles.search(tx, article.headline, 5) if is_twin(one, article)), None)
    if by_headline is not None:
        return by_headline
    alike = text_marks.sharing(tx, marks_of(article), since=now - TWINS_WITHIN, at_least=SHARED, limit=5)
    return next((one for one in articles.several(tx, alike) if is_twin(one, article)), None)


def _is_free(tx: Connection, address: str | None, article_id: int) -> bool:
    """True for an address that the story may have: nobody's, or its own."""
    if address is None:
        return False
    owner = articles.find(tx, url_key=address, content_hash="")
    return owner is None or owner.id == article_id


def stamp_of(article: Article) -> str:
    """One state of an item: its content and its address, and the moment before which it must not go, if it names one."""
    embargo = f" {article.embargo_at.isoformat()}" if article.embargo_at is not None else ""
    return hashlib.sha256(f"{article.content_hash()} {address_of(article) or ''}{embargo}".encode()).hexdigest()
