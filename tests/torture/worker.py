"""A worker process that may be told to die at its n-th doing, by a real SIGKILL."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import event

import channels.email.channel
import channels.facebook_page
import channels.x_account
import templates.issue
from channels.base import Channel
from channels.email import replies
from channels.rehearsal.platforms import Addresses
from db.session import GroundLost
from scheduler import easing, issues, journey, mail_lines, mail_retry, mail_run, retry, settings_load, standing
from scheduler.app import App, build
from scheduler.settings_load import load_settings
from tests.torture.stage import meddled, owed

__all__ = ["work"]

_READY = (channels.email.channel, channels.facebook_page, channels.x_account, settings_load, templates.issue)
"""What a worker would import at its first call; a worker forked from a server that has them begins at once."""

_SECOND = timedelta(seconds=1)
IDLE_SECONDS = 0.05
STUCK_SECONDS = 600.0
"""A tick never takes so long: the worker then writes down where it hangs, and ends."""


def hurry() -> None:
    """Makes every pause that no setting shortens as short as the test's deadlines."""
    retry._MINUTE, retry._LONGEST_BREAK, retry._LONGEST_WAIT = _SECOND / 10, _SECOND, _SECOND
    standing.CHECK_AGAIN, easing.CATCH_UP = _SECOND / 2, _SECOND / 20
    issues.ASK_AGAIN = _SECOND / 3
    mail_run.CLAIM_MARGIN = _SECOND / 2
    setattr(mail_run, "refused", lambda *anything: None)  # noqa: B010 -- a lie must not keep a reader from more
    replies.AGAIN_AFTER = _SECOND
    replies._CODES = tuple((code, outcome, wait and _SECOND, said) for code, outcome, wait, said in replies._CODES)
    mail_lines.AWAY = _SECOND
    mail_retry.PAUSES, mail_retry.LAST_PAUSE, mail_retry.ASK_AGAIN = (_SECOND / 3,) * 3, _SECOND, _SECOND / 2


def quick_app(folder: Path, addresses: Addresses, killer: Killer | None = None) -> App:
    """An app on the settings in ``folder`` that speaks to platforms in another process."""
    loaded = load_settings(folder / "settings.toml", {})
    app = build(loaded.settings, folder, on_trouble=lambda said: print(said, file=sys.stderr, flush=True))
    app.rehearsal._addresses = addresses
    outlets = {}
    for name, outlet in app.outlets.items():
        policy = replace(
            outlet.policy,
            first_pause=_SECOND / 5,
            longest_pause=_SECOND,
            rate_wait=_SECOND,
            look_pause=_SECOND / 3,
            check_every=_SECOND,
            patience=20 * _SECOND,
            max_tries=12,
        )
        quick = replace(outlet, policy=policy)
        if killer is not None:
            quick = replace(quick, build=partial(_watched, outlet.build, killer))
        outlets[name] = quick
    app.outlets = outlets
    return app


def _watched(build_it: Callable[[], Channel], killer: Killer) -> Channel:
    return meddled(build_it(), killer.count, killer.count)


class Killer:
    """Counts statements, commits, calls and answers of all threads, and ends the process at the ``at``-th."""

    def __init__(self, at: int) -> None:
        self._left = at
        self._lock = threading.Lock()

    def count(self) -> None:
        with self._lock:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def watch(self, app: App) -> None:
        def doing(*anything: Any) -> None:
            self.count()

        for engine in {app.ground.engine, app.ground._reading}:
            event.listen(engine, "before_cursor_execute", doing)
            event.listen(engine, "commit", doing)


def work(folder: Path, addresses: Addresses, die_at: int) -> None:
    """Ticks until nothing is owed to anybody but a person. ``die_at`` 0: does not die."""
    hurry()
    with (folder / f"worker-{os.getpid()}.log").open("w") as log:
        os.dup2(log.fileno(), 2)
        killer = Killer(die_at)
        app = quick_app(folder, addresses, killer)
        killer.watch(app)
        while True:
            faulthandler.dump_traceback_later(STUCK_SECONDS, exit=True)
            try:
                journey.tick(app, app.clock.now())
                app.engine.wait()
                if not owed(app):
                    break
            except GroundLost as lost:
                app.trouble(str(lost))
            app.clock.sleep(IDLE_SECONDS)
        app.close()
