"""The resident worker: wakes the tick when something is due or somebody wrote, and stops gently."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from db.session import GroundLost
from db.watch import Watch
from scheduler import journey
from scheduler.app import App
from scheduler.before_live import settings_are_new
from scheduler.engine.wakeups import WakeUps

AT_LEAST_EVERY = timedelta(seconds=30)
AFTER_A_FAULT = timedelta(seconds=5)


class Worker:
    """Runs the journey until told to stop. One a process."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._wanted = threading.Event()
        self._ended = threading.Event()

    def wake(self) -> None:
        """Asks for a tick soon."""
        self._wanted.set()

    def stop(self) -> None:
        """Claims nothing new from now on; ``run`` returns once what is in flight has ended (design rule 12)."""
        self._app.stop()
        self._ended.set()
        self._wanted.set()

    def run(self) -> bool:
        """Works until ``stop``. True when everything in flight ended within its deadline."""
        settings_are_new(self._app)
        watch = Watch(self._app.ground)
        wakeups = WakeUps(self.wake, watch.changed)
        wakeups.start()
        try:
            while not self._ended.is_set():
                self._wanted.wait()
                self._wanted.clear()
                if self._ended.is_set():
                    break
                wakeups.at(self._step())
        finally:
            wakeups.stop()
            watch.close()
            in_time = self._app.engine.stop(self._app.stop_seconds())
        return in_time

    def _step(self) -> datetime:
        app = self._app
        now = app.clock.now()
        try:
            journey.tick(app, now)
            app.ticked_boot = app.clock.boot()
            moment = journey.next_moment(app, now, tried_at=now)
        except GroundLost as lost:
            app.trouble(str(lost))
            return now + AFTER_A_FAULT
        # The lanes' own commits wake us through the watch; this is the longest we sleep on an unchanged database.
        latest = now + AT_LEAST_EVERY
        return latest if moment is None or moment <= now else min(moment, latest)
