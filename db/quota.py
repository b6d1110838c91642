"""Rate limits as the platforms told them; they survive a restart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from db.records import MACHINE, Bucket, Mode, Quota
from db.tables import quota as t
from db.writing import insert_into


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of one limit was used, in percent, when the platform told it, and when the limit starts anew."""

    percent: float
    told_at: datetime
    reset_at: datetime | None = None


def save(tx: Connection, mode: Mode, channel: str, told: Quota, *, now: datetime) -> None:
    """Keeps what an answer told, bucket by bucket; what it did not mention stays."""
    for bucket in sorted(told.buckets, key=lambda one: one.name):  # in one order, so that two writers never cross
        said = {
            "limit": bucket.limit,
            "remaining": bucket.remaining,
            "reset_at": bucket.reset_at,
            "used_percent": bucket.used_percent,
            "updated_at": now,
        }
        row = {"mode": mode, "channel": channel, "bucket": bucket.name, "actor": MACHINE, "created_at": now, **said}
        statement = insert_into(tx, t).values(row)
        tx.execute(statement.on_conflict_do_update(index_elements=["mode", "channel", "bucket"], set_=said))


def wait_until(tx: Connection, mode: Mode, channel: str, now: datetime) -> datetime | None:
    """The latest reset among the channel's exhausted buckets that is still to come, or None: it may speak now."""
    return tx.execute(
        select(func.max(t.c.reset_at)).where(
            t.c.mode == mode, t.c.channel == channel, t.c.remaining <= 0, t.c.reset_at > now
        )
    ).scalar()


def of_channel(tx: Connection, mode: Mode, channel: str) -> Quota:
    """All that is known of a channel's limits."""
    rows = tx.execute(select(t).where(t.c.mode == mode, t.c.channel == channel).order_by(t.c.bucket))
    return Quota(tuple(Bucket(row.bucket, row.limit, row.remaining, row.reset_at, row.used_percent) for row in rows))


def usages(tx: Connection, mode: Mode, channel: str) -> list[Usage]:
    """What is known in percent, however old."""
    query = select(t).where(t.c.mode == mode, t.c.channel == channel, t.c.used_percent.is_not(None))
    return [Usage(row.used_percent, row.updated_at, row.reset_at) for row in tx.execute(query.order_by(t.c.bucket))]
