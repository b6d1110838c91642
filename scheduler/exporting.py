"""Readers as rows of a table: for a CSV file that our own import, and any spreadsheet, can read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from db import readers
from db.readers import Subscription
from db.records import EVERY_OTHER, Choices
from db.session import Ground
from db.subscribers import Tie

HEADS = (
    "email",
    "name",
    "language",
    "list",
    "state",
    "since",
    "ended",
    "consent_at",
    "consent_source",
    "consent_wording",
    "sections",
    "paused_until",
    "zone",
    "quiet",
    "alerts_a_day",
    "in_language",
)


def export_pages(
    ground: Ground, *, list_name: str = "", tie: Tie | None = None, holding: str = ""
) -> Iterator[list[list[str]]]:
    """Every subscription as a row under ``HEADS``, page by page, each page a moment of its own. Times are ISO, UTC."""
    with ground.reading() as tx:
        for page in readers.on_lists(tx, list_name=list_name, tie=tie, holding=holding):
            yield [row_of(one) for one in page]


def how_many(ground: Ground, *, list_name: str = "", tie: Tie | None = None) -> int:
    """How many rows ``export_pages`` gives."""
    with ground.reading() as tx:
        return readers.count(tx, list_name=list_name, tie=tie)


def row_of(one: Subscription) -> list[str]:
    """One subscription under ``HEADS``."""
    chosen = one.choices
    quiet = f"{chosen.quiet_start:%H:%M}-{chosen.quiet_end:%H:%M}" if chosen.quiet_start and chosen.quiet_end else ""
    return [
        one.subscriber.address,
        one.subscriber.name,
        one.subscriber.language,
        one.list_name,
        one.tie,
        _iso(one.since_at),
        _iso(one.ended_at),
        _iso(one.consent_at),
        one.consent_source,
        one.consent_wording,
        say_sections(chosen),
        _iso(chosen.paused_until),
        chosen.zone,
        quiet,
        "" if chosen.alerts_a_day is None else str(chosen.alerts_a_day),
        chosen.language,
    ]


def say_sections(chosen: Choices) -> str:
    """``politics: daily, immediate; every other: weekly``; "" for the newsletter as it comes."""
    named = sorted(chosen.sections.items(), key=lambda one: (one[0] == EVERY_OTHER, one[0]))
    return "; ".join(f"{section or 'every other'}: {', '.join(sorted(had))}" for section, had in named)


def _iso(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat()
