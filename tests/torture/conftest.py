"""A stage for each test; torture in its short form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import postgres_url
from tests.torture.stage import QUICK, Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A newsroom on SQLite."""
    made = Stage(tmp_path)
    yield made
    made.close()


@pytest.fixture
def quick_stage(tmp_path: Path) -> Iterator[Stage]:
    """The same, where nobody waits long for a platform that hangs: only for tests that any timeout suits."""
    made = Stage(tmp_path, deadline=QUICK)
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The address of an empty database of each kind, as settings.toml names it."""
    return "sqlite:///pressrun.db" if request.param == "sqlite" else postgres_url()
