"""The pace of a channel: slower from 80 per cent on, held when full, one by one after a stop."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db import quota
from db.quota import Usage
from db.records import Bucket, Cause, Quota, Scope, State, Stop
from db.stops import lay, lift
from scheduler.easing import CATCH_UP, pace_of
from tests.scheduler.house import MORNING, House, house

NOW = datetime(2026, 9, 21, 6, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NOTHING = timedelta(0)


def used(percent: float, *, ago: timedelta = NOTHING, reset: timedelta | None = None) -> Usage:
    return Usage(percent, NOW - ago, NOW + reset if reset is not None else None)


@pytest.mark.parametrize(("percent", "minutes"), [(0, 0), (79.9, 0), (80, 2), (89.9, 2), (90, 10), (99.9, 10)])
def test_spacing_grows_with_what_is_used(percent: float, minutes: int) -> None:
    assert pace_of(NOTHING, [used(percent)], NOW).spacing == minutes * MINUTE
    assert pace_of(NOTHING, [used(percent)], NOW).hold_until is None


def test_the_settings_own_spacing_is_never_undercut() -> None:
    assert pace_of(20 * MINUTE, [used(95)], NOW, backlog=True).spacing == 20 * MINUTE


def test_the_fullest_of_several_limits_counts() -> None:
    assert pace_of(NOTHING, [used(95), used(10), used(82)], NOW).spacing == 10 * MINUTE


def test_a_full_limit_holds_until_its_reset_however_old_the_news() -> None:
    assert pace_of(NOTHING, [used(100, reset=7 * MINUTE)], NOW).hold_until == NOW + 7 * MINUTE
    assert pace_of(NOTHING, [used(130, ago=3 * 60 * MINUTE, reset=MINUTE)], NOW).hold_until == NOW + MINUTE
    assert pace_of(NOTHING, [used(100, reset=-MINUTE)], NOW).hold_until is None


def test_a_full_limit_without_a_reset_holds_until_the_news_is_stale() -> None:
    assert pace_of(NOTHING, [used(100, ago=10 * MINUTE)], NOW).hold_until == NOW + 50 * MINUTE
    assert pace_of(NOTHING, [used(100, ago=61 * MINUTE)], NOW).hold_until is None


def test_a_percentage_older_than_an_hour_does_not_count() -> None:
    assert pace_of(NOTHING, [used(95, ago=60 * MINUTE)], NOW).spacing == 10 * MINUTE
    assert pace_of(NOTHING, [used(95, ago=61 * MINUTE)], NOW).spacing == NOTHING


def test_what_waited_out_a_stop_is_spaced() -> None:
    assert pace_of(NOTHING, [], NOW, backlog=True).spacing == CATCH_UP


_percents = st.floats(0, 300)


@given(_percents, _percents, st.integers(0, 90))
def test_more_used_is_never_faster(one: float, other: float, minutes_ago: int) -> None:
    low, high = sorted((one, other))
    slow = pace_of(NOTHING, [used(high, ago=minutes_ago * MINUTE)], NOW)
    fast = pace_of(NOTHING, [used(low, ago=minutes_ago * MINUTE)], NOW)
    assert slow.spacing >= fast.spacing
    assert (slow.hold_until or NOW) >= (fast.hold_until or NOW)


# --- in the house ---


def tell_usage(h: House, percent: float, reset_at: datetime | None = None) -> None:
    told = Quota((Bucket("pages 100", used_percent=percent, reset_at=reset_at),))
    with h.app.ground.transaction() as tx:
        quota.save(tx, h.app.outlets["fb-main"].mode, "fb-main", told, now=h.clock.now())


def test_a_page_that_used_eighty_per_cent_posts_every_two_minutes_and_x_is_not_slowed(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        ours = [h.promise(f"Page post number {number}", "fb-main") for number in range(3)]
        on_x = [h.promise(f"X post number {number}") for number in range(3)]
        tell_usage(h, 81)
        h.work()
        assert {h.see(one).state for one in on_x} == {State.SENT}
        assert len(h.platforms.published("facebook")) == 1
        tell_usage(h, 81)  # each answer of the rehearsal platform tells its own, lower one
        h.clock.advance(timedelta(seconds=119))
        h.work()
        assert len(h.platforms.published("facebook")) == 1
        h.clock.advance(timedelta(seconds=1))
        h.work()
        assert len(h.platforms.published("facebook")) == 2
        assert [h.see(one).state for one in ours].count(State.PLANNED) == 1


def test_a_full_page_waits_for_the_reset_even_with_breaking_news(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        h.promise("Page post", "fb-main")
        tell_usage(h, 100, MORNING + 20 * MINUTE)
        h.work()
        assert not h.platforms.published("facebook")
        assert h.app.held_until["fb-main"] == MORNING + 20 * MINUTE
        h.clock.advance(20 * MINUTE)
        h.work()
        assert len(h.platforms.published("facebook")) == 1


@pytest.mark.parametrize("how", ["lifted", "ran out"])
def test_after_a_stop_the_newest_goes_first_and_the_rest_one_a_minute(tmp_path: Path, how: str) -> None:
    with house(tmp_path) as h:
        for age in (3, 1, 2):
            h.promise(f"Post of {age} h ago", due_at=MORNING - timedelta(hours=age))
        until = MORNING + 5 * MINUTE if how == "ran out" else None
        stop = Stop(Scope.CHANNEL, "x-main", None, Cause.PERSON, "a test", "ada", MORNING, until)
        with h.app.ground.transaction() as tx:
            lay(tx, stop, actor="ada", now=MORNING)
        h.work()
        assert not h.platforms.published("x")
        h.clock.advance(5 * MINUTE)
        if how == "lifted":
            with h.app.ground.transaction() as tx:
                lift(tx, scope=Scope.CHANNEL, target="x-main", cause=Cause.PERSON, by="ada", now=h.clock.now())
        told = []
        for _ in range(3):
            h.work()
            told.append(h.platforms.published("x")[0].text)
            assert len(h.platforms.published("x")) == len(told)
            h.clock.advance(CATCH_UP)
        assert told == ["Post of 1 h ago", "Post of 2 h ago", "Post of 3 h ago"]
        h.promise("Two at once, later")
        h.promise("Two at once, the other")
        h.work()
        assert len(h.platforms.published("x")) == 5
