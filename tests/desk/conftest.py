"""Fixtures of the doors' tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.desk.newsdesk import Newsdesk, place


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Newsdesk:
    """A newsroom in a temporary folder, worked through the real command."""

    def take() -> tuple[str, str]:
        out, err = capsysbinary.readouterr()
        return out.decode(), err.decode()

    return place(tmp_path, monkeypatch, take)
