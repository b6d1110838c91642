"""Three reasons to do nothing: a clock that cannot be believed, a database that is not the one we left, or not there.

The wall and the boot clock are compared with the last moment at which both were seen together (design rule 4).
A small file beside the database remembers its installation, epoch and highest attempt: a database restored from a
backup or copied elsewhere disagrees with it, and nothing is sent until a person says ``pressrun adopt`` (rule 10).
A SQLite file that was removed or replaced under a process at work can still be written by it, and is lost when it ends.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from db import attempts, installation
from db.claims import Refusal
from db.installation import Installation
from db.records import MACHINE
from db.session import Ground
from scheduler.clock import Clock, instant

JUMP = timedelta(seconds=60)
_REMEMBER_EVERY = 10.0  # seconds between two notes of the clocks: a file write a tick would be for nothing


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the file beside the database holds. ``home`` is the file's own place: a copy lies elsewhere."""

    installation_id: str
    epoch: int
    highest_attempt: int
    home: str
    seen_at: str
    seen_boot: float
    boot_id: str


class Safeguard:
    """Keeps the file and answers whether this process may act. Thread-safe; one a process."""

    def __init__(self, file: Path, ground: Ground, clock: Clock) -> None:
        self.file, self._ground, self._clock = file, ground, clock
        self._lock = threading.Lock()
        self.adopted: Installation | None = None
        self._restored = self._open()
        self._file_of_ground = _identity(ground.path)
        self._parted: timedelta | None = None

    def refusal(self) -> Refusal | None:
        """Why nothing may be claimed, expired or believed now; None when all agrees."""
        if self._restored is not None:
            return Refusal("restored", self._restored)
        if _identity(self._ground.path) != self._file_of_ground:
            return Refusal(
                "gone",
                f"the database file {self._ground.path} was removed or replaced while this process works with it, so what "
                "it writes now is lost: end it, put the file back, then start it anew",
            )
        skew = self._skew()
        if abs(skew) > JUMP:
            return Refusal(
                "clock",
                f"the clock of this machine moved by {_span(skew)} against the time since it started; "
                "set it right, or say that it is right now: pressrun adopt --clock",
            )
        if self._parted is not None:
            return Refusal(
                "clock",
                f"a platform's clock stands {_span(self._parted)} of ours; set the clock of this machine right, then: "
                "pressrun channels check",
            )
        self._note_clocks()
        return None

    def note_date(self, date_at: datetime | None) -> None:
        """Compares a platform's Date header with our wall: what parts too far stops everything until they agree."""
        if date_at is not None:
            apart = date_at - self._clock.now()
            self._parted = apart if abs(apart) > JUMP else None

    def disbelieves(self, date_at: datetime | None) -> bool:
        """Whether an answer with this Date header is too far from our wall to be believed about times."""
        return date_at is not None and abs(date_at - self._clock.now()) > JUMP

    def note_attempt(self, attempt_id: int) -> None:
        """Remembers that this attempt was begun, before its call leaves the house."""
        with self._lock:
            if attempt_id > self._held.highest_attempt:
                self._keep(replace(self._held, highest_attempt=attempt_id))

    def believe_clock(self) -> None:
        """A person said the present time is right."""
        with self._lock:
            self._keep(self._with_clocks(self._held))

    def adopt(self, adopted: Installation, highest: int) -> None:
        """A person said that this database goes on from here, at a new epoch."""
        with self._lock:
            self.adopted = adopted
            self._keep(self._fresh(adopted, highest))
            self._restored = None

    def _open(self) -> str | None:
        """Reads the file against the database; the sentence that stops everything, or None."""
        now = self._clock.now()
        with self._ground.reading() as tx:
            known, highest = installation.get(tx), attempts.highest(tx)
        if known is None:
            with self._ground.transaction() as tx:
                known = installation.get(tx) or installation.make(tx, actor=MACHINE, now=now)
        self.adopted = known if known.adopted_at is not None else None
        held = _read(self.file)
        if highest == 0 and (
            held is None or held.highest_attempt == 0 or held.installation_id != known.installation_id
        ):
            self._keep(self._fresh(known, 0))  # nothing was ever sent from here
            return None
        self._held = held or self._fresh(known, highest)
        cure = "look at what went out meanwhile, then say: pressrun adopt"
        if held is None:
            return f"the file {self.file.name} beside the database is missing, so this may be a copy; {cure}"
        if held.installation_id != known.installation_id or held.epoch != known.epoch:
            return f"this database is not the one that ran here last; {cure}"
        if held.highest_attempt > highest:
            return (
                f"this database is older than what was sent from here ({held.highest_attempt - highest} attempts are "
                f"missing): it was restored from a backup; {cure}"
            )
        if held.home != self._home():
            return f"this database was copied or moved here from {held.home}; {cure}"
        if held.boot_id != self._clock.boot_id:
            self._keep(self._with_clocks(held))  # after a restart of the machine there is nothing to compare
        return None

    def _skew(self) -> timedelta:
        seen = instant(self._clock)
        if seen.boot_id != self._held.boot_id:
            return timedelta(0)
        wall = seen.at - datetime.fromisoformat(self._held.seen_at)
        return wall - timedelta(seconds=seen.boot - self._held.seen_boot)

    def _note_clocks(self) -> None:
        with self._lock:
            if abs(self._clock.boot() - self._held.seen_boot) >= _REMEMBER_EVERY:
                self._keep(self._with_clocks(self._held))

    def _with_clocks(self, held: Remembered) -> Remembered:
        seen = instant(self._clock)
        return replace(held, seen_at=seen.at.isoformat(), seen_boot=seen.boot, boot_id=seen.boot_id)

    def _fresh(self, known: Installation, highest: int) -> Remembered:
        return self._with_clocks(Remembered(known.installation_id, known.epoch, highest, self._home(), "", 0.0, ""))

    def _home(self) -> str:
        return str(self.file.resolve())

    def _keep(self, held: Remembered) -> None:
        """Replaces the file in one step. Another process of the same installation may know a higher attempt.

        Reading what it wrote and replacing it happen under one lock of all processes: else the lower number of the
        two could come to lie last.
        """
        with _alone(self.file):
            other = _read(self.file)
            if other is not None and (other.installation_id, other.epoch) == (held.installation_id, held.epoch):
                held = replace(held, highest_attempt=max(held.highest_attempt, other.highest_attempt))
            self._held = held
            fresh = self.file.with_name(f"{self.file.name}.new")
            fresh.write_text(json.dumps(asdict(held)), encoding="utf-8")
            os.replace(fresh, self.file)


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Holds the lock beside ``file``; it falls by itself when its holder dies, so it never needs a person."""
    with file.with_name(f"{file.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _read(file: Path) -> Remembered | None:
    try:
        return Remembered(**json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _identity(file: Path | None) -> tuple[int, int] | None:
    """Which file lies there; None where none does, or where the database is no file."""
    try:
        seen = file.stat() if file is not None else None
    except OSError:
        return None
    return (seen.st_dev, seen.st_ino) if seen is not None else None


def _span(skew: timedelta) -> str:
    seconds = int(abs(skew).total_seconds())
    way = "ahead" if skew > timedelta(0) else "back"
    return f"{seconds // 3600} h {seconds % 3600 // 60} min {seconds % 60} s {way}"
