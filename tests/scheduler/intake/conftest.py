"""What the tests of intake share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scheduler.intake.fetching import Fetcher
from tests.scheduler.intake.web import Web, web_server


@pytest.fixture
def web() -> Iterator[Web]:
    """A web server on this machine."""
    with web_server() as server:
        yield server


@pytest.fixture
def fetch() -> Fetcher:
    """The real door, with little patience."""
    return Fetcher(contact="desk@courier.example", seconds=3)
