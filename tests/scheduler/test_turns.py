"""When an evergreen story comes again, and in which words: the rule by itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.turns import REPEAT_WINDOW, Season, choose_words, first_free, next_turn, parse_season

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 9, 21, 6, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "season"),
    [
        ("11-15..12-24", Season((11, 15), (12, 24))),
        (" 2-29 .. 3-1 ", Season((2, 29), (3, 1))),
        ("12-20…01-06", Season((12, 20), (1, 6))),
        ("", None),
    ],
)
def test_a_season_is_two_days_of_the_year(text: str, season: Season | None) -> None:
    assert parse_season(text) == season


@pytest.mark.parametrize("text", ["winter", "13-01..02-01", "02-30..03-01", "11-15", "11-15..12-24..01-01"])
def test_what_is_no_season_is_said(text: str) -> None:
    with pytest.raises(ValueError, match=r"11-15\.\.12-24"):
        parse_season(text)


def test_a_season_may_pass_the_new_year() -> None:
    season = Season((12, 20), (1, 6))
    assert [season.holds(date(2026, *day)) for day in ((12, 19), (12, 20), (1, 6), (1, 7), (7, 1))] == [
        False,
        True,
        True,
        False,
        False,
    ]


def test_a_turn_outside_the_season_waits_for_its_first_day_by_the_newsrooms_wall() -> None:
    at = next_turn(NOW, 30 * DAY, zone=BERLIN, season=Season((11, 15), (12, 24)))
    assert at == datetime(2026, 11, 14, 23, 0, tzinfo=UTC)  # midnight of the 15th in Berlin


def test_it_ends_after_its_times_and_at_its_day() -> None:
    assert next_turn(NOW, DAY, zone=BERLIN, done=2, times=3) == NOW + DAY
    assert next_turn(NOW, DAY, zone=BERLIN, done=3, times=3) is None
    assert next_turn(NOW, DAY, zone=BERLIN, until_at=NOW + 2 * DAY) == NOW + DAY
    assert next_turn(NOW, DAY, zone=BERLIN, until_at=NOW + DAY) is None


def test_words_rotate_the_never_used_first_then_the_longest_ago() -> None:
    assert choose_words(["a", "b", "c"], {"a": NOW - 90 * DAY}, NOW) == "b"
    old = {"a": NOW - 60 * DAY, "b": NOW - 90 * DAY, "c": NOW - 30 * DAY}
    assert choose_words(["a", "b", "c"], old, NOW) == "b"


def test_no_words_of_the_last_two_weeks() -> None:
    used = {"a": NOW - REPEAT_WINDOW + DAY, "b": NOW - DAY}
    assert choose_words(["a", "b"], used, NOW) is None
    assert first_free(["a", "b"], used) == NOW + DAY
    assert choose_words([], {}, NOW) is None


@given(
    st.lists(st.sampled_from("abcd"), max_size=4, unique=True),
    st.dictionaries(st.sampled_from("abcd"), st.integers(0, 40).map(lambda days: NOW - days * DAY)),
)
def test_the_same_words_never_go_twice_within_the_window(offered: list[str], used: dict[str, datetime]) -> None:
    chosen = choose_words(offered, used, NOW)
    if chosen is None:
        assert all(text in used and used[text] > NOW - REPEAT_WINDOW for text in offered)
    else:
        assert chosen in offered
        assert chosen not in used or used[chosen] <= NOW - REPEAT_WINDOW
