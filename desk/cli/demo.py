"""``pressrun demo``: the whole main job on sample stories, in rehearsal, told in one page of text."""

from __future__ import annotations

import os
import sys
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from scheduler.app import App
    from scheduler.demonstration import Shown, StoryShown

WIDTH = 80
PERSON = "Demo"
FOLDER = "pressrun-demo"
DAY_FOLDER = "pressrun-day"


def demo(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="The demo's own folder; it is emptied first, if it is the demo's or new. "
            "Without it pressrun-demo, for a day pressrun-day.",
            show_default=False,
        ),
    ] = None,
    day: Annotated[
        bool,
        typer.Option("--day", help="A whole day instead: forty stories, a pause, a kill, corrections, an embargo."),
    ] = False,
) -> int:
    """Runs the main job on sample stories in a folder of its own: nothing leaves this machine.

    Takes in six stories, writes their teasers, posts them to rehearsal platforms through the real code, loses one
    answer on purpose and finds the post by looking. With --day it plays a whole day on a clock of its own and compares
    the log with what the platforms show; it ends with 1 where they do not agree.

    \b
    Examples:
      pressrun demo
      pressrun demo --day
    """
    if day:
        from desk.cli.scripted_day import show_day

        return show_day(folder or Path(DAY_FOLDER))
    from scheduler.demonstration import demo_house, rehearse_day

    began, folder = time.monotonic(), folder or Path(FOLDER)
    with demo_house(folder, lambda told: print(told, file=sys.stderr)) as app:
        print("REHEARSAL: nothing leaves this machine\n", flush=True)
        shown = rehearse_day(app, on_step=_progress)
        _progress("")
        took = time.monotonic() - began
        for line in told(app, shown, took, folder):
            print(line)
    return 0


def _progress(step: str) -> None:
    """Says on a terminal what is under way, on a line that the page then takes the place of."""
    if sys.stdout.isatty():
        print(f"\r{step:<{WIDTH - 1}}\r" if not step else f"\r{step} …", end="", flush=True)


def told(app: App, shown: Shown, took: float, folder: Path) -> list[str]:
    """The page, line by line, none wider than 80 columns."""
    lines = []
    for number, story in enumerate(shown.stories, 1):
        lines += _story(app, number, len(shown.stories), story)
    lines += _waiting(shown)
    lines += _matrix(shown)
    lines += _lost(shown)
    links = sum(one.link is not None for one in shown.published["x"])
    lines += [
        _head("What it cost"),
        f"X would have billed {shown.cost} for {len(shown.published['x'])} posts, {links} of them with a link.",
        "",
        f"All of this took {took:.1f} s.",
        "",
        _head("Go on"),
        *_next(folder, shown),
    ]
    return lines


def _story(app: App, number: int, of: int, story: StoryShown) -> list[str]:
    article = story.article
    about = [article.section, *([article.label.value] if article.label != "news" else []), article.language]
    lines = [_head(f"{number}/{of} {article.headline}"), f"   {' · '.join(word for word in about if word)}"]
    for name, teaser, count, limit, problems in story.words:
        crowd = app.outlets[name].crowd
        text = f"[{teaser.subject}] {teaser.text}" if crowd else teaser.text
        lines += _column(name, f"{count}/{limit}", " ".join(text.split()))
        lines += [line for problem in problems for line in _column("", "!", problem.message)]
    left = [f"{one.kind}: {one.text}" for one in article.removed]
    if left:
        lines += _column("left out", "", "; ".join(_short(one, 60) for one in left))
    return [*lines, ""]


def _waiting(shown: Shown) -> list[str]:
    lines = [_head("Waits for a person")]
    headlines = {story.article.id: story.article.headline for story in shown.stories}
    told: dict[tuple[int, str], list[str]] = {}
    for one in shown.waiting:
        told.setdefault((one.subject_id, one.reason), []).append(one.channel)
    for (subject, reason), channels in told.items():
        lines += _wrapped(f"{headlines[subject]} ({', '.join(channels)}): {reason}")
    return [*lines, ""]


def _matrix(shown: Shown) -> list[str]:
    channels = list(dict.fromkeys(name for story in shown.stories for name, *_ in story.words))
    room = WIDTH - sum(max(len(name), 12) + 2 for name in channels)
    lines = [_head("Story by channel"), _cells("", room, channels)]
    for row in shown.rows:
        cells = []
        for name in channels:
            cell = row.cells.get(name)
            waits = any(one.subject_id == row.article_id for one in shown.waiting)
            state = ("waiting" if waits else "next issue") if cell is None else cell.delivery.state.value
            if cell is not None and cell.delivery.known_by == "looking":
                state = "sent (found)"
            cells.append(state)
        lines.append(_cells(row.headline, room, cells))
    return [*lines, ""]


def _cells(first: str, room: int, cells: list[str]) -> str:
    padded = [_coloured(cell, f"{cell:<14}") for cell in cells]
    return (_padded(first, room) + "".join(padded)).rstrip()


def _coloured(state: str, text: str) -> str:
    colour = {"sent": "32", "sent (found)": "36", "waiting": "33", "failed": "31"}.get(state)
    return f"\033[{colour}m{text}\033[0m" if colour and _in_colour() else text


def _in_colour() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _lost(shown: Shown) -> list[str]:
    lines = [_head(f"The answer that was lost: delivery {shown.lost.id} on {shown.lost.channel}")]
    for one in shown.lost_attempts:
        outcome = one.outcome.value if one.outcome else "open"
        lines += _column(f"{one.number} {one.verb}", outcome, one.sentence or (one.url or ""))
    times = "once" if shown.lost_published == 1 else f"{shown.lost_published} times"
    return [*lines, f"   On the account it stands {times}: found by looking, not sent again.", ""]


def _next(folder: Path, shown: Shown) -> list[str]:
    command = "./pressrun" if Path("pressrun").is_file() and os.access("pressrun", os.X_OK) else "pressrun"
    at = f"--settings {folder}/settings.toml"
    waiting = shown.waiting[0].subject_id if shown.waiting else 1
    return [
        f"{command} log --by story {at}",
        f"{command} show d{shown.lost.id} {at}",
        f"{command} approve {waiting} {at}",
        f"{command} rehearse {at}",
        *(["make desk"] if command == "./pressrun" and folder == Path(FOLDER) else _desk(command, at)),
    ]


def _desk(command: str, at: str) -> list[str]:
    """How the desk opens where there is no Makefile."""
    return [f"{command} serve --enter {PERSON} {at}"]


def _column(name: str, what: str, text: str) -> list[str]:
    first = f"   {name:<9}{what:>11}  " if what else f"   {name:<9}  "
    return _wrapped(text, first=first, rest=" " * (len(first)))


def _wrapped(text: str, *, first: str = "   ", rest: str = "   ") -> list[str]:
    from rich.cells import cell_len

    lines, line = [], first
    for word in _pieces(text):
        if cell_len(line) + cell_len(word.rstrip()) > WIDTH and line.strip():
            lines.append(line.rstrip())
            line = rest + word.lstrip()
        else:
            line += word
    return [*lines, line.rstrip()]


def _pieces(text: str) -> list[str]:
    """Words with the space behind them; runs of wide letters, which have no spaces, letter by letter."""
    from rich.cells import cell_len

    pieces: list[str] = []
    for word in text.split():
        wide = cell_len(word) > len(word) + 4
        pieces += [*word[:-1], word[-1] + " "] if wide else _broken(word)
    return pieces


def _broken(word: str) -> list[str]:
    """A word that no line holds, such as a long address, in pieces that fit."""
    whole = textwrap.wrap(word, 48, break_long_words=True) or [word]
    return [*whole[:-1], whole[-1] + " "]


def _padded(text: str, room: int) -> str:
    from rich.cells import cell_len, set_cell_size

    if cell_len(text) > room - 2:
        text = set_cell_size(text, room - 3).rstrip() + "…"
    return set_cell_size(text, room)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else textwrap.shorten(text, most, placeholder="…")


def _head(text: str) -> str:
    text = "\n".join(_wrapped(text, first="", rest="    "))
    return f"\033[1m{text}\033[0m" if _in_colour() else text
