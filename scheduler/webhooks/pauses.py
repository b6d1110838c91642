"""When a webhook is asked again, and when it is given up. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

_STEPS = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=8),
    timedelta(hours=12),
)
"""How long an event waits after its first, second … try."""
_SPREAD = 0.2
LONGEST_ASIDE = timedelta(minutes=10)
"""However often it failed, a webhook is asked at least so often: whatever ails one event may not keep the others."""
FAILING_LONG = timedelta(hours=6)
LEAST_FAILURES = 8


def event_pause(tries: int, jitter: float) -> timedelta | None:
    """How long an event waits after so many tries (from 1); None: it is given up. ``jitter`` is from 0 to 1."""
    if tries > len(_STEPS):
        return None
    return _STEPS[tries - 1] * (1 + _SPREAD * jitter)


def webhook_pause(failures: int, jitter: float) -> timedelta:
    """How long a whole webhook is left alone after so many failures in a row (from 1)."""
    return min(_STEPS[min(failures, len(_STEPS)) - 1], LONGEST_ASIDE) * (1 + _SPREAD * jitter)


def has_failed_for_long(failures: int, since: datetime | None, now: datetime) -> bool:
    """Whether a webhook has said nothing but no for so long that it is paused and a person told."""
    return since is not None and failures >= LEAST_FAILURES and now - since >= FAILING_LONG
