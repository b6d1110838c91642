"""docs/reliability.md tells, for every single fault, what happens and what the log says; and it is true."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.torture.reliability import BEGIN, END, PAGE, Stages, table, unlisted
from tests.torture.scripts import every_fault
from tests.torture.stage import CHANNELS


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    made = Stages(tmp_path_factory.mktemp("faults"))
    yield made
    made.close()


@pytest.mark.parametrize("kind", CHANNELS)
def test_after_any_single_fault_the_log_says_what_the_readers_see_and_the_page_says_what_the_log_says(
    stages: Stages, kind: str
) -> None:
    told, total = table(stages, kind)
    assert total.wrong == []
    assert (total.doubles, total.lost) == (0, 0)
    assert total.faults == len(every_fault(kind)), "every fault struck"
    assert told in PAGE.read_text(encoding="utf-8"), "write it anew: python -m tests.torture.reliability"


def test_the_page_knows_every_fault_of_the_catalogue() -> None:
    assert unlisted() == set()


def test_the_page_promises_no_second_post_and_no_test_that_is_not_there() -> None:
    page = PAGE.read_text(encoding="utf-8")
    played = page.partition(BEGIN)[2].partition(END)[0]
    rows = [line.split(" | ") for line in played.splitlines() if line.startswith("| `")]
    assert len(rows) > 40
    posts = [row for row in rows if ": " not in row[-2]]
    assert {row[-1].strip(" |") for row in posts} == {"0", "1"}
    for name in re.findall(r"`(tests/[a-z_/]+\.py)`", page):
        assert (PAGE.parents[1] / name).is_file(), name
