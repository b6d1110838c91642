"""SQLite's file before SQLite opens it: who may read it, and that no empty one is made in the place of another."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path

_OWNER, _GROUP = 0o600, 0o660
TAKEN_AWAY = "taken away"
"""What the error says of a file that was there and is not."""


def make_ready(file: Path, *, had: bool) -> None:
    """Makes a database file that is missing, empty, before SQLite does, which would let everybody read it.

    It holds readers' addresses, so its owner alone may read it; in a folder whose group is handed on to what is made in
    it (``chmod g+s``), as one that several people share has it, the group may, as far as the umask lets it. What is there
    already keeps the mode that somebody gave it. SQLite gives the files it lays beside it, -wal and -shm, the same mode.
    Where the file cannot be made nothing is said: whoever opens it is told why.

    Raises ``sqlite3.OperationalError`` where this process ``had`` the database already, and where a log of changes
    (-wal) lies there without one: beside an empty database SQLite deletes that log, with all that was written last.
    """
    try:
        file = file.resolve()  # a link may lead to another disk, and to nothing yet
        log = file.with_name(f"{file.name}-wal")
        left = log.exists() and log.stat().st_size > 0  # asked first: another process may be making both
        if file.exists():
            return  # and is not opened: to close it would take away every lock that this process holds on it
        if had or left:
            raise sqlite3.OperationalError(TAKEN_AWAY)
        shared = file.parent.stat().st_mode & stat.S_ISGID
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _GROUP if shared else _OWNER))
    except OSError:
        pass


def where_it_lies(file: Path) -> str:
    """The address under which SQLite opens a database that is there, and makes none."""
    return f"{file.absolute().as_uri()}?mode=rw"
