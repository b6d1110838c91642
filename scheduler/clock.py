"""Time, passed in: the wall for people, the boot clock for spans that a jump of the wall must not touch."""

from __future__ import annotations

import platform
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """What tells the time. ``boot()`` counts seconds since ``boot_id`` began and never jumps, sleep included."""

    @property
    def boot_id(self) -> str:
        """Names this start of the machine."""
        ...

    @property
    def machine(self) -> str:
        """Names the machine."""
        ...

    def now(self) -> datetime:
        """The wall, aware and in UTC."""
        ...

    def boot(self) -> float:
        """Seconds on the boot clock."""
        ...

    def sleep(self, seconds: float, wake: threading.Event | None = None) -> None:
        """Waits, or less when ``wake`` is set."""
        ...


@dataclass(frozen=True, slots=True)
class Instant:
    """One look at a clock: both readings belong together."""

    at: datetime
    boot: float
    boot_id: str
    machine: str


def instant(clock: Clock) -> Instant:
    """Both readings of ``clock``, taken together."""
    return Instant(clock.now(), clock.boot(), clock.boot_id, clock.machine)


class SystemClock:
    """The machine's own time."""

    @property
    def boot_id(self) -> str:
        """The kernel's name for this start."""
        return _boot_id()

    @property
    def machine(self) -> str:
        """The machine's network name."""
        return platform.node() or "machine"

    def now(self) -> datetime:
        """The wall."""
        return datetime.now(UTC)

    def boot(self) -> float:
        """Seconds since the start, sleep included where the system counts it."""
        return _boot_seconds()

    def sleep(self, seconds: float, wake: threading.Event | None = None) -> None:
        """Sleeps, or less when ``wake`` is set."""
        if wake is not None:
            wake.wait(max(0.0, seconds))
        elif seconds > 0:
            time.sleep(seconds)


class HeldClock:
    """A clock that moves only when told: for the demo and the tests. Sleeping moves it. Thread-safe."""

    def __init__(self, start: datetime, *, boot_id: str = "held", machine: str = "held") -> None:
        if start.tzinfo is None:
            raise ValueError("a clock starts at an aware time")
        self._at, self._boot, self._lock = start.astimezone(UTC), 1_000.0, threading.Lock()
        self._boot_id, self._machine = boot_id, machine

    @property
    def boot_id(self) -> str:
        """As given."""
        return self._boot_id

    @property
    def machine(self) -> str:
        """As given."""
        return self._machine

    def now(self) -> datetime:
        """The held moment."""
        with self._lock:
            return self._at

    def boot(self) -> float:
        """The held boot clock."""
        with self._lock:
            return self._boot

    def advance(self, span: timedelta) -> None:
        """Moves both readings on by ``span``."""
        with self._lock:
            self._at += span
            self._boot += span.total_seconds()

    def jump(self, span: timedelta) -> None:
        """Moves the wall alone, as a person or a time server does."""
        with self._lock:
            self._at += span

    def sleep(self, seconds: float, wake: threading.Event | None = None) -> None:
        """Moves on by ``seconds`` at once."""
        if wake is None or not wake.is_set():
            self.advance(timedelta(seconds=max(0.0, seconds)))


@cache
def _boot_source() -> Callable[[], float]:
    boottime = getattr(time, "CLOCK_BOOTTIME", None)  # Linux; counts while the machine sleeps
    if boottime is not None:
        return lambda: time.clock_gettime(boottime)
    return time.monotonic


def _boot_seconds() -> float:
    return _boot_source()()


@cache
def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        # Without the kernel's name for this boot, the minute it began names it well enough.
        return f"boot-{int((time.time() - _boot_seconds()) // 60)}"
