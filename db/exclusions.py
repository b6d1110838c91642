"""Who is not a recipient of an issue, and why: a row each, so that candidates = recipients + exclusions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from db.records import Exclusion
from db.tables import exclusions
from db.writing import cut, insert_into, signed


def exclude(tx: Connection, rows: Sequence[Exclusion], *, actor: str, now: datetime, reason: str = "") -> None:
    """Writes who is not a recipient and why."""
    if not rows:
        return
    tx.execute(
        insert_into(tx, exclusions).on_conflict_do_nothing(),
        [
            {
                "issue_id": row.issue_id,
                "subscriber_id": row.subscriber_id,
                "why": cut(row.reason, 120),
                **signed(actor, now, reason),
            }
            for row in rows
        ],
    )


def reasons(tx: Connection, issue_id: int) -> list[tuple[str, int]]:
    """Why candidates were left out, each reason with how many, the most frequent first."""
    number = func.count().label("number")
    query = select(exclusions.c.why, number).where(exclusions.c.issue_id == issue_id).group_by(exclusions.c.why)
    return [(row.why, row.number) for row in tx.execute(query.order_by(number.desc(), exclusions.c.why))]


def of_issue(tx: Connection, issue_id: int) -> list[Exclusion]:
    """Who was left out of an issue, and why."""
    query = select(exclusions).where(exclusions.c.issue_id == issue_id).order_by(exclusions.c.id)
    return [Exclusion(row.issue_id, row.subscriber_id, row.why) for row in tx.execute(query)]


def of_subscriber(tx: Connection, subscriber_id: int) -> list[Exclusion]:
    """Every issue that one person was left out of, and why, oldest first."""
    query = select(exclusions).where(exclusions.c.subscriber_id == subscriber_id).order_by(exclusions.c.id)
    return [Exclusion(row.issue_id, row.subscriber_id, row.why) for row in tx.execute(query)]
