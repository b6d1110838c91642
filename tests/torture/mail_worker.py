"""A worker process that sends an issue and dies by a real SIGKILL at the n-th thing it does: statement, commit, word."""

from __future__ import annotations

import faulthandler
import os
from pathlib import Path
from typing import Any

from channels.email.session import Session
from channels.rehearsal.platforms import Addresses
from db.session import GroundLost
from scheduler import journey, mail_run
from scheduler.deliver import settle_abandoned
from tests.torture.stage import owed
from tests.torture.worker import IDLE_SECONDS, STUCK_SECONDS, Killer, hurry, quick_app


def work(folder: Path, addresses: Addresses, die_at: int) -> None:
    """Ticks until nothing is owed to anybody but a person. ``die_at`` 0: does not die."""
    hurry()
    mail_run.REFUSALS_IN_A_ROW = 1_000  # the lies are drawn by chance and say nothing of the issue
    with (folder / f"mail-worker-{os.getpid()}.log").open("w") as log:
        os.dup2(log.fileno(), 2)
        killer = Killer(die_at)
        app = quick_app(folder, addresses)
        app.is_dead = lambda claim: claim.owner != app.worker  # type: ignore[method-assign]  # one lives at a time
        killer.watch(app)
        _watch_words(killer)
        while True:
            faulthandler.dump_traceback_later(3 * STUCK_SECONDS, exit=True)
            try:
                journey.deliver_due(app)
                settle_abandoned(app)
                app.engine.wait()
                if not owed(app):
                    break
            except GroundLost as lost:
                app.trouble(str(lost))
            app.clock.sleep(IDLE_SECONDS)
        app.close()


def _watch_words(killer: Killer) -> None:
    """Counts each message begun, before and after its first words, and each time the server is heard."""
    begin, advance = Session.begin, Session.advance

    def begun(session: Session, *said: Any) -> Any:
        killer.count()
        ended = begin(session, *said)
        killer.count()
        return ended

    def advanced(session: Session) -> Any:
        ended = advance(session)
        killer.count()
        return ended

    Session.begin, Session.advance = begun, advanced  # type: ignore[method-assign, assignment]
