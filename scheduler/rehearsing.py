"""The rehearsal platforms a process needs: started at the first call to one of them, stopped with the app.

What they published lies in a file beside the settings, so that log and page agree from run to run.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler.clock import Clock

if TYPE_CHECKING:
    from channels.rehearsal.platforms import Addresses, RehearsalPlatforms

STORE = "rehearsal.db"


class Rehearsal:
    """Starts X, Graph and mail servers on free loopback ports when they are first wanted. Thread-safe."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._store, self._clock = folder / STORE, clock
        self._lock = threading.Lock()
        self._platforms: RehearsalPlatforms | None = None
        self._addresses: Addresses | None = None

    def addresses(self) -> Addresses:
        """Where they listen; starts them if they do not yet."""
        with self._lock:
            if self._addresses is None:
                from channels.rehearsal.platforms import RehearsalPlatforms

                self._platforms = RehearsalPlatforms(self._store, now=self._clock.now)
                self._addresses = self._platforms.start()
            return self._addresses

    @property
    def platforms(self) -> RehearsalPlatforms:
        """The running servers, for scripted faults and for what was published."""
        self.addresses()
        assert self._platforms is not None
        return self._platforms

    def stop(self) -> None:
        """Stops them if they run."""
        with self._lock:
            if self._platforms is not None:
                self._platforms.stop()
            self._platforms = self._addresses = None
