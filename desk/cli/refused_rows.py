"""The report of an import's refused rows: a CSV file with each line and reason, made once there is something to say."""

from __future__ import annotations

import os
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from desk.cli.columns import csv_lines
from desk.cli.options import WrongUsage

if TYPE_CHECKING:
    from scheduler.subscribing import RefusedRow

SHOWN = 20
"""So many rows are on the screen anyway; the file is made for more, or when it was asked for."""


class RefusedRows:
    """Collects refused rows. ``written`` is the file, None where it was not needed or could not be made."""

    def __init__(self, file: Path, *, at_once: bool) -> None:
        self._file, self._at_once = file, at_once
        self._few: list[RefusedRow] = []
        self._out: TextIOWrapper | None = None
        self.written: Path | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._out is not None:
            self._out.close()

    def note(self, row: RefusedRow) -> None:
        """One more. Raises ``WrongUsage`` when a file that was asked for cannot be made."""
        if self._out is not None:
            self._out.write(csv_lines((), [_cells(row)], first=False))
            return
        self._few.append(row)
        if self._at_once or len(self._few) == SHOWN + 1:
            self._begin()

    def _begin(self) -> None:
        try:
            number = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError as fault:
            if self._at_once:
                raise WrongUsage(f"{self._file} cannot be made ({fault.strerror}): name another place.") from None
            return  # nobody asked for it, and the folder is not ours to write
        self._out = os.fdopen(number, "w", encoding="utf-8", newline="")
        self._out.write(csv_lines(("line", "reason"), [_cells(row) for row in self._few]))
        self._few.clear()
        self.written = self._file


def _cells(row: RefusedRow) -> list[str]:
    return [str(row.line), row.reason]
