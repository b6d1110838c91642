"""A worker that dies before every single statement, commit and answer of its work, one after another.

In this process: a hook raises ``Killed``, which no code of ours catches, so that the open transaction is rolled back
as the database does for a process that is gone; the app is left as it is and a new one goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from channels.rehearsal.faults import Fault
from scheduler.app import App
from tests.torture.scripts import Played, Script, judged
from tests.torture.stage import Stage
from tests.torture.truth import Tally


class Killed(BaseException):
    """The worker died here."""


class Killer:
    """Counts what a worker does and lets it die at the ``at``-th; what is dead does nothing more."""

    def __init__(self, stage: Stage, at: int) -> None:
        self._stage, self.at, self.count, self.where = stage, at, 0, ""

    def strike(self, where: str) -> None:
        if not self._stage.working:
            return
        self.count += 1
        if self.count >= self.at:
            self.where = self.where or where
            raise Killed(where)

    @contextmanager
    def over(self, app: App) -> Iterator[None]:
        """Watches the statements and commits of an app, and its calls."""

        def statement(connection: Any, cursor: Any, said: str, *rest: Any) -> None:
            self.strike(" ".join(said.split()[:6]))

        def commit(connection: Any) -> None:
            self.strike("commit")

        engines = {app.ground.engine, app.ground._reading}
        for engine in engines:
            event.listen(engine, "before_cursor_execute", statement)
            event.listen(engine, "commit", commit)
        self._stage.before_call = lambda: self.strike("before the call")
        self._stage.after_call = lambda: self.strike("after the call")
        try:
            yield
        finally:
            for engine in engines:
                event.remove(engine, "before_cursor_execute", statement)
                event.remove(engine, "commit", commit)
            self._stage.before_call = self._stage.after_call = lambda: None
            self._stage.working = False


def die_at(stage: Stage, script: Script, at: int) -> tuple[Tally, bool]:
    """Plays a script whose worker dies at its ``at``-th doing; False when it was done before that."""
    stage.fresh(lag=script.lag)
    killer = Killer(stage, at)
    died, stuck = False, ""
    with killer.over(stage.app):
        played = Played(stage, script)
        try:
            stage.settle(played.delivery.id, step=played.step, look=played.look)
        except Killed:
            died = True
    if died:
        stage.reopen()
        played.forget_hooks()
        try:
            stage.settle(played.delivery.id, step=played.step, look=played.look)
        except AssertionError as error:
            stuck = str(error)
    tally = judged(stage, played, stuck)
    tally.kills = int(died)
    tally.wrong = [f"killed at {at} ({killer.where}): {sentence}" for sentence in tally.wrong]
    return tally, died


def everywhere(stage: Stage, script: Script, first: int = 1, every: int = 1) -> Tally:
    """Plays a script as often as its worker has doings, and lets it die at each in turn."""
    total, at = Tally(), first
    while True:
        tally, died = die_at(stage, script, at)
        total.add(tally)
        if not died:
            return total
        at += every


def long_scripts() -> list[Script]:
    """What the long form dies in, at each single moment."""

    def fault(kind: str, name: str, when: str = "before", match: str = "send", skip: int = 0) -> Fault:
        return Fault(kind, match, name, when, skip=skip)

    return [
        Script("x", ()),
        Script("x", (fault("x", "closed", "after"),)),
        Script("x", (fault("x", "429-empty"),)),
        Script("x", (fault("x", "x-not-permitted", "after"),)),
        Script("x", (fault("x", "closed", "after", skip=1), fault("x", "500-json")), parts=3),
        Script("x", (fault("x", "closed", "after"),), wish_step=0, wish_inside=True),
        Script("x", (fault("x", "closed"),), looks=(fault("x", "500-json", match="look"),)),
        Script("facebook", ()),
        Script("facebook", (fault("facebook", "closed", "after", skip=1),), parts=2),
        Script("facebook", (fault("facebook", "reset", "after"), fault("facebook", "502-html"))),
        Script("facebook", (fault("facebook", "closed"),), wish_step=0, wish_inside=True),
        Script("email", ()),
        Script("email", (fault("email", "closed", "after", match="dot"),)),
        Script("email", (fault("email", "smtp-451", match="rcpt"),), wish_step=0),
    ]
