"""What a command prints: its first line says the mode, tables fit the screen, JSON and plain text know no colours.

On a terminal tables are Rich's; in a pipe, under NO_COLOR or on a dumb terminal they are plain aligned text. Where a
terminal is too narrow for a table each row is a block of lines. Rich is read only when it draws.
"""

from __future__ import annotations

import json
import os
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from shutil import get_terminal_size
from typing import Any

from db.records import Mode
from desk.cli.columns import GAP, Column, csv_lines, fit, fitted, least_width, safe, width_of

WIDTH = 80
"""How wide a line is where no terminal says otherwise."""

_DRAWN_GAP = 3
"""What Rich leaves between two columns of this style."""

_STYLES = {
    "sent": "green",
    "ok": "green",
    "failed": "bold red",
    "unsettled": "bold red",
    "stopped": "bold red",
    "uncertain": "yellow",
    "waiting": "yellow",
    "held": "yellow",
    "expired": "dim",
    "cancelled": "dim",
}


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows of text; a row has as many cells as there are columns."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]


class Page:
    """One command's output. ``say`` and ``table`` are for people and ``give`` for programs: only one of them speaks."""

    def __init__(
        self, modes: Mapping[str, Mode], *, as_json: bool = False, as_csv: bool = False, paused: str = ""
    ) -> None:
        """``paused`` stands under the first line of everything that people read: why nothing goes at all."""
        self.as_json, self._paused = as_json, paused
        self._modes, self._begun, self._silent = modes, False, as_json or as_csv

    @property
    def mode(self) -> dict[str, list[str]]:
        """The channels by mode, as JSON output carries them."""
        return {mode.value: [name for name, one in self._modes.items() if one is mode] for mode in Mode}

    def head(self, paused: str) -> None:
        """What stands under the first line from now on: for a command that ends, or lays, a pause before it speaks."""
        self._paused = paused

    def begin(self) -> None:
        """Prints the first line, unless it stands already or the page leaves stdout to JSON or CSV."""
        if self._begun or self._silent:
            return
        self._begun = True
        print(mode_line(self._modes))
        if self._paused:
            print(_wrapped(safe(self._paused), screen_width()))

    def say(self, *lines: str) -> None:
        """Prints lines for people, wrapped at the screen's edge; what follows an indent keeps it."""
        for line in lines:
            self._print(_wrapped(safe(line), screen_width()))

    def facts(self, facts: Mapping[str, str]) -> None:
        """Prints what is known, name beside fact, one below the other; a fact that is empty is left out."""
        for name, fact in facts.items():
            if fact:
                self._print(_wrapped(f"  {name:<10}{safe(fact)}", screen_width(), hang=12))

    def verbatim(self, text: str) -> None:
        """Prints text as it stands, line breaks and long lines included; control characters are made visible."""
        self._print(safe(text, keep="\n\t"))

    def aside(self, line: str) -> None:
        """Says something beside the answer: with JSON or CSV it goes to stderr."""
        if self._silent:
            print(safe(line), file=sys.stderr)
        else:
            self.say(line)

    def table(self, table: Table) -> None:
        """Prints a table; nothing where it has no rows."""
        if self._silent or not table.rows:
            return
        self.begin()
        gap = _DRAWN_GAP if draws_colours() else len(GAP)
        if sys.stdout.isatty() and least_width(table.columns, table.rows, gap) > screen_width():
            print(f"{_stacked(table)}\n")
        elif draws_colours():
            _draw(table)
        else:
            print("\n".join(fit(table.columns, table.rows, screen_width())))

    def give(self, **data: Any) -> None:
        """Prints the answer as JSON, when JSON is wanted."""
        if self.as_json:
            print(json.dumps({"mode": self.mode, **data}, ensure_ascii=False, indent=2))

    def _print(self, text: str) -> None:
        if not self._silent:
            self.begin()
            print(text)


def print_csv(heads: Sequence[str], pages: Iterable[Sequence[Sequence[str]]]) -> None:
    """Prints CSV page by page, in UTF-8 whatever the terminal's encoding is: that is what its mark promises."""
    out = sys.stdout.buffer
    out.write(csv_lines(heads, []).encode())
    for rows in pages:
        out.write(csv_lines(heads, rows, first=False).encode(errors="replace"))
    out.flush()


def mode_line(modes: Mapping[str, Mode]) -> str:
    """The first line of every output: which channels the world reads, and which rehearse."""
    live = ", ".join(name for name, mode in modes.items() if mode is Mode.LIVE)
    rehearsal = ", ".join(name for name, mode in modes.items() if mode is Mode.REHEARSAL)
    if not live:
        return "REHEARSAL: nothing leaves this machine"
    return f"LIVE: {live} · REHEARSAL: {rehearsal}" if rehearsal else f"LIVE: {live}"


def draws_colours() -> bool:
    """Whether stdout is a terminal that may be drawn on (no-color.org: NO_COLOR with any value says no)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def has_person() -> bool:
    """Whether a question would be read by somebody who can answer it."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def screen_width() -> int:
    """How many columns there are: the terminal's, else 80."""
    return max(40, get_terminal_size((WIDTH, 24)).columns) if sys.stdout.isatty() else WIDTH


def _wrapped(line: str, width: int, hang: int | None = None) -> str:
    indent = " " * (len(line) - len(line.lstrip()) if hang is None else hang)
    wrapped = textwrap.wrap(
        line,
        width,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )
    return "\n".join(wrapped)


def _stacked(table: Table) -> str:
    """The table for a screen that is too narrow for it: each row's cells one below the other, beside their heads."""
    width = screen_width()
    room = max(width_of(column.head) for column in table.columns) + len(GAP)
    blocks = []
    for row in table.rows:
        cells = [(column.head, safe(" ".join(cell.split()))) for column, cell in zip(table.columns, row, strict=True)]
        lines = [f"{head}{' ' * (room - width_of(head))}{cell}" for head, cell in cells if cell]
        blocks.append("\n".join(_wrapped(line, width, hang=room) for line in lines))
    return "\n\n".join(blocks)


def _draw(table: Table) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table as Drawn
    from rich.text import Text

    console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False, width=screen_width())
    drawn = Drawn(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    heads, *rows = fitted(table.columns, table.rows, screen_width(), _DRAWN_GAP)
    for column, head in zip(table.columns, heads, strict=True):
        drawn.add_column(head, justify="right" if column.right else "left", no_wrap=True)
    for row in rows:
        drawn.add_row(*(Text(cell, style=_STYLES.get(cell.partition(" ")[0], "")) for cell in row))
    console.print(drawn)
