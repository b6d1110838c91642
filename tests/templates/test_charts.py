"""The geometry of charts: nothing overlaps, nothing leaves the plot, and lengths are in proportion."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates.charts import shares, stacked_columns, ticks_to

COUNTS = st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 5_000)), min_size=1, max_size=90)


@given(COUNTS, st.none() | st.integers(1, 10_000))
def test_every_bar_lies_in_the_plot_and_on_the_one_below(held: list[tuple[int, int]], limit: int | None) -> None:
    labels = [str(number) for number in range(len(held))]
    series = [("sent", [one for one, _ in held]), ("failed", [two for _, two in held])]
    chart = stacked_columns(labels, series, limit=limit)
    for column, counts in zip(chart.columns, held, strict=True):
        assert [bar.value for bar in column.bars] == [one for one in counts if one]
        at = chart.foot
        for bar in column.bars:
            assert bar.y + bar.height == pytest.approx(at, abs=0.03)
            assert chart.left <= bar.x
            assert bar.x + bar.width <= chart.width + 0.01
            at = bar.y
        assert at >= -0.01
    if limit is not None:
        assert chart.line_y is not None
        assert -0.01 <= chart.line_y <= chart.foot


def test_twice_the_number_is_twice_the_height() -> None:
    one, two = stacked_columns(["a", "b"], [("sent", [3, 6])]).columns
    assert two.bars[0].height == pytest.approx(2 * one.bars[0].height, abs=0.02)


@pytest.mark.parametrize(
    ("most", "ticks"),
    [(1, [0, 1]), (3, [0, 1, 2, 3]), (7, [0, 2, 4, 6, 8]), (40, [0, 10, 20, 30, 40]), (999, [0, 250, 500, 750, 1000])],
)
def test_ticks_are_round_and_reach_the_highest(most: float, ticks: list[float]) -> None:
    assert ticks_to(most) == ticks


@given(st.floats(0.000_001, 1e9))
def test_there_are_never_more_than_a_few_ticks(most: float) -> None:
    for whole in (True, False):
        ticks = ticks_to(max(most, 1.0) if whole else most, whole=whole)
        assert 2 <= len(ticks) <= 6
        assert ticks[0] == 0
        assert ticks[-1] >= (max(most, 1.0) if whole else most) * 0.999999


def test_of_ninety_days_only_some_are_labelled_and_the_last_always() -> None:
    chart = stacked_columns([str(day) for day in range(90)], [("sent", [1] * 90)])
    shown = [column.label for column in chart.columns if column.labelled]
    assert len(shown) == 15
    assert shown[-1] == "89"


def test_shares_fill_the_bar_and_nothing_is_no_bar() -> None:
    assert shares([1, 1, 2]) == [(0, 25), (25, 25), (50, 50)]
    assert shares([0, 0]) == [(0, 0), (0, 0)]


def test_a_series_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="2 values for 1 labels"):
        stacked_columns(["a"], [("sent", [1, 2])])
