"""Opens the newsroom for one command: settings, database, who acts, the zone, the page to print on; closes it all."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from db.records import MACHINE, Mode
from desk.cli.moments import Times
from desk.cli.options import LogFormat, WrongUsage
from desk.cli.printing import Page

if TYPE_CHECKING:
    from scheduler.app import App
    from scheduler.log_lines import LogLines
    from scheduler.settings import Settings
    from scheduler.settings_load import Loaded

LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Desk:
    """What a command works with. ``actor`` is who orders what it does; ``troubles`` is what lanes met on the way."""

    app: App
    actor: str
    times: Times
    page: Page
    warnings: tuple[str, ...] = ()
    troubles: list[str] = field(default_factory=list)
    lines: LogLines | None = None

    def tell(self, event: str, sentence: str) -> None:
        """Says what the machine is doing: as a line of JSON where lines are wanted, else on the page."""
        if self.lines is not None:
            self.lines.say(event, sentence)
        else:
            self.page.say(sentence)
            sys.stdout.flush()


@contextmanager
def opened(
    settings: Path | None,
    *,
    as_user: str | None = None,
    as_json: bool = False,
    as_csv: bool = False,
    machine: bool = False,
    log_format: LogFormat = LogFormat.TEXT,
) -> Iterator[Desk]:
    """The newsroom that ``settings``, PRESSRUN_SETTINGS or the folder names, until the block ends.

    ``as_json``, ``as_csv``: the page leaves stdout to that. ``machine``: the command is the machine's own run, not a person's order. Raises ``SettingsError``, ``WrongUsage``
    and what ``scheduler.app.build`` raises. ``log_format`` json: troubles and every delivery's life go to stderr as lines
    of JSON.
    """
    from scheduler.app import build
    from scheduler.clock import SystemClock
    from scheduler.demo_folder import staying
    from scheduler.log_lines import LogLines
    from scheduler.slot_edits import follow_slots

    loaded = load_settings(settings)
    actor = MACHINE if machine else actor_name(as_user, os.environ)
    clock = SystemClock()
    troubles: list[str] = []
    lines = LogLines(sys.stderr, clock.now) if log_format is LogFormat.JSON else None

    def on_trouble(sentence: str) -> None:
        troubles.append(sentence)
        if lines is not None:
            lines.trouble(sentence)
        else:
            print(sentence, file=sys.stderr, flush=True)

    page = Page(modes_of(loaded.settings), as_json=as_json, as_csv=as_csv)
    with headed(page), closing(build(loaded.settings, loaded.path.parent, clock=clock, on_trouble=on_trouble)) as app:
        if lines is not None:
            app.ground.hear = lines.hear
        follow_slots(app)
        times = Times(loaded.settings.newsroom.zone, clock.now())
        page.head(paused_line(app, times))
        with staying(loaded.path.parent):
            yield Desk(app, actor, times, page, loaded.warnings, troubles, lines)


@contextmanager
def headed(page: Page) -> Iterator[None]:
    """Whatever goes wrong inside is told under the first line, as every answer is."""
    try:
        yield
    except Exception:
        page.begin()
        raise


def paused_line(app: App, times: Times) -> str:
    """Who paused everything, since when and why, for the head of every output; "" where nobody did."""
    from db import stops

    with app.ground.reading() as tx:
        stop = stops.pause_of_everything(tx, app.clock.now())
    if stop is None:
        return ""
    until = f" until {times.show(stop.until_at)}" if stop.until_at is not None else ""
    return f"PAUSED: everything, by {stop.by}, {times.show(stop.since_at)}{until}: {stop.reason}"


def read_moment(desk: Desk, text: str, *, past: bool = False, day_alone: bool = False) -> datetime:
    """The moment a person named; where clocks change at it, how it was understood is told on the page."""
    said = desk.times.read(text, past=past, day_alone=day_alone)
    if said.note:
        desk.page.aside(said.note)
    return said.at


def load_settings(settings: Path | None) -> Loaded:
    """The settings alone, checked. Raises ``SettingsError``."""
    from scheduler import settings_load

    return settings_load.load_settings(settings, os.environ)


def modes_of(settings: Settings) -> dict[str, Mode]:
    """Each destination's mode, in the order of the settings."""
    from scheduler.periodical import outlet_modes

    return outlet_modes(settings)


def actor_name(as_user: str | None, env: Mapping[str, str]) -> str:
    """Who acts: as told, else PRESSRUN_USER, else the log-in name. Raises ``WrongUsage``."""
    if as_user is not None:
        return _checked(as_user, "--as")
    if env.get("PRESSRUN_USER"):
        return _checked(env["PRESSRUN_USER"], "PRESSRUN_USER")
    try:
        return _checked(getpass.getuser(), "the log-in name")
    except (OSError, KeyError, ImportError):  # 3.13 raises OSError, earlier ones whatever the lookup did
        raise WrongUsage("This account has no name: say who acts with --as NAME or PRESSRUN_USER.") from None


def _checked(name: str, by: str) -> str:
    name = " ".join(name.split())
    if not name or not name.isprintable() or len(name) > LONGEST_NAME:
        raise WrongUsage(f"{by} names nobody: write a name of 1 to {LONGEST_NAME} characters, e.g. --as ada.")
    if name.casefold() == MACHINE:
        raise WrongUsage(f'"{MACHINE}" is the machine\'s own name in the log: say who you are with --as NAME.')
    return name
