"""A channel that its platform turned away: one stop, one notice, a check every quarter of an hour, and back again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from channels.rehearsal.faults import Fault
from db import quota, stops
from db.records import Bucket, Cause, Mode, Outcome, Quota, Scope, State, Stop, Verb
from scheduler import journey, standing
from tests.scheduler.house import MORNING, SETTINGS, House, house

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
EXPIRED_TOKEN = {"code": 190, "subcode": 463, "status": 401}

TURNED_AWAY = [
    ("x-main", [Fault("x", "any", "x-401", times=2)]),
    ("x-main", [Fault("x", "any", "x-402", times=2)]),
    ("fb-main", [Fault("facebook", "any", "graph", times=2, arguments=EXPIRED_TOKEN)]),
]
NAMES = ["401", "402", "190"]


def lying(h: House) -> list[Stop]:
    with h.app.ground.reading() as tx:
        return stops.active(tx, h.clock.now())


def other_than(channel: str) -> str:
    return "fb-main" if channel == "x-main" else "x-main"


def published(h: House, channel: str) -> list[str]:
    """What the channel's platform shows, in the order in which it came."""
    posts = h.platforms.published("x" if channel == "x-main" else "facebook")
    return [one.text for one in sorted(posts, key=lambda one: one.created_at)]


@pytest.mark.parametrize(("channel", "faults"), TURNED_AWAY, ids=NAMES)
def test_turned_away_stops_this_channel_alone_and_tells_once(
    tmp_path: Path, channel: str, faults: Sequence[Fault]
) -> None:
    with house(tmp_path) as h:
        h.platforms.faults.add(*faults)
        ours = [h.promise(f"Post {word}", channel) for word in ("one", "two", "three")]
        other = h.promise("On the other channel", other_than(channel))
        h.work()
        (stop,) = lying(h)
        assert (stop.scope, stop.target, stop.cause) == (Scope.CHANNEL, channel, Cause.UNAUTHORIZED)
        assert len([one for one in h.notices() if f"{channel} is stopped" in one]) == len(h.notices()) == 1
        assert h.see(other).state is State.SENT
        assert [one.outcome for post in ours for one in h.attempts(post)] == [Outcome.UNAUTHORIZED]
        assert all(h.see(post).tries == 0 for post in ours)


@pytest.mark.parametrize(("channel", "faults"), TURNED_AWAY, ids=NAMES)
def test_it_comes_back_by_itself_and_what_waited_goes_one_by_one_the_newest_first(
    tmp_path: Path, channel: str, faults: Sequence[Fault]
) -> None:
    with house(tmp_path) as h:
        h.platforms.faults.add(*faults)
        ours = [h.promise(f"Due {age} minutes ago", channel, due_at=MORNING - age * MINUTE) for age in (30, 10, 20, 40)]
        h.work()  # the newest is tried, and turned away
        for minutes in (1, 6, 8, 1, 1, 1, 1, 1):
            before = len(published(h, channel))
            h.clock.advance(minutes * MINUTE)
            h.work()
            assert len(published(h, channel)) <= before + 1
        assert {h.see(post).state for post in ours} == {State.SENT}
        # The one that was turned away needs its look first; the others go newest first.
        waited = [text for text in published(h, channel) if text != "Due 10 minutes ago"]
        assert waited == ["Due 20 minutes ago", "Due 30 minutes ago", "Due 40 minutes ago"]
        assert len(published(h, channel)) == 4
        assert not lying(h)
        assert not h.notices()


def test_the_settings_own_spacing_holds_after_a_stop(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS.replace('kind = "x"', 'kind = "x"\nspacing = "10 min"')) as h:
        h.platforms.faults.add(Fault("x", "any", "x-401", times=1))
        for age in (10, 20, 30):
            h.promise(f"Due {age} minutes ago", due_at=MORNING - age * MINUTE)
        moments = []
        for _ in range(25):
            h.work()
            moments.append(len(published(h, "x-main")))
            h.clock.advance(2 * MINUTE)
        grew = [step for step in range(1, 25) if moments[step] > moments[step - 1]]
        assert len(grew) == 3
        assert all(later - earlier >= 5 for earlier, later in pairwise(grew))


def test_what_is_past_its_latest_time_when_it_comes_back_expires(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        h.platforms.faults.add(Fault("x", "any", "x-401"))
        tried = h.promise("Tried and turned away", due_at=MORNING, latest_at=MORNING + 10 * MINUTE)
        short = h.promise("Good for ten minutes", due_at=MORNING - MINUTE, latest_at=MORNING + 10 * MINUTE)
        long = h.promise("Good for a day", due_at=MORNING - 2 * MINUTE, latest_at=MORNING + 24 * HOUR)
        journey.deliver_due(h.app)
        assert h.app.engine.wait(120)
        for _ in range(4):
            h.clock.advance(16 * MINUTE)
            h.work()
        assert h.see(short).state is State.EXPIRED
        assert h.see(long).state is State.SENT
        assert h.see(tried).state is State.EXPIRED
        assert published(h, "x-main") == ["Good for a day"]


def test_the_check_is_made_at_most_every_quarter_of_an_hour(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        h.platforms.faults.add(Fault("x", "any", "x-401", times=50))
        h.promise("A post")
        for _ in range(31):
            h.work()
            h.clock.advance(MINUTE)
        checks = [one.at for one in h.platforms.requests("x") if one.kind == "check"]
        assert len(checks) >= 2
        assert all(later - earlier == 15 * MINUTE for earlier, later in pairwise(checks))


def test_a_check_asked_by_a_person_lifts_the_stop_at_once(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        h.platforms.faults.add(Fault("x", "any", "x-401"))
        h.promise("A post")
        journey.deliver_due(h.app)
        assert h.app.engine.wait(120)
        assert lying(h)
        assert standing.check(h.app, h.app.outlets["x-main"]).ok
        assert not lying(h)
        assert not h.notices()


def test_a_check_that_fails_lifts_nothing(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        h.platforms.faults.add(Fault("x", "any", "x-401", times=3))
        h.promise("A post")
        h.work()
        health = standing.check(h.app, h.app.outlets["x-main"])
        assert not health.ok
        assert len(lying(h)) == 1


def test_a_persons_pause_is_not_lifted_by_a_check(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        pause = Stop(Scope.CHANNEL, "x-main", None, Cause.PERSON, "a test", "ada", MORNING)
        with h.app.ground.transaction() as tx:
            stops.lay(tx, pause, actor="ada", now=MORNING)
        assert standing.check(h.app, h.app.outlets["x-main"]).ok
        assert [one.cause for one in lying(h)] == [Cause.PERSON]


def test_being_turned_away_survives_a_restart(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        h.platforms.faults.add(Fault("x", "any", "x-401", times=3))
        post = h.promise("A post")
        h.work()
        clock = h.clock
    with house(tmp_path, clock=clock) as h:
        h.work()
        assert [one.cause for one in lying(h)] == [Cause.UNAUTHORIZED]
        assert len(h.attempts(post)) == 1
        for _ in range(4):
            h.clock.advance(16 * MINUTE)
            h.work()
        assert h.see(post).state is State.SENT


def test_a_rate_limit_survives_a_restart_and_spends_no_try(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        h.platforms.faults.add(Fault("x", "send", "x-429", arguments={"seconds": 1200.0}))
        first, second = h.promise("A post"), h.promise("Another", due_at=MORNING - MINUTE)
        other = h.promise("On the Page", "fb-main")
        h.work()
        assert h.see(other).state is State.SENT
        assert h.see(first).tries == 0
        clock = h.clock
    with house(tmp_path, clock=clock) as h:
        h.clock.advance(19 * MINUTE)
        h.work()
        assert not h.attempts(second)
        assert not h.platforms.published("x")
        h.clock.advance(2 * MINUTE)
        h.work()
        h.work()
        assert {h.see(one).state for one in (first, second)} == {State.SENT}
        assert [one.outcome for one in h.attempts(first) if one.verb is Verb.SEND] == [
            Outcome.RATE_LIMITED,
            Outcome.SENT,
        ]


def test_of_two_limits_the_later_reset_counts(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        post = h.promise("A post")
        buckets = (
            Bucket("15 minutes", 100, 0, MORNING + 10 * MINUTE),
            Bucket("user 24 hours", 100, 0, MORNING + 2 * HOUR),
            Bucket("app 24 hours", 100, 5, MORNING + 9 * HOUR),
        )
        with h.app.ground.transaction() as tx:
            quota.save(tx, Mode.REHEARSAL, "x-main", Quota(buckets), now=MORNING)
        h.work()
        assert h.app.held_until["x-main"] == MORNING + 2 * HOUR
        h.clock.advance(2 * HOUR - MINUTE)
        h.work()
        assert h.see(post).state is State.PLANNED
        h.clock.advance(MINUTE)
        h.work()
        assert h.see(post).state is State.SENT


def test_one_wrong_date_stops_everything_until_the_platforms_agree_again_by_themselves(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        h.platforms.faults.add(Fault("x", "send", "date-off"))
        h.promise("Its answer bears a wrong date")
        journey.deliver_due(h.app)
        assert h.app.engine.wait(120)
        waiting = h.promise("It waits", "fb-main")
        journey.deliver_due(h.app)
        assert h.app.engine.wait(120)
        assert h.see(waiting).state is State.PLANNED
        for _ in range(2):
            h.work()
            h.clock.advance(MINUTE)
        assert h.see(waiting).state is State.SENT
        h.work()
        assert not h.notices()


def test_while_the_dates_go_on_parting_nothing_goes(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        h.platforms.faults.add(*(Fault(platform, "any", "date-off", times=50) for platform in ("x", "facebook")))
        h.promise("Its answer bears a wrong date")
        journey.deliver_due(h.app)
        assert h.app.engine.wait(120)
        waiting = h.promise("It waits", "fb-main")
        for _ in range(4):
            h.work()
            h.clock.advance(16 * MINUTE)
        assert h.see(waiting).state is State.PLANNED
        checks = [one for one in h.platforms.requests("x") if one.kind == "check"]
        assert 3 <= len(checks) <= 4
