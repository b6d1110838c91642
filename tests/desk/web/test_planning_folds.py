"""A full calendar: what folds first, what never does, and that a week has room for whatever happens in it. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from db.promised import Promised
from db.records import State, SubjectKind
from desk.web.pages.planning_folds import ROOM, fold_of, room_for, shown
from scheduler.agenda import Entry, FreeSlot

EIGHT = datetime(2026, 9, 21, 8, 0, tzinfo=UTC)


def posts(*states: State) -> list[Entry]:
    """One post a minute from eight on, each in its state, on two channels by turns."""
    return [
        Entry(Promised(number, at, ("x-main", "fb-main")[number % 2], state, SubjectKind.ARTICLE, number), at, True)
        for number, state in enumerate(states)
        for at in [EIGHT + timedelta(minutes=number)]
    ]


def slots(count: int) -> list[FreeSlot]:
    return [FreeSlot("x-main", EIGHT + timedelta(minutes=number)) for number in range(count)]


def test_what_has_room_is_shown_whole() -> None:
    four = posts(*[State.SENT] * 4)
    place = shown(four, slots(2), 4)
    assert (place.entries, place.fold, len(place.free), place.more_free) == (tuple(four), None, 2, 0)
    assert shown([], [], 4).is_empty


def test_what_is_over_folds_first_and_what_needs_a_person_last() -> None:
    hour = posts(State.SENT, State.PLANNED, State.PLANNED, State.PLANNED, State.FAILED, State.SENT, State.WAITING)
    place = shown(hour, [], 4)
    assert [one.post.state for one in place.entries] == [State.PLANNED, State.FAILED, State.WAITING]
    assert place.fold is not None
    assert place.fold.states == ((State.PLANNED, 2), (State.SENT, 2))
    assert place.fold.worst is State.PLANNED
    sent = shown(posts(*[State.SENT] * 34), [], 4)
    assert (sent.entries, sent.fold.count if sent.fold else 0) == ((), 34)


def test_a_fold_says_how_many_from_when_to_when_where_and_how_they_stand() -> None:
    fold = fold_of(posts(State.SENT, State.SENT, State.FAILED))
    assert (fold.count, fold.first_at, fold.last_at) == (3, EIGHT, EIGHT + timedelta(minutes=2))
    assert fold.channels == (("fb-main", 1), ("x-main", 2))
    assert (fold.worst, fold.states) == (State.FAILED, ((State.FAILED, 1), (State.SENT, 2)))


@pytest.mark.parametrize("most", range(1, 6))
def test_no_line_stands_for_a_single_post_or_slot_but_where_an_hour_has_room_for_one_line(most: int) -> None:
    for count in range(1, 9):
        place = shown(posts(*[State.PLANNED] * count), slots(count), most)
        assert len(place.entries) + (place.fold.count if place.fold else 0) == count
        assert len(place.free) + place.more_free == count
        assert place.fold is None or place.fold.count > 1
        assert place.more_free != 1


def test_a_week_with_posts_in_each_hour_keeps_to_its_room_and_one_full_hour_takes_none_from_the_others() -> None:
    full, nothing = posts(*[State.PLANNED] * 30), list[Entry]()
    for hours in (24, 40, 70, 168):
        week = [(full, slots(0))] * hours + [(nothing, slots(0))] * (168 - hours)
        most = room_for(week, 4)
        lines = [shown(entries, free, most) for entries, free in week]
        assert sum(len(one.entries) + (one.fold is not None) for one in lines) <= max(ROOM, 168)
    assert room_for([(full, slots(0))] * 24, 4) == 4
    assert room_for([(full, slots(0))] * 168, 4) == 1
