"""``pressrun demo --day``: a newsroom's whole day as a timeline of 80 columns, and whether log and platforms agree."""

from __future__ import annotations

import os
import sys
import textwrap
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scheduler.app import App
    from scheduler.scripted_day import Day, Event
    from scheduler.scripted_truth import Point

WIDTH = 80
_COLOURS = {
    "PAUSE": "31",
    "KILL": "31",
    "LOST": "33",
    "EMBARGO": "33",
    "CORRECT": "36",
    "BREAKING": "35",
    "RESUME": "32",
    "FREE": "32",
}
_AGREES, _DIFFERS = "✓", "✗"


def show_day(folder: Path) -> int:
    """Plays the day in ``folder``, prints it, and ends with 1 where the log and the platforms do not agree."""
    from scheduler.scripted_day import day_house, play
    from scheduler.scripted_truth import compare

    began = time.monotonic()
    print("REHEARSAL: nothing leaves this machine\n", flush=True)
    with day_house(folder, lambda told: print(told, file=sys.stderr)) as app:
        day = play(app, on_step=_progress)
        _progress("")
        points = compare(app, day)
        for line in timeline(app, day):
            print(line)
    for line in verdict(points):
        print(line)
    print(f"\nAll of this took {time.monotonic() - began:.1f} s. The day's folder is {folder}:")
    command = "./pressrun" if Path("pressrun").is_file() and os.access("pressrun", os.X_OK) else "pressrun"
    for words in ("log --by story", "show 22"):
        print(f"  {command} {words} --settings {folder}/settings.toml")
    return 0 if all(point.holds for point in points) else 1


def timeline(app: App, day: Day) -> list[str]:
    """The day hour by hour, what people did under its hour, and the sheet at its end; no line wider than 80 columns."""
    from scheduler.scripted_day import DAY, ZONE

    events = sorted([*day.events, *_embargo_ended(app)], key=lambda one: one.at)
    lines = [
        _bold(f"The Harbour Herald, {DAY:%A} {DAY.day} {DAY:%B %Y}, times of {ZONE.key}"),
        "",
        _bold(f"  {'':<7}{'stories':<10}{'x-main':<24}{'fb-main':<24}mail"),
    ]
    for hour in range(6, 24):
        row = _hour(app, day, hour)
        mine = [one for one in events if one.at.astimezone(ZONE).hour == hour]
        if row or mine:
            lines.append((f"  {hour:02}:00  " + (row or "")).rstrip())
        for one in mine:
            lines += _event(one)
    lines += ["", "  + a story taken in   ● posted   ◆ breaking   ○ posted, later taken down", ""]
    return lines + _sheet(app, day)


def verdict(points: list[Point]) -> list[str]:
    """What the log says beside what the platforms show."""
    lines = ["", _bold(f"  {'Do log and platforms agree?':<42}{'the log':<19}the platforms")]
    for point in points:
        sign = _coloured(_AGREES, "32") if point.holds else _coloured(_DIFFERS, "31")
        lines.append(f"{sign} {point.what:<42}{_cut(point.log, 18):<19}{_cut(point.shown, 19)}".rstrip())
    wrong = sum(not point.holds for point in points)
    told = f"All {len(points)} points agree." if not wrong else f"{wrong} of {len(points)} points do not agree."
    return [*lines, "", told]


def _hour(app: App, day: Day, hour: int) -> str:
    from scheduler.scripted_day import ZONE

    def here(at: datetime) -> bool:
        return at.astimezone(ZONE).hour == hour

    stories = "+" * sum(here(at) for at in day.taken_at)
    columns = [f"{stories:<10}"]
    for kind in ("x", "facebook"):
        marks = [_mark(one) for one in reversed(app.rehearsal.platforms.published(kind)) if here(one.created_at)]
        columns.append(f"{''.join(marks):<24}")
    mails = sum(here(one.created_at) for one in app.rehearsal.platforms.published("email"))
    columns.append(f"issue to {mails}" if mails else "")
    return "".join(columns).rstrip()


def _mark(one: object) -> str:
    from scheduler.scripted_day import BREAKING

    if getattr(one, "deleted_at", None) is not None:
        return "○"
    return "◆" if (getattr(one, "link", None) or "").endswith(f"/2026/{BREAKING:02}") else "●"


def _event(one: Event) -> list[str]:
    from scheduler.scripted_day import ZONE

    word = one.what.upper()
    lines = []
    for number, told in enumerate(line for line in one.lines if line):
        for row, text in enumerate(textwrap.wrap(told, WIDTH - 19)):
            first = number == 0 and row == 0
            head = f"  {one.at.astimezone(ZONE):%H:%M}  " if first else " " * 9
            lines.append(head + (_coloured(f"{word:<10}", _COLOURS[word]) if first else " " * 10) + text)
    return lines


def _embargo_ended(app: App) -> list[Event]:
    """When the story under embargo came out, as the platforms tell."""
    from scheduler.scripted_day import EMBARGOED, ZONE, Event

    out = {
        name: one.created_at
        for kind, name in (("x", "x-main"), ("facebook", "fb-main"))
        for one in app.rehearsal.platforms.published(kind)
        if (one.link or "").endswith(f"/2026/{EMBARGOED:02}")
    }
    if not out:
        return []
    told = " · ".join(f"{name} at {at.astimezone(ZONE):%H:%M}" for name, at in out.items())
    return [Event(min(out.values()), "free", (f"story {EMBARGOED}, its embargo is over: {told}",))]


def _sheet(app: App, day: Day) -> list[str]:
    sheet = day.sheet
    assert sheet is not None
    facts = [f"{sheet.sent} sent ({sheet.found} found by looking)"]
    facts += [f"{number} {name}" for name in ("failed", "expired", "cancelled") if (number := getattr(sheet, name))]
    spent = ", ".join(f"{name} {money}" for name, money in sheet.spent.items()) or "nothing"
    needs = f"{len(sheet.notices) + len(sheet.waiting)} things need a person" if sheet.notices or sheet.waiting else ""
    return [
        _bold("  The day's sheet"),
        f"  {', '.join(facts)}",
        f"  spent: {spent} (X would have billed it)",
        f"  {needs or 'nothing needs a person'}",
    ]


def _progress(step: str) -> None:
    if sys.stdout.isatty():
        print(f"\r{' ' * (WIDTH - 1)}\r" if not step else f"\rPlaying the day: {step} …", end="", flush=True)


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1]}…"


def _bold(text: str) -> str:
    return _coloured(text, "1")


def _coloured(text: str, code: str) -> str:
    colours = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return f"\033[{code}m{text}\033[0m" if colours else text
