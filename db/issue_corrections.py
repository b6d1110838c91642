"""What newsletters got wrong: the words as they should have been, who said it wrongly, and where it was put right."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from db.records import IssueCorrection, Mode
from db.tables import issue_corrections as t
from db.tables import issue_variants
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
            told_in=correction.told_in,
            **signed(actor, now, reason),
        )
        .returning(*t.c)
    ).one()
    return _correction(row)


def untold(tx: Connection, mode: Mode, channel: str) -> list[IssueCorrection]:
    """Those that no issue's box has told yet, oldest first."""
    query = select(t).where(t.c.mode == mode, t.c.channel == channel, t.c.told_in.is_(None)).order_by(t.c.id)
    return [_correction(row) for row in tx.execute(query)]


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
        update(t).where(t.c.id.in_(numbers), t.c.told_in.is_(None)).values(told_in=issue_id, **resigned(t, actor, now))
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
        id=row.id,
        told_in=row.told_in,
    )
