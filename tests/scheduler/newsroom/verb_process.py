"""Processes that give one of the newsroom's verbs and die inside it, by a real SIGKILL, boundary after boundary."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path

from sqlalchemy import event

from db.records import Scope
from scheduler import newsroom
from scheduler.app import App, build
from scheduler.clock import HeldClock
from scheduler.settings_load import load_settings

VERBS: dict[str, Callable[[App, int], object]] = {
    "kill": lambda app, story: newsroom.kill(app, story, actor="ben", reason="withdrawn"),
    "correct": lambda app, story: newsroom.correct(
        app, story, "x-main", "Right words.", actor="ben", reason="wrong vote"
    ),
    "resume": lambda app, story: newsroom.resume(app, newsroom.Reach(Scope.EVERYTHING), actor="ben"),
}


def die_everywhere(verb: str, folder: Path, now: datetime, story: int, every: int, told: Connection) -> None:
    """Gives the verb in one process after the other; each dies ``every`` statements and commits later than the last.

    Tells through ``told`` after each whether it died, and goes on when it is answered; the first that gets through is
    the last. To be run in a process of its own without threads: it forks.
    """
    at = 1
    while True:
        died = _dies(verb, folder, now, story, at)
        told.send(died)
        if not died:
            return
        told.recv()
        at += every


def _dies(verb: str, folder: Path, now: datetime, story: int, at: int) -> bool:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            _give(verb, folder, now, story, at)
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    if status != 0:
        raise RuntimeError(f"{verb} ended with status {status} instead of dying at {at}")
    return False


def _give(verb: str, folder: Path, now: datetime, story: int, at: int) -> None:
    loaded = load_settings(folder / "settings.toml", {})
    app = build(loaded.settings, folder, clock=HeldClock(now), on_trouble=lambda said: None)
    left = [at]

    def one_more(*_: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    for engine in {app.ground.engine, app.ground._reading}:
        event.listen(engine, "before_cursor_execute", one_more)
        event.listen(engine, "commit", one_more)
    VERBS[verb](app, story)
