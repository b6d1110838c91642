"""Stopping gently: SIGTERM and Ctrl-C ask the work to end, and what is in flight ends first."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

ASKING = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def on_stop(stop: Callable[[], None]) -> Iterator[None]:
    """Inside the block these signals call ``stop`` and nothing else; afterwards they mean what they meant before."""

    def asked(number: int, frame: FrameType | None) -> None:
        # A handler runs between two steps of the main thread, which may hold the very lock that stopping needs.
        threading.Thread(target=stop, name="stop", daemon=True).start()

    before = {one: signal.signal(one, asked) for one in ASKING}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
