"""Rehearsal platforms of a test's own, on a clock that stands still until the test moves it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from channels.rehearsal.platforms import RehearsalPlatforms
from tests.channels.rehearsal.callers import GraphCaller, XCaller


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = datetime(2026, 9, 21, 8, 0, 0, 250_000, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def on(self, **span: float) -> datetime:
        """Moves on and says the new time."""
        self.at += timedelta(**span)
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


class _Shared:
    """Platforms that all tests here share, each with a clock of its own."""

    def __init__(self, path: Path) -> None:
        self.clock = Clock()
        self.platforms = RehearsalPlatforms(path, now=lambda: self.clock())


@pytest.fixture(scope="session")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Shared]:
    shared = _Shared(tmp_path_factory.mktemp("rehearsal") / "rehearsal.sqlite")
    with shared.platforms:
        yield shared


@pytest.fixture
def platforms(_shared: _Shared, clock: Clock) -> RehearsalPlatforms:
    """Started, empty, with the usual rules."""
    _shared.clock = clock
    _shared.platforms.reset()
    return _shared.platforms


@pytest.fixture
def x(platforms: RehearsalPlatforms) -> Iterator[XCaller]:
    caller = XCaller(platforms.addresses.x_url)
    yield caller
    caller.close()


@pytest.fixture
def graph(platforms: RehearsalPlatforms) -> Iterator[GraphCaller]:
    caller = GraphCaller(platforms.addresses.graph_url)
    yield caller
    caller.close()
