"""Four workers, many posts and a pause: nothing begins after it is laid."""

from __future__ import annotations

import threading
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from db.records import Scope, State
from scheduler import deliver, newsroom
from scheduler.newsroom import Reach
from tests.scheduler.house import SETTINGS, house


def test_once_a_pause_is_laid_no_worker_begins_another_post(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS) as h:
        promised = [h.promise(f"Word number {number}") for number in range(40)]
        begun, outlet = threading.Barrier(5), h.app.outlets["x-main"]

        def work() -> None:
            begun.wait(60)
            for _ in range(20):
                deliver.deliver_next(h.app, outlet)

        workers = [threading.Thread(target=work) for _ in range(4)]
        for one in workers:
            one.start()
        begun.wait(60)
        laid = newsroom.hold(h.app, Reach(Scope.EVERYTHING), actor="ben", reason="the accident")
        for one in workers:
            one.join(60)
        states = [h.see(one).state for one in promised]
        assert set(states) <= {State.SENT, State.PLANNED}
        assert states.count(State.PLANNED) == laid.keeps
        assert len(h.platforms.published("x")) == states.count(State.SENT)
        done = newsroom.resume(h.app, Reach(Scope.EVERYTHING), actor="ada")
        moments = sorted(one.at.due_at for one in done.proposals if one.at is not None)
        assert all(late - early >= timedelta(minutes=1) for early, late in pairwise(moments))
