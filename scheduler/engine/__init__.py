"""What carries work to workers: threads here. It holds no rule; our tables say what is owed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Engine(Protocol):
    """Runs jobs in lanes: one job of a lane at a time, lanes side by side.

    A job handed while the same lane is busy runs once more afterwards, however often it was handed: a wake-up says
    "look again", never "do this much".
    """

    def hand(self, lane: str, job: Callable[[], None]) -> None:
        """Wakes a lane; returns at once."""
        ...

    def idle(self) -> bool:
        """True when no lane has anything to do."""
        ...

    def wait(self, seconds: float | None = None) -> bool:
        """Waits (real time) until every lane is idle; False when ``seconds`` ran out first."""
        ...

    def stop(self, seconds: float) -> bool:
        """Takes no more jobs and waits for those in hand; False when some still ran after ``seconds``."""
        ...
