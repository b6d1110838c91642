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
    """The file as a whole cannot be taken in; ``str()`` says why and what to do."""

    exit_code = 2


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
    heading = next(rows, (0, [""]))[1]
    heads = [_head(cell) for cell in heading]
    if "email" not in heads:
        if not any(heading):
            raise ImportRefused(f"{path} is empty; it needs a column email")
        if "@" not in heading[0]:
            raise ImportRefused(f"{path} has no column email; its first line is the heading and names its columns")
        heads, rows = ["email", "name", "language"], _rows(content, delimiter, path)
    return ((line, _person(dict(zip(heads, row, strict=False)))) for line, row in rows)


def _content(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImportRefused(
            f"{path} is not UTF-8 (byte {error.start + 1}); save it as UTF-8, or as CSV UTF-8 in a spreadsheet"
        ) from error
    except OSError as error:
        raise ImportRefused(f"{path} cannot be read: {error.strerror}") from error


def _rows(content: str, delimiter: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of every row that is not empty; the line is the row's last."""
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, [_plain(cell) for cell in row]
    except csv.Error as error:
        raise ImportRefused(f"{path}, line {reader.line_num}: {error}; mend the row and import again") from error


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
