"""The one room of a process where issues go out: whoever brings one works the loop for all, then hands it on.

The loop itself is ``scheduler.mail_loop``. The thread that brings an issue works it until its issue is over, then the
next that waits takes over.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from db.session import Ground
from scheduler.clock import Clock
from scheduler.mail_loop import MailLoop
from scheduler.mail_pace import Domains
from scheduler.mail_run import Run


@dataclass(frozen=True, slots=True)
class UnderWay:
    """How far an issue is: ``done`` of its ``total`` readers have an outcome or were put off.

    ``preparing``: nothing has gone yet; so many of those on its list have been looked at.
    """

    delivery_id: int
    channel: str
    done: int
    total: int
    preparing: bool = False


class MailRoom:
    """Works any number of issues at once. Thread-safe; one a process."""

    def __init__(self, ground: Ground, clock: Clock) -> None:
        self._ground = ground
        self._changed = threading.Condition()
        self._leading = False
        self._joining: list[Run] = []
        self._loop = MailLoop(clock, self._joined, self._over)
        self._domains: dict[str, Domains] = {}
        self._preparing: dict[int, UnderWay] = {}

    def preparing(self, delivery_id: int, channel: str, done: int, total: int) -> None:
        """Notes how far the freezing of an issue's audience is."""
        with self._changed:
            self._preparing[delivery_id] = UnderWay(delivery_id, channel, min(done, total), total, preparing=True)

    def prepared(self, delivery_id: int) -> None:
        """The freezing is over, or left for later."""
        with self._changed:
            self._preparing.pop(delivery_id, None)

    def domains(self, channel: str) -> Domains:
        """What receiving domains have told this channel since the process began."""
        return self._domains.setdefault(channel, Domains())

    def has(self, delivery_id: int) -> bool:
        """Whether an issue is in line here, or under way."""
        with self._changed:
            return any(run.delivery.id == delivery_id for run in (*self._joining, *self._loop.runs))

    def under_way(self) -> list[UnderWay]:
        """The issues that are being prepared or sent at this moment. From any thread."""
        with self._changed:
            runs, preparing = list(self._loop.runs), list(self._preparing.values())
        return preparing + [
            UnderWay(run.delivery.id, run.delivery.channel, min(run.done, run.total), run.total) for run in runs
        ]

    def wake(self) -> None:
        """Makes the loop look around at once. From any thread."""
        self._loop.wake()

    def work(self, run: Run) -> None:
        """Returns once the run is over: ``run.end`` says why. Raises what made it impossible, ``GroundLost`` too."""
        with self._changed:
            self._joining.append(run)
        self.wake()
        with self._changed:
            self._changed.wait_for(lambda: run.over or not self._leading)
            if not run.over:
                self._leading = True
        if not run.over:
            self._lead(run)
        if run.error is not None:
            raise run.error

    def _lead(self, run: Run) -> None:
        hold = self._ground.hold()
        try:
            self._loop.work(hold, run)
        except BaseException:
            with self._changed:
                if run in self._joining:
                    self._joining.remove(run)
            raise
        finally:
            hold.close()
            with self._changed:
                self._leading = False
                self._changed.notify_all()

    def _joined(self) -> list[Run]:
        """The issues that came since the last call."""
        if not self._joining:
            return []
        with self._changed:
            fresh = list(self._joining)
            self._joining.clear()
            self._loop.runs.extend(fresh)
        return fresh

    def _over(self, run: Run) -> None:
        with self._changed:
            run.over = True
            self._changed.notify_all()
