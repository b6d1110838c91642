from __future__ import annotations

import io
import struct
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.slots import (
    Quiet,
    Slot,
    Slots,
    end_of_quiet,
    next_slots,
    parse_quiet,
    parse_slots,
    parse_time_of_day,
    start_of_day,
    to_instant,
)

NEW_YORK = ZoneInfo("America/New_York")
ZONES = [
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",  # changed at one minute past midnight until 2011
    "America/Sao_Paulo",  # skipped midnight
    "America/Havana",  # skips midnight, comes back over it
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",  # half an hour
    "Pacific/Apia",  # skipped a whole day in 2011
    "Pacific/Chatham",
    "Africa/Casablanca",
    "Antarctica/Troll",  # two hours
]
zones = st.sampled_from(ZONES).map(ZoneInfo)
moments = st.integers(0, 22 * 525_600).map(
    lambda minutes: datetime(2008, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
walls = st.builds(time, st.integers(0, 23), st.integers(0, 59))
many_slots = st.lists(st.builds(Slot, st.integers(0, 6), walls), min_size=1, max_size=8).map(
    lambda places: Slots(tuple(sorted(set(places))))
)
quiets = st.builds(Quiet, walls, walls).filter(lambda quiet: quiet.start != quiet.end)


def changes(zone: ZoneInfo, year: int) -> list[datetime]:
    """The moments of a year at which the zone's offset changes, to the minute."""
    at = datetime(year, 1, 1, tzinfo=UTC)
    found = []
    while at.year == year:
        later = at + timedelta(days=1)
        if at.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset():
            low, high = at, later
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) / 2
                if middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset():
                    low = middle
                else:
                    high = middle
            found.append(high)
        at = later
    return found


@st.composite
def near_a_change(draw: st.DrawFn) -> tuple[ZoneInfo, datetime]:
    """A zone and a moment, more often than not within two days of a change of its clocks."""
    zone = draw(zones)
    turns = changes(zone, draw(st.sampled_from([2010, 2011, 2017, 2026])))
    if not turns or draw(st.integers(0, 3)) == 0:
        return zone, draw(moments)
    return zone, draw(st.sampled_from(turns)) + timedelta(minutes=draw(st.integers(-2880, 2880)))


def local(text: str, zone: ZoneInfo, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


# --- reading ---


def test_weekdays_ranges_lists_and_daily_are_read() -> None:
    at = time(8, 0)
    assert parse_slots(["mon-fri 08:00"]).places == tuple(Slot(day, at) for day in range(5))
    assert parse_slots(["sat,sun 10:30"]).places == (Slot(5, time(10, 30)), Slot(6, time(10, 30)))
    assert parse_slots(["daily 18:15"]).places == tuple(Slot(day, time(18, 15)) for day in range(7))
    assert parse_slots(["Fri-Mon 8:00"]).places == tuple(Slot(day, at) for day in (0, 4, 5, 6))
    assert parse_slots(["mon,wed-thu 08:00", "mon 08:00"]).places == tuple(Slot(day, at) for day in (0, 2, 3))
    assert parse_slots("immediately").immediately


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("at once", 'not "immediately"'),
        ([], "the list of slots is empty"),
        (["mon-fry 08:00"], '"fry" is not a weekday'),
        (["mon 24:00"], "not a time of day"),
        (["mon 8.00"], "not a time of day"),
        (["08:00"], "is not a slot"),
        (["mon 08:00 UTC"], "is not a slot"),
        (["mon- 08:00"], '"" is not a weekday'),
        (["1 08:00"], '"1" is not a weekday'),
    ],
)
def test_what_is_no_slot_is_refused_with_a_sentence(value: str | list[str], said: str) -> None:
    with pytest.raises(ValueError, match=r"slot|immediately") as caught:
        parse_slots(value)
    assert said in str(caught.value)


@given(st.lists(st.text(max_size=20), max_size=3))
def test_any_list_of_texts_is_slots_or_a_sentence(lines: list[str]) -> None:
    try:
        slots = parse_slots(lines)
    except ValueError as error:
        said = str(error)
        assert "slot" in said
    else:
        assert slots.places


@pytest.mark.parametrize("text", ["", "22:00", "22:00-22:00", "22-06", "25:00-06:00", "22:00-06:30-07:00"])
def test_what_are_no_quiet_hours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"quiet|time of day"):
        parse_quiet(text)


def test_a_time_of_day_is_read() -> None:
    assert parse_time_of_day(" 8:05") == time(8, 5)


# --- when clocks change ---


def test_a_skipped_slot_moves_forward_by_the_gap() -> None:
    slots = parse_slots(["daily 02:30"])
    found = list(islice(next_slots(slots, NEW_YORK, local("2026-03-07T12:00", NEW_YORK)), 2))
    assert [one.astimezone(NEW_YORK).strftime("%d %H:%M") for one in found] == ["08 03:30", "09 02:30"]


def test_a_slot_that_comes_twice_counts_once_the_first_time() -> None:
    slots = parse_slots(["daily 01:30"])
    found = list(islice(next_slots(slots, NEW_YORK, local("2026-10-31T12:00", NEW_YORK)), 2))
    assert found == [local("2026-11-01T01:30", NEW_YORK, fold=0), local("2026-11-02T01:30", NEW_YORK)]


def test_two_slots_that_a_gap_moves_together_are_one() -> None:
    slots = parse_slots(["sun 02:30", "sun 03:30"])
    found = list(islice(next_slots(slots, NEW_YORK, local("2026-03-08T00:00", NEW_YORK)), 2))
    assert [one.astimezone(NEW_YORK).strftime("%d %H:%M") for one in found] == ["08 03:30", "15 02:30"]


def test_a_skipped_day_keeps_the_order_of_its_slots() -> None:
    apia = ZoneInfo("Pacific/Apia")
    found = list(
        islice(next_slots(parse_slots(["daily 08:00", "daily 00:30"]), apia, local("2011-12-29T09:00", apia)), 3)
    )
    assert [one.astimezone(apia).strftime("%d %H:%M") for one in found] == ["31 00:30", "31 08:00", "01 00:30"]


def test_a_slot_of_a_skipped_day_comes_a_day_later() -> None:
    apia = ZoneInfo("Pacific/Apia")
    after = local("2011-12-31T07:00", apia)
    assert next(next_slots(parse_slots(["fri 08:00"]), apia, after)) == local("2011-12-31T08:00", apia)


def half_an_hour_before_midnight() -> ZoneInfo:
    """A zone that skips from 23:30 to 00:30, so that midnight lies inside the gap."""
    counts = struct.pack(">6l", 0, 0, 0, 0, 1, 4)
    block = b"TZif2" + bytes(15) + counts + struct.pack(">lBB", 0, 0, 0) + b"STD\0"
    return ZoneInfo.from_file(io.BytesIO(block + block + b"\nSTD0DST,M3.2.0/23:30,M11.1.0/2\n"), key="Test/Midnight")


def test_slots_keep_their_order_where_midnight_itself_is_skipped() -> None:
    zone = half_an_hour_before_midnight()
    after = local("2026-03-08T23:00", zone)
    found = list(islice(next_slots(parse_slots(["daily 23:45", "daily 00:30"]), zone, after), 3))
    assert [one.astimezone(zone).strftime("%d %H:%M") for one in found] == ["09 00:30", "09 00:45", "09 23:45"]
    assert start_of_day(date(2026, 3, 9), zone).astimezone(zone).strftime("%d %H:%M") == "09 00:30"


def test_excepted_days_have_no_slots() -> None:
    slots = parse_slots(["daily 08:00"])
    days = {date(2026, 12, 25), date(2026, 12, 26)}
    after = local("2026-12-24T09:00", NEW_YORK)
    assert next(next_slots(slots, NEW_YORK, after, except_dates=days)) == local("2026-12-27T08:00", NEW_YORK)


def test_immediately_has_no_slots_to_wait_for() -> None:
    assert list(next_slots(Slots(), NEW_YORK, datetime(2026, 1, 1, tzinfo=UTC))) == []


def test_slots_do_not_depend_on_this_machines_zone(machine_zone: Callable[[str], None]) -> None:
    slots, after = parse_slots(["mon-fri 08:00"]), datetime(2026, 3, 6, tzinfo=UTC)
    found = []
    for zone in ("UTC", "Asia/Tokyo", "America/Los_Angeles"):
        machine_zone(zone)
        found.append(list(islice(next_slots(slots, NEW_YORK, after), 5)))
    assert found[0] == found[1] == found[2]


@given(near_a_change(), many_slots)
def test_slots_follow_one_another_and_none_is_left_out(place: tuple[ZoneInfo, datetime], slots: Slots) -> None:
    zone, after = place
    found = list(islice(next_slots(slots, zone, after), 30))
    assert all(one > after and one.tzinfo is UTC for one in found)
    assert all(one < other for one, other in pairwise(found))
    # What a reader of the wall calendar expects, day by day, worked out without the generator.
    expected = {
        to_instant(day, slot.at, zone)
        for day in (after.astimezone(zone).date() + timedelta(days=step) for step in range(-3, 300))
        for slot in slots.places
        if slot.weekday == day.weekday()
    }
    assert found == sorted(one for one in expected if one > after)[:30]


@given(near_a_change(), walls)
def test_a_wall_time_is_kept_unless_it_is_skipped(place: tuple[ZoneInfo, datetime], wall: time) -> None:
    zone, at = place
    day = at.astimezone(zone).date()
    moment = to_instant(day, wall, zone).astimezone(zone)
    if moment.replace(tzinfo=None) == datetime.combine(day, wall):
        assert moment.fold == 0
    else:  # the wall time does not exist: forward by exactly the gap
        before, after = datetime.combine(day, wall, tzinfo=zone).utcoffset(), moment.utcoffset()
        assert before is not None
        assert after is not None
        assert moment.replace(tzinfo=None) - datetime.combine(day, wall) == after - before
        assert after > before


@given(near_a_change())
def test_a_day_starts_at_its_first_moment(place: tuple[ZoneInfo, datetime]) -> None:
    zone, at = place
    day = at.astimezone(zone).date()
    start = start_of_day(day, zone)
    assert start.astimezone(zone).date() >= day
    assert (start - timedelta(seconds=1)).astimezone(zone).date() < day
    assert start <= at


def test_a_day_whose_midnight_is_skipped_starts_after_the_gap() -> None:
    havana = ZoneInfo("America/Havana")
    assert start_of_day(date(2026, 3, 8), havana).astimezone(havana).strftime("%d %H:%M") == "08 01:00"


# --- quiet hours ---


def test_quiet_hours_may_pass_midnight() -> None:
    quiet = parse_quiet("22:00-06:30")
    assert [quiet.holds(time(hour)) for hour in (21, 22, 0, 6)] == [False, True, True, True]
    assert not quiet.holds(time(6, 30))
    for moment in ("2026-06-01T23:15", "2026-06-02T05:00"):
        end = end_of_quiet(quiet, NEW_YORK, local(moment, NEW_YORK))
        assert end == local("2026-06-02T06:30", NEW_YORK)


def test_outside_quiet_hours_nothing_moves() -> None:
    at = local("2026-06-01T12:00", NEW_YORK)
    assert end_of_quiet(parse_quiet("22:00-06:30"), NEW_YORK, at) == at
    assert end_of_quiet(None, NEW_YORK, at) == at


def test_quiet_hours_that_end_in_the_repeated_hour_end_once() -> None:
    quiet = parse_quiet("22:00-01:30")
    second_pass = local("2026-11-01T01:10", NEW_YORK, fold=1)
    assert end_of_quiet(quiet, NEW_YORK, second_pass) == second_pass


@given(near_a_change(), quiets)
def test_the_end_of_quiet_is_never_quiet_and_never_earlier(place: tuple[ZoneInfo, datetime], quiet: Quiet) -> None:
    zone, at = place
    end = end_of_quiet(quiet, zone, at)
    assert end >= at
    assert end_of_quiet(quiet, zone, end) == end
    # Away from a change of clocks the wall says the same.
    offsets = {(at + timedelta(days=step)).astimezone(zone).utcoffset() for step in (-3, -1, 0, 1, 3)}
    if len(offsets) == 1:
        wall = at.astimezone(zone).time()
        assert (end > at) == quiet.holds(wall)
        if end > at:
            assert end.astimezone(zone).time() == quiet.end
