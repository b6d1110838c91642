"""Freezing an issue's audience: everybody on its list becomes a recipient or an exclusion with its reason.

Candidates = recipients + exclusions. The rows are written page by page, so that a list of a million leaves room for
others; a freeze that was cut off goes on behind its last row.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from db import issues, recipients, subscribers, suppressions
from db.recipients import Counts
from db.records import Delivery, Exclusion, Issue, Recipient, State
from db.session import Ground
from db.subscribers import Candidate, Tie
from scheduler.clock import Clock

if TYPE_CHECKING:
    from channels.email.channel import EmailChannel

PAGE = 1_000
ROOM_FOR_OTHERS = 0.005
"""Seconds between two pages: without the gap another process on SQLite waits for seconds (design rule 12)."""

UNCONFIRMED = "has not confirmed the subscription"


def freeze_audience(
    ground: Ground, clock: Clock, issue: Issue, delivery: Delivery, channel: EmailChannel, *, actor: str
) -> Counts:
    """Writes a row for everybody whose subscription has not ended. A frozen audience is left as it is.

    May be called again after a crash at any point; the same reader never gets two rows.
    """
    while True:
        now = clock.now()
        with ground.transaction() as tx:
            if issues.prepared_at(tx, issue.id) is None:
                after = recipients.last_candidate(tx, issue.id)
                people = subscribers.candidates(tx, channel.list_name, after=after, page=PAGE)
                page = list(islice(people, PAGE))
                reasons = _reasons(channel, page, _orders(tx, channel, page))
                copies = [_copy(issue, delivery, one) for one in page if one.subscriber.id not in reasons]
                recipients.add(tx, copies, actor=actor, now=now)
                left_out = [Exclusion(issue.id, number, why) for number, why in reasons.items()]
                recipients.exclude(tx, left_out, actor=actor, now=now)
                if len(page) < PAGE:
                    issues.note_prepared(tx, issue.id, actor=actor, now=now)
            if issues.prepared_at(tx, issue.id) is not None:
                return recipients.counts(tx, issue.id)
        clock.sleep(ROOM_FOR_OTHERS)


def why_suppressed(orders: dict[str, str], hashes: tuple[str, str]) -> str:
    """Why a standing order keeps mail from an address; "" when none does."""
    for one in hashes:
        if one in orders:
            return f"suppressed: {orders[one]}"
    return ""


def _orders(tx: Connection, channel: EmailChannel, page: list[Candidate]) -> dict[str, str]:
    hashes = [one for candidate in page for one in channel.suppression_hashes(candidate.address_key)]
    return suppressions.standing(tx, hashes)


def _reasons(channel: EmailChannel, page: list[Candidate], orders: dict[str, str]) -> dict[int, str]:
    """Who of a page is left out, and why."""
    reasons = {}
    for candidate in page:
        why = why_suppressed(orders, channel.suppression_hashes(candidate.address_key))
        if not why and candidate.tie is Tie.UNCONFIRMED:
            why = UNCONFIRMED
        if why:
            reasons[candidate.subscriber.id] = why
    return reasons


def _copy(issue: Issue, delivery: Delivery, candidate: Candidate) -> Recipient:
    return Recipient(
        issue_id=issue.id,
        delivery_id=delivery.id,
        subscriber_id=candidate.subscriber.id,
        fingerprint=delivery.fingerprint,
        state=State.PLANNED,
        send_at=delivery.due_at,
    )
