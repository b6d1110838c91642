"""Counting for reports: every delivery in its span, channel and state, once; what cost nothing costs nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from db import attempts, deliveries, subscribers, tallies
from db.records import Attempt, Delivery, Failure, KnownBy, Mode, Money, Outcome, State, Verb
from db.session import Ground
from db.subscribers import ConsentEvent, Entry, Proof
from db.tallies import Span
from tests.db.samples import ANNA, NOW, sent, stored_article, stored_delivery

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
REHEARSAL = Mode.REHEARSAL
YESTERDAY, TODAY = Span(NOW - DAY, NOW), Span(NOW, NOW + DAY)


def promised(tx: Connection, due_at: datetime, state: State = State.PLANNED, **changes: object) -> Delivery:
    article = stored_article(tx, url=f"https://example.org/{due_at.isoformat()}/{state}/{sorted(changes)}")
    return stored_delivery(tx, article.id, due_at=due_at, state=state, **changes)


def tried(tx: Connection, delivery: Delivery, cost: int, *, opened_at: datetime, failure: Failure | None) -> None:
    attempt = Attempt(
        delivery_id=delivery.id,
        number=0,
        verb=Verb.SEND,
        part=0,
        mode=delivery.mode,
        channel=delivery.channel,
        text="Bread from five.",
        fingerprint=delivery.fingerprint,
        ordered_by="anna",
        approved_by=None,
        teaser_version=1,
        teaser_writer="anna",
        article_revision=1,
        opened_at=opened_at,
        worker="w",
        cost=Money(cost),
    )
    opened = attempts.open_attempt(tx, attempt, actor="anna", now=opened_at)
    if failure is not None:
        attempts.close_failed(tx, opened, failure, now=opened_at)


def test_each_delivery_is_counted_in_its_day_channel_and_state_and_those_beside_the_spans_are_not(
    ground: Ground,
) -> None:
    with ground.transaction() as tx:
        promised(tx, NOW - DAY - MINUTE)  # before the first span
        for due_at, known_by in ((NOW - DAY, KnownBy.ANSWERED), (NOW - MINUTE, KnownBy.LOOKING)):
            deliveries.move(tx, promised(tx, due_at, State.SENDING), State.SENT, known_by=known_by, **ANNA)
        promised(tx, NOW)  # the moment at which a span ends belongs to the next
        promised(tx, NOW + MINUTE, channel="fb-main")
        promised(tx, NOW + DAY)  # after the last
        promised(tx, NOW + MINUTE, mode=Mode.LIVE)
        found = tallies.by_day(tx, REHEARSAL, [YESTERDAY, TODAY])
    assert {(one.span, one.channel, one.state, one.known_by, one.count) for one in found} == {
        (0, "x-main", State.SENT, KnownBy.ANSWERED, 1),
        (0, "x-main", State.SENT, KnownBy.LOOKING, 1),
        (1, "x-main", State.PLANNED, None, 1),
        (1, "fb-main", State.PLANNED, None, 1),
    }


def test_lateness_is_counted_from_the_moment_promised_to_the_call_that_sent(ground: Ground) -> None:
    with ground.transaction() as tx:
        for minutes in (0, 1, 4, 90):
            sent(tx, promised(tx, NOW - minutes * MINUTE))
        found = tallies.lateness(tx, REHEARSAL, TODAY, (MINUTE, 5 * MINUTE))
    assert found == [tallies.Lateness("x-main", (2, 1, 1))]


def test_causes_are_told_once_with_their_number_the_most_frequent_first(ground: Ground) -> None:
    away = Failure(Outcome.UNREACHABLE, "dns", "nobody knows the name")
    refused = Failure(Outcome.REJECTED, "186", "too long")
    with ground.transaction() as tx:
        row = promised(tx, NOW)
        tried(tx, row, 0, opened_at=NOW, failure=refused)
        tried(tx, row, 0, opened_at=NOW, failure=away)
        tried(tx, row, 0, opened_at=NOW + MINUTE, failure=away)
        tried(tx, row, 0, opened_at=NOW + DAY, failure=away)  # after the span
        found = tallies.causes(tx, REHEARSAL, TODAY)
        only = tallies.causes(tx, REHEARSAL, TODAY, limit=1)
    assert [(one.code, one.count, one.last_at) for one in found] == [("dns", 2, NOW + MINUTE), ("186", 1, NOW)]
    assert only == found[:1]


def test_what_may_be_out_is_spent_and_a_clear_refusal_is_not(ground: Ground) -> None:
    with ground.transaction() as tx:
        row = promised(tx, NOW)
        tried(tx, row, 200_000, opened_at=NOW - MINUTE, failure=Failure(Outcome.UNCERTAIN, "cut", "cut"))
        tried(tx, row, 200_000, opened_at=NOW, failure=Failure(Outcome.REJECTED, "186", "too long"))
        tried(tx, row, 15_000, opened_at=NOW, failure=None)  # in flight
        found = tallies.spent(tx, REHEARSAL, [YESTERDAY, TODAY])
    assert found == {(0, "x-main"): Money(200_000), (1, "x-main"): Money(15_000)}


def test_readers_are_counted_when_they_came_and_when_they_went(ground: Ground) -> None:
    proof = Proof(ConsentEvent.IMPORTED, NOW - MINUTE, "fair", "yes")
    with ground.transaction() as tx:
        number = subscribers.put_list(tx, "daily", **ANNA)
        for name in ("ada", "ben"):
            entry = Entry(f"{name}@example.org", f"{name}@example.org", name)
            subscribers.confirm_many(tx, number, [entry], proof, **ANNA)
        gone = next(subscribers.candidates(tx, "daily")).subscriber.id
        assert subscribers.end_subscription(tx, "daily", gone, source="one-click", **ANNA)
        assert tallies.readers(tx, [YESTERDAY, TODAY]) == [(2, 0), (0, 1)]
