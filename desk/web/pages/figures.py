"""The figures of newsletters and lists, counted at most once a minute where there are many rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from db import issue_counts, subscribers, suppressions, tallies
from db.issue_counts import Counts
from db.records import State
from db.subscribers import ListCounts, Tie
from db.tallies import Span
from desk.web.door.kept_counts import KEPT
from desk.web.door.visitor import Visitor
from scheduler.issue_standing import Counted, IssueStanding, Reason, counted_of, reasons_of
from scheduler.slots import start_of_day
from templates.charts import line, shares

WEEKS = 12
SHARES = ("sent", "refused", "unknown", "expired", "cancelled", "open")
"""The parts of an issue's bar, from the left."""
MOVING = 3.0
"""Seconds that the numbers of an issue under way are kept."""
TIES = (Tie.CONFIRMED, Tie.UNCONFIRMED, Tie.ENDED)
"""Where subscriptions stand, in the order in which the pages tell it: who gets the newsletter first."""
ENDED = (State.FAILED, State.UNCERTAIN, State.UNSETTLED, State.UNKNOWN, State.EXPIRED, State.CANCELLED)
"""Copies whose reasons are told while an issue is under way; those still to go are many and say little."""


@dataclass(frozen=True, slots=True)
class Growth:
    """A list week by week: how many were on it at each week's end, who came and who went, and the line of it."""

    confirmed: int
    weeks: tuple[str, ...]
    standing: tuple[int, ...]
    came: tuple[int, ...]
    went: tuple[int, ...]
    points: str


def list_counts(visitor: Visitor) -> list[ListCounts]:
    """Every list with how many stand where."""

    def count() -> tuple[list[ListCounts], int]:
        with visitor.app.ground.reading() as tx:
            found = subscribers.overview(tx)
        return found, sum(one.confirmed + one.unconfirmed + one.ended for one in found)

    return visitor.door.kept.get("lists", count)


def order_counts(visitor: Visitor) -> dict[str, int]:
    """How many orders not to write stand, by cause."""

    def count() -> tuple[dict[str, int], int]:
        with visitor.app.ground.reading() as tx:
            found = suppressions.counts(tx)
        return found, sum(found.values())

    return visitor.door.kept.get("orders", count)


def growth_of(visitor: Visitor, list_name: str) -> Growth:
    """The last twelve weeks of a list."""
    today = visitor.times.today
    monday = today - timedelta(days=today.weekday())
    days = [monday - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]
    zone = visitor.times.zone
    spans = [Span(start_of_day(day, zone), start_of_day(day + timedelta(weeks=1), zone)) for day in days]
    confirmed = next((one.confirmed for one in list_counts(visitor) if one.name == list_name), 0)

    def count() -> tuple[list[tuple[int, int]], int]:
        with visitor.app.ground.reading() as tx:
            found = tallies.readers(tx, spans, list_name)
        return found, sum(came + went for came, went in found)

    moved = visitor.door.kept.get(("growth", list_name, monday), count)
    standing = stood(confirmed, moved)
    return Growth(
        confirmed=confirmed,
        weeks=tuple(f"{day.day} {visitor.words(f'times.month.{day.month}')}" for day in days),
        standing=standing,
        came=tuple(came for came, _ in moved),
        went=tuple(went for _, went in moved),
        points=line(standing),
    )


def stood(now: int, moved: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """How many there were at each week's end, reckoned back from how many there are now. Pure; never below nought."""
    found = []
    for came, went in reversed(moved):
        found.append(max(0, now))
        now -= came - went
    return tuple(reversed(found))


def counts_of(visitor: Visitor, issue_id: int, *, moving: bool = False) -> Counts:
    """Where an issue's copies stand; of one under way (``moving``) never older than some seconds."""

    def count() -> tuple[Counts, int]:
        with visitor.app.ground.reading() as tx:
            found = issue_counts.counts(tx, issue_id)
        return found, found.candidates

    return visitor.door.kept.get(("issue", issue_id), count, MOVING if moving else KEPT)


def issue_bar(counts: Counts) -> list[tuple[float, float]]:
    """The parts of an issue's bar, as ``SHARES`` names them: where each begins and how wide it is, in per cent."""
    return shares([getattr(counts, name) for name in SHARES])


def through_of(counts: Counts) -> int | None:
    """How much of an issue is behind it, in whole per cent of those who are to get it; None where nothing is to go."""
    wanted = counts.candidates - counts.excluded
    return 100 * (wanted - counts.open) // wanted if counts.open else None


def reasons(visitor: Visitor, standing: IssueStanding) -> tuple[Reason, ...]:
    """Why an issue's copies stand where they stand."""
    issue = standing.issue

    def count() -> tuple[tuple[Reason, ...], int]:
        with visitor.app.ground.reading() as tx:
            found = reasons_of(tx, issue, ENDED if standing.counts.open else None)
        return tuple(found), standing.counts.candidates

    return visitor.door.kept.get(("reasons", issue.id), count)


def opens_and_clicks(visitor: Visitor, standing: IssueStanding) -> Counted | None:
    """What was counted of an issue, None where its newsletter counts nothing."""
    issue = standing.issue

    def count() -> tuple[tuple[Counted | None], int]:
        with visitor.app.ground.reading() as tx:
            return (counted_of(tx, issue),), standing.counts.candidates

    return visitor.door.kept.get(("hits", issue.id), count)[0]
