"""What newsletters got wrong: the words as they should have been, who said it wrongly, and where it was put right."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, String, cast, exists, insert, or_, select, update

from db.records import Cause, IssueCorrection, Mode, Scope, State, SubjectKind
from db.tables import articles, deliveries, issue_variants, stops
from db.tables import issue_corrections as t
from db.writing import clean, resigned, signed


def add(tx: Connection, correction: IssueCorrection, *, actor: str, now: datetime, reason: str = "") -> IssueCorrection:
    """Keeps a correction and gives it back with its number."""
    row = tx.execute(
        insert(t)
        .values(
            mode=correction.mode,
            channel=correction.channel,
            issue_id=correction.issue_id,
            article_id=correction.article_id,
            teaser_id=correction.teaser_id,
            wrong=list(correction.wrong),
            note=clean(correction.note),
            post_id=correction.post_id,
            misled=correction.misled,
            told_in=correction.told_in,
            **signed(actor, now, reason),
        )
        .returning(*t.c)
    ).one()
    return _correction(row)


def untold(tx: Connection, mode: Mode, channel: str, now: datetime) -> list[IssueCorrection]:
    """Those that no issue's box has told yet, oldest first; a box of an issue that came to nothing told nobody.

    What was put right before anybody had it wrong is nothing to tell.
    What corrects a story that was killed, or is under embargo at ``now``, waits: a box has the story's headline too.
    """
    killed = exists().where(
        stops.c.scope == Scope.STORY,
        stops.c.target == cast(t.c.article_id, String),
        stops.c.cause == Cause.KILLED,
        stops.c.lifted_at.is_(None),
    )
    query = (
        select(t)
        .join(articles, articles.c.id == t.c.article_id)
        .where(t.c.mode == mode, t.c.channel == channel, t.c.misled > 0, ~killed)
        .where(or_(t.c.told_in.is_(None), ~_stands(t.c.told_in)))
        .where(or_(articles.c.embargo_at.is_(None), articles.c.embargo_at <= now))
        .order_by(t.c.id)
    )
    return [_correction(row) for row in tx.execute(query)]


def telling(tx: Connection, article_id: int) -> list[int]:
    """The issues whose box corrects this story, by number."""
    query = select(t.c.told_in).where(t.c.article_id == article_id, t.c.told_in.is_not(None)).distinct()
    return sorted(tx.execute(query).scalars())


def take_out(tx: Connection, issue_id: int, article_id: int, *, actor: str, now: datetime) -> None:
    """This issue's box says nothing of this story any more; a later one may."""
    lying = (t.c.told_in == issue_id, t.c.article_id == article_id)
    tx.execute(update(t).where(*lying).values(told_in=None, **resigned(t, actor, now)))


def told_in(tx: Connection, issue_id: int) -> list[IssueCorrection]:
    """Those that stand in this issue's box, oldest first."""
    return [_correction(row) for row in tx.execute(select(t).where(t.c.told_in == issue_id).order_by(t.c.id))]


def of_issue(tx: Connection, issue_id: int) -> list[IssueCorrection]:
    """What was wrong in one issue, oldest first."""
    return [_correction(row) for row in tx.execute(select(t).where(t.c.issue_id == issue_id).order_by(t.c.id))]


def right_instead(tx: Connection, issue_id: int, fingerprint: str) -> str | None:
    """What a copy with this fingerprint is to carry since the issue was corrected; None where its words are right."""
    wrong = {one for note in of_issue(tx, issue_id) for one in note.wrong}
    if fingerprint not in wrong:
        return None
    variants = tx.execute(
        select(issue_variants.c.fingerprint, issue_variants.c.article_ids)
        .where(issue_variants.c.issue_id == issue_id)
        .order_by(issue_variants.c.id)
    ).all()
    stories = next((row.article_ids for row in variants if row.fingerprint == fingerprint), None)
    right = [row.fingerprint for row in variants if row.article_ids == stories and row.fingerprint not in wrong]
    return right[-1] if right else None


def note_told(tx: Connection, numbers: Collection[int], issue_id: int, *, actor: str, now: datetime) -> None:
    """These stand in this issue's box."""
    tx.execute(
        update(t)
        .where(t.c.id.in_(numbers), or_(t.c.told_in.is_(None), ~_stands(t.c.told_in)))
        .values(told_in=issue_id, **resigned(t, actor, now))
    )


def _stands(issue_id: ColumnElement[int | None]) -> ColumnElement[bool]:
    """Whether an issue is still to come, or reached readers, or may have: not cancelled nor too late."""
    return exists().where(
        deliveries.c.subject_kind == SubjectKind.ISSUE,
        deliveries.c.subject_id == issue_id,
        deliveries.c.state.not_in((State.CANCELLED, State.EXPIRED)),
    )


def _correction(row: Row[Any]) -> IssueCorrection:
    return IssueCorrection(
        mode=Mode(row.mode),
        channel=row.channel,
        issue_id=row.issue_id,
        article_id=row.article_id,
        teaser_id=row.teaser_id,
        wrong=tuple(row.wrong),
        note=row.note,
        post_id=row.post_id,
        misled=row.misled,
        id=row.id,
        told_in=row.told_in,
    )
