"""The keys while they change: of readers' links, every older one kept; of sealed secrets, until nothing needs them."""

from __future__ import annotations

import fcntl
import os
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import overload

from scheduler.keys import FILE, KeyFileError, Keys, keys_in

_BYTES = 32


def rotate(folder: Path) -> Keys:
    """Signs links with a fresh key from now on; all older keys are kept, so every link ever mailed goes on working.

    The file is replaced in one step: whoever reads it sees the old keys or all of them. Raises ``KeyFileError``.
    """
    return _changed(folder, lambda lines: [*lines, f"link {secrets.token_hex(_BYTES)}"])


def rotate_seal(folder: Path) -> Keys:
    """Seals secrets with a fresh key from now on; the older keys still open. Raises ``KeyFileError``."""

    def change(lines: list[str]) -> list[str]:
        fresh = f"seal {secrets.token_hex(_BYTES)}"
        if any(line.startswith("seal ") for line in lines):
            return [*lines, fresh]
        # An older file has no such line: its key was derived, and stands in the file from now on.
        return [*lines, *(f"seal {key.hex()}" for key in keys_in(folder).seal), fresh]

    return _changed(folder, change)


def drop_old_seals(folder: Path) -> int:
    """Keeps the newest seal key alone; how many were taken out. Only once nothing is sealed with them."""
    gone: list[str] = []

    def change(lines: list[str]) -> list[str]:
        gone[:] = [line for line in lines if line.startswith("seal ")][:-1]
        return [line for line in lines if line not in gone]

    _changed(folder, change)
    return len(gone)


def _changed(folder: Path, change: Callable[[list[str]], list[str]]) -> Keys:
    keys_in(folder)
    file = folder / FILE
    fresh = file.with_name(f"{file.name}.{os.getpid()}.new")
    try:
        with file.with_name(f"{file.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            lines = [line for line in file.read_text(encoding="ascii").splitlines() if line.strip()]
            fresh.touch(mode=0o600)
            with fresh.open("w", encoding="ascii") as out:
                out.write("".join(f"{line}\n" for line in change(lines)))
                out.flush()
                os.fsync(out.fileno())
            os.replace(fresh, file)
    except OSError as error:
        raise KeyFileError(f"{file} cannot be changed ({error.strerror}); let this user write to {folder}") from error
    finally:
        fresh.unlink(missing_ok=True)
    return keys_in(folder)


class KeyRing(Sequence[bytes]):
    """The link keys, the present one first, as they stand in the file at this moment: a new one counts at once.

    While the file cannot be read the keys known last go on. Raises ``KeyFileError`` when made without it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._lock = folder, threading.Lock()
        self._seen = self._stamp()
        self._keys = _ring(keys_in(folder))

    @overload
    def __getitem__(self, at: int) -> bytes: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[bytes]: ...

    def __getitem__(self, at: int | slice) -> bytes | Sequence[bytes]:
        return self._now()[at]

    def __len__(self) -> int:
        return len(self._now())

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._now())

    def _now(self) -> tuple[bytes, ...]:
        stamp = self._stamp()
        with self._lock:
            if stamp is not None and stamp != self._seen:
                try:
                    self._keys, self._seen = _ring(keys_in(self._folder)), stamp
                except KeyFileError:
                    pass
            return self._keys

    def _stamp(self) -> tuple[int, int, int] | None:
        """What changes with the file; None while it is away, and then nothing is read or made."""
        try:
            found = (self._folder / FILE).stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size


def _ring(keys: Keys) -> tuple[bytes, ...]:
    return (keys.link, *keys.old)
