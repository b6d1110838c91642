"""The issues that came out, as anybody may read them again, newest first: one that was corrected as it should have read.

Left out are those that tell a story which was killed or is under embargo, be it only in a correction of it: for good
until it is revived, or until the embargo ends or is lifted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, exists, func, select

from db.embargoes import tells_embargoed
from db.posts import get as post_of
from db.records import Mode, State, SubjectKind
from db.stops import tells_killed
from db.tables import deliveries, issue_corrections, issues

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
    tx: Connection, mode: Mode, channels: Sequence[str], *, now: datetime, before: int | None = None, limit: int
) -> list[PublishedIssue]:
    """At most ``limit`` issues of these channels, newest first; with ``before`` those older than that issue."""
    query = _came_out(mode, channels, now)
    if before is not None:
        query = query.where(issues.c.id < before)
    return [_issue(tx, row) for row in tx.execute(query.order_by(issues.c.id.desc()).limit(limit))]


def find(tx: Connection, mode: Mode, channels: Sequence[str], issue_id: int, *, now: datetime) -> PublishedIssue | None:
    """One issue that came out and may be read at ``now``, or None."""
    row = tx.execute(_came_out(mode, channels, now).where(issues.c.id == issue_id)).first()
    return _issue(tx, row) if row is not None else None


def _came_out(mode: Mode, channels: Sequence[str], now: datetime) -> Select[Any]:
    begun = exists().where(
        deliveries.c.subject_kind == SubjectKind.ISSUE,
        deliveries.c.subject_id == issues.c.id,
        deliveries.c.mode == issues.c.mode,
        deliveries.c.state.in_(BEGUN),
    )
    open_to_all = ~tells_killed(issues.c.id) & ~tells_embargoed(issues.c.id, now)
    corrected = (
        select(issue_corrections.c.post_id)
        .where(issue_corrections.c.issue_id == issues.c.id)
        .order_by(issue_corrections.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    shown = func.coalesce(corrected, issues.c.post_id).label("shown")
    return select(issues.c.id, issues.c.window, issues.c.cut_at, shown).where(
        issues.c.mode == mode, issues.c.channel.in_(channels), begun, open_to_all
    )


def _issue(tx: Connection, row: Any) -> PublishedIssue:
    part = post_of(tx, row.shown).parts[0]
    return PublishedIssue(row.id, row.window, row.cut_at, part.subject, part.html)
