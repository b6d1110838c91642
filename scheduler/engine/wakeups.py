"""APScheduler as the alarm clock: it says when to look, never what is owed.

Two jobs with fixed ids in memory: the next moment anything is due, and a glance twice a second at whether another
process wrote. Nothing of a newsroom is ever stored in a job.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.schedulers.background import BackgroundScheduler

GLANCE_SECONDS = 0.5
logging.getLogger("apscheduler").setLevel(logging.ERROR)
"""On a machine under load a glance may come while the last one is not over: the next makes up for it, nobody need know."""


class WakeUps:
    """Calls ``wake`` at the moment told last, and whenever ``changed`` says that somebody wrote."""

    def __init__(self, wake: Callable[[], None], changed: Callable[[], bool]) -> None:
        self._wake = wake
        self._changed = changed
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Begins to glance; wakes at once a first time."""
        self._scheduler.add_job(self._glance, "interval", seconds=GLANCE_SECONDS, id="glance")
        self._scheduler.start()
        self._wake()

    def at(self, moment: datetime | None) -> None:
        """Asks for a call at ``moment``; it replaces the one asked for before. None: no call is wanted."""
        if moment is None:
            if self._scheduler.get_job("due") is not None:
                self._scheduler.remove_job("due")
            return
        self._scheduler.add_job(self._wake, "date", run_date=moment, id="due", replace_existing=True)

    def stop(self) -> None:
        """Ends both jobs and waits for the one that runs."""
        self._scheduler.shutdown(wait=True)

    def _glance(self) -> None:
        if self._changed():
            self._wake()
