"""A newsroom in a temporary folder, worked through the real command in this process, on a clock that is held."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from desk.cli.main import main
from desk.cli.rooms import ROOT
from scheduler.app import App, build
from scheduler.clock import HeldClock
from scheduler.settings_load import load_settings

MORNING = datetime(2026, 9, 21, 6, 30, tzinfo=UTC)
"""A Monday, 08:30 in Berlin."""

SETTINGS = """
[newsroom]
name = "The Test Times"
site = "https://news.example.org"
timezone = "Europe/Berlin"

[serve]
port = 0

[channels.x-main]
kind = "x"
slots = ["daily 18:15"]
deadline = "10s"

[channels.fb-main]
kind = "facebook"
slots = ["daily 18:30"]
publish = "approve"
deadline = "10s"

[channels.mail]
kind = "email"
slots = ["daily 07:00"]
newsletter = "Morning briefing"
list = "morning"
from = "The Test Times <briefing@news.example.org>"
"""

FERRY = """\
Ferry to run until midnight from May
By Ada Example
The Harbour Herald

The ferry will run until midnight from 2 May, the council of Port Selwyn decided on Tuesday by 19 votes to 12.
"We have waited ten years for this," said mayor Jo Smith, who took the first late boat across the bay.
The service will cost 340,000 pounds a year and adds six late sailings on every weekday of the summer.
"""

LIBRARY = """\
Library opens on Sundays from October
By Ben Example

The city library will open on Sundays from 4 October, its director Eva Sample said on Monday in the reading room.
More than 2,300 readers had asked for it in a petition that the town hall received in the spring of this year.
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What a command ended with and what it printed."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """The lines on stdout."""
        return self.out.splitlines()

    @property
    def json(self) -> Any:
        """Stdout as JSON."""
        return json.loads(self.out)


class Newsdesk:
    """One folder with settings; ``tell`` gives a command as a person would."""

    def __init__(self, folder: Path, clock: HeldClock, take: Callable[[], tuple[str, str]]) -> None:
        self.folder, self.clock, self._take = folder, clock, take

    def set(self, settings: str) -> None:
        """Writes the settings anew."""
        (self.folder / "settings.toml").write_text(settings, encoding="utf-8")

    def tell(self, *argv: str) -> Told:
        """Runs ``pressrun`` with these words."""
        self._take()
        code = main(list(argv))
        out, err = self._take()
        return Told(code, out, err)

    def write(self, text: str = FERRY, name: str = "ferry.txt") -> str:
        """A story as a file in the folder; its path."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def story(self, text: str = FERRY, name: str = "ferry.txt", *more: str) -> int:
        """Hands a story in; its number."""
        told = self.tell("add", self.write(text, name), "--json", "--url", f"https://news.example.org/{name}", *more)
        assert told.code == 0, told.err
        number: int = told.json["stories"][0]["story"]
        return number

    def prepared(self, text: str = FERRY, name: str = "ferry.txt", *more: str) -> int:
        """A story with words and a plan; its number."""
        number = self.story(text, name, *more)
        told = self.tell("tick")
        assert told.code in (0, 1), told.err
        return number

    def app(self) -> App:
        """The same newsroom as the code sees it; the caller closes it."""
        loaded = load_settings(self.folder / "settings.toml", {})
        return build(loaded.settings, self.folder, clock=self.clock, on_trouble=print)

    def delivery(self, channel: str = "x-main") -> dict[str, Any]:
        """The newest delivery on a channel, as the log's JSON has it."""
        rows = self.tell("log", "--json", "--channel", channel).json["deliveries"]
        assert rows, f"nothing on {channel}"
        found: dict[str, Any] = max(rows, key=lambda row: int(row["delivery"]))
        return found


def start(folder: Path, *argv: str) -> subprocess.Popen[str]:
    """The real command in a process of its own, its output piped."""
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from desk.cli.main import main; sys.exit(main(sys.argv[1:]))"
    )
    return subprocess.Popen(
        [sys.executable, "-P", "-c", code, *argv],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PRESSRUN_USER": "ada"},
    )


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Always."""
        return True


def reader_of(captured: pytest.CaptureFixture[bytes]) -> Callable[[], tuple[str, str]]:
    """Takes what was printed since the last call, stdout and stderr."""

    def take() -> tuple[str, str]:
        out, err = captured.readouterr()
        return out.decode(), err.decode()

    return take


def place(folder: Path, patch: pytest.MonkeyPatch, take: Callable[[], tuple[str, str]]) -> Newsdesk:
    """The newsroom of one test: the folder is where the person stands, the clock is held, the person is ada."""
    clock = HeldClock(MORNING)
    patch.setattr("scheduler.clock.SystemClock", lambda: clock)
    patch.setenv("PRESSRUN_USER", "ada")
    patch.chdir(folder)
    room = Newsdesk(folder, clock, take)
    room.set(SETTINGS)
    return room
