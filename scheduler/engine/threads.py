"""The engine of one machine: one thread a lane, started at its first job."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Threads:
    """Lanes as daemon threads. ``on_fault`` hears of an exception that a job let through; the lane lives on."""

    def __init__(self, on_fault: Callable[[str, BaseException], None]) -> None:
        self._on_fault = on_fault
        self._lanes: dict[str, _Lane] = {}
        self._changed = threading.Condition()
        self._stopping = False

    def hand(self, lane: str, job: Callable[[], None]) -> None:
        """Wakes a lane; does nothing once stopping."""
        with self._changed:
            if self._stopping:
                return
            worker = self._lanes.get(lane)
            if worker is None:
                worker = self._lanes[lane] = _Lane(lane, self._changed, self._on_fault)
            worker.job = job
            self._changed.notify_all()

    def idle(self) -> bool:
        """True when no lane runs a job and none waits."""
        with self._changed:
            return self._quiet()

    def wait(self, seconds: float | None = None) -> bool:
        """Waits until every lane is idle; False when ``seconds`` ran out first."""
        with self._changed:
            return self._changed.wait_for(self._quiet, seconds)

    def stop(self, seconds: float) -> bool:
        """Drops what was handed and not begun, waits for what runs, ends the threads."""
        until = time.monotonic() + seconds
        with self._changed:
            self._stopping = True
            for worker in self._lanes.values():
                worker.job = None
                worker.ended = True
            self._changed.notify_all()
        for worker in self._lanes.values():
            worker.thread.join(max(0.0, until - time.monotonic()))
        return not any(worker.thread.is_alive() for worker in self._lanes.values())

    def _quiet(self) -> bool:
        return not any(worker.busy or worker.job is not None for worker in self._lanes.values())


class _Lane:
    """One thread with at most one job waiting."""

    def __init__(self, name: str, changed: threading.Condition, on_fault: Callable[[str, BaseException], None]) -> None:
        self.job: Callable[[], None] | None = None
        self.busy = False
        self.ended = False
        self._name, self._changed, self._on_fault = name, changed, on_fault
        self.thread = threading.Thread(target=self._run, name=f"lane {name}", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self.job is not None or self.ended)
                job, self.job = self.job, None
                if job is None:
                    return
                self.busy = True
            try:
                job()
            except Exception as fault:
                self._on_fault(self._name, fault)
            finally:
                with self._changed:
                    self.busy = False
                    self._changed.notify_all()
