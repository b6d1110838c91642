from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.spans import parse_span, say_span


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("15 min", 900),
        ("2h", 7200),
        ("1 day", 86_400),
        ("1h 30 min", 5400),
        ("1h30m", 5400),
        (" 0.5 S ", 0.5),
        ("0s", 0),
        ("2 days", 172_800),
    ],
)
def test_spans_are_read_as_people_write_them(text: str, seconds: float) -> None:
    assert parse_span(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "  ", "15", "min", "-5 min", "5 fortnights", "1h,", "1e9 h", "99999999999999 days", "٥ min"]
)
def test_what_is_no_span_is_refused_with_the_way_to_write_it(text: str) -> None:
    with pytest.raises(ValueError, match='write a span such as "90s"'):
        parse_span(text)


@given(st.integers(min_value=0, max_value=10_000_000))
def test_a_span_that_is_said_reads_back_as_itself(seconds: int) -> None:
    span = timedelta(seconds=seconds)
    assert parse_span(say_span(span)) == span


@given(st.text(max_size=30))
def test_any_text_is_a_span_or_a_sentence(text: str) -> None:
    try:
        span = parse_span(text)
    except ValueError as error:
        said = str(error)
        assert "span of time" in said or "ten years" in said
    else:
        assert timedelta(0) <= span <= timedelta(days=3660)


def test_spans_are_said_in_the_units_people_use() -> None:
    spans = [0.3, 6, 360, 5400, 86_400, 180_000]
    assert [say_span(timedelta(seconds=one)) for one in spans] == [
        "0.3 s",
        "6 s",
        "6 min",
        "1 h 30 min",
        "1 day",
        "2 days 2 h",
    ]
