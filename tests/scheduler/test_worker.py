"""The resident worker on the machine's own clock: it wakes when something is due or somebody wrote, and stops gently."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from channels.rehearsal.faults import Fault
from channels.rehearsal.rules import Rules, XRules
from db.records import State
from db.session import open_ground
from db.tables import attempts, deliveries
from scheduler.clock import SystemClock
from scheduler.worker import Worker
from tests.scheduler.house import SETTINGS, House, house


@contextmanager
def working(folder: Path, settings: str = SETTINGS) -> Iterator[tuple[House, Worker, threading.Thread]]:
    """A house with a worker at work in it."""
    with house(folder, settings, clock=SystemClock()) as h:
        worker = Worker(h.app)
        thread = threading.Thread(target=worker.run)
        thread.start()
        try:
            yield h, worker, thread
        finally:
            worker.stop()
            thread.join(60)
            assert not thread.is_alive()


def soon(seconds: float, holds: Callable[[], bool]) -> bool:
    """Whether something comes to hold within so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.02)
    return holds()


def test_a_promise_written_by_another_process_wakes_it(tmp_path: Path) -> None:
    """Within a second on a free machine, as make bench-begin measures; a worker that nothing wakes sleeps thirty."""
    with working(tmp_path) as (h, _, _):
        first = h.promise("The first one warms it up")
        assert soon(30, lambda: h.see(first).state is State.SENT)
        written = h.promise("Written by another connection")
        assert soon(15, lambda: bool(h.attempts(written))), "the write was not noticed"


def test_a_hundred_due_at_one_instant_have_all_begun_soon(tmp_path: Path) -> None:
    """The promise is 2 s on a free machine, measured by make bench-begin; here a slow one may take longer."""
    clock = SystemClock()
    with house(tmp_path, clock=clock) as h:
        h.platforms.rules = _no_daily_cap(h)
        due = clock.now() + timedelta(seconds=3)
        for number in range(50):
            h.promise(f"Post number {number}", due_at=due)
            h.promise(f"Post number {number}", "fb-main", due_at=due)
        worker = Worker(h.app)
        thread = threading.Thread(target=worker.run)
        thread.start()
        assert soon(150, lambda: _count(h, State.SENT) == 100)
        worker.stop()
        thread.join(60)
        with h.app.ground.reading() as tx:
            first, last = tx.execute(select(func.min(attempts.c.opened_at), func.max(attempts.c.opened_at))).one()
        assert first >= due
        assert last - due < timedelta(seconds=120)


def test_stopping_finishes_what_is_in_flight_and_leaves_the_rest_planned(tmp_path: Path) -> None:
    with working(tmp_path) as (h, worker, thread):
        h.platforms.faults.add(Fault("x", "send", "slow", arguments={"seconds": 4.0}))
        first = h.promise("The slow one")
        assert soon(30, lambda: h.see(first).state is State.SENDING)
        second = h.promise("The one behind it")
        worker.stop()
        thread.join(60)
        assert h.see(first).state is State.SENT
        assert h.see(second).state is State.PLANNED


def test_an_idle_worker_writes_nothing(tmp_path: Path) -> None:
    with working(tmp_path) as (h, _, _):
        one = h.promise("Only one")
        assert soon(30, lambda: h.see(one).state is State.SENT)
        path = h.app.ground.path
        assert path is not None
        other = open_ground(f"sqlite:///{path}")

        def still() -> bool:
            """Whether it wrote nothing for so long that whatever wakes at each turn would have written."""
            with other.reading() as tx:
                before = tx.exec_driver_sql("PRAGMA data_version").scalar_one()
                tx.rollback()
                time.sleep(1.5)
                return bool(before == tx.exec_driver_sql("PRAGMA data_version").scalar_one())

        assert soon(60, still), "it writes on and on"  # what the last commit brings about passes first
        other.close()


def _count(h: House, state: State) -> int:
    with h.app.ground.reading() as tx:
        return int(tx.execute(select(func.count()).where(deliveries.c.state == state)).scalar_one())


def _no_daily_cap(h: House) -> Rules:
    return replace(h.platforms.rules, x=XRules(posts_a_day=1000, posts_per_15_min=1000))
