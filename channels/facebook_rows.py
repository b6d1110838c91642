"""What a row of Graph's answer says: numbers, addresses, moments. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from db.records import Receipt

COMMENT_MARK: Final = "comment_id="


def id_in(content: Mapping[str, Any]) -> str | None:
    """The number in an answer; None where there is none that could be one."""
    found = content.get("id")
    return str(found) if isinstance(found, (str, int)) and str(found).replace("_", "").isdigit() else None


def is_older(row: Mapping[str, Any], since: datetime) -> bool:
    """Whether what Graph lists was made before a moment, to the second."""
    at = moment_of(row.get("created_time"))
    return at is not None and at < since.replace(microsecond=0)


def comment_address(row: Mapping[str, Any], comment_id: str, under: Receipt) -> str:
    """Where a comment is read: its own address, else the post's with the comment named."""
    told = row.get("permalink_url")
    if isinstance(told, str) and COMMENT_MARK in told:
        return post_address(row, comment_id)
    base = under.url or f"https://www.facebook.com/{under.id}"
    return f"{base}{'&' if '?' in base else '?'}{COMMENT_MARK}{comment_id.rpartition('_')[2]}"


def post_address(row: Mapping[str, Any], post_id: str) -> str:
    """Where a post is read: the permalink that Graph told, else the address made of its number."""
    told = row.get("permalink_url")
    if not isinstance(told, str) or not told:
        return f"https://www.facebook.com/{post_id}"
    return f"https://www.facebook.com{told}" if told.startswith("/") else told


def moment_of(value: object) -> datetime | None:
    """A moment as Graph writes it, in UTC; None for anything else."""
    try:
        return datetime.fromisoformat(str(value)).astimezone(UTC)
    except ValueError:
        return None
