"""What becomes of one copy after a failure: the rules, without wire, table or clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from db.records import Failure, Outcome, Recipient, State
from scheduler.mail_retry import KEEP_TRYING, LAST_PAUSE, PAUSES, POLICY_TRIES, after_failure, give_up_at, pause_after

NOW = datetime(2026, 9, 21, 6, 30, tzinfo=UTC)
FAR = NOW + timedelta(days=4)


def copy(tries: int = 0) -> Recipient:
    return Recipient(1, 1, 1, "f", State.SENDING, NOW, tries=tries)


def failure(outcome: Outcome, **more: object) -> Failure:
    return Failure(outcome, "code", "why", **more)  # type: ignore[arg-type]


def test_what_nobody_knows_is_never_planned_again() -> None:
    after = after_failure(copy(), 1, failure(Outcome.UNCERTAIN), give_up_at=FAR, now=NOW)
    assert (after.state, after.send_at) == (State.UNSETTLED, None)


def test_a_refusal_is_final() -> None:
    assert after_failure(copy(), 1, failure(Outcome.REJECTED), give_up_at=FAR, now=NOW).state is State.FAILED


@pytest.mark.parametrize(("tries", "state"), [(0, State.PLANNED), (2, State.PLANNED), (3, State.FAILED)])
def test_a_refusal_that_may_be_asked_again_is_asked_so_often(tries: int, state: State) -> None:
    may = failure(Outcome.REJECTED, again_after=timedelta(hours=1), at_most=3)
    after = after_failure(copy(tries), tries + 1, may, give_up_at=FAR, now=NOW)
    assert after.state is state
    if after.send_at is not None:
        assert after.send_at >= NOW + timedelta(hours=1)


def test_pauses_grow_and_then_stay() -> None:
    pauses = [pause_after(tries) for tries in range(1, 8)]
    assert pauses == sorted(pauses)
    assert pauses[: len(PAUSES)] == list(PAUSES)
    assert pauses[-1] == LAST_PAUSE


def test_an_unreachable_server_spends_a_try_and_a_busy_one_does_not() -> None:
    away = after_failure(copy(), 1, failure(Outcome.UNREACHABLE), give_up_at=FAR, now=NOW)
    busy = after_failure(
        copy(), 1, failure(Outcome.RATE_LIMITED, retry_after=timedelta(minutes=2)), give_up_at=FAR, now=NOW
    )
    assert (away.state, away.spends_try, away.send_at) == (State.PLANNED, True, NOW + PAUSES[0])
    assert (busy.state, busy.spends_try, busy.send_at) == (State.PLANNED, False, NOW + timedelta(minutes=2))


@pytest.mark.parametrize("outcome", [Outcome.UNREACHABLE, Outcome.RATE_LIMITED, Outcome.UNAUTHORIZED])
def test_nothing_is_planned_past_the_time_to_give_up(outcome: Outcome) -> None:
    after = after_failure(copy(), 1, failure(outcome), give_up_at=NOW + timedelta(minutes=1), now=NOW)
    assert after.state is State.FAILED
    assert after.sentence.startswith("given up")


def test_our_own_bad_standing_is_not_the_readers_until_it_keeps_happening() -> None:
    refused = failure(Outcome.UNAUTHORIZED)
    first = after_failure(copy(), 1, refused, give_up_at=FAR, now=NOW)
    last = after_failure(copy(), POLICY_TRIES, refused, give_up_at=FAR, now=NOW)
    assert (first.state, first.spends_try) == (State.PLANNED, False)
    assert last.state is State.FAILED


def test_a_copy_without_a_latest_time_is_tried_for_days_and_one_with_it_until_then() -> None:
    assert give_up_at(NOW, None) == NOW + KEEP_TRYING
    assert give_up_at(NOW, NOW + timedelta(hours=2)) == NOW + timedelta(hours=2)
