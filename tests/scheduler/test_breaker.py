"""The breaker: after five failures in a row a channel pauses, and one post at a time feels whether it is back."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

from channels.rehearsal.faults import Fault
from db import stops
from db.records import Cause, State, Stop, Verb
from scheduler import journey
from tests.scheduler.house import MORNING, SETTINGS, House, house

MINUTE = timedelta(minutes=1)


def breaker(h: House) -> Stop | None:
    with h.app.ground.reading() as tx:
        found = [stop for stop in stops.active(tx, h.clock.now()) if stop.cause is Cause.BREAKER]
    return found[0] if found else None


def told(h: House) -> list[str]:
    return [one for one in h.notices() if "is stopped" in one]


def calls(h: House) -> int:
    return len([one for one in h.platforms.requests("x") if one.kind == "send"])


def fail_five(h: House) -> None:
    """Ten posts due, the platform broken: five are tried in one go."""
    for number in range(10):
        h.promise(f"Post number {number}", due_at=MORNING - number * MINUTE)
    h.work()


def test_five_failures_in_a_row_pause_the_channel_once_and_tell_once(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        h.platforms.faults.add(Fault("x", "any", "closed", times=1000))
        fail_five(h)
        assert calls(h) == 5
        stop = breaker(h)
        assert stop is not None
        assert stop.until_at == MORNING + 5 * MINUTE
        assert len(told(h)) == 1
        assert "5 failures in a row" in told(h)[0]


def test_four_failures_do_not(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        h.platforms.faults.add(Fault("x", "send", "closed", times=4))
        fail_five(h)
        assert breaker(h) is None
        assert not told(h)
        assert len(h.platforms.published("x")) == 6


def test_one_is_let_through_after_five_then_ten_then_twenty_minutes(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        h.platforms.faults.add(Fault("x", "send", "closed", times=1000))
        fail_five(h)
        tried = []
        for minute in (4, 5, 6, 14, 15, 16, 34, 35, 36):
            h.clock.advance(MORNING + minute * MINUTE - h.clock.now())
            before = calls(h)
            h.work()
            tried += [minute] * (calls(h) - before)
            assert len(told(h)) == 1
        assert tried == [5, 15, 35]


def test_a_success_ends_the_pause_the_count_and_the_notice(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        h.platforms.faults.add(Fault("x", "send", "closed", times=5))
        fail_five(h)
        h.clock.advance(5 * MINUTE)
        h.work()
        assert breaker(h) is None
        assert not told(h)
        for _ in range(12):
            h.clock.advance(MINUTE)
            h.work()
        assert len(h.platforms.published("x")) == 10
        assert len({one.text for one in h.platforms.published("x")}) == 10
        h.platforms.faults.add(Fault("x", "send", "closed", times=1))
        h.promise("One more, and it fails")
        h.work()
        assert breaker(h) is None  # the count began anew


def test_the_breaker_of_one_channel_leaves_the_other_alone(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        h.platforms.faults.add(Fault("x", "any", "closed", times=1000))
        fail_five(h)
        page = [h.promise(f"Page post {word}", "fb-main") for word in ("one", "two")]
        h.work()
        assert {h.see(one).state for one in page} == {State.SENT}
        assert breaker(h) is not None


def test_a_channel_that_hangs_delays_no_other(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS.replace('kind = "x"\ndeadline = "10s"', 'kind = "x"\ndeadline = "60s"')) as h:
        h.platforms.faults.add(Fault("x", "send", "hang", arguments={"seconds": 120}))
        stuck, page = h.promise("It hangs"), h.promise("It goes", "fb-main")
        journey.tick(h.app, h.clock.now())
        until = time.monotonic() + 50  # the call on X would be cut after a minute
        wanted = (State.SENT, State.SENDING)
        while (h.see(page).state, h.see(stuck).state) != wanted and time.monotonic() < until:
            time.sleep(0.01)
        assert (h.see(page).state, h.see(stuck).state) == wanted
        h.platforms.stop()  # and with it the line that hangs
        assert h.app.engine.wait(120)
        assert h.see(stuck).state is State.UNCERTAIN


def test_the_pause_survives_a_restart(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        h.platforms.faults.add(Fault("x", "send", "closed", times=5))
        fail_five(h)
        clock = h.clock
    with house(tmp_path, clock=clock) as h:
        h.clock.advance(4 * MINUTE)
        h.work()
        assert breaker(h) is not None
        assert calls(h) == 5
        h.clock.advance(MINUTE)
        h.work()
        assert calls(h) > 5


def test_no_post_is_doubled_by_what_failed_and_came_back(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        h.platforms.faults.add(Fault("x", "send", "closed", when="after", times=5))
        fail_five(h)
        for _ in range(12):
            h.clock.advance(MINUTE)
            h.work()
        texts = [one.text for one in h.platforms.published("x")]
        assert sorted(texts) == sorted(f"Post number {number}" for number in range(10))
        sends = [one for number in range(1, 11) for one in h.attempts(number) if one.verb is Verb.SEND]
        assert len(sends) == 10
