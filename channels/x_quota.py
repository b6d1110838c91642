"""X's rate headers: the buckets they tell, and how long a 429 means.

Each answer may tell three buckets: the 15-minute window, the user's 24 hours, the app's 24 hours. A 24-hour cap leaves
the 15-minute window open, so only the exhausted buckets' resets count.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from channels.quota_headers import LONGEST_WAIT, asked_to_wait, moment_of, unix_moment, whole
from channels.wire import Answer
from db.records import Bucket, Quota

_BUCKETS: Final = {
    "15 minutes": "x-rate-limit",
    "user 24 hours": "x-user-limit-24hour",
    "app 24 hours": "x-app-limit-24hour",
}

LEAST_WAIT: Final = timedelta(minutes=15)
"""How long to wait when no header tells: X's shortest window."""


def quota_of(answer: Answer) -> Quota:
    """The buckets that the answer tells, and its Date."""
    buckets = []
    for name, prefix in _BUCKETS.items():
        limit, remaining, reset = (
            whole(answer.headers, f"{prefix}-{what}") for what in ("limit", "remaining", "reset")
        )
        if (limit, remaining, reset) != (None, None, None):
            buckets.append(Bucket(name, limit, remaining, unix_moment(reset)))
    return Quota(tuple(buckets), answer.date_at())


def wait_of(answer: Answer) -> timedelta:
    """How long to wait after a 429: until the latest reset of the exhausted buckets (of all told ones when none is
    exhausted), not shorter than Retry-After; 15 minutes where nothing usable is told, a reset in the past included.
    """
    now = moment_of(answer)
    buckets = quota_of(answer).buckets
    exhausted = [bucket for bucket in buckets if bucket.remaining == 0] or buckets
    waits = [bucket.reset_at - now for bucket in exhausted if bucket.reset_at and bucket.reset_at > now]
    asked = asked_to_wait(answer)
    if asked:
        waits.append(asked)
    return min(max(waits, default=LEAST_WAIT), LONGEST_WAIT)
