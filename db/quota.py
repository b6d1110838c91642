"""Rate limits as the platforms told them; they survive a restart."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from db.records import MACHINE, Bucket, Mode, Quota
from db.tables import quota as t


def save(tx: Connection, mode: Mode, channel: str, told: Quota, *, now: datetime) -> None:
    """Keeps what an answer told, bucket by bucket; what it did not mention stays."""
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    for bucket in sorted(told.buckets, key=lambda one: one.name):  # in one order, so that two writers never cross
        said = {
            "limit": bucket.limit,
            "remaining": bucket.remaining,
            "reset_at": bucket.reset_at,
            "used_percent": bucket.used_percent,
            "updated_at": now,
        }
        row = {"mode": mode, "channel": channel, "bucket": bucket.name, "actor": MACHINE, "created_at": now, **said}
        statement = insert(t).values(row)
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
