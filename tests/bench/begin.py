"""How soon 100 deliveries that are due at one instant have all begun: lanes beside one loop over all channels.

Run by ``make bench-begin``: real SQLite with synchronous FULL, the real SDKs, the rehearsal platforms in this process.
Several rounds in turn; the median and the ratio are what to read, seconds depend on the machine.
"""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from channels.rehearsal.faults import Fault
from channels.rehearsal.rules import Rules
from db.tables import attempts
from scheduler.clock import SystemClock
from scheduler.deliver import deliver_next
from scheduler.worker import Worker
from tests.scheduler.house import SETTINGS, House, house

DELIVERIES = 100
CHANNELS = 4
ROUNDS = 5
LEAD = timedelta(seconds=2)
SLOW = 0.2

MANY = SETTINGS.split("[channels.", maxsplit=1)[0] + "".join(
    f'[channels.{kind}-{number}]\nkind = "{kind}"\ndeadline = "5s"\n'
    for kind in ("x", "facebook")
    for number in range(CHANNELS // 2)
)


def lanes(h: House) -> None:
    """The resident worker: a lane a channel, woken by APScheduler."""
    worker = Worker(h.app)
    thread = threading.Thread(target=worker.run)
    thread.start()
    _until_begun(h)
    worker.stop()
    thread.join()


def one_loop(h: House) -> None:
    """The naive rule: one thread that asks every channel in turn, once a second when nothing is due."""
    while _begun(h) < DELIVERIES:
        sent = sum(bool(getattr(deliver_next(h.app, outlet), "id", 0)) for outlet in h.app.outlets.values())
        if not sent:
            time.sleep(1.0)


def measure(work: Callable[[House], None], *, slow: bool = False) -> float:
    """Seconds from the due instant to the last attempt's opening.

    ``slow``: the first channel's platform takes its time over every answer, and only the others are measured.
    """
    with tempfile.TemporaryDirectory() as folder, house(Path(folder), MANY, clock=SystemClock()) as h:
        h.platforms.rules = Rules.unlimited()
        names = list(h.app.outlets)
        for name in names:
            h.promise(f"A post that warms {name} up", name)
        for outlet in h.app.outlets.values():
            deliver_next(h.app, outlet)
        due = h.app.clock.now() + LEAD
        if slow:
            h.platforms.faults.add(
                Fault("x", "send", "slow", times=DELIVERIES, containing="slowly", arguments={"seconds": SLOW})
            )
        words = "Post slowly answered" if slow else "Post"
        for number in range(DELIVERIES):
            name = names[number % len(names)]
            h.promise(f"{words if name == names[0] else 'Post'} number {number}", name, due_at=due)
        work(h)
        with h.app.ground.reading() as tx:
            begun = select(func.max(attempts.c.opened_at))
            last = tx.execute(begun.where(attempts.c.channel != names[0]) if slow else begun).scalar_one()
        return float((last - due).total_seconds())


def main() -> None:
    """Prints every round, the medians and the ratios."""
    print(f"{DELIVERIES} deliveries due at one instant on {CHANNELS} channels; seconds until the last has begun")
    quick = compare("all platforms quick", slow=False)
    print("  the promise is 2.00 s" + ("" if quick < 2.0 else ": NOT KEPT on this machine now"))
    compare(f"one platform takes {SLOW} s an answer: the other channels", slow=True)


def compare(title: str, *, slow: bool) -> float:
    """Both ways in turn; the median of ours."""
    print(f"{title}")
    ours: list[float] = []
    naive: list[float] = []
    for number in range(1, ROUNDS + 1):
        ours.append(measure(lanes, slow=slow))
        naive.append(measure(one_loop, slow=slow))
        print(f"  round {number}: lanes {ours[-1]:5.2f}   one loop {naive[-1]:5.2f}", flush=True)
    ratio = statistics.median(naive) / statistics.median(ours)
    print(f"  median:  lanes {statistics.median(ours):5.2f}   one loop {statistics.median(naive):5.2f}   x {ratio:.1f}")
    return statistics.median(ours)


def _begun(h: House) -> int:
    with h.app.ground.reading() as tx:
        return int(tx.execute(select(func.count()).select_from(attempts)).scalar_one()) - CHANNELS


def _until_begun(h: House) -> None:
    until = time.monotonic() + 60
    while _begun(h) < DELIVERIES and time.monotonic() < until:
        time.sleep(0.02)


if __name__ == "__main__":
    main()
