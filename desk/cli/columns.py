"""Plain aligned text and CSV: columns that fit a width, cells that no terminal and no spreadsheet will obey."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

GAP = "  "
LEAST = 8
"""A flexible column is never cut shorter than this."""

BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table. A ``flexible`` one is cut with … where the table would be wider than the screen."""

    head: str
    flexible: bool = False
    right: bool = False


def safe(text: str, keep: str = "") -> str:
    """Text without what would move a terminal's cursor, change its colours or turn its direction, but ``keep``."""
    return "".join(letter if letter in keep or not _commands(letter) else "\ufffd" for letter in text)


def width_of(text: str) -> int:
    """How many places of a terminal the text takes: wide letters two, combining marks none."""
    return sum(_place(letter) for letter in text)


def cut(text: str, width: int) -> str:
    """The text, or its beginning and … where it is wider than ``width``."""
    if width_of(text) <= width:
        return text
    kept, room = "", width - 1
    for letter in text:
        room -= _place(letter)
        if room < 0:
            break
        kept += letter
    return f"{kept.rstrip()}…"


def fit(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """The table's lines, heading first, at most ``width`` wide where the flexible columns allow it."""
    cells = fitted(columns, rows, width, len(GAP))
    wide = [max(map(width_of, column)) for column in zip(*cells, strict=True)]
    return [_line(columns, line, wide) for line in cells]


def fitted(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int, gap: int) -> list[list[str]]:
    """The cells, heading first, each on one line and safe, cut so that all of it and the gaps are ``width`` wide."""
    cells = [[column.head for column in columns]]
    cells += [[safe(" ".join(cell.split())) for cell in row] for row in rows]
    wide = [max(map(width_of, column)) for column in zip(*cells, strict=True)]
    flexible = [i for i, column in enumerate(columns) if column.flexible]
    while sum(wide) + gap * (len(wide) - 1) > width:
        widest = max(flexible, key=lambda i: wide[i], default=None)
        if widest is None or wide[widest] <= LEAST:
            break
        wide[widest] -= 1
    return [[cut(cell, room) for cell, room in zip(line, wide, strict=True)] for line in cells]


def least_width(columns: Sequence[Column], rows: Sequence[Sequence[str]], gap: int) -> int:
    """How wide the table is at least: its flexible columns cut as short as they may be, the others whole."""
    wide = 0
    for i, column in enumerate(columns):
        whole = max(width_of(column.head), *(width_of(" ".join(row[i].split())) for row in rows))
        wide += min(whole, max(LEAST, width_of(column.head))) if column.flexible else whole
    return wide + gap * (len(columns) - 1)


def csv_lines(heads: Sequence[str], rows: Sequence[Sequence[str]], *, first: bool = True) -> str:
    """RFC 4180, beginning with a byte order mark and the heads where ``first``; no cell can be a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    if first:
        out.write(BOM)
        writer.writerow(heads)
    writer.writerows([[harmless(cell) for cell in row] for row in rows])
    return out.getvalue()


def harmless(cell: str) -> str:
    """The cell, with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _line(columns: Sequence[Column], cells: Sequence[str], wide: Sequence[int]) -> str:
    placed = []
    for column, cell, width in zip(columns, cells, wide, strict=True):
        padding = " " * (width - width_of(cell))
        placed.append(padding + cell if column.right else cell + padding)
    return GAP.join(placed).rstrip()


def _place(letter: str) -> int:
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in ("W", "F") else 1


def _commands(letter: str) -> bool:
    """True for control characters and those that override the direction of what follows."""
    return (
        unicodedata.category(letter) == "Cc"
        or letter in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029"
    )
