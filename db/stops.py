"""What keeps rows from going: hold and pause are its words for people.

Several stops may lie over one delivery; each is lifted by its own cause (design rule 7). The rule for which stop
lies over which delivery stands here once, for the claim statement and for the desk alike.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    String,
    and_,
    cast,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    update,
)

from db.records import MACHINE, Cause, Delivery, Mode, Priority, Scope, Stop, SubjectKind
from db.tables import articles, deliveries, issue_articles, issue_corrections
from db.tables import stops as t
from db.writing import clean, cut, insert_unless_there, resigned, signed

TARGET_LENGTH = 120
LIFTED = "; lifted: "
"""What stands between the reason a stop was laid for and the one it was lifted for."""

BY_LENGTH = 120


def lay(tx: Connection, stop: Stop, *, actor: str, now: datetime) -> Stop:
    """Lays a stop. One of the same cause, scope, target and mode that lies already is brought up to date instead.

    A person's new word replaces the old one (reason, until, who). A machine's only reaches further: of two ends the
    later one holds. Gives back the stop as it now lies, with its id. Raises ``ValueError`` for a scope that names
    no target.
    """
    stop = replace(stop, target=_target(stop.scope, stop.target))
    same = and_(
        t.c.cause == stop.cause,
        t.c.scope == stop.scope,
        t.c.target == stop.target,
        t.c.mode == stop.mode if stop.mode is not None else t.c.mode.is_(None),
        t.c.lifted_at.is_(None),
    )
    tx.execute(
        update(t)
        .where(same, t.c.until_at <= now)
        .values(lifted_at=t.c.until_at, lifted_by=MACHINE, updated_at=now, version=t.c.version + 1)
    )
    row_id = insert_unless_there(
        tx,
        t,
        {
            "scope": stop.scope,
            "target": stop.target,
            "mode": stop.mode,
            "cause": stop.cause,
            "by": cut(stop.by, BY_LENGTH),
            "since_at": stop.since_at,
            "until_at": stop.until_at,
            "lets_breaking": stop.lets_breaking,
            **signed(actor, now, stop.reason),
        },
    )
    if row_id is None:
        # Locked, so that of two who reach further at once the later end is what stays.
        standing = _stop(tx.execute(select(t).where(same).with_for_update()).one())
        row_id = standing.id
        until_at = stop.until_at
        if stop.cause is not Cause.PERSON and until_at is not None:
            until_at = max(until_at, standing.until_at) if standing.until_at is not None else None
        changed = {"by": cut(stop.by, BY_LENGTH), "until_at": until_at, "lets_breaking": stop.lets_breaking}
        tx.execute(update(t).where(t.c.id == row_id).values(**changed, **resigned(t, actor, now, stop.reason)))
    return _stop(tx.execute(select(t).where(t.c.id == row_id)).one())


def lift(
    tx: Connection,
    *,
    scope: Scope,
    target: str,
    cause: Cause,
    mode: Mode | None = None,
    by: str,
    now: datetime,
    reason: str = "",
) -> int:
    """Lifts the stops of this cause from this target and tells how many lay there.

    ``mode`` None lifts them whatever their mode; otherwise only those laid for exactly this mode. The reason they
    were laid for stays readable; the reason for lifting is added to it.
    """
    lying = [
        t.c.scope == scope,
        t.c.target == _target(scope, target),
        t.c.cause == cause,
        t.c.lifted_at.is_(None),
    ]
    if mode is not None:
        lying.append(t.c.mode == mode)
    reasons = t.c.reason + f"{LIFTED}{clean(reason)}" if reason else t.c.reason
    result = tx.execute(
        update(t)
        .where(*lying)
        .values(lifted_at=now, lifted_by=cut(by, BY_LENGTH), reason=reasons, updated_at=now, version=t.c.version + 1)
    )
    return result.rowcount


def pause_of_everything(tx: Connection, now: datetime) -> Stop | None:
    """The stop that a person laid over everything, None where nobody did."""
    lying = (one for one in active(tx, now) if one.scope is Scope.EVERYTHING and one.cause is Cause.PERSON)
    return next(lying, None)


def active(tx: Connection, now: datetime) -> list[Stop]:
    """Every stop that lies now, the oldest first."""
    return [_stop(row) for row in tx.execute(select(t).where(_lies(now)).order_by(t.c.since_at, t.c.id))]


def over(tx: Connection, delivery: Delivery, now: datetime) -> list[Stop]:
    """The stops that keep this delivery from going now, the oldest first; empty where nothing keeps it."""
    covers = _covers(
        delivery=literal(str(delivery.id)),
        subject_kind=literal(delivery.subject_kind.value),
        subject_id=literal(delivery.subject_id),
        section=literal(delivery.section),
        channel=literal(delivery.channel),
        mode=literal(delivery.mode.value),
        priority=literal(delivery.priority.value),
        purpose=literal(delivery.purpose),
    )
    return [_stop(row) for row in tx.execute(select(t).where(_lies(now), covers).order_by(t.c.since_at, t.c.id))]


def not_stopped(now: datetime) -> ColumnElement[bool]:
    """True for a row of ``db.tables.deliveries`` over which no stop lies; for the WHERE of a claim."""
    return ~_reaches_row(_lies(now))


def kept_only_by(stop_ids: Collection[int], now: datetime) -> ColumnElement[bool]:
    """True for a row of ``db.tables.deliveries`` that one of these stops reaches, and no other that lies."""
    return and_(reached_by(stop_ids), ~_reaches_row(_lies(now), t.c.id.not_in(stop_ids)))


def reached_by(stop_ids: Collection[int]) -> ColumnElement[bool]:
    """True for a row of ``db.tables.deliveries`` that one of these stops reaches, whether it still lies or not."""
    return _reaches_row(t.c.id.in_(stop_ids))


def story_stopped(now: datetime) -> ColumnElement[bool]:
    """True for a row of ``db.tables.articles`` that a stop on the story or its section keeps out of the next issue."""
    reaches = or_(
        and_(t.c.scope == Scope.STORY, t.c.target == cast(articles.c.id, String)),
        and_(t.c.scope == Scope.SECTION, func.lower(t.c.target) == func.lower(articles.c.section)),
    )
    passes = and_(t.c.lets_breaking, articles.c.priority == Priority.BREAKING)
    return exists(select(t.c.id).where(_lies(now), reaches, not_(passes)).correlate(articles))


def killed(tx: Connection, article_id: int) -> Stop | None:
    """The order that took this story back everywhere, None where none stands."""
    lying = [t.c.scope == Scope.STORY, t.c.target == str(article_id), t.c.cause == Cause.KILLED]
    row = tx.execute(select(t).where(*lying, t.c.lifted_at.is_(None))).one_or_none()
    return _stop(row) if row is not None else None


def tells_killed(issue_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether an issue carries a story that was killed, or its box corrects one."""
    order = select(t.c.id).where(t.c.scope == Scope.STORY, t.c.cause == Cause.KILLED, t.c.lifted_at.is_(None))
    carried = order.where(
        issue_articles.c.issue_id == issue_id, t.c.target == cast(issue_articles.c.article_id, String)
    )
    corrected = order.where(
        issue_corrections.c.told_in == issue_id, t.c.target == cast(issue_corrections.c.article_id, String)
    )
    return or_(exists(carried), exists(corrected))


def history(tx: Connection, *, scope: Scope, target: str) -> list[Stop]:
    """Every stop ever laid on this target, the oldest first, lifted or not."""
    query = select(t).where(t.c.scope == scope, t.c.target == _target(scope, target)).order_by(t.c.id)
    return [_stop(row) for row in tx.execute(query)]


def _target(scope: Scope, target: str) -> str:
    if scope is Scope.EVERYTHING:
        return ""
    if not target:
        raise ValueError(f"a stop on a {scope} must name it")
    return cut(target, TARGET_LENGTH)


def _lies(now: datetime) -> ColumnElement[bool]:
    return and_(t.c.lifted_at.is_(None), or_(t.c.until_at.is_(None), t.c.until_at > now))


def _covers(
    *,
    delivery: ColumnElement[str],
    subject_kind: ColumnElement[str],
    subject_id: ColumnElement[int],
    section: ColumnElement[str],
    channel: ColumnElement[str],
    mode: ColumnElement[str],
    priority: ColumnElement[str],
    purpose: ColumnElement[str],
) -> ColumnElement[bool]:
    """The rule: which stop reaches which delivery. A stop on a story or a section reaches the issues that carry it.

    A person's hold or pause keeps words from going out, so it never keeps a post from being taken down.
    """
    inside = select(issue_articles.c.id).where(
        subject_kind == SubjectKind.ISSUE, issue_articles.c.issue_id == subject_id
    )
    with_story = exists(inside.where(cast(issue_articles.c.article_id, String) == t.c.target).correlate(t, deliveries))
    with_section = exists(
        inside.join(articles, articles.c.id == issue_articles.c.article_id)
        .where(func.lower(articles.c.section) == func.lower(t.c.target))
        .correlate(t, deliveries)
    )
    own_story = and_(t.c.target == cast(subject_id, String), subject_kind == SubjectKind.ARTICLE)
    reaches = or_(
        t.c.scope == Scope.EVERYTHING,
        and_(t.c.scope == Scope.CHANNEL, t.c.target == channel),
        and_(t.c.scope == Scope.SECTION, or_(func.lower(t.c.target) == func.lower(section), with_section)),
        and_(t.c.scope == Scope.STORY, or_(own_story, with_story)),
        and_(t.c.scope == Scope.DELIVERY, t.c.target == delivery),
    )
    in_mode = or_(t.c.mode.is_(None), t.c.mode == mode)
    removes = and_(t.c.cause.in_((Cause.PERSON, Cause.KILLED)), purpose.like("takedown-%"))
    return and_(reaches, in_mode, not_(removes), not_(and_(t.c.lets_breaking, priority == Priority.BREAKING)))


def _reaches_row(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    row = deliveries.c
    covers = _covers(
        delivery=cast(row.id, String),
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        section=row.section,
        channel=row.channel,
        mode=row.mode,
        priority=row.priority,
        purpose=row.purpose,
    )
    return exists(select(t.c.id).where(*which, covers).correlate(deliveries))


def _stop(row: Row[Any]) -> Stop:
    return Stop(
        id=row.id,
        scope=Scope(row.scope),
        target=row.target,
        mode=Mode(row.mode) if row.mode else None,
        cause=Cause(row.cause),
        reason=row.reason,
        by=row.by,
        since_at=row.since_at,
        until_at=row.until_at,
        lifted_at=row.lifted_at,
        lifted_by=row.lifted_by,
        lets_breaking=row.lets_breaking,
    )
