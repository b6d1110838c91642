"""Freezing an issue's audience: everybody who may get it becomes a recipient or an exclusion with its reason.

Candidates = recipients + exclusions. The rows are written page by page, so that a list of a million leaves room for
others; a freeze that was cut off goes on behind its last row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from db import (
    channel_states,
    exclusions,
    issue_corrections,
    issue_counts,
    issue_variants,
    issues,
    recipients,
    subscribers,
    suppressions,
)
from db.issue_counts import Counts
from db.records import Delivery, Exclusion, Frequency, Issue, Recipient, State, Subscriber
from db.session import Ground
from db.subscribers import Candidate, Tie
from scheduler.clock import Clock
from scheduler.copies import Occasion, Piece, copy_for
from scheduler.periodical import Periodical
from scheduler.variants import Composer, lineup_of

if TYPE_CHECKING:
    from channels.email.channel import EmailChannel

PAGE = 1_000
ROOM_FOR_OTHERS = 0.005
"""Seconds between two pages: without the gap another process on SQLite waits for seconds (design rule 12)."""

UNCONFIRMED = "has not confirmed the subscription"
ENDED = "has unsubscribed since"


def freeze_audience(
    ground: Ground,
    clock: Clock,
    issue: Issue,
    delivery: Delivery,
    channel: EmailChannel,
    *,
    actor: str,
    letter: Periodical | None = None,
    go_on: Callable[[int], bool] = lambda candidates: True,
) -> Counts:
    """Writes a row for everybody who may get the issue. A frozen audience is left as it is.

    For a digest these are all whose subscription has not ended, for an alert those who asked for its section at once,
    for a correction those who have, or may have, the wrong words. Each gets the stories they chose and did not have.
    May be called again after a crash at any point; the same reader never gets two rows. ``go_on`` is told how many
    candidates have been decided after each page and may end the freezing there. Without ``letter`` everybody gets the
    whole issue. Raises ``TemplatesChanged`` before a variant is sent that nobody saw.
    """
    freeze = _Freeze(ground, issue, delivery, channel, letter, actor)
    done = 0
    while True:
        now = clock.now()
        try:
            with ground.transaction() as tx:
                number, frozen = freeze.page(tx, now)
                if frozen:
                    return issue_counts.counts(tx, issue.id)
        except BaseException:
            freeze.forget()
            raise
        done += number
        if not go_on(done):
            with ground.reading() as tx:
                return issue_counts.counts(tx, issue.id)
        clock.sleep(ROOM_FOR_OTHERS)


class _Freeze:
    """The freezing of one audience, page by page."""

    def __init__(
        self,
        ground: Ground,
        issue: Issue,
        delivery: Delivery,
        channel: EmailChannel,
        letter: Periodical | None,
        actor: str,
    ) -> None:
        self._issue, self._delivery, self._channel, self._actor = issue, delivery, channel, actor
        self._letter = letter if issue.article_ids else None
        self._composer: Composer | None = None
        if self._letter is not None:
            with ground.reading() as tx:
                lineup = lineup_of(tx, issue)
            self._composer = Composer(self._letter, channel, issue, lineup, delivery.fingerprint)
            self._occasion = Occasion(
                letter=self._letter,
                frequency=issue.frequency,
                pieces=[
                    Piece(number, lineup.section_of(number), lineup.language_of(number)) for number in issue.article_ids
                ],
                due_at=delivery.due_at,
                latest_at=delivery.latest_at,
                correction=issue.corrects is not None,
            )

    def page(self, tx: Connection, now: datetime) -> tuple[int, bool]:
        """Decides the next page of candidates: how many, and whether the audience is frozen now.

        Under the channel's lock, so that an alert and a digest that freeze at once cannot both give a reader a story.
        """
        channel_states.lock(tx, self._delivery.mode, self._delivery.channel, now=now)
        if issues.prepared_at(tx, self._issue.id) is not None:
            return 0, True
        people = list(islice(self._candidates(tx, recipients.last_candidate(tx, self._issue.id)), PAGE))
        reasons = _reasons(tx, self._channel, people)
        copies = []
        wanted = [one for one in people if one.subscriber.id not in reasons]
        decided = self._decided(tx, wanted, now)
        for one in wanted:
            copy = decided[one.subscriber.id]
            if isinstance(copy, Recipient):
                copies.append(copy)
            else:
                reasons[one.subscriber.id] = copy
        recipients.add(tx, copies, actor=self._actor, now=now)
        left_out = [Exclusion(self._issue.id, number, why) for number, why in reasons.items()]
        exclusions.exclude(tx, left_out, actor=self._actor, now=now)
        if len(people) < PAGE:
            issues.note_prepared(tx, self._issue.id, actor=self._actor, now=now)
        return len(people), len(people) < PAGE

    def forget(self) -> None:
        """A page's transaction came to nothing."""
        if self._composer is not None:
            self._composer.forget()

    def _candidates(self, tx: Connection, after: int) -> Iterator[Candidate]:
        name, issue = self._channel.list_name, self._issue
        if issue.corrects is not None:
            return self._misled(tx, issue.corrects, after)
        if issue.frequency is Frequency.IMMEDIATE and self._letter is not None:
            section = self._occasion.pieces[0].section
            return subscribers.candidates_at_once(tx, name, section, after=after, page=PAGE)
        return subscribers.candidates(tx, name, after=after, page=PAGE)

    def _misled(self, tx: Connection, wrong_issue: int, after: int) -> Iterator[Candidate]:
        """Those who have, or may have, a copy that said it wrongly; who left since is among them."""
        notes = [
            note for note in issue_corrections.of_issue(tx, wrong_issue) if note.article_id in self._issue.article_ids
        ]
        for number in recipients.who_may_have(tx, wrong_issue, notes[-1].wrong if notes else (), after, PAGE):
            there = subscribers.on_list(tx, self._channel.list_name, number)
            yield there or Candidate(Subscriber(address="", id=number), "", Tie.ENDED)

    def _decided(self, tx: Connection, people: list[Candidate], now: datetime) -> dict[int, Recipient | str]:
        if self._letter is None or self._composer is None:
            return {
                one.subscriber.id: self._copy(one, self._delivery.fingerprint, self._delivery.due_at) for one in people
            }
        numbers = [one.subscriber.id for one in people]
        had: dict[int, frozenset[int]] = {}
        alerts: dict[int, list[datetime]] = {}
        if self._issue.corrects is None:
            had = issue_variants.had(tx, issue_variants.elsewhere(tx, self._issue), numbers)
            if self._issue.is_alert:
                since = now - timedelta(days=2)
                alerts = recipients.alerts_since(tx, self._delivery.mode, self._delivery.channel, numbers, since)
        decided: dict[int, Recipient | str] = {}
        for one in people:
            number = one.subscriber.id
            copy = copy_for(
                self._occasion,
                one.choices,
                had=had.get(number, frozenset()),
                alerts_at=alerts.get(number, ()),
                now=now,
            )
            if isinstance(copy, str):
                decided[number] = copy
                continue
            fingerprint = self._composer.fingerprint(tx, copy.article_ids, actor=self._actor, now=now)
            decided[number] = self._copy(one, fingerprint, copy.send_at)
        return decided

    def _copy(self, candidate: Candidate, fingerprint: str, send_at: datetime) -> Recipient:
        return Recipient(
            issue_id=self._issue.id,
            delivery_id=self._delivery.id,
            subscriber_id=candidate.subscriber.id,
            fingerprint=fingerprint,
            state=State.PLANNED,
            send_at=send_at,
        )


def why_suppressed(orders: dict[str, str], hashes: tuple[str, str]) -> str:
    """Why a standing order keeps mail from an address; "" when none does."""
    for one in hashes:
        if one in orders:
            return f"suppressed: {orders[one]}"
    return ""


def _reasons(tx: Connection, channel: EmailChannel, page: list[Candidate]) -> dict[int, str]:
    """Who of a page is left out whatever they chose, and why."""
    hashes = {one.subscriber.id: channel.suppression_hashes(one.address_key) for one in page}
    orders = suppressions.standing(tx, [one for both in hashes.values() for one in both])
    reasons = {}
    for candidate in page:
        number = candidate.subscriber.id
        why = why_suppressed(orders, hashes[number])
        if not why:
            why = {Tie.UNCONFIRMED: UNCONFIRMED, Tie.ENDED: ENDED}.get(candidate.tie, "")
        if why:
            reasons[number] = why
    return reasons
