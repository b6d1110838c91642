"""Reading a file of subscribers: any row is a person or a reason why not, with its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from channels.email.addresses import BadAddress, parse_address
from channels.email.headers import UnsafeHeader, check_value
from db.subscribers import Entry

_HEADS = {
    "email": ("email", "e-mail", "address", "email address", "e-mail address", "mail"),
    "name": ("name", "full name"),
    "language": ("language", "lang"),
}


class ImportRefused(ValueError):
    """The file as a whole cannot be taken in; ``str()`` says why and what to do.

    ``about`` is what has to be mended: ``file``, ``list``, or of the statement ``source``, ``day``, ``wording``.
    """

    exit_code = 2

    def __init__(self, sentence: str, about: str = "file") -> None:
        super().__init__(sentence)
        self.about = about


def line_count(path: Path) -> int:
    """How many lines the file has, for a progress bar. Raises ``ImportRefused``."""
    return _content(path).count("\n") + 1


def read_people(path: Path) -> Iterator[tuple[int, Entry | str]]:
    """(line, person or the reason why the row is none) for every row that is not empty; lines count from 1.

    The heading names a column ``email`` (``name``, ``language``), or there is none and the address stands first.
    Comma, semicolon or tab; UTF-8. Raises ``ImportRefused`` at once for a file that is no such table, and on the way
    at a row that is no CSV.
    """
    content = _content(path)
    first = content.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    rows = _rows(content, delimiter, path)
    heading = next(rows, (1, 1, [""]))[2]
    heads = [_head(cell) for cell in heading]
    if "email" not in heads:
        if not any(heading):
            raise ImportRefused(f"{path} is empty; it needs a column email")
        if "@" not in heading[0]:
            raise ImportRefused(f"{path} has no column email; its first line is the heading and names its columns")
        heads, rows = ["email", "name", "language"], _rows(content, delimiter, path)
    return (
        (last, _swallowed(first, last, row) or _person(dict(zip(heads, row, strict=False))))
        for first, last, row in rows
    )


def _content(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImportRefused(
            f"{path} is not UTF-8 (byte {error.start + 1}); save it as UTF-8, or as CSV UTF-8 in a spreadsheet"
        ) from error
    except OSError as error:
        raise ImportRefused(f"{path} cannot be read: {error.strerror}") from error


def _rows(content: str, delimiter: str, path: Path) -> Iterator[tuple[int, int, list[str]]]:
    """(first line, last line, cells) of every row that is not empty."""
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter)
    first = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield first, reader.line_num, [_plain(cell) for cell in row]
            first = reader.line_num + 1
    except csv.Error as error:
        raise ImportRefused(f"{path}, line {reader.line_num}: {error}; mend the row and import again") from error


def _swallowed(first: int, last: int, row: list[str]) -> str:
    """Why a row over several lines is none, "" where it may be one: behind a quotation mark that nobody closed stand
    other people, who must not be lost without a word.
    """
    if last == first or not any("@" in line for cell in row for line in cell.splitlines()[1:]):
        return ""
    return f"it runs over the lines {first} to {last} with further addresses: close its quotation mark and import again"


def _plain(cell: str) -> str:
    """A cell without the apostrophe that our own export puts before what a spreadsheet would take for a formula."""
    return cell[1:] if len(cell) > 1 and cell[0] == "'" and cell[1] in "=+-@" else cell


def _head(cell: str) -> str:
    name = " ".join(cell.strip().lower().replace("_", " ").split())
    return next((head for head, known in _HEADS.items() if name in known), f"other {name}")


def _person(cells: dict[str, str]) -> Entry | str:
    name = " ".join(cells.get("name", "").split())
    try:
        address = parse_address(cells.get("email", ""))
        check_value("The name", name)
    except (BadAddress, UnsafeHeader) as error:
        return str(error)
    return Entry(address.text, address.key, name, cells.get("language", "").strip())
