"""Who may read SQLite's file: it holds readers' addresses."""

from __future__ import annotations

import os
import stat
from pathlib import Path

_OWNER, _GROUP = 0o600, 0o660


def make_private(file: Path) -> None:
    """Makes a database file that is missing, empty, before SQLite does, which would let everybody read it.

    Its owner alone may read it; in a folder whose group is handed on to what is made in it (``chmod g+s``), as one that
    several people share has it, the group may, as far as the umask lets it. What is there already keeps the mode that
    somebody gave it. SQLite gives the files it lays beside it, -wal and -shm, the same mode. Where the file cannot be
    made nothing is said: whoever opens it is told why.
    """
    try:
        file = file.resolve()  # a link may lead to another disk, and to nothing yet
        if file.exists():
            return  # and is not opened: to close it would take away every lock that this process holds on it
        shared = file.parent.stat().st_mode & stat.S_ISGID
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _GROUP if shared else _OWNER))
    except OSError:
        pass
