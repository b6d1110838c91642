"""The long form: every script, every statement, two hundred kills; then the report (``tests.torture.report``).

``python -m tests.torture`` plays all of it, half on SQLite and half on PostgreSQL, and ends with 1 if anything went
out twice, was lost, or was told wrongly. ``--every 20`` plays a twentieth of each part, to look in quickly.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.postgres import postgres_url
from tests.torture.kills import Cell, run_cell
from tests.torture.mail_kills import MailCell, run_mail_cell
from tests.torture.report import CLASSES, ONE_FAULT, POSTGRESQL, SQLITE, TWO_FAULTS, told
from tests.torture.scripts import Script, of_classes, pairs, play, singles
from tests.torture.stage import CHANNELS, QUICK, Stage
from tests.torture.statements import everywhere, long_scripts
from tests.torture.truth import Tally

CHUNK = 60
SQLITE_URL = "sqlite:///pressrun.db"


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work for a process: scripts of one form to play, a script to die in, or a cell of kills."""

    scripts: tuple[Script, ...] = ()
    form: str = ""
    dying: Script | None = None
    cell: Cell | None = None
    mail: MailCell | None = None
    postgresql: bool = False

    def told(self) -> str:
        """What it is, in a few words."""
        named = self.cell or self.mail
        return named.name if named else self.dying.told() if self.dying else f"scripts of {self.form}"

    @property
    def database(self) -> str:
        """What it is played on, as the report names it."""
        return POSTGRESQL if self.postgresql else SQLITE


def tasks(part: str, seed: int) -> Iterator[Task]:
    """All the work of the long form, the longest pieces first; every other chunk of scripts on PostgreSQL."""
    if part in ("all", "kills"):
        for number, (postgresql, workers) in enumerate((db, count) for db in (False, True) for count in (2, 1)):
            name = f"{POSTGRESQL if postgresql else SQLITE}, {workers} worker{'s' if workers > 1 else ''}"
            yield Task(cell=Cell(name, "", workers, seed=seed + number), postgresql=postgresql)
    if part in ("all", "mail"):
        yield Task(mail=MailCell("an issue to 20,000", SQLITE_URL, seed=seed))
    if part in ("all", "statements"):
        for number, script in enumerate(long_scripts()):
            yield Task(dying=script, postgresql=number % 2 == 1)
    for kind in CHANNELS:
        if part in ("all", "scripts"):
            yield from _chunks(ONE_FAULT, list(singles(kind)))
            yield from _chunks(CLASSES, list(of_classes(kind, seed)))
        if part in ("all", "pairs"):
            yield from _chunks(TWO_FAULTS, list(pairs(kind)))


def _chunks(form: str, scripts: list[Script]) -> Iterator[Task]:
    for number, start in enumerate(range(0, len(scripts), CHUNK)):
        yield Task(scripts=tuple(scripts[start : start + CHUNK]), form=form, postgresql=number % 2 == 1)


def sample(todo: list[Task], every: int) -> list[Task]:
    """Every so-manieth piece of each database, in their order."""
    places = {database: itertools.count() for database in (SQLITE, POSTGRESQL)}
    return [task for task in todo if next(places[task.database]) % every == 0]


def do(task: Task) -> Tally:
    """Does one piece of work in this process, on a database of its own."""
    if task.scripts:
        return _play_all(task)
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        database = postgres_url() if task.postgresql else SQLITE_URL
        if task.cell is not None:
            return run_cell(replace(task.cell, database=database), Path(folder))
        if task.mail is not None:
            return run_mail_cell(task.mail, Path(folder))
        assert task.dying is not None
        stage = Stage(Path(folder), database=database)
        try:
            return everywhere(stage, task.dying)
        finally:
            stage.close()


def _play_all(task: Task) -> Tally:
    """Plays scripts; after a fault of our own the next one begins on a fresh stage."""
    total, left = Tally(), list(task.scripts)
    while left:
        total.add(_play_on(left, task))
    return total


def _play_on(left: list[Script], task: Task) -> Tally:
    """Plays scripts on one stage, and takes them off the list, until none is left or one met a fault of our own."""
    total = Tally()
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        database = postgres_url() if task.postgresql else SQLITE_URL
        stage = Stage(Path(folder), database=database, deadline=QUICK)
        try:
            while left:
                script = left.pop(0)
                total.played[script.kind, task.form] += 1
                try:
                    total.add(play(stage, script))
                except Exception as fault:
                    where = traceback.extract_tb(fault.__traceback__)[-1]
                    place = f"{Path(where.filename).name}:{where.lineno}"
                    total.scripts += 1
                    total.wrong.append(f"{script.told()}: {type(fault).__name__} at {place}: {fault}")
                    return total
        finally:
            stage.close()
    return total


def _memory() -> Path | None:
    """Where there is memory to write into, the disk need not be waited for."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() else None


def run(todo: list[Task], processes: int, on_done: Callable[[Task, Tally], None]) -> dict[str, Tally]:
    """Does all of it, side by side; a tally for each database."""
    totals = {SQLITE: Tally(), POSTGRESQL: Tally()}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        asked = {pool.submit(do, task): task for task in todo}
        for done in as_completed(asked):
            try:
                tally = done.result()
            except Exception as fault:  # a piece that broke is wrong, and the other pieces go on
                tally = Tally(wrong=[f"{asked[done].told()}: {type(fault).__name__}: {fault}"])
            totals[asked[done].database].add(tally)
            on_done(asked[done], tally)
    return totals


def main() -> int:
    """Asks for nothing, shows a bar, prints the report."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument(
        "part", nargs="?", default="all", choices=("all", "scripts", "statements", "kills", "mail", "pairs")
    )
    parser.add_argument("--seed", type=int, default=0, help="draws other concrete faults and moments of death")
    parser.add_argument("--processes", type=int, default=2 * (os.cpu_count() or 1), help="calls that hang cost no core")
    parser.add_argument("--every", type=int, default=1, help="plays every so-manieth piece only")
    asked = parser.parse_args()
    console = Console(stderr=True)
    todo = sample(list(tasks(asked.part, asked.seed)), asked.every)
    began = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("torture", total=len(todo))

        def on_done(task: Task, tally: Tally) -> None:
            progress.advance(bar)
            if task.cell is not None:
                console.print(f"{task.cell.name}: {tally.kills} kills, {tally.doubles} doubles, {tally.lost} lost")
            for sentence in tally.wrong:
                console.print(f"[red]WRONG[/red] {escape(sentence)}", highlight=False, soft_wrap=True)

        totals = run(todo, asked.processes, on_done)
    minutes = (time.monotonic() - began) / 60
    sys.stdout.write(f"Torture, seed {asked.seed}, {minutes:.1f} min\n{told(totals)}\n")
    return 1 if any(one.wrong or one.doubles or one.lost for one in totals.values()) else 0
