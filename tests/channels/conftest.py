"""The rehearsal platforms for all tests of the channels: started once, without limits, clean for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from channels.rehearsal.platforms import RehearsalPlatforms
from channels.rehearsal.rules import Rules


@pytest.fixture(scope="session")
def _rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RehearsalPlatforms]:
    path = tmp_path_factory.mktemp("rehearsal") / "rehearsal.sqlite"
    with RehearsalPlatforms(path) as platforms:
        yield platforms


@pytest.fixture
def platforms(_rehearsal: RehearsalPlatforms) -> RehearsalPlatforms:
    """X, Graph and SMTP on this machine, nothing published yet, no fault in line."""
    _rehearsal.reset()
    _rehearsal.rules = Rules.unlimited()
    return _rehearsal
