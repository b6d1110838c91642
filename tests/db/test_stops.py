from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from db import stops
from db.records import Cause, Delivery, Mode, Priority, Scope, Stop, SubjectKind
from db.session import Ground
from db.tables import deliveries
from tests.db.samples import ANNA, NOW, stored_article, stored_delivery

HOUR = timedelta(hours=1)
PAUSE = Stop(
    scope=Scope.CHANNEL, target="x-main", mode=None, cause=Cause.PERSON, reason="strike", by="anna", since_at=NOW
)


def _going(tx: Connection, now: Any = NOW) -> set[int]:
    return set(tx.execute(select(deliveries.c.id).where(stops.not_stopped(now))).scalars())


def _one(tx: Connection, **changes: Any) -> Delivery:
    """A delivery in the section "Sport" on x-main, live."""
    story = stored_article(tx, url=None)
    return stored_delivery(tx, story.id, **{"mode": Mode.LIVE, "section": "Sport", **changes})


def _agreed(tx: Connection, delivery: Delivery, now: Any = NOW) -> bool:
    """Whether a stop lies over it: the claim's expression and the desk's list must say the same."""
    listed = bool(stops.over(tx, delivery, now))
    assert listed is (delivery.id not in _going(tx, now))
    return listed


def test_each_scope_reaches_what_it_names_and_nothing_else(ground: Ground) -> None:
    with ground.transaction() as tx:
        one = _one(tx)
        other = _one(tx, channel="fb", section="City")
        for scope, target in (
            (Scope.DELIVERY, str(one.id)),
            (Scope.STORY, str(one.subject_id)),
            (Scope.SECTION, "Sport"),
            (Scope.CHANNEL, "x-main"),
        ):
            stops.lay(tx, replace(PAUSE, scope=scope, target=target), **ANNA)
            assert [_agreed(tx, delivery) for delivery in (one, other)] == [True, False], scope
            assert stops.lift(tx, scope=scope, target=target, cause=Cause.PERSON, by="ben", now=NOW) == 1
            assert _going(tx) == {one.id, other.id}
        stops.lay(tx, replace(PAUSE, scope=Scope.EVERYTHING, target="ignored"), **ANNA)
        assert [_agreed(tx, delivery) for delivery in (one, other)] == [True, True]
        assert stops.lift(tx, scope=Scope.EVERYTHING, target="", cause=Cause.PERSON, by="ben", now=NOW) == 1
        assert not _agreed(tx, one)


def test_a_stop_on_a_story_leaves_an_issue_of_the_same_number_alone(ground: Ground) -> None:
    with ground.transaction() as tx:
        issue = stored_delivery(tx, 7, subject_kind=SubjectKind.ISSUE)
        stops.lay(tx, replace(PAUSE, scope=Scope.STORY, target="7"), **ANNA)
        assert not _agreed(tx, issue)


@pytest.mark.parametrize(
    ("mode", "live", "rehearsal"), [(None, True, True), (Mode.LIVE, True, False), (Mode.REHEARSAL, False, True)]
)
def test_a_stop_for_one_mode_leaves_the_other_going(
    ground: Ground, mode: Mode | None, live: bool, rehearsal: bool
) -> None:
    with ground.transaction() as tx:
        one, two = _one(tx), _one(tx, mode=Mode.REHEARSAL)
        stops.lay(tx, replace(PAUSE, mode=mode), **ANNA)
        assert (_agreed(tx, one), _agreed(tx, two)) == (live, rehearsal)


def test_a_stop_ends_at_its_time_and_counts_until_then(ground: Ground) -> None:
    with ground.transaction() as tx:
        one = _one(tx)
        stop = stops.lay(tx, replace(PAUSE, until_at=NOW + HOUR), **ANNA)
        assert _agreed(tx, one, NOW + HOUR - timedelta(seconds=1))
        assert not _agreed(tx, one, NOW + HOUR)
        assert stops.active(tx, NOW) == [stop]
        assert stops.active(tx, NOW + HOUR) == []


def test_a_stop_that_lets_breaking_pass_stops_the_rest(ground: Ground) -> None:
    with ground.transaction() as tx:
        urgent, usual = _one(tx, priority=Priority.BREAKING), _one(tx)
        stops.lay(tx, replace(PAUSE, lets_breaking=True), **ANNA)
        assert (_agreed(tx, urgent), _agreed(tx, usual)) == (False, True)


def test_the_same_stop_twice_is_one_stop_with_the_newest_word(ground: Ground) -> None:
    with ground.transaction() as tx:
        first = stops.lay(tx, replace(PAUSE, until_at=NOW + HOUR), **ANNA)
        again = stops.lay(tx, replace(PAUSE, reason="longer", by="ben", until_at=None), **ANNA)
        assert stops.active(tx, NOW) == [again]
        assert (again.id, again.reason, again.by, again.until_at) == (first.id, "longer", "ben", None)
        shorter = stops.lay(tx, replace(PAUSE, until_at=NOW + HOUR), **ANNA)
        assert (shorter.id, shorter.until_at) == (first.id, NOW + HOUR)


@pytest.mark.parametrize(
    ("first", "second", "holds"),
    [(2 * HOUR, HOUR, 2 * HOUR), (HOUR, 2 * HOUR, 2 * HOUR), (None, HOUR, None), (HOUR, None, None)],
)
def test_a_machines_stop_only_ever_reaches_further(
    ground: Ground, first: timedelta | None, second: timedelta | None, holds: timedelta | None
) -> None:
    with ground.transaction() as tx:
        for span in (first, second):
            until_at = NOW + span if span is not None else None
            stops.lay(tx, replace(PAUSE, cause=Cause.RATE, until_at=until_at), **ANNA)
        (stop,) = stops.active(tx, NOW)
    assert stop.until_at == (NOW + holds if holds is not None else None)


def test_a_stop_laid_after_the_last_one_ended_is_a_new_one(ground: Ground) -> None:
    with ground.transaction() as tx:
        old = stops.lay(tx, replace(PAUSE, until_at=NOW + HOUR), **ANNA)
        new = stops.lay(tx, replace(PAUSE, since_at=NOW + 2 * HOUR), actor="anna", now=NOW + 2 * HOUR)
        assert new.id != old.id
        ended, lying = stops.history(tx, scope=Scope.CHANNEL, target="x-main")
        assert (ended.lifted_at, lying) == (NOW + HOUR, new)


def test_each_cause_lifts_its_own_stop_only(ground: Ground) -> None:
    with ground.transaction() as tx:
        one = _one(tx)
        stops.lay(tx, PAUSE, **ANNA)
        breaker = stops.lay(tx, replace(PAUSE, cause=Cause.BREAKER, mode=Mode.LIVE), **ANNA)
        stops.lay(tx, replace(PAUSE, cause=Cause.BREAKER, mode=Mode.REHEARSAL), **ANNA)
        assert len(stops.active(tx, NOW)) == 3
        gone: dict[str, Any] = {"scope": Scope.CHANNEL, "target": "x-main", "now": NOW}
        assert stops.lift(tx, cause=Cause.PERSON, by="ben", reason="strike over", **gone) == 1
        assert stops.over(tx, one, NOW) == [breaker]
        assert stops.lift(tx, cause=Cause.BREAKER, by="x", mode=Mode.LIVE, **gone) == 1
        assert not _agreed(tx, one)
        assert stops.lift(tx, cause=Cause.BREAKER, by="x", **gone) == 1
        assert stops.lift(tx, cause=Cause.BREAKER, by="x", **gone) == 0
        lifted = stops.history(tx, scope=Scope.CHANNEL, target="x-main")[0]
        assert (lifted.lifted_by, lifted.lifted_at) == ("ben", NOW)
        assert lifted.reason == "strike; lifted: strike over"


def test_a_stop_must_name_what_it_stops(ground: Ground) -> None:
    with ground.transaction() as tx, pytest.raises(ValueError, match="a stop on a section must name it"):
        stops.lay(tx, replace(PAUSE, scope=Scope.SECTION, target=""), **ANNA)
