"""Times as the desk writes them: the newsroom's zone, whatever the machine's zone is."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.cli.moments import NotATime, Times, span_of
from desk.cli.options import WrongUsage

BERLIN = ZoneInfo("Europe/Berlin")
TIMES = Times(BERLIN, datetime(2026, 9, 21, 12, 30, tzinfo=UTC))  # a Monday, 14:30 on the newsroom's wall


def wall(text: str, *, past: bool = False) -> str:
    return f"{TIMES.read(text, past=past).at.astimezone(BERLIN):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("18:15", "2026-09-21 18:15"),
        ("8:05", "2026-09-21 08:05"),
        ("today 18:15", "2026-09-21 18:15"),
        ("Tomorrow 08:00", "2026-09-22 08:00"),
        ("2026-12-24 18:15", "2026-12-24 18:15"),
        ("2026-12-24T18:15", "2026-12-24 18:15"),
        ("2026-12-24 18:15:00", "2026-12-24 18:15"),
        ("2026-12-24T18:15:00+09:00", "2026-12-24 10:15"),
        ("2026-12-24T18:15Z", "2026-12-24 19:15"),
        ("in 30m", "2026-09-21 15:00"),
        ("in 1h30m", "2026-09-21 16:00"),
        ("now", "2026-09-21 14:30"),
        ("wed 09:00", "2026-09-23 09:00"),
        ("monday 15:00", "2026-09-21 15:00"),
        ("monday 14:00", "2026-09-28 14:00"),
    ],
)
def test_a_moment_to_come_is_read_in_the_newsrooms_zone(said: str, meant: str) -> None:
    assert wall(said) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("yesterday", "2026-09-20 00:00"),
        ("today", "2026-09-21 00:00"),
        ("2026-09-01", "2026-09-01 00:00"),
        ("monday", "2026-09-21 00:00"),
        ("tue", "2026-09-15 00:00"),
        ("monday 15:00", "2026-09-14 15:00"),
        ("2h", "2026-09-21 12:30"),
        ("2h ago", "2026-09-21 12:30"),
        ("08:00", "2026-09-21 08:00"),
    ],
)
def test_looking_back_a_day_is_its_beginning_and_a_span_is_so_long_ago(said: str, meant: str) -> None:
    assert wall(said, past=True) == meant


@pytest.mark.parametrize(
    "said", ["", "soon", "25:00", "tomorrow", "2026-09-31 10:00", "in a while", "30m", "18:15 18:16"]
)
def test_what_is_no_time_is_refused_with_how_times_are_written(said: str) -> None:
    with pytest.raises(WrongUsage) as refused:
        TIMES.read(said)
    assert str(refused.value).endswith(".")
    assert "write" in str(refused.value)


def test_a_moment_no_calendar_holds_is_refused() -> None:
    late = Times(BERLIN, datetime(9999, 12, 31, 22, 0, tzinfo=UTC))
    with pytest.raises(NotATime, match="too far away"):
        late.read("in 9d")


def test_a_wall_time_that_clocks_skip_is_moved_forward_and_told() -> None:
    said = TIMES.read("2027-03-28 02:30")
    assert said.at == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert said.note == "02:30 does not exist on 2027-03-28: clocks go forward, so 03:30 is meant."


def test_a_wall_time_that_comes_twice_is_the_first_and_told() -> None:
    said = TIMES.read("2026-10-25 02:30")
    assert said.at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert "comes twice" in said.note
    assert "+0200" in said.note


def test_a_plain_moment_has_no_note() -> None:
    assert TIMES.read("18:15").note == ""


def test_moments_are_shown_on_the_newsrooms_wall() -> None:
    assert TIMES.show(datetime(2026, 9, 21, 16, 15, tzinfo=UTC)) == "Mon 21 Sep 18:15"
    assert TIMES.show(datetime(2027, 1, 1, 16, 15, tzinfo=UTC)) == "Fri 01 Jan 2027 17:15"
    assert TIMES.show(None) == "–"


def test_the_two_hours_of_a_repeated_wall_time_can_be_told_apart() -> None:
    first, second = (TIMES.show(datetime(2026, 10, 25, hour, 30, tzinfo=UTC)) for hour in (0, 1))
    assert (first, second) == ("Sun 25 Oct 02:30 (+0200)", "Sun 25 Oct 02:30 (+0100)")


def test_programs_get_the_offset_and_spreadsheets_the_wall() -> None:
    moment = datetime(2026, 9, 21, 16, 15, 30, tzinfo=UTC)
    assert TIMES.iso(moment) == "2026-09-21T18:15:30+02:00"
    assert TIMES.iso(None) is None
    assert TIMES.wall(moment) == "2026-09-21 18:15:30"


@given(st.integers(min_value=1_000_000_000, max_value=3_900_000_000))
def test_what_programs_are_told_is_read_back_as_the_same_moment(second: int) -> None:
    moment = datetime.fromtimestamp(second, UTC)
    told = TIMES.iso(moment)
    assert told is not None
    assert TIMES.read(told).at == moment


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading(text: str) -> None:
    for past in (False, True):
        with suppress(WrongUsage):
            TIMES.read(text, past=past)


def test_spans_are_read_and_refused_in_words() -> None:
    assert span_of("1h30m") == timedelta(minutes=90)
    with pytest.raises(WrongUsage, match="is not a span of time"):
        span_of("a bit")
