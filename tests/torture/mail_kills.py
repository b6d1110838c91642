"""An issue to many readers under SIGKILL, into a mail server that refuses, puts off, closes and cuts: log against truth.

The server lives in this process and keeps count of what it took. The worker is a real process with the real journey;
it dies at the n-th thing it does, never at a moment of time. While it works the log is read again and again: at every
moment the numbers must add up, and the issue is never "sent" while a copy is open.
"""

from __future__ import annotations

import multiprocessing
import random
import signal
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from channels.rehearsal.platforms import Addresses
from db import deliveries, issue_counts, recipients, subscribers, tries
from db.records import Delivery, State
from db.subscribers import ConsentEvent, Entry, Proof
from scheduler.app import App
from tests.channels.email.scripted_server import CUT, Script, ScriptedServer
from tests.torture import mail_worker, worker
from tests.torture.stage import promise_issue
from tests.torture.truth import Tally

SETTINGS = """
[newsroom]
name = "The Test Times"
site = "https://news.example.org"

[database]
url = "{database}"

[channels.daily-mail]
kind = "email"
newsletter = "The Daily"
list = "daily"
from = "The Daily <daily@news.example.org>"
deadline = "2 min"
claim = "3 min"
connections = {connections}
per_connection = 1000
"""
STUCK_SECONDS = 900.0
LOOK_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class MailCell:
    """One run: so many readers over so many lines, and so many deaths on the way."""

    name: str
    database: str
    readers: int = 20_000
    connections: int = 20
    kills: int = 50
    between: tuple[int, int] = (200, 4_500)  # events from one start to the next death
    seed: int = 0


@dataclass
class Lies:
    """What the server does to a reader's mail, drawn by chance; how often it cut a line after the dot."""

    chance: random.Random
    cut_after_dot: int = 0
    done: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def rule(self, verb: str, argument: str) -> str | None:
        """The answer to one command; None is the usual one."""
        if verb not in ("RCPT", "DATA", "dot"):
            return None
        with self.lock:
            drawn = self.chance.random()
            if drawn > 0.03:
                return None
            answer = self.chance.choice(_AT[verb])
            self.done[answer.partition(" ")[0]] += 1
            if verb == "dot" and answer.endswith(CUT):
                self.cut_after_dot += 1
            return answer


_AT = {
    "RCPT": ["450 4.2.0 later", "450 4.7.1 slowly", "451 4.3.0 later", "550 5.1.1 nobody", "550 5.1.1 nobody"],
    "DATA": ["451 4.3.0 later", "421 4.3.2 closing", CUT],
    "dot": ["451 4.3.0 later", "452 4.2.2 full", "554 5.6.0 no", "421 4.3.2 closing", CUT, f"taken {CUT}"],
}


def run_mail_cell(cell: MailCell, folder: Path, on_kill: Callable[[int], None] = lambda kills: None) -> Tally:
    """Plays a cell to its end and judges it. Raises ``TimeoutError`` when a worker neither ends nor dies."""
    chance = random.Random(f"mail {cell.seed}")
    settings = SETTINGS.format(database=cell.database, connections=cell.connections)
    (folder / "settings.toml").write_text(settings, encoding="utf-8")
    lies = Lies(random.Random(f"lies {cell.seed}"))
    with ScriptedServer(Script(rule=lies.rule)) as server:
        addresses = Addresses(
            "http://127.0.0.1:9", "http://127.0.0.1:9", "127.0.0.1", server.port, "http://127.0.0.1:9"
        )
        app = worker.quick_app(folder, addresses)
        try:
            delivery = _fill(app, cell)
            tally = Tally(deliveries=cell.readers)
            watch = _Watch(app, delivery, cell, tally)
            watch.start()
            tally.kills = _kill(cell, folder, addresses, chance, on_kill)
            watch.stop()
            tally.faults = sum(lies.done.values())
            _judge(app, delivery, cell, server, lies, tally)
            tally.wrong = [f"{cell.name}: {sentence}" for sentence in tally.wrong]
            return tally
        finally:
            app.close()


def _fill(app: App, cell: MailCell) -> Delivery:
    now = app.clock.now()
    proof = Proof(ConsentEvent.IMPORTED, now, "fair", "yes")
    for start in range(0, cell.readers, 1_000):
        entries = [
            Entry(f"r{one}@d{one % 50}.example.org", f"r{one}@d{one % 50}.example.org", f"Reader {one}")
            for one in range(start, min(cell.readers, start + 1_000))
        ]
        with app.ground.transaction() as tx:
            number = subscribers.put_list(tx, "daily", actor="ada", now=now)
            subscribers.confirm_many(tx, number, entries, proof, actor="ada", now=now)
    return promise_issue(app, "window", "Bridge opens")


def _kill(
    cell: MailCell, folder: Path, addresses: Addresses, chance: random.Random, on_kill: Callable[[int], None]
) -> int:
    """Starts the worker and starts it again after each death until nothing is owed. Returns the deaths."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.torture.mail_worker"])
    deaths = 0
    while True:
        die_at = chance.randint(*cell.between) if deaths < cell.kills else 0
        process = context.Process(target=mail_worker.work, args=(folder, addresses, die_at), daemon=True)
        process.start()
        process.join(STUCK_SECONDS)
        if process.exitcode is None:
            process.kill()
            raise TimeoutError(f"{cell.name}: the worker neither ends nor dies; its log is in {folder}")
        if process.exitcode == 0:
            return deaths
        if process.exitcode != -signal.SIGKILL:
            raise RuntimeError(f"{cell.name}: the worker ended with {process.exitcode}; its log is in {folder}")
        deaths += 1
        on_kill(deaths)


class _Watch(threading.Thread):
    """Reads the log all the while."""

    def __init__(self, app: App, delivery: Delivery, cell: MailCell, tally: Tally) -> None:
        super().__init__(daemon=True)
        self._app, self._delivery, self._cell, self._tally = app, delivery, cell, tally
        self._ended = threading.Event()
        self.looks = 0

    def run(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            self.look()

    def look(self) -> None:
        with self._app.ground.reading() as tx:
            from db import issues

            prepared = issues.prepared_at(tx, self._delivery.subject_id)
            counts = issue_counts.counts(tx, self._delivery.subject_id)
            state = deliveries.get(tx, self._delivery.id).state
            flying = len(tries.in_flight(tx, self._delivery))
        self.looks += 1
        if prepared is not None and counts.candidates != self._cell.readers:
            self._tally.wrong.append(f"{counts} add up to {counts.candidates}, not {self._cell.readers}")
        if state is State.SENT and (counts.open or counts.unknown):
            self._tally.wrong.append(f"the issue is sent while {counts.open} are open and {counts.unknown} unknown")
        if flying > self._cell.connections * 2:  # a dead worker's copies stand until the next one looks
            self._tally.wrong.append(f"{flying} copies are open over {self._cell.connections} lines")

    def stop(self) -> None:
        self._ended.set()
        self.join()
        self.look()


def _judge(app: App, delivery: Delivery, cell: MailCell, server: ScriptedServer, lies: Lies, tally: Tally) -> None:
    took = Counter(mail.recipient for mail in server.taken)
    with app.ground.reading() as tx:
        people = {one.subscriber.id: one.subscriber.address for one in subscribers.candidates(tx, "daily")}
        copies = recipients.of_issue(tx, delivery.subject_id)
        counts = issue_counts.counts(tx, delivery.subject_id)
    for copy in copies:
        arrived = took[people[copy.subscriber_id]]
        name = f"reader {copy.subscriber_id} ({copy.state}: {copy.detail})"
        if arrived > 1:
            tally.doubles += 1
            tally.wrong.append(f"{name} got it {arrived} times")
        if copy.state is State.SENT and not arrived:
            tally.lost += 1
            tally.wrong.append(f"{name} never got it")
        if copy.state in (State.FAILED, State.EXPIRED, State.CANCELLED) and arrived:
            tally.wrong.append(f"{name} got it")
    tally.published, tally.unsettled = sum(took.values()), counts.unknown
    if counts.open:
        tally.lost += counts.open
        tally.wrong.append(f"{counts.open} copies are still open at the end")
    most = cell.connections * tally.kills + lies.cut_after_dot
    if counts.unknown > most:
        tally.wrong.append(f"{counts.unknown} unknown, at most {most} can be")
