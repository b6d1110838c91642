"""The log as a spreadsheet has it: one line a delivery, the mode in the first column, wall times with their zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from db.log import LogRow
    from desk.cli.moments import Times

HEADS = (
    "mode",
    "delivery",
    "channel",
    "kind",
    "state",
    "story",
    "headline",
    "purpose",
    "due",
    "sent",
    "timezone",
    "url",
    "text",
    "ordered_by",
    "approved_by",
    "known_by",
    "code",
    "sentence",
    "cost_usd",
)


def cells_of(row: LogRow, times: Times) -> list[str]:
    """One delivery's cells in the order of ``HEADS``."""
    one, tried = row.delivery, row.attempt
    return [
        one.mode.value,
        str(one.id),
        one.channel,
        one.kind,
        one.state.value,
        f"{one.subject_id}" if one.subject_kind == "article" else "",
        row.headline,
        one.purpose,
        times.wall(one.due_at),
        times.wall(tried.closed_at) if tried and one.state == "sent" else "",
        times.name,
        row.url or "",
        tried.text if tried else "",
        one.ordered_by,
        one.approved_by or "",
        one.known_by.value if one.known_by else "",
        tried.code if tried else "",
        row.sentence,
        f"{one.cost.micros / 1_000_000:.3f}",
    ]
