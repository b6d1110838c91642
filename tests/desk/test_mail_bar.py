"""The bar over an issue that goes out: drawn on a terminal, silent elsewhere, ended when the issue is."""

from __future__ import annotations

import sys
import time

import pytest

from desk.cli import mail_bar
from scheduler.mail_room import MailRoom, UnderWay


class Room(MailRoom):
    def __init__(self) -> None:
        self.steps = [UnderWay(7, "morning", done, 300, preparing=True) for done in (100, 200)]
        self.steps += [UnderWay(7, "morning", done, 200) for done in (0, 50, 120)]

    def under_way(self) -> list[UnderWay]:
        return [self.steps.pop(0)] if self.steps else []


def drawn(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, terminal: bool) -> str:
    monkeypatch.setattr(mail_bar, "LOOK_EVERY", 0.01)
    monkeypatch.setattr("desk.cli.progress._EVERY", 0.0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)
    room = Room()
    with mail_bar.mail_bars(room):
        until = time.monotonic() + 60
        while room.steps and time.monotonic() < until:
            time.sleep(0.01)
    return capsys.readouterr().err


def test_a_terminal_sees_how_far_how_fast_and_how_long(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = drawn(monkeypatch, capsys, terminal=True)
    assert "readers of morning" in text
    assert "200 of 300" in text
    assert "mail to morning" in text
    assert "120 of 200" in text
    assert "left" in text
    assert text.endswith("\n")


def test_a_pipe_sees_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert drawn(monkeypatch, capsys, terminal=False) == ""
