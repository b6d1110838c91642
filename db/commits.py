"""Commits on a thread of their own: the disk takes its time while whoever wrote goes on with other work."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Transaction


@dataclass(slots=True, eq=False)
class Commit:
    """One commit. ``error`` is what it met, and holds once ``over`` is set."""

    transaction: Transaction
    then: Callable[[], None]
    begun: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None

    def run(self) -> None:
        """Commits, tells whoever waits, then calls ``then``."""
        self.begun.set()
        try:
            self.transaction.commit()
        except BaseException as error:
            self.error = error
        self.over.set()
        self.then()


class Commits:
    """One after the other, in the order they were begun."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[Commit | None] = queue.SimpleQueue()
        threading.Thread(target=self._work, name="commits", daemon=True).start()

    def begin(self, transaction: Transaction, then: Callable[[], None]) -> Commit:
        """Starts to commit. From now until it is over nobody else may touch the transaction's connection."""
        commit = Commit(transaction, then)
        self._waiting.put(commit)
        # Handed over before we go on: the other thread would else wait for its turn at the interpreter, 5 ms long,
        # before the disk hears of it.
        commit.begun.wait()
        return commit

    def close(self) -> None:
        """Ends the thread once nothing waits."""
        self._waiting.put(None)

    def _work(self) -> None:
        while (commit := self._waiting.get()) is not None:
            commit.run()
