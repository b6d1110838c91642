"""Readers' copies: one row each, written before and after every try, never sent again when nobody knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection

from db import deliveries, exclusions, issue_counts, issues, recipients, tries
from db.issue_counts import Counts
from db.moves import IllegalMove
from db.records import (
    Claim,
    Delivery,
    Exclusion,
    Failure,
    Issue,
    Mode,
    Outcome,
    Receipt,
    Recipient,
    State,
    SubjectKind,
)
from db.session import Ground
from db.tries import Try
from tests.db.samples import ANNA, NOW, stored_delivery, stored_post

CLAIM = Claim("worker-1", "here", "boot-1", 100.0, NOW + timedelta(minutes=1))
OTHER = replace(CLAIM, owner="worker-2")
REFUSED = Failure(Outcome.REJECTED, "550 5.1.1", "there is no such mailbox")
LATER = Failure(Outcome.UNREACHABLE, "451 4.3.0", "cannot take it for now")
NOBODY_KNOWS = Failure(Outcome.UNCERTAIN, "cut after the dot", "it may or may not have been taken")


def audience(tx: Connection, *numbers: int) -> tuple[int, Delivery]:
    """(issue, delivery) with a planned copy for each of these readers."""
    post = stored_post(tx, channel="daily")
    issue = issues.add(tx, Issue(Mode.REHEARSAL, "daily", "w", NOW, post_id=post.id), [], **ANNA)
    assert issue is not None
    delivery = stored_delivery(tx, issue.id, subject_kind=SubjectKind.ISSUE, channel="daily", purpose="digest")
    recipients.add(tx, [copy(issue.id, delivery.id, number) for number in numbers], **ANNA)
    return issue.id, delivery


def copy(issue_id: int, delivery_id: int, reader: int) -> Recipient:
    return Recipient(issue_id, delivery_id, reader, "f" * 64, State.PLANNED, NOW)


def next_tries(tx: Connection, delivery: Delivery, claim: Claim = CLAIM, now: datetime = NOW) -> list[Try]:
    return tries.open_tries(tx, tries.due(tx, delivery, now=now, limit=1), claim, now=now)


def claimed(tx: Connection, delivery: Delivery, claim: Claim = CLAIM) -> Try:
    (tried,) = next_tries(tx, delivery, claim)
    return tried


def yes(tx: Connection, tried: Try, receipt: str, code: str = "", actor: str = "w") -> None:
    tries.close_sent(tx, [(tried, Receipt(id=receipt, code=code))], actor=actor, now=NOW)


def only(tx: Connection, issue_id: int) -> Recipient:
    (row,) = recipients.of_issue(tx, issue_id)
    return row


def test_every_candidate_is_counted_in_exactly_one_place(ground: Ground) -> None:
    with ground.transaction() as tx:
        issue, delivery = audience(tx, 1, 2, 3, 4, 5)
        exclusions.exclude(tx, [Exclusion(issue, 6, "suppressed: complaint")], **ANNA)
        assert issue_counts.counts(tx, issue) == Counts(open=5, excluded=1)
        yes(tx, claimed(tx, delivery), "Q1", "250")
        tries.close_failed(tx, claimed(tx, delivery), REFUSED, State.FAILED, actor="w", now=NOW)
        tries.close_failed(tx, claimed(tx, delivery), NOBODY_KNOWS, State.UNSETTLED, actor="w", now=NOW)
        (unwanted,) = tries.due(tx, delivery, now=NOW, limit=1)
        assert recipients.move(tx, unwanted, State.CANCELLED, actor="w", now=NOW, reason="unsubscribed")
        counts = issue_counts.counts(tx, issue)
        assert counts == Counts(sent=1, refused=1, unknown=1, cancelled=1, open=1, excluded=1)
        assert counts.candidates == 6


def test_a_reader_has_one_copy_of_an_issue_however_often_it_is_frozen(ground: Ground) -> None:
    with ground.transaction() as tx:
        issue, delivery = audience(tx, 1, 2)
        recipients.add(tx, [copy(issue, delivery.id, 2), copy(issue, delivery.id, 3)], **ANNA)
        exclusions.exclude(tx, [Exclusion(issue, 9, "a"), Exclusion(issue, 9, "b")], **ANNA)
        assert issue_counts.counts(tx, issue) == Counts(open=3, excluded=1)
        assert exclusions.of_issue(tx, issue) == [Exclusion(issue, 9, "a")]
        assert recipients.last_candidate(tx, issue) == 9
        assert recipients.last_candidate(tx, issue + 1) == 0


def test_a_claim_takes_what_is_due_once_and_opens_its_attempt(ground: Ground) -> None:
    with ground.transaction() as tx:
        issue, delivery = audience(tx, 1)
        tried = claimed(tx, delivery)
        assert (tried.number, tried.claim) == (1, CLAIM)
        assert next_tries(tx, delivery, OTHER) == []
        assert tries.attempts_of(tx, tried.recipient.id) == [(1, None, "", "")]
        assert [row.id for row in tries.in_flight(tx, delivery)] == [tried.recipient.id]
        assert tries.next_moment(tx, delivery) is None
        assert issue_counts.counts(tx, issue) == Counts(open=1)


def test_nothing_is_claimed_before_its_moment(ground: Ground) -> None:
    with ground.transaction() as tx:
        _, delivery = audience(tx, 1)
        assert next_tries(tx, delivery, now=NOW - timedelta(seconds=1)) == []


def test_a_copy_that_is_put_off_comes_back_as_its_second_try(ground: Ground) -> None:
    with ground.transaction() as tx:
        issue, delivery = audience(tx, 1)
        again = NOW + timedelta(minutes=15)
        tries.close_failed(tx, claimed(tx, delivery), LATER, State.PLANNED, send_at=again, actor="w", now=NOW)
        row = only(tx, issue)
        assert (row.state, row.tries, row.send_at, row.claim, row.code) == (State.PLANNED, 1, again, None, LATER.code)
        assert tries.next_moment(tx, delivery) == again
        (tried,) = next_tries(tx, delivery, now=again)
        assert tried.number == 2
        assert tries.attempts_of(tx, row.id) == [
            (1, Outcome.UNREACHABLE, LATER.code, LATER.sentence),
            (2, None, "", ""),
        ]


def test_being_told_to_wait_spends_no_try(ground: Ground) -> None:
    with ground.transaction() as tx:
        issue, delivery = audience(tx, 1)
        tries.close_failed(
            tx, claimed(tx, delivery), LATER, State.PLANNED, send_at=NOW, spends_try=False, actor="w", now=NOW
        )
        assert only(tx, issue).tries == 0


def test_a_late_yes_counts_whoever_holds_the_row_by_now(ground: Ground) -> None:
    with ground.transaction() as tx:
        issue, delivery = audience(tx, 1)
        tried = claimed(tx, delivery)
        tries.abandon(tx, tried.recipient, actor="worker-2", now=NOW, reason="its worker died")
        assert only(tx, issue).state is State.UNSETTLED
        yes(tx, tried, "Q1", "250 2.0.0", actor="worker-1")
        row = only(tx, issue)
        assert (row.state, row.receipt_id) == (State.SENT, "Q1")
        assert tries.attempts_of(tx, row.id)[0][1] is Outcome.SENT


def test_a_late_no_leaves_the_row_to_whoever_holds_it_by_now(ground: Ground) -> None:
    with ground.transaction() as tx:
        issue, delivery = audience(tx, 1)
        tried = claimed(tx, delivery)
        tries.abandon(tx, tried.recipient, actor="worker-2", now=NOW, reason="its worker died")
        tries.close_failed(tx, tried, LATER, State.PLANNED, send_at=NOW, actor="worker-1", now=NOW)
        assert only(tx, issue).state is State.UNSETTLED
        assert tries.attempts_of(tx, tried.recipient.id)[0][1] is Outcome.UNREACHABLE


def test_a_sent_copy_stays_sent(ground: Ground) -> None:
    with ground.transaction() as tx:
        issue, delivery = audience(tx, 1)
        tried = claimed(tx, delivery)
        yes(tx, tried, "Q1")
        tries.close_failed(tx, tried, REFUSED, State.FAILED, actor="w", now=NOW)
        yes(tx, tried, "Q2")
        assert (only(tx, issue).state, only(tx, issue).receipt_id) == (State.SENT, "Q1")


def test_an_unsettled_copy_moves_only_as_a_person_says(ground: Ground) -> None:
    with ground.transaction() as tx:
        issue, delivery = audience(tx, 1)
        tries.close_failed(tx, claimed(tx, delivery), NOBODY_KNOWS, State.UNSETTLED, actor="w", now=NOW)
        assert next_tries(tx, delivery, now=NOW + timedelta(days=9)) == []
        row = only(tx, issue)
        with pytest.raises(IllegalMove):
            recipients.move(tx, row, State.FAILED, **ANNA, reason="guess")
        assert recipients.move(tx, row, State.UNKNOWN, **ANNA, reason="nobody can say")
        assert not recipients.move(tx, row, State.SENT, **ANNA, reason="too late")
        assert only(tx, issue).state is State.UNKNOWN


def test_what_is_past_its_time_expires_and_what_is_in_flight_does_not(ground: Ground) -> None:
    with ground.transaction() as tx:
        issue, delivery = audience(tx, 1, 2, 3)
        claimed(tx, delivery)
        assert recipients.expire(tx, delivery, **ANNA, reason="late") == 2
        assert issue_counts.counts(tx, issue) == Counts(open=1, expired=2)


def test_one_person_can_be_told_what_they_were_sent(ground: Ground) -> None:
    with ground.transaction() as tx:
        issue, _ = audience(tx, 7, 8)
        assert [row.issue_id for row in recipients.of_subscriber(tx, 7)] == [issue]
        assert recipients.of_subscriber(tx, 99) == []
        assert recipients.of_issue(tx, issue, {State.SENT}) == []


def test_two_workers_on_postgres_never_hold_the_same_copy(postgres_ground: Ground) -> None:
    with postgres_ground.transaction() as tx:
        _, delivery = audience(tx, 1, 2)
    with postgres_ground.transaction() as one, postgres_ground.transaction() as other:
        first, second = claimed(one, delivery), claimed(other, delivery, OTHER)
        assert first.recipient.subscriber_id != second.recipient.subscriber_id
        assert deliveries.get(other, delivery.id) == delivery
