"""What a page tells somebody of what they just did and no address may hold, such as a mail address. In memory alone."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

KEPT = 600.0
"""Seconds after which it is forgotten; what is asked for later is told without it."""
MOST = 200
"""So many are kept at once; the oldest goes first."""


class Asides:
    """What was left for a person on a page. Thread-safe; another process knows nothing of it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._left: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()

    def leave(self, key: Hashable, what: object) -> None:
        """Leaves something under a key, in place of what lay there."""
        with self._lock:
            self._left[key] = (self._clock(), what)
            self._left.move_to_end(key)
            while len(self._left) > MOST:
                self._left.popitem(last=False)

    def look(self, key: Hashable) -> Any:
        """What was left there; None where nothing was, or it is too old."""
        with self._lock:
            at, what = self._left.get(key, (0.0, None))
            return what if what is not None and self._clock() - at < KEPT else None
