"""The demo's folder: emptied at every run, and never under somebody who works in it."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MARK = ".pressrun-demo"


class FolderInUse(Exception):
    """The folder holds something that is not the demo's, or somebody works in it; ``str()`` says what to do."""

    exit_code = 2


@contextmanager
def staying(folder: Path) -> Iterator[None]:
    """Keeps a demo's folder from being emptied until the block ends; a folder that is not a demo's needs no keeping."""
    mark = folder / MARK
    if not mark.is_file():
        yield
        return
    with mark.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        yield


def empty(folder: Path) -> bool:
    """Makes the folder anew; whether it held an earlier demo.

    Raises ``FolderInUse`` for one that holds anything else, and for one in which somebody works.
    """
    mark = folder / MARK
    earlier = mark.is_file()
    if folder.exists() and any(folder.iterdir()) and not earlier:
        raise FolderInUse(f"{folder} holds files that are not the demo's; name another one: pressrun demo FOLDER")
    if earlier:
        with mark.open("rb") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise FolderInUse(
                    f"somebody works in {folder} (its desk is open, perhaps); end that first, or name another folder: "
                    "pressrun demo FOLDER"
                ) from None
            shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_text("This folder is the demo's: it is emptied at every run.\n", encoding="utf-8")
    return earlier
