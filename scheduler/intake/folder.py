"""A watched folder: every story file in it, once it is whole."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from pathlib import Path

from scheduler.intake.documents import ENDINGS, read_path
from scheduler.intake.errors import IntakeError
from scheduler.intake.items import Found, Refused

SETTLE_SECONDS = 2.0
"""A file touched less than this ago may still be being written: it waits for the next look."""
MAX_FILES = 5_000


def read_folder(
    folder: Path, mark: str | None, *, source: str, now: datetime
) -> tuple[tuple[Found, ...], tuple[Refused, ...], str]:
    """``(stories, refused files, new mark)``. The mark tells one state of the folder from another.

    With the same mark as last time nothing is read. A file's name is its item id; its time is only used to see
    whether it is still being written, never as a date. Raises ``IntakeError`` when the folder cannot be listed.
    """
    files = _files(folder, now)
    fresh = _mark(files)
    if fresh == mark:
        return (), (), fresh
    found: list[Found] = []
    refused: list[Refused] = []
    for name, _, _ in files:
        try:
            stories, bad = read_path(folder / name, source=source, now=now, name=name)
        except IntakeError as error:
            refused.append(Refused(name, str(error)))
            continue
        found += stories
        refused += bad
    return tuple(found), tuple(refused), fresh


def _files(folder: Path, now: datetime) -> list[tuple[str, int, int]]:
    """Name, size and time of every settled story file; hidden and half-downloaded ones have other endings."""
    files: list[tuple[str, int, int]] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith((".", "~")) or not entry.name.lower().endswith(ENDINGS):
                    continue
                state = _state(entry)
                if state and not 0 <= now.timestamp() - state[1] / 1e9 < SETTLE_SECONDS:
                    files.append((entry.name, *state))
    except OSError as error:
        raise IntakeError(
            f"The folder {folder} cannot be read ({error.strerror}): make it, or mend its rights."
        ) from None
    if len(files) > MAX_FILES:
        raise IntakeError(
            f"The folder {folder} holds {len(files):,} stories: move the old ones out, {MAX_FILES:,} are watched."
        )
    return sorted(files)


def _state(entry: os.DirEntry[str]) -> tuple[int, int] | None:
    try:
        if not entry.is_file():
            return None
        state = entry.stat()
    except OSError:  # gone since it was listed
        return None
    return state.st_size, state.st_mtime_ns


def _mark(files: list[tuple[str, int, int]]) -> str:
    return hashlib.sha256(repr(files).encode("utf-8", "surrogateescape")).hexdigest()
