"""A copy of the database as it is at one moment, taken while others go on working."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from db.session import BUSY_SECONDS, Ground


class BackupRefused(Exception):
    """No backup was made. ``str()`` says why and what to do; nothing that was there has been touched."""

    exit_code = 3


def backup(ground: Ground, file: Path) -> Path:
    """Writes a whole, checked copy of a SQLite database to a new file (mode 0600) and gives its absolute path.

    Workers may go on: the copy is one moment's. A file that is there already is never overwritten. Raises
    ``BackupRefused``; also for PostgreSQL, which has its own tool.
    """
    file = file.expanduser().absolute()
    if not ground.is_sqlite:
        url = ground.url.set(drivername="postgresql").render_as_string(hide_password=True)
        raise BackupRefused(
            f"Pressrun copies SQLite databases only; for this one run: pg_dump --format=custom --file={file} '{url}'"
        )
    if ground.path is None or not ground.path.exists():
        raise BackupRefused(f"there is no database file at {ground.path or ':memory:'} to copy; check [database] url")
    _reserve(file)
    try:
        with closing(sqlite3.connect(ground.path, timeout=BUSY_SECONDS)) as source:
            source.execute("VACUUM INTO ?", (str(file),))
        with closing(sqlite3.connect(file)) as copy:
            (said,) = copy.execute("PRAGMA quick_check(1)").fetchone()
        if said != "ok":
            raise BackupRefused(f"the copy of {ground.path} is damaged ({said}); check the disk, then try again")
        _to_disk(file)
        _to_disk(file.parent)
    except (sqlite3.Error, OSError) as error:
        file.unlink(missing_ok=True)
        raise BackupRefused(f"{ground.path} could not be copied to {file}: {error}; mend it and try again") from error
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    return file


def _reserve(file: Path) -> None:
    """Makes the file, empty and closed to others, before a single byte of the database is in it."""
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError as error:
        raise BackupRefused(f"{file} is there already; name a new file, a backup never overwrites one") from error
    except OSError as error:
        raise BackupRefused(f"{file} cannot be written ({error.strerror}); name a file in a folder of yours") from error


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
