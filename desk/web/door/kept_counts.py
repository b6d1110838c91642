"""Figures that take a count over many rows: counted anew at each view where there are few, kept a minute where many."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from db.session import GroundLost

T = TypeVar("T")
MANY = 20_000
"""From so many rows on a count is worth keeping: it takes longer than the rest of the page."""
KEPT = 60.0
"""Seconds."""
STALE = 5
"""A figure up to so many times as old is still shown, while it is counted anew beside the page."""
MOST = 200
"""So many figures are kept at once; the longest unasked goes first."""


def _beside(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="count", daemon=True).start()


class KeptCounts:
    """The figures that one door keeps. Thread-safe; two first views at once may count the same twice."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, beside: Callable[[Callable[[], None]], None] = _beside
    ) -> None:
        self._clock, self._beside, self._lock = clock, beside, threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()
        self._under_way: set[Hashable] = set()

    def get(self, key: Hashable, count: Callable[[], tuple[T, int]], keep: float = KEPT) -> T:
        """What ``count`` gives, or gave within ``keep`` seconds. It says itself how many rows it counted.

        A figure that is older is counted anew beside the page, which shows the old one; one older than ``STALE`` times
        that is waited for.
        """
        with self._lock:
            at, kept = self._kept.get(key, (0.0, None))
            age = self._clock() - at
            if kept is not None and age < keep * STALE:
                self._kept.move_to_end(key)
                anew = age >= keep and key not in self._under_way
                if anew:
                    self._under_way.add(key)
                found: T = kept
            else:
                kept = None
        if kept is None:
            return self._count(key, count)
        if anew:
            self._beside(lambda: self._recount(key, count))
        return found

    def _recount(self, key: Hashable, count: Callable[[], tuple[T, int]]) -> None:
        try:
            self._count(key, count)
        except GroundLost:
            pass  # the page that waits for its figure tells it
        finally:
            with self._lock:
                self._under_way.discard(key)

    def _count(self, key: Hashable, count: Callable[[], tuple[T, int]]) -> T:
        found, rows = count()
        with self._lock:
            self._kept.pop(key, None)
            if rows >= MANY:
                self._kept[key] = (self._clock(), found)
                while len(self._kept) > MOST:
                    self._kept.popitem(last=False)
        return found
