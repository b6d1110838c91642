"""The guards of a claim, one by one, on both databases."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event

from db import deliveries, free_posts, posts
from db.claims import Guards, Refusal, claim_next
from db.records import (
    Cause,
    Claim,
    Delivery,
    Mode,
    Money,
    Part,
    Post,
    Priority,
    Scope,
    State,
    Stop,
    SubjectKind,
)
from db.session import Ground
from db.stops import lay
from tests.db.samples import stored_article

NOW = datetime(2026, 9, 21, 8, 0, tzinfo=UTC)
CLAIM = Claim("worker", "here", "boot", 1_000.0, NOW + timedelta(minutes=2))


def guards(
    *, spacing: timedelta = timedelta(0), daily_cap: int | None = None, budget: Money | None = None, reserve: int = 0
) -> Guards:
    """A channel's guards in September, in UTC."""
    return Guards(
        spacing=spacing,
        daily_cap=daily_cap,
        day_began_at=NOW.replace(hour=0),
        day_ends_at=NOW.replace(hour=0) + timedelta(days=1),
        budget=budget,
        reserve=Money(reserve),
        month_began_at=NOW.replace(day=1, hour=0),
    )


def promise(
    tx: Connection,
    text: str,
    *,
    priority: Priority = Priority.NORMAL,
    cost: int = 0,
    purpose: str = "first",
    **said: object,
) -> Delivery:
    """An approved free post on x-main, due now; ``said`` may give it another subject, or other moments."""
    free = free_posts.add(tx, text, None, actor="ada", now=NOW)
    post = posts.add(tx, Post("x-main", "x", (Part(text),)), (), teaser_id=None, actor="ada", now=NOW)
    facts: dict[str, object] = {
        "due_at": NOW,
        "next_at": NOW,
        "latest_at": None,
        "approved_fingerprint": post.fingerprint,
        "approved_by": "ada",
        "approved_at": NOW,
        "subject_kind": SubjectKind.POST,
        "subject_id": free.id,
        **said,
    }
    delivery = Delivery(
        mode=Mode.LIVE,
        channel="x-main",
        kind="x",
        purpose=purpose,
        post_id=post.id,
        fingerprint=post.fingerprint,
        state=State.PLANNED,
        priority=priority,
        cost=Money(cost),
        **facts,  # type: ignore[arg-type]
    )
    return deliveries.add(tx, delivery, actor="ada", now=NOW)


def claim(tx: Connection, told: Guards | None = None, *, mode: Mode = Mode.LIVE, at: datetime = NOW) -> object:
    """What the claim gives."""
    return claim_next(tx, mode, "x-main", told or guards(), CLAIM, now=at)


def why(found: object) -> str:
    """The word of a refusal."""
    assert isinstance(found, Refusal), found
    return found.why


def test_a_due_delivery_is_claimed_and_only_once(ground: Ground) -> None:
    with ground.transaction() as tx:
        one = promise(tx, "one")
        got = claim(tx)
        assert isinstance(got, Delivery)
        assert (got.id, got.state) == (one.id, State.SENDING)
        promise(tx, "two")
        assert why(claim(tx)) == "in flight"


@pytest.mark.parametrize(
    "said",
    [
        {"approved_fingerprint": "another"},
        {"approved_fingerprint": None},
        {"latest_at": NOW},
    ],
)
def test_what_is_not_approved_byte_for_byte_or_too_late_is_not_claimed(ground: Ground, said: dict[str, Any]) -> None:
    with ground.transaction() as tx:
        promise(tx, "one", **said)
        assert why(claim(tx)) == "held"


def test_the_other_mode_and_what_is_not_due_are_not_seen(ground: Ground) -> None:
    with ground.transaction() as tx:
        promise(tx, "one", next_at=NOW + timedelta(seconds=1))
        assert claim(tx) is None
        assert claim(tx, mode=Mode.REHEARSAL, at=NOW + timedelta(hours=1)) is None


def test_breaking_jumps_the_spacing_and_takes_nobody_with_it(ground: Ground) -> None:
    spaced = guards(spacing=timedelta(minutes=10))
    with ground.transaction() as tx:
        first = promise(tx, "first")
        assert isinstance(claim(tx, spaced), Delivery)
        _end(tx, first)
        promise(tx, "second")
        assert why(claim(tx, spaced)) == "spacing"
        held = promise(tx, "breaking but held", priority=Priority.BREAKING)
        stop = Stop(Scope.DELIVERY, str(held.id), None, Cause.PERSON, "wait", "ben", NOW)
        lay(tx, stop, actor="ben", now=NOW)
        assert why(claim(tx, spaced)) == "spacing"
        breaking = promise(tx, "breaking", priority=Priority.BREAKING)
        got = claim(tx, spaced)
        assert isinstance(got, Delivery)
        assert got.id == breaking.id


def test_the_budget_stops_before_it_is_passed_and_breaking_has_the_reserve(ground: Ground) -> None:
    small = guards(budget=Money(500_000), reserve=300_000)
    with ground.transaction() as tx:
        promise(tx, "dear", cost=250_000)
        assert why(claim(tx, small)) == "budget"
        urgent = promise(tx, "dear and breaking", cost=250_000, priority=Priority.BREAKING)
        got = claim(tx, small)
        assert isinstance(got, Delivery)
        assert got.id == urgent.id


def _end(tx: Connection, delivery: Delivery) -> None:
    now = deliveries.get(tx, delivery.id)
    deliveries.move(tx, now, State.SENT, actor="worker", now=NOW)


def test_a_persons_pause_holds_posts_and_never_a_take_down(ground: Ground) -> None:
    with ground.transaction() as tx:
        pause = Stop(Scope.EVERYTHING, "", None, Cause.PERSON, "a tragedy", "ben", NOW)
        lay(tx, pause, actor="ben", now=NOW)
        promise(tx, "a post")
        assert why(claim(tx)) == "held"
        removal = promise(tx, "to be removed", purpose="takedown-7", priority=Priority.BREAKING)
        got = claim(tx)
        assert isinstance(got, Delivery)
        assert got.id == removal.id


def test_no_word_of_a_story_is_claimed_before_its_embargo_ends_but_its_take_down_is(ground: Ground) -> None:
    ends = NOW + timedelta(hours=1)
    with ground.transaction() as tx:
        story = stored_article(tx, embargo_at=ends).id
        kept = promise(tx, "the story", subject_kind=SubjectKind.ARTICLE, subject_id=story)
        assert why(claim(tx)) == "held"
        removal = promise(tx, "to be removed", purpose="takedown-7", subject_kind=SubjectKind.ARTICLE, subject_id=story)
        got = claim(tx)
        assert isinstance(got, Delivery)
        assert got.id == removal.id
        _end(tx, got)
        got = claim(tx, at=ends)
        assert isinstance(got, Delivery)
        assert got.id == kept.id


def test_between_a_workers_guards_and_its_move_no_other_worker_claims_on_the_channel(own_ground: Ground) -> None:
    """Without the channel's lock the other one commits in this very moment, and two posts are in flight."""
    ground = own_ground
    with ground.transaction() as tx:
        for text in ("one", "two", "three"):
            promise(tx, text)
    with ground.transaction() as tx:  # the channel's row is there from now on, and nothing is in flight
        first = claim(tx)
        assert isinstance(first, Delivery)
        deliveries.move(tx, first, State.SENT, actor="worker", now=NOW)
    others: list[object] = []

    def other() -> None:
        with ground.transaction() as tx:
            others.append(claim(tx))

    thread = threading.Thread(target=other)

    def between(connection: Any, cursor: Any, said: str, *rest: Any) -> None:
        if said.startswith("UPDATE deliveries") and thread.ident is None:
            thread.start()
            thread.join(1.0)  # with the lock it waits for us; without it it is done long before

    event.listen(ground.engine, "before_cursor_execute", between)
    try:
        with ground.transaction() as tx:
            mine = claim(tx)
    finally:
        event.remove(ground.engine, "before_cursor_execute", between)
    thread.join(60.0)
    with ground.reading() as tx:
        assert len(deliveries.in_states(tx, {State.SENDING})) == 1
    assert isinstance(mine, Delivery)
    assert [why(one) for one in others] == ["in flight"]
