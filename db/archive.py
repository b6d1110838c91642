"""The issues that came out, as anybody may read them again: newest first, without those that hold a killed story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, String, cast, exists, select

from db.posts import get as post_of
from db.records import Cause, Mode, Scope, State, SubjectKind
from db.tables import deliveries, issue_articles, issues, stops

BEGUN = (State.SENDING, State.SENT, State.UNCERTAIN, State.UNSETTLED, State.UNKNOWN)
"""An issue in one of these has reached readers, or may have."""


@dataclass(frozen=True, slots=True)
class PublishedIssue:
    """One issue that came out: its number, the window it stands for, when it was due, its subject line and page."""

    id: int
    window: str
    at: datetime
    subject: str
    html: str


def newest(
    tx: Connection, mode: Mode, channels: Sequence[str], *, before: int | None = None, limit: int
) -> list[PublishedIssue]:
    """At most ``limit`` issues of these channels, newest first; with ``before`` those older than that issue."""
    query = _came_out(mode, channels)
    if before is not None:
        query = query.where(issues.c.id < before)
    return [_issue(tx, row) for row in tx.execute(query.order_by(issues.c.id.desc()).limit(limit))]


def find(tx: Connection, mode: Mode, channels: Sequence[str], issue_id: int) -> PublishedIssue | None:
    """One issue that came out, or None."""
    row = tx.execute(_came_out(mode, channels).where(issues.c.id == issue_id)).first()
    return _issue(tx, row) if row is not None else None


def _came_out(mode: Mode, channels: Sequence[str]) -> Select[Any]:
    begun = exists().where(
        deliveries.c.subject_kind == SubjectKind.ISSUE,
        deliveries.c.subject_id == issues.c.id,
        deliveries.c.mode == issues.c.mode,
        deliveries.c.state.in_(BEGUN),
    )
    killed = exists().where(
        issue_articles.c.issue_id == issues.c.id,
        stops.c.scope == Scope.STORY,
        stops.c.target == cast(issue_articles.c.article_id, String),
        stops.c.cause == Cause.KILLED,
        stops.c.lifted_at.is_(None),
    )
    return select(issues).where(issues.c.mode == mode, issues.c.channel.in_(channels), begun, ~killed)


def _issue(tx: Connection, row: Any) -> PublishedIssue:
    part = post_of(tx, row.post_id).parts[0]
    return PublishedIssue(row.id, row.window, row.cut_at, part.subject, part.html)
