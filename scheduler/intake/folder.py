"""A watched folder: every story file in it, once it is whole."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scheduler.intake.documents import ENDINGS, read_path
from scheduler.intake.errors import IntakeError
from scheduler.intake.items import Found, Refused

SETTLE_SECONDS = 2.0
"""A file touched less than this ago is fresh: it may still be being written, and waits for the next look."""
MAX_FILES = 5_000


@dataclass(frozen=True, slots=True)
class FolderRead:
    """What a look at a folder brought. ``mark`` tells one state of it from another; ``fresh`` files wait."""

    found: tuple[Found, ...]
    refused: tuple[Refused, ...]
    mark: str
    fresh: int


def read_folder(folder: Path, mark: str | None, *, source: str, now: datetime) -> FolderRead:
    """The stories of every whole file in the folder.

    With the same mark as last time nothing is read. A file's name is its item id; its time is only used to see
    whether it is still being written, never as a date. Raises ``IntakeError`` when the folder cannot be listed.
    """
    files, fresh = _files(folder, now)
    new_mark = _mark(files)
    if new_mark == mark:
        return FolderRead((), (), new_mark, fresh)
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
    return FolderRead(tuple(found), tuple(refused), new_mark, fresh)


def _files(folder: Path, now: datetime) -> tuple[list[tuple[str, int, int]], int]:
    """Name, size and time of every whole story file, and how many are fresh; half-downloaded ones have other endings."""
    files: list[tuple[str, int, int]] = []
    fresh = 0
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith((".", "~")) or not entry.name.lower().endswith(ENDINGS):
                    continue
                state = _state(entry)
                if state is None:
                    continue
                if 0 <= now.timestamp() - state[1] / 1e9 < SETTLE_SECONDS:
                    fresh += 1
                else:
                    files.append((entry.name, *state))
    except OSError as error:
        raise IntakeError(
            f"The folder {folder} cannot be read ({error.strerror}): make it, or mend its rights."
        ) from None
    if len(files) > MAX_FILES:
        raise IntakeError(
            f"The folder {folder} holds {len(files):,} stories: move the old ones out, {MAX_FILES:,} are watched."
        )
    return sorted(files), fresh


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
