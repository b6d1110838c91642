"""Counters that run over a window of time: calls in 15 minutes, posts in a day, money in a month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from channels.rehearsal.store import Store, micros, moment


@dataclass(frozen=True, slots=True)
class Meter:
    """One counter as it stands: how much of ``limit`` is used in the window that ends at ``reset_at``."""

    used: int
    limit: int | None
    reset_at: datetime

    @property
    def remaining(self) -> int:
        """What is left; a large number where there is no limit."""
        return 1_000_000 if self.limit is None else max(0, self.limit - self.used)

    @property
    def exhausted(self) -> bool:
        """Whether nothing is left."""
        return self.limit is not None and self.used >= self.limit


def read(store: Store, account: str, bucket: str, window: timedelta, limit: int | None, now: datetime) -> Meter:
    """The counter now; a window that is over (or that a clock set back has left) counts as empty."""
    row = store.row("select since, used from meters where account = ? and bucket = ?", (account, bucket))
    since = moment(row["since"]) if row else now
    if row is None or not since <= now < since + window:
        return Meter(0, limit, now + window)
    return Meter(row["used"], limit, since + window)


def count(store: Store, account: str, bucket: str, window: timedelta, now: datetime, amount: int = 1) -> None:
    """Adds to the counter; the first of a window begins it."""
    with store.change() as db:
        standing = read(store, account, bucket, window, None, now)
        since = standing.reset_at - window
        db.execute(
            "insert into meters values (?, ?, ?, ?) on conflict (account, bucket) do update"
            " set since = excluded.since, used = excluded.used",
            (account, bucket, micros(since), standing.used + amount),
        )
