"""What changed between a story as we have it and as its source shows it now. Pure."""

from __future__ import annotations

from dataclasses import replace

from db.records import MACHINE, Article, Priority
from scheduler.intake.draft import NO_ADDRESS, NO_DATE
from templates.links import url_key


def address_of(article: Article) -> str | None:
    """The story's address in the one spelling that all its spellings share; None without one."""
    return url_key(article.url) if article.url else None


def revision_of(ours: Article, article: Article, *, seen: bool, actor: str) -> Article | None:
    """The next revision, flagged with what changed; None where ours stands.

    Only the source a story came from, or a person, may change it: a twin elsewhere, worded a little
    differently, must not. What the desk ordered stays unless it is ordered anew. An older state that turns up again (two caches of one site) changes nothing.
    """
    if article.source != ours.source and actor == MACHINE:
        return None
    if article.modified_at and ours.modified_at and article.modified_at < ours.modified_at:
        return None
    rescheduled = _is_rescheduled(ours, article)
    article = replace(
        article,
        embargo_at=article.embargo_at if rescheduled else article.embargo_at or ours.embargo_at,
        priority=article.priority if article.priority is not Priority.NORMAL else ours.priority,
        no_link=article.no_link or ours.no_link,
        wants_yes=article.wants_yes or ours.wants_yes,
    )
    changed = _changes(ours, article, seen, actor) + (["date of publication"] if rescheduled else [])
    if not changed:
        return None
    known = {NO_ADDRESS} if article.url or ours.url or article.no_link else set()
    known |= {NO_DATE} if article.published_at or ours.published_at else set()
    flags = [flag for flag in article.flags if flag not in known]
    return replace(
        article,
        url=article.url or ours.url,
        published_at=article.published_at or ours.published_at,
        guid=article.guid or ours.guid,
        flags=(*flags, f"Changed since it was taken in: {', '.join(changed)}."),
    )


def _is_rescheduled(ours: Article, article: Article) -> bool:
    """Whether a story that its source had for later has another date there now: later, earlier, or it is out."""
    was_ahead = ours.embargo_at is not None and ours.embargo_at == ours.published_at
    if article.embargo_at is not None:
        return article.embargo_at == article.published_at != ours.published_at
    return (
        was_ahead
        and article.published_at is not None
        and article.published_at < (ours.published_at or article.published_at)
    )


def _changes(ours: Article, article: Article, seen: bool, actor: str) -> list[str]:
    pairs = {
        "headline": (ours.headline, article.headline),
        "text": (ours.paragraphs, article.paragraphs),
        "teaser of its own": ((ours.summary, ours.dek), (article.summary, article.dek)),
        "authors": (ours.authors, article.authors),
        "label": (ours.label, article.label),
        "section": (ours.section, article.section),
        "tags": (ours.tags, article.tags),
        "language": (ours.language, article.language),
        "picture": (_picture(ours), _picture(article)),
    }
    changed = [name for name, (before, after) in pairs.items() if before != after]
    may_move = seen or actor != MACHINE or ours.url is None
    if article.url and address_of(article) != address_of(ours) and may_move:
        changed.append("address")
    orders = (article.embargo_at, article.priority, article.no_link, article.wants_yes)
    if actor != MACHINE and orders != (ours.embargo_at, ours.priority, ours.no_link, ours.wants_yes):
        changed.append("orders")
    return changed


def _picture(article: Article) -> tuple[str, str]:
    return (article.image.url or article.image.sha256 or "", article.image.alt) if article.image else ("", "")
