"""Fixtures of the doors' tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.desk.newsdesk import Newsdesk, place, reader_of


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Newsdesk:
    """A newsroom in a temporary folder, worked through the real command."""
    return place(tmp_path, monkeypatch, reader_of(capsysbinary))
