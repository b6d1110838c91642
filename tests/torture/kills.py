"""Real worker processes under SIGKILL over many deliveries, while the platforms lie; then log against truth.

The platforms live in this process and survive. The moments of death are drawn by event number, never by time.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from channels.rehearsal.fault_classes import FaultClass, draw
from channels.rehearsal.faults import Fault
from channels.rehearsal.platforms import RehearsalPlatforms
from db import deliveries, subscribers
from db.moves import IN_FLIGHT
from db.records import State
from db.subscribers import ConsentEvent, Entry, Proof
from scheduler import newsroom
from scheduler.app import App
from tests.torture import worker
from tests.torture.stage import CHANNELS, SETTINGS, owed, promise_issue, promise_post, rules, words
from tests.torture.truth import Tally, judge, lies_of

DEADLINE, CLAIM, SETTLE, LAG = "0.5s", "1s", "1s", 0.3
STUCK_SECONDS = 900.0

_TIMES = f'claim = "{CLAIM}"\n'
_ACCOUNT_TIMES = f'{_TIMES}settle = "{SETTLE}"\nread_lag = "{LAG}s"\n'
QUICK_SETTINGS = (
    SETTINGS.replace('kind = "x"\n', f'kind = "x"\n{_ACCOUNT_TIMES}')
    .replace('kind = "facebook"\n', f'kind = "facebook"\n{_ACCOUNT_TIMES}')
    .replace('kind = "email"\n', f'kind = "email"\n{_TIMES}')
)
_LASTS_TOO_LONG = ("x-429-older", "graph-limit", "smtp-451-rate")
_BLOCKED = 368  # Graph blocks the Page for hours


@dataclass(frozen=True, slots=True)
class Cell:
    """One run: a database, so many workers, kills and deliveries."""

    name: str
    database: str
    workers: int = 1
    kills: int = 50
    posts: int = 200  # on x and on facebook each
    issues: int = 10
    readers: int = 10
    faults: int = 40  # on x and on facebook each, and half as many on e-mail
    between: tuple[int, int] = (5, 700)  # events from one start to the next kill
    seed: int = 0


def run_cell(cell: Cell, folder: Path, on_kill: Callable[[int], None] = lambda kills: None) -> Tally:
    """Plays a cell to its end. Raises ``TimeoutError`` when a worker neither ends nor dies for minutes."""
    chance = random.Random(f"{cell.seed} {cell.workers}")
    settings = QUICK_SETTINGS.format(database=cell.database, deadline=DEADLINE)
    (folder / "settings.toml").write_text(settings, encoding="utf-8")
    with RehearsalPlatforms(folder / "rehearsal.db", now=lambda: datetime.now(UTC), rules=rules(LAG)) as platforms:
        app = worker.quick_app(folder, platforms.addresses)
        try:
            _fill(app, cell, chance)
            platforms.faults.add(*_faults(cell, chance))
            kills = _kill(app, platforms, cell, folder, chance, on_kill)
            published = [one for kind in CHANNELS for one in platforms.published(kind)]
            tally = judge(app, published, lies=lies_of(platforms))
            tally.kills = kills
            struck = sum(1 for kind in CHANNELS for asked in platforms.requests(kind) if asked.fault)
            tally.faults = struck
            tally.wrong = [f"{cell.name}: {sentence}" for sentence in tally.wrong]
            return tally
        finally:
            app.close()


def _fill(app: App, cell: Cell, chance: random.Random) -> None:
    """Promises everything that will be owed, in an order of its own."""
    now = app.clock.now()
    entries = [Entry(f"r{one}@example.org", f"r{one}@example.org", f"R {one}") for one in range(cell.readers)]
    proof = Proof(ConsentEvent.IMPORTED, now, "fair", "yes")
    with app.ground.transaction() as tx:
        number = subscribers.put_list(tx, "daily", actor="ada", now=now)
        subscribers.confirm_many(tx, number, entries, proof, actor="ada", now=now)
    for kind in ("x", "facebook"):
        for _ in range(cell.posts):
            parts = (3 if kind == "x" else 2) if chance.random() < 0.1 else 1
            latest = now + timedelta(seconds=chance.uniform(5, 60)) if chance.random() < 0.05 else None
            promise_post(app, kind, [words(chance) for _ in range(parts)], due_at=now, latest_at=latest)
    for one in range(cell.issues):
        promise_issue(app, f"window {one}", words(chance))


def _faults(cell: Cell, chance: random.Random) -> list[Fault]:
    """So many faults of all classes, each after a few calls that pass; none that lasts longer than the test."""
    orders = []
    for kind in CHANNELS:
        classes = [one for one in FaultClass if one is not FaultClass.UNREACHABLE]
        for _ in range(cell.faults if kind != "email" else cell.faults // 2):
            fault = draw(chance.choice(classes), kind, chance)
            while fault.name in _LASTS_TOO_LONG or fault.arguments.get("code") == _BLOCKED:
                fault = draw(chance.choice(classes), kind, chance)
            if fault.name.startswith(("x-429", "429-retry")) and fault.name != "429-empty":
                short = (
                    {"seconds": 1.0, "day_seconds": 1.0}
                    if fault.name in ("x-429-day", "x-429-both")
                    else {"seconds": 1.0}
                )
                fault = replace(fault, arguments=short)
            orders.append(replace(fault, skip=chance.randrange(6)))
    chance.shuffle(orders)
    return orders


def _kill(
    app: App,
    platforms: RehearsalPlatforms,
    cell: Cell,
    folder: Path,
    chance: random.Random,
    on_kill: Callable[[int], None],
) -> int:
    """Starts workers and starts them again after each death until nothing is owed. Returns the deaths."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.torture.worker"])

    def start(die_at: int) -> multiprocessing.process.BaseProcess:
        process = context.Process(target=worker.work, args=(folder, platforms.addresses, die_at), daemon=True)
        process.start()
        return process

    deaths = 0
    ordered = min(cell.workers, cell.kills)
    running = [start(chance.randint(*cell.between)) for _ in range(ordered)]
    running += [start(0) for _ in range(cell.workers - ordered)]
    moved_at = time.monotonic()
    while running:
        ready = multiprocessing.connection.wait([one.sentinel for one in running], timeout=STUCK_SECONDS)
        if not ready and time.monotonic() > moved_at + STUCK_SECONDS:
            for process in running:
                process.kill()
            rest = [f"{one.id} {one.kind} {one.state}: {one.reason}" for one in owed(app)[:5]]
            raise TimeoutError(f"{cell.name}: the workers neither end nor die; still owed: {'; '.join(rest)}")
        moved_at = time.monotonic()
        for process in [one for one in running if one.sentinel in ready]:
            process.join()
            running.remove(process)
            if process.exitcode == 0:
                continue
            if process.exitcode != -signal.SIGKILL:
                said = (folder / f"worker-{process.pid}.log").read_text(encoding="utf-8").splitlines()
                raise RuntimeError(f"{cell.name}: a worker ended with {process.exitcode}: {' / '.join(said[-6:])}")
            deaths += 1
            on_kill(deaths)
            _meddle(app, platforms, chance)
            die_at = chance.randint(*cell.between) if ordered < cell.kills else 0
            ordered += die_at > 0
            running.append(start(die_at))
    return deaths


def _meddle(app: App, platforms: RehearsalPlatforms, chance: random.Random) -> None:
    """What happens meanwhile: a person calls a delivery off, or a platform is out of reach for a moment."""
    if chance.random() < 0.3:
        with app.ground.reading() as tx:
            rows = deliveries.in_states(tx, IN_FLIGHT | {State.PLANNED})
        posts = [row for row in rows if row.kind != "email"]
        if posts:
            try:
                newsroom.cancel(app, chance.choice(posts).id, actor="cem", reason="the story is wrong")
            except newsroom.Refused:
                pass  # it went on in this very moment; a person would look again
    if chance.random() < 0.2:
        kind = chance.choice(("x", "facebook"))
        platforms.faults.add(Fault(kind, "any", "unplugged", arguments={"seconds": 0.3}))
