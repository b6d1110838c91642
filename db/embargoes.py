"""Which deliveries an embargo keeps, and which a person let pass by name.

The pass is the audit's own row: who let this delivery go before the story's embargo ended, when, and why. Whoever
moves or sets the embargo afterwards asks anew: an older pass no longer counts.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, String, and_, cast, exists, func, literal, or_, select, union_all

from db import audit as audit_store
from db.records import Delivery, SubjectKind
from db.tables import articles, audit, issue_articles, issue_corrections
from db.tables import deliveries as t

SET = "embargo"
"""The audit's verb for an embargo that was set, moved or lifted; its subject is ``story N``."""

PASSED = "override embargo"
"""The audit's verb for a delivery that may go all the same; its subject is ``delivery N``."""


def under_embargo(now: datetime) -> ColumnElement[bool]:
    """True for a row of ``db.tables.deliveries`` whose story, or any story that its issue tells, is under embargo."""
    own = exists().where(
        t.c.subject_kind == SubjectKind.ARTICLE,
        articles.c.id == t.c.subject_id,
        articles.c.embargo_at > now,
        t.c.purpose.not_like("takedown-%"),
    )
    inside = and_(t.c.subject_kind == SubjectKind.ISSUE, tells_embargoed(t.c.subject_id, now))
    return or_(and_(own, ~_passed()), inside)


def tells_embargoed(issue_id: ColumnElement[int], now: datetime) -> ColumnElement[bool]:
    """Whether an issue carries a story that is under embargo at ``now``, or its box corrects one."""
    held = articles.c.embargo_at > now
    carried = exists().where(issue_articles.c.issue_id == issue_id, articles.c.id == issue_articles.c.article_id, held)
    corrected = exists().where(
        issue_corrections.c.told_in == issue_id, articles.c.id == issue_corrections.c.article_id, held
    )
    return or_(carried, corrected)


def keeps(tx: Connection, delivery: Delivery, now: datetime) -> bool:
    """Whether an embargo keeps this delivery at ``now``."""
    return tx.execute(select(t.c.id).where(t.c.id == delivery.id, under_embargo(now))).first() is not None


def ends_at(tx: Connection, delivery: Delivery, now: datetime) -> datetime | None:
    """When the embargo that keeps this delivery at ``now`` ends, the last of several; None where none keeps it."""
    if not keeps(tx, delivery, now):
        return None
    if delivery.subject_kind is SubjectKind.ISSUE:
        return of_issue(tx, delivery.subject_id, now)
    query = select(articles.c.embargo_at).where(articles.c.id == delivery.subject_id)
    moment: datetime | None = tx.execute(query).scalar()
    return moment


def of_issue(tx: Connection, issue_id: int, now: datetime) -> datetime | None:
    """When the last embargo ends that lies at ``now`` over a story this issue tells; None where none does."""
    told = union_all(
        select(issue_articles.c.article_id).where(issue_articles.c.issue_id == issue_id),
        select(issue_corrections.c.article_id).where(issue_corrections.c.told_in == issue_id),
    ).subquery()
    query = select(func.max(articles.c.embargo_at)).where(
        articles.c.id.in_(select(told.c.article_id)), articles.c.embargo_at > now
    )
    moment: datetime | None = tx.execute(query).scalar()
    return moment


def let_pass(
    tx: Connection, delivery: Delivery, embargo_at: datetime, *, actor: str, now: datetime, reason: str
) -> None:
    """Lets one delivery go before the embargo of its story ends, by name."""
    subject, until = f"delivery {delivery.id}", embargo_at.isoformat()
    audit_store.write(tx, PASSED, subject, actor=actor, now=now, reason=reason, before=until, after="may go now")


def _passed() -> ColumnElement[bool]:
    later = audit.alias()
    story, own = literal("story ") + cast(t.c.subject_id, String), literal("delivery ") + cast(t.c.id, String)
    moved = select(later.c.id).where(later.c.verb == SET, later.c.subject == story, later.c.id > audit.c.id)
    passes = select(audit.c.id).where(audit.c.verb == PASSED, audit.c.subject == own)
    return exists(passes.where(~exists(moved.correlate(t, audit))).correlate(t))
