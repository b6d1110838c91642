"""Taking a file of subscribers in at the desk: it runs beside the pages, and a row tells how far it is.

The work is ``subscribing.import_csv``. An import that was broken off is begun again with the same file: nobody is
taken in twice.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TextIO

from db import audit, imports
from db.imports import Import, ImportNumbers, ImportState
from db.session import GroundLost
from scheduler.app import App
from scheduler.keys import keys_in
from scheduler.people.actor import needs
from scheduler.people.roles import Permission
from scheduler.subscriber_file import ImportRefused, line_count, read_people
from scheduler.subscribing import ImportReport, RefusedRow, Statement, check_statement, import_csv

FOLDER = "imports"
SILENT = timedelta(minutes=2)
"""An import that gave no sign of life for so long was broken off: a batch takes a fraction of a second."""
TOLD_EVERY = 0.5
"""Seconds between two notes of how far it is."""


class _Stopped(Exception):
    """Pressrun ends; what is taken in by now stays."""


@dataclass(frozen=True, slots=True)
class Begun:
    """An import that runs now; ``wait`` returns when it has ended."""

    number: int
    wait: Callable[[], None]


@needs(Permission.READERS)
def start_import(
    app: App, list_name: str, file_name: str, content: bytes, statement: Statement, *, actor: str
) -> Begun:
    """Begins to take a CSV file in, with the newsroom's statement of consent; how far it is stands in ``db.imports``.

    Raises ``ImportRefused`` at once for a list without a name, a statement that says nothing and a file that is no
    table of readers; nothing is written then.
    """
    now, name = app.clock.now(), _plain_name(file_name)
    if not list_name.strip():
        raise ImportRefused("say which list they are for", "list")
    check_statement(statement, now)
    place = Path(tempfile.mkdtemp(prefix="import-", dir=_folder(app)))  # only its owner may look into it
    path = place / name
    try:
        path.write_bytes(content)
        read_people(path)
        lines = line_count(path)
        with app.ground.transaction() as tx:
            number = imports.begin(
                tx,
                list_name.strip(),
                name,
                source=statement.source.strip(),
                day=statement.day,
                wording=statement.wording.strip(),
                lines=lines,
                actor=actor,
                now=now,
            )
            audit.write(tx, "import", f"import {number}", actor=actor, now=now, after=f"{name} to {list_name.strip()}")
    except ImportRefused as fault:
        shutil.rmtree(place, ignore_errors=True)
        raise ImportRefused(str(fault).replace(str(path), name), fault.about) from None
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    running = _Running(app, number, list_name.strip(), path, statement, actor, ImportNumbers(lines=lines))
    thread = threading.Thread(target=running.run, name=f"import {number}")
    thread.start()
    return Begun(number, thread.join)


def broken_off(one: Import, now: datetime) -> bool:
    """Whether an import was left where it is: its process died."""
    return one.state is ImportState.RUNNING and now - one.told_at > SILENT


def refused_file(app: App, number: int) -> Path:
    """The CSV file with the rows an import did not take, each with its line and reason; it may not be there."""
    return _folder(app) / f"{number}.refused.csv"


@dataclass
class _Running:
    """One import at work."""

    app: App
    number: int
    list_name: str
    path: Path
    statement: Statement
    actor: str
    numbers: ImportNumbers
    told: float = 0.0

    def run(self) -> None:
        """Takes the file in and notes how it ended. Never raises."""
        try:
            state, sentence = self._take_in()
            with self.app.ground.transaction() as tx:
                imports.end(tx, self.number, state, self.numbers, now=self.app.clock.now(), sentence=sentence)
        except GroundLost as fault:
            self.app.trouble(f"import {self.number}: {fault}")
        except Exception as fault:
            self.app.faults(fault)
        finally:
            shutil.rmtree(self.path.parent, ignore_errors=True)

    def _take_in(self) -> tuple[ImportState, str]:
        try:
            with _Refused(refused_file(self.app, self.number)) as refused:
                done = import_csv(
                    self.app.ground,
                    self.list_name,
                    self.path,
                    actor=self.actor,
                    now=self.app.clock.now(),
                    statement=self.statement,
                    suppression_key=keys_in(self.app.folder).suppression,
                    progress=self._at_line,
                    on_refused=refused.note,
                    on_report=self._so_far,
                )
        except _Stopped:
            return ImportState.STOPPED, ""
        except ImportRefused as fault:
            return ImportState.FAILED, str(fault).replace(str(self.path), self.path.name)
        except OSError as fault:
            return ImportState.FAILED, f"the file of refused rows cannot be written: {fault.strerror}"
        self._note(done)
        return ImportState.DONE, ""

    def _at_line(self, line: int, lines: int) -> None:
        self.numbers = replace(self.numbers, line=line, lines=lines)

    def _so_far(self, report: ImportReport) -> None:
        self._note(report)
        if self.app.stopping():
            raise _Stopped
        if time.monotonic() - self.told < TOLD_EVERY:
            return
        self.told = time.monotonic()
        with self.app.ground.transaction() as tx:
            imports.note(tx, self.number, self.numbers, now=self.app.clock.now())

    def _note(self, report: ImportReport) -> None:
        self.numbers = replace(
            self.numbers,
            rows=report.rows,
            added=report.added,
            already=report.already,
            suppressed=report.suppressed,
            refused=report.refused,
        )


class _Refused:
    """Writes rows that were not taken into a file that only its owner may read; made with the first of them."""

    def __init__(self, file: Path) -> None:
        self._file, self._stack = file, ExitStack()
        self._out: TextIO | None = None

    def __enter__(self) -> _Refused:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def note(self, row: RefusedRow) -> None:
        """One more. Raises ``OSError``."""
        if self._out is None:
            number = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self._out = self._stack.enter_context(os.fdopen(number, "w", encoding="utf-8", newline=""))
            csv.writer(self._out).writerow(("line", "reason"))
        csv.writer(self._out).writerow((row.line, row.reason))


def _folder(app: App) -> Path:
    folder = app.folder / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _plain_name(file_name: str) -> str:
    """The name a browser gave, as a file may be called here."""
    name = re.sub(r"[^\w.-]+", "-", Path(file_name.replace("\\", "/")).name).strip(".-")
    return name[-100:] or "readers.csv"
