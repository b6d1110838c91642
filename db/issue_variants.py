"""What each set of readers gets of an issue, and what a reader had of its stories before.

A variant is one choice of an issue's stories as one post; a recipient's fingerprint names it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, select

from db.records import Issue, Post, State, Variant
from db.tables import issue_articles, issues, recipients
from db.tables import issue_variants as t
from db.writing import insert_unless_there, signed

HAD = (
    State.WAITING,
    State.PLANNED,
    State.SENDING,
    State.SENT,
    State.UNCERTAIN,
    State.UNSETTLED,
    State.UNKNOWN,
)
"""A copy in one of these was sent, will be, or may have been: its stories do not come a second time."""


def add(tx: Connection, issue_id: int, post: Post, article_ids: Collection[int], *, actor: str, now: datetime) -> None:
    """Notes that these stories of an issue are said by this stored post. Noted already: nothing changes."""
    values = {
        "issue_id": issue_id,
        "fingerprint": post.fingerprint,
        "post_id": post.id,
        "article_ids": list(article_ids),
        **signed(actor, now, ""),
    }
    insert_unless_there(tx, t, values)


def of_issue(tx: Connection, issue_id: int) -> list[Variant]:
    """Every variant of an issue, in the order in which they were made; the whole issue is the first."""
    query = select(t).where(t.c.issue_id == issue_id).order_by(t.c.id)
    return [Variant(row.issue_id, row.fingerprint, row.post_id, tuple(row.article_ids)) for row in tx.execute(query)]


def forget(tx: Connection, issue_id: int) -> None:
    """Forgets every variant of an issue that nobody has begun to get: its stories are others now."""
    tx.execute(delete(t).where(t.c.issue_id == issue_id))


def find(tx: Connection, issue_id: int, fingerprint: str) -> Variant | None:
    """The variant that a fingerprint names, None when the issue has none of it."""
    row = tx.execute(select(t).where(t.c.issue_id == issue_id, t.c.fingerprint == fingerprint)).one_or_none()
    return Variant(row.issue_id, row.fingerprint, row.post_id, tuple(row.article_ids)) if row is not None else None


def elsewhere(tx: Connection, issue: Issue) -> Mapping[tuple[int, str], frozenset[int]]:
    """In which other issues of the newsletter this one's stories stand: from (issue, fingerprint) to those stories.

    Corrections are left out: what they repeat is meant to be said again.
    """
    others = (
        select(issue_articles.c.issue_id)
        .join(issues, issues.c.id == issue_articles.c.issue_id)
        .where(
            issue_articles.c.mode == issue.mode,
            issue_articles.c.channel == issue.channel,
            issue_articles.c.article_id.in_(issue.article_ids),
            issue_articles.c.issue_id != issue.id,
            issues.c.corrects_id.is_(None),
        )
        .distinct()
    )
    ours = frozenset(issue.article_ids)
    rows = tx.execute(select(t.c.issue_id, t.c.fingerprint, t.c.article_ids).where(t.c.issue_id.in_(others)))
    return {(row.issue_id, row.fingerprint): ours & frozenset(row.article_ids) for row in rows}


def had(
    tx: Connection, others: Mapping[tuple[int, str], frozenset[int]], subscriber_ids: Collection[int]
) -> dict[int, frozenset[int]]:
    """Which of an issue's stories these readers had, or are about to get, from ``others`` (see ``elsewhere``)."""
    if not others:
        return {}
    r = recipients
    query = select(r.c.subscriber_id, r.c.issue_id, r.c.fingerprint).where(
        r.c.issue_id.in_({issue_id for issue_id, _ in others}),
        r.c.subscriber_id.in_(subscriber_ids),
        r.c.state.in_(HAD),
    )
    found: dict[int, frozenset[int]] = {}
    for row in tx.execute(query):
        stories = others.get((row.issue_id, row.fingerprint), frozenset())
        found[row.subscriber_id] = found.get(row.subscriber_id, frozenset()) | stories
    return found
