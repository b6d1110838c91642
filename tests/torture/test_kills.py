"""Real worker processes under SIGKILL: afterwards the published truth equals the log, row by row."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.torture.kills import Cell, run_cell


@pytest.mark.parametrize("workers", [1, 2])
def test_whatever_dies_and_whenever_the_log_equals_what_the_platforms_published(
    tmp_path: Path, database: str, workers: int
) -> None:
    name = f"{database.partition(':')[0]}, {workers} workers"
    cell = Cell(name, database, workers, kills=5, posts=12, issues=2, readers=6, faults=5, between=(20, 250))
    tally = run_cell(cell, tmp_path)
    assert tally.wrong == []
    assert (tally.doubles, tally.lost) == (0, 0)
    assert tally.kills >= 3
    assert tally.deliveries == 2 * 12 + 2 * 6
    assert tally.faults > 0
