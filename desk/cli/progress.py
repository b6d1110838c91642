"""A bar for what takes more than a second: how much is done, how fast, and how long it still takes. On stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from shutil import get_terminal_size

_WIDTH = 24
_EVERY = 0.1


class Bar:
    """Draws itself anew at most ten times a second; nothing where stderr is no terminal."""

    def __init__(self, what: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._what, self._clock = what, clock
        self._shown = sys.stderr.isatty()
        self._began, self._drawn = clock(), 0.0

    def __call__(self, done: int, total: int) -> None:
        """``done`` of ``total``; the last call ends the line."""
        now = self._clock()
        if not self._shown or (done < total and now - self._drawn < _EVERY):
            return
        self._drawn = now
        line = bar_line(self._what, done, total, now - self._began)
        width = get_terminal_size().columns - 1
        print(f"\r{line[:width]:<{width}}", end="\n" if done >= total else "", file=sys.stderr, flush=True)


def bar_line(what: str, done: int, total: int, seconds: float) -> str:
    """``  what  ████░░░░  40 %  40,000 of 100,000  12,000/s  5 s left``. Pure."""
    share = min(1.0, done / total) if total else 1.0
    full = round(share * _WIDTH)
    rate = done / seconds if seconds > 0 else 0.0
    words = [f"  {what}", "█" * full + "░" * (_WIDTH - full), f"{share:4.0%}", f"{done:,} of {total:,}"]
    if rate >= 1:
        words.append(f"{rate:,.0f}/s")
    if done < total and rate > 0:
        words.append(f"{_span((total - done) / rate)} left")
    elif done >= total:
        words.append(_span(seconds))
    return "  ".join(words)


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3600:.1f} h"
