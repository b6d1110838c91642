"""Where a page of the log ended, as addresses carry it: the desk's for its next page, the API's as ``next``. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from db.log_view import LogOrder, PageMark
from db.records import State, SubjectKind

_MARK = re.compile(
    r"(?P<moment>-?[0-9]{1,12}\.[0-9]{1,6})-(?P<delivery>[0-9]{1,18})"
    r"(?:-(?P<subject>[0-9]{1,18})-(?P<group>[^\x00-\x1f]{1,120}))?"
)


def mark_text(mark: PageMark) -> str:
    """Where a page ended, for the address of the next one: the moment, the delivery, and where in an order by groups."""
    words = f"{mark.due_at.timestamp():.6f}-{mark.delivery_id}"
    if mark.group:
        words += f"-{mark.subject_id}-{mark.group}"
    return words


def mark_of(text: str, order: LogOrder) -> PageMark | None:
    """The mark that ``mark_text`` wrote for this order; None for anything else."""
    found = _MARK.fullmatch(text)
    if found is None:
        return None
    group = found["group"] or ""
    fits = {
        "time": not group,
        "state": group in set(State),
        "channel": bool(group),
        "story": group in set(SubjectKind),
    }
    if not fits[order.column]:
        return None
    try:
        moment = datetime.fromtimestamp(float(found["moment"]), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return PageMark(moment, int(found["delivery"]), group, int(found["subject"] or 0))
