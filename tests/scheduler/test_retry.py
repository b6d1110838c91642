from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.moves import check_move
from db.records import Cause, Delivery, Failure, Mode, Outcome, State, SubjectKind, Wish
from scheduler.retry import Decision, RetryPolicy, Verdict, after_failure, after_look, breaker_after, pause_after

NOW = datetime(2026, 9, 21, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
POLICY = RetryPolicy(settle=6 * MINUTE)
MAIL = RetryPolicy(settle=MINUTE, can_find=False)


def delivery(state: State = State.SENDING, **more: object) -> Delivery:
    held: dict[str, object] = {
        "mode": Mode.LIVE,
        "subject_kind": SubjectKind.ARTICLE,
        "subject_id": 1,
        "channel": "x-main",
        "kind": "x",
        "purpose": "first",
        "post_id": 1,
        "fingerprint": "f",
        "state": state,
        "due_at": NOW - MINUTE,
        "next_at": NOW - MINUTE,
        "latest_at": NOW + timedelta(hours=12),
    }
    return Delivery(**(held | more))  # type: ignore[arg-type]


def fail(outcome: Outcome, sentence: str = "X said no", **more: object) -> Failure:
    return Failure(outcome, "code", sentence, **more)  # type: ignore[arg-type]


def uncertain(**more: object) -> Delivery:
    return delivery(State.UNCERTAIN, **({"uncertain_at": NOW - 6 * MINUTE, "tries": 1} | more))


def decide(failure: Failure, given_delivery: Delivery | None = None, policy: RetryPolicy = POLICY) -> Decision:
    return after_failure(given_delivery or delivery(), failure, policy, NOW, 0.0)


# --- the table ---


def test_a_refusal_is_failed_and_looked_for_once_after_the_settle_time() -> None:
    decision = decide(fail(Outcome.REJECTED))
    assert (decision.state, decision.look_at, decision.spends_try) == (State.FAILED, NOW + 6 * MINUTE, True)
    assert decision.sentence == "X said no. One look follows in 6 min, in case it went out all the same."
    refused = delivery(State.FAILED, reason=decision.sentence)
    after = after_look(refused, Verdict.NOT_THERE, POLICY, NOW)
    assert (after.state, after.look_at) == (State.FAILED, None)
    assert after.sentence == "X said no. A look made sure that it is not out."
    assert after_look(refused, Verdict.FOUND, POLICY, NOW).state is State.SENT


def test_a_refusal_that_may_be_asked_again_is_after_a_look_and_only_so_often() -> None:
    again = fail(Outcome.REJECTED, again_after=20 * MINUTE, at_most=1)
    first = decide(again)
    assert (first.state, first.look_at, first.next_at) == (State.UNCERTAIN, NOW + 6 * MINUTE, NOW + 20 * MINUTE)
    assert first.spends_try
    assert decide(again, delivery(tries=1)).state is State.FAILED
    unreachable_before = after_failure(delivery(tries=1), again, POLICY, NOW, 0.0, rejections=0)
    assert unreachable_before.state is State.UNCERTAIN
    assert decide(fail(Outcome.REJECTED, again_after=MINUTE, at_most=99), delivery(tries=5)).state is State.FAILED


def test_a_duplicate_answer_means_look() -> None:
    decision = decide(fail(Outcome.REJECTED, look=True))
    assert (decision.state, decision.look_at) == (State.UNCERTAIN, NOW + 6 * MINUTE)


def test_being_told_to_wait_costs_no_try_and_holds_the_channel() -> None:
    decision = decide(fail(Outcome.RATE_LIMITED, retry_after=20 * MINUTE))
    assert (decision.state, decision.spends_try, decision.stop) == (State.UNCERTAIN, False, None)
    assert (decision.look_at, decision.next_at) == (NOW + 6 * MINUTE, NOW + 20 * MINUTE)
    assert decision.channel_waits_until == NOW + 20 * MINUTE
    row = uncertain(next_at=decision.next_at, tries=0)
    after = after_look(row, Verdict.NOT_THERE, POLICY, NOW + 6 * MINUTE)
    assert (after.state, after.next_at) == (State.PLANNED, NOW + 20 * MINUTE)
    assert "in 14 min" in after.sentence


def test_a_limit_that_names_no_time_waits_a_quarter_of_an_hour() -> None:
    assert decide(fail(Outcome.RATE_LIMITED)).next_at == NOW + 15 * MINUTE


def test_without_standing_the_channel_stops_and_the_delivery_keeps_its_place() -> None:
    decision = decide(fail(Outcome.UNAUTHORIZED))
    assert (decision.state, decision.stop, decision.spends_try) == (State.UNCERTAIN, Cause.UNAUTHORIZED, False)


def test_what_never_left_is_tried_again_after_a_growing_pause_with_jitter() -> None:
    pauses = [pause_after(tries, POLICY, 0.0) for tries in range(1, 8)]
    assert pauses == [timedelta(seconds=one) for one in (30, 90, 270, 810, 900, 900, 900)]
    assert pause_after(1, POLICY, 1.0) == timedelta(seconds=37.5)
    decision = decide(fail(Outcome.UNREACHABLE), delivery(tries=1))
    assert (decision.state, decision.next_at, decision.look_at) == (State.PLANNED, NOW + timedelta(seconds=90), None)
    assert "try 3 of 6" in decision.sentence


def test_what_never_left_six_times_is_failed() -> None:
    assert decide(fail(Outcome.UNREACHABLE), delivery(tries=4)).state is State.PLANNED
    assert decide(fail(Outcome.UNREACHABLE), delivery(tries=5)).state is State.FAILED


def test_no_clear_answer_is_looked_for_after_the_settle_time() -> None:
    decision = decide(fail(Outcome.UNCERTAIN))
    assert (decision.state, decision.look_at, decision.spends_try) == (State.UNCERTAIN, NOW + 6 * MINUTE, True)


def test_where_nothing_can_be_looked_for_a_clear_answer_is_believed_and_a_lost_one_is_a_persons() -> None:
    assert decide(fail(Outcome.RATE_LIMITED), policy=MAIL).state is State.PLANNED
    assert decide(fail(Outcome.UNAUTHORIZED), policy=MAIL).state is State.PLANNED
    assert decide(fail(Outcome.REJECTED), policy=MAIL).look_at is None
    lost = decide(fail(Outcome.UNCERTAIN), policy=MAIL)
    assert (lost.state, lost.look_at) == (State.UNCERTAIN, NOW)
    assert after_look(uncertain(), Verdict.CANNOT_LOOK, MAIL, NOW).state is State.UNSETTLED


# --- after a look ---


def test_what_is_found_is_sent_and_taken_down_if_a_person_had_called_it_off() -> None:
    assert after_look(uncertain(), Verdict.FOUND, POLICY, NOW) == Decision(State.SENT, "It was found on the account.")
    wished = after_look(uncertain(wish=Wish.CANCEL), Verdict.FOUND, POLICY, NOW)
    assert (wished.state, wished.take_down) == (State.SENT, True)


def test_only_something_near_is_a_persons_matter() -> None:
    decision = after_look(uncertain(), Verdict.NEAR, POLICY, NOW, "something very like it is there: /1")
    assert decision.state is State.UNSETTLED
    assert decision.sentence == "something very like it is there: /1. Only a person can say whether it is out."


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, State.PLANNED),
        ({"wish": Wish.CANCEL}, State.CANCELLED),
        ({"wish": Wish.TAKE_DOWN}, State.CANCELLED),
        ({"latest_at": NOW}, State.EXPIRED),
        ({"latest_at": None}, State.PLANNED),
        ({"tries": 6}, State.FAILED),
    ],
)
def test_what_is_surely_not_there_goes_again_unless_something_speaks_against_it(
    more: dict[str, object], state: State
) -> None:
    assert after_look(uncertain(**more), Verdict.NOT_THERE, POLICY, NOW).state is state


def test_not_there_is_not_believed_before_the_settle_time() -> None:
    tried_at = NOW - 5 * MINUTE
    early = after_look(uncertain(), Verdict.NOT_THERE, POLICY, NOW, tried_at=tried_at)
    assert (early.state, early.look_at) == (State.UNCERTAIN, tried_at + POLICY.settle)
    assert not early.counts_look
    late = after_look(uncertain(), Verdict.NOT_THERE, POLICY, tried_at + POLICY.settle, tried_at=tried_at)
    assert late.state is State.PLANNED


def test_three_rounds_of_reading_too_little_are_a_persons_matter() -> None:
    rounds = [after_look(uncertain(looks=looks), Verdict.INCOMPLETE, POLICY, NOW) for looks in range(3)]
    assert [one.state for one in rounds] == [State.UNCERTAIN, State.UNCERTAIN, State.UNSETTLED]
    assert all(one.counts_look for one in rounds)
    assert rounds[0].look_at == NOW + 2 * MINUTE


def test_half_an_hour_without_a_successful_look_is_a_persons_matter() -> None:
    down = fail(Outcome.UNREACHABLE, "X cannot be reached.")

    def look(minutes: int) -> Decision:
        began = uncertain(uncertain_at=NOW - minutes * MINUTE)
        return after_look(began, Verdict.FAILED, POLICY, NOW, failure=down)

    assert look(29).state is State.UNCERTAIN
    assert look(29).sentence == "X cannot be reached. The next look follows in 2 min."
    assert not look(29).counts_look
    assert look(30).state is State.UNSETTLED


def test_a_look_that_fails_past_the_latest_time_is_a_persons_matter() -> None:
    late = after_look(uncertain(latest_at=NOW), Verdict.FAILED, POLICY, NOW, failure=fail(Outcome.UNCERTAIN))
    assert late.state is State.UNSETTLED
    assert after_look(uncertain(latest_at=NOW), Verdict.INCOMPLETE, POLICY, NOW).state is State.UNSETTLED


def test_a_look_that_is_told_to_wait_waits_and_loses_no_patience() -> None:
    old = uncertain(uncertain_at=NOW - timedelta(hours=2))
    limited = after_look(old, Verdict.FAILED, POLICY, NOW, failure=fail(Outcome.RATE_LIMITED, retry_after=40 * MINUTE))
    assert (limited.state, limited.look_at) == (State.UNCERTAIN, NOW + 40 * MINUTE)
    refused = after_look(old, Verdict.FAILED, POLICY, NOW, failure=fail(Outcome.UNAUTHORIZED))
    assert (refused.state, refused.look_at, refused.stop) == (
        State.UNCERTAIN,
        NOW + 15 * MINUTE,
        Cause.UNAUTHORIZED,
    )


def test_a_failed_delivery_whose_look_cannot_be_made_is_a_persons_matter_in_the_end() -> None:
    row, rounds = delivery(State.FAILED, latest_at=NOW), 0
    while (decision := after_look(replace(row, looks=rounds), Verdict.FAILED, POLICY, NOW)).state is State.FAILED:
        rounds += 1
        assert rounds < 10
    assert decision.state is State.UNSETTLED


def test_the_breaker_pauses_five_minutes_then_longer_and_never_over_an_hour() -> None:
    assert [breaker_after(5, number) for number in range(7)] == [one * MINUTE for one in (5, 10, 20, 40, 60, 60, 60)]
    assert breaker_after(4, 3) == timedelta(0)
    assert breaker_after(3, 0, threshold=3) == 5 * MINUTE


# --- promises for every outcome ---

spans = st.none() | st.integers(-60, 10**13).map(lambda seconds: timedelta(seconds=seconds))
failures = st.builds(
    Failure,
    outcome=st.sampled_from(Outcome),
    code=st.just("code"),
    sentence=st.text(max_size=20),
    retry_after=spans,
    again_after=spans,
    at_most=st.integers(0, 5),
    look=st.booleans(),
)
policies = st.builds(
    RetryPolicy,
    settle=st.integers(1, 7200).map(lambda seconds: timedelta(seconds=seconds)),
    can_find=st.booleans(),
    max_tries=st.integers(1, 8),
)
latest = st.none() | st.integers(-600, 600).map(lambda minutes: NOW + minutes * MINUTE)


@given(failures, policies, st.integers(0, 9), st.none() | st.sampled_from(Wish), latest, st.floats(0, 1))
def test_every_failure_has_one_legal_move_and_nothing_that_left_is_called_again_without_a_look(
    failure: Failure, policy: RetryPolicy, tries: int, wish: Wish | None, latest_at: datetime | None, jitter: float
) -> None:
    row = delivery(tries=tries, wish=wish, latest_at=latest_at)
    decision = after_failure(row, failure, policy, NOW, jitter)
    check_move(State.SENDING, decision.state)
    assert decision.sentence
    if decision.state is State.PLANNED:
        assert failure.outcome is Outcome.UNREACHABLE or not policy.can_find
        assert wish is None
        assert decision.next_at is not None
        assert decision.next_at >= NOW
    if decision.state is State.UNCERTAIN:
        assert decision.look_at is not None
        assert decision.look_at >= NOW + policy.settle or not policy.can_find
    told_to_wait = failure.outcome in (Outcome.RATE_LIMITED, Outcome.UNAUTHORIZED)
    assert decision.spends_try is not told_to_wait
    assert (decision.stop is Cause.UNAUTHORIZED) == (failure.outcome is Outcome.UNAUTHORIZED)
    if decision.state is State.FAILED and policy.can_find and failure.outcome is not Outcome.UNREACHABLE:
        assert decision.look_at is not None


@given(
    st.sampled_from([State.UNCERTAIN, State.FAILED]),
    st.sampled_from(Verdict),
    st.none() | failures,
    policies,
    st.integers(0, 9),
    st.integers(0, 5),
    st.none() | st.sampled_from(Wish),
    latest,
    st.none() | st.integers(-3000, 0).map(lambda minutes: NOW + minutes * MINUTE),
)
def test_every_look_has_one_legal_move_and_only_surely_not_there_plans_again(
    state: State,
    verdict: Verdict,
    failure: Failure | None,
    policy: RetryPolicy,
    tries: int,
    looks: int,
    wish: Wish | None,
    latest_at: datetime | None,
    tried_at: datetime | None,
) -> None:
    row = delivery(state, tries=tries, looks=looks, wish=wish, latest_at=latest_at, uncertain_at=tried_at)
    decision = after_look(row, verdict, policy, NOW, failure=failure, tried_at=tried_at)
    check_move(state, decision.state)
    assert decision.sentence
    assert not decision.spends_try
    if decision.state in (State.PLANNED, State.CANCELLED, State.EXPIRED):
        assert verdict is Verdict.NOT_THERE
        assert tried_at is None or tried_at + policy.settle <= NOW
    assert (decision.state is State.SENT) == (verdict is Verdict.FOUND)
    if decision.state is State.UNCERTAIN:
        assert decision.look_at is not None
        assert decision.look_at > NOW
    if wish is not None:
        assert decision.state is not State.PLANNED
