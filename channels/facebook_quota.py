"""Graph's usage headers: how much of each limit is used, in percent, and how many minutes to wait.

``X-App-Usage`` tells of the app; ``X-Business-Use-Case-Usage`` of the Page (per business, per kind of use). Both are JSON
in a header and may be missing, also on a refusal.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from channels.quota_headers import LONGEST_WAIT, asked_to_wait, moment_of
from channels.wire import Answer
from db.records import Bucket, Quota

_PERCENT: Final = ("call_count", "total_time", "total_cputime")

LEAST_WAIT: Final = timedelta(minutes=60)
"""How long to wait when nothing is told: calling on only raises the count."""


def quota_of(answer: Answer) -> Quota:
    """One bucket for the app, one for each use case of the Page; its Date."""
    buckets = []
    app = _object(answer.headers.get("x-app-usage"))
    if app:
        buckets.append(Bucket("app", used_percent=_most_used(app)))
    now = moment_of(answer)
    for name, usage in _use_cases(answer):
        minutes = _minutes(usage)
        buckets.append(Bucket(name, reset_at=_later(now, minutes), used_percent=_most_used(usage)))
    return Quota(tuple(buckets), answer.date_at())


def wait_of(answer: Answer) -> timedelta:
    """The longest time that the answer asks for, in whichever header; 60 minutes where none asks."""
    waits = [timedelta(minutes=minutes) for _, usage in _use_cases(answer) if (minutes := _minutes(usage))]
    asked = asked_to_wait(answer)
    if asked:
        waits.append(asked)
    return min(max(waits, default=LEAST_WAIT), LONGEST_WAIT)


def _use_cases(answer: Answer) -> list[tuple[str, Mapping[str, Any]]]:
    found = []
    for business, usages in _object(answer.headers.get("x-business-use-case-usage")).items():
        for usage in usages if isinstance(usages, list) else []:
            if isinstance(usage, Mapping):
                found.append((f"{usage.get('type', 'use')} {business}", usage))
    return found


def _object(header: str | None) -> Mapping[str, Any]:
    try:
        value = json.loads(header or "{}")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, Mapping) else {}


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0 else 0.0


def _most_used(usage: Mapping[str, Any]) -> float:
    return max(_number(usage.get(name)) for name in _PERCENT)


def _minutes(usage: Mapping[str, Any]) -> float:
    return min(_number(usage.get("estimated_time_to_regain_access")), LONGEST_WAIT / timedelta(minutes=1))


def _later(now: datetime, minutes: float) -> datetime | None:
    return now + timedelta(minutes=minutes) if minutes else None
