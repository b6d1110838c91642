"""Every verb × every state of a delivery × every kind: the page says what happens, and it does."""

from __future__ import annotations

import re
from itertools import count
from pathlib import Path

import pytest

from db.records import State
from tests.scheduler.house import MAIL, SETTINGS, house
from tests.scheduler.newsroom.cells import CHANNELS, VERBS, cell, outcome

PAGE = Path(__file__).parents[3] / "docs" / "newsroom.md"
NEVER = 'slots = ["daily 23:00"]\n'
HOUSE = (SETTINGS + MAIL).replace('deadline = "10s"\n', 'deadline = "10s"\n' + NEVER)


def happens(folder: Path, kind: str) -> list[str]:
    """The lines of one kind's table, as the code makes them."""
    lines = []
    numbers = count(1)
    with house(folder, HOUSE) as h:
        for verb, ask in VERBS.items():
            told = [outcome(h, cell(h, kind, state, next(numbers)), CHANNELS[kind], ask) for state in State]
            lines.append(f"| {verb} | {' | '.join(told)} |")
    return lines


def written(kind: str) -> list[str]:
    """The same lines, as the page has them."""
    section = re.split(r"^### ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    (mine,) = [one for one in section if one.startswith(f"{kind}\n")]
    rows = [line for line in mine.splitlines() if line.startswith("|")]
    assert rows[0] == f"| Verb | {' | '.join(State)} |"
    return rows[2:]


@pytest.mark.parametrize("kind", CHANNELS)
def test_the_page_tells_what_every_verb_does_in_every_state(tmp_path: Path, kind: str) -> None:
    assert happens(tmp_path, kind) == written(kind)
