"""What is asked of a delivery in the transaction that claimed it, before its call: by a rule, or by its source.

What may not go yet is given back in the same transaction, so that nobody ever sees it as being sent, and the channel's
spacing does not count it as a call.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from db import articles, channel_states, deliveries, free_posts, issues
from db.records import MACHINE, Article, Claim, Delivery, State, SubjectKind
from scheduler import correction, takedown
from scheduler.outlet import Outlet


@dataclass(frozen=True, slots=True)
class NotYet:
    """It goes back uncalled, not before ``until``; ``reason`` is for the desk."""

    until: datetime
    reason: str


def is_news(delivery: Delivery) -> bool:
    """Whether a delivery says something new: a take-down and a correction mend what is out, and are not kept."""
    return not takedown.is_takedown(delivery) and not correction.is_correction(delivery)


def stories_of(tx: Connection, delivery: Delivery) -> list[Article]:
    """The stories a delivery would put out; a person's own words stand as a story without a headline or a section."""
    match delivery.subject_kind:
        case SubjectKind.ARTICLE:
            return [articles.get(tx, delivery.subject_id)]
        case SubjectKind.ISSUE:
            return articles.several(tx, issues.get(tx, delivery.subject_id).article_ids)
        case SubjectKind.POST:
            text = free_posts.get(tx, delivery.subject_id).text
            return [Article(headline="", paragraphs=(text,), source="")]


def ordered_by_person(delivery: Delivery) -> bool:
    """Whether a person chose this delivery's moment by name."""
    return delivery.ordered_by != MACHINE


def give_back(
    tx: Connection,
    outlet: Outlet,
    delivery: Delivery,
    *,
    begun_at: datetime | None,
    now: datetime,
    not_yet: NotYet | None = None,
    claim: Claim | None = None,
) -> Delivery:
    """Takes the claim of this transaction back; ``begun_at`` is when the channel last began a call before it.

    ``claim`` stays on the row, for a look that is made first.
    """
    changes = {} if not_yet is None else {"next_at": not_yet.until}
    reason = delivery.reason if not_yet is None else not_yet.reason
    planned = deliveries.move(
        tx, delivery, State.PLANNED, actor=MACHINE, now=now, reason=reason, claim=claim, **changes
    )
    channel_states.save(tx, outlet.mode, outlet.name, now=now, begun_at=begun_at)
    return planned
