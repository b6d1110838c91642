"""What rate headers have in common: numbers that may be nonsense, moments, and how long to wait."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from channels.wire import Answer

LONGEST_WAIT: Final = timedelta(hours=25)
"""No platform's window is longer than a day; a header that asks for more is nonsense and is cut to this."""


def moment_of(answer: Answer) -> datetime:
    """The answer's own clock: its Date header, else the wall."""
    return answer.date_at() or datetime.now(UTC)


def whole(headers: Mapping[str, str], name: str) -> int | None:
    """A header as a whole number; None when missing or nonsense."""
    value = headers.get(name, "").strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 15 else None


def unix_moment(seconds: int | None) -> datetime | None:
    """Seconds since 1970 as a UTC time; None for what no calendar holds."""
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def asked_to_wait(answer: Answer) -> timedelta | None:
    """The Retry-After header as a span (RFC 9110, 10.2.3: seconds or a date); None when missing or over."""
    seconds = whole(answer.headers, "retry-after")
    if seconds is not None:
        return timedelta(seconds=min(seconds, 10**6)) if seconds else None
    try:
        until = parsedate_to_datetime(answer.headers.get("retry-after", ""))
    except (ValueError, TypeError):
        return None
    span = (until if until.tzinfo else until.replace(tzinfo=UTC)) - moment_of(answer)
    return span if span > timedelta(0) else None
