"""Readers as a spreadsheet: which of them, and the file they are written to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from desk.cli.options import WrongUsage

if TYPE_CHECKING:
    from db.subscribers import Tie
    from desk.cli.opening import Desk


def tie_of(state: str | None) -> Tie | None:
    """The state a person named. Raises ``WrongUsage``."""
    from db.subscribers import Tie

    if state is None:
        return None
    try:
        return Tie(state.strip().lower())
    except ValueError:
        raise WrongUsage(f'There is no state "{state}": write confirmed, unconfirmed or ended.') from None


def write_csv(desk: Desk, file: Path, *, list_name: str, tie: Tie | None) -> int:
    """Writes readers to a new file that only its owner may read; how many. Raises ``WrongUsage``."""
    from desk.cli.columns import csv_lines
    from desk.cli.progress import Bar
    from scheduler.exporting import HEADS, export_pages, how_many

    ground, bar, rows = desk.app.ground, Bar("readers"), 0
    total = how_many(ground, list_name=list_name, tie=tie)
    try:
        number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise WrongUsage(f"{file} is there already: name another file.") from None
    except OSError as fault:
        raise WrongUsage(f"{file} cannot be made ({fault.strerror}): name another place.") from None
    with open(number, "w", encoding="utf-8", newline="") as out:
        out.write(csv_lines(HEADS, []))
        for page in export_pages(ground, list_name=list_name, tie=tie):
            out.write(csv_lines(HEADS, page, first=False))
            rows += len(page)
            bar(rows, max(total, rows + (len(page) == 0)))
    bar(rows, rows)
    return rows
