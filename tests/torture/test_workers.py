"""Two workers on one database: no delivery twice, and one post of a channel in flight at a time."""

from __future__ import annotations

import random
import threading
from pathlib import Path

from channels.rehearsal.faults import Fault
from db.records import State
from scheduler.app import App
from tests.torture.stage import CHANNELS, Stage, meddled, open_app, words, work_once
from tests.torture.truth import judge


class Crossing:
    """Sees how many calls of one channel are under way at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside: dict[str, int] = {}
        self.most = self.calls = 0

    def enter(self, name: str) -> None:
        with self._lock:
            self.calls += 1
            self._inside[name] = self._inside.get(name, 0) + 1
            self.most = max(self.most, self._inside[name])

    def leave(self, name: str) -> None:
        with self._lock:
            self._inside[name] -= 1


def test_two_workers_never_send_one_delivery_twice_nor_two_posts_of_a_channel_at_once(
    tmp_path: Path, database: str
) -> None:
    stage = Stage(tmp_path, database=database)
    crossing = Crossing()

    def watched(channel):  # type: ignore[no-untyped-def]
        name = channel.name
        if channel.kind == "email":  # an issue is one worker's, and goes over many lines at once
            return channel
        return meddled(channel, lambda: crossing.enter(name), lambda: crossing.leave(name))

    apps = [open_app(tmp_path, stage.clock, stage.platforms, stage.troubles.append, watched) for _ in range(4)]
    chance = random.Random(6)
    try:
        for _ in range(12):
            for kind in ("x", "facebook"):
                stage.promise(kind, [words(chance)])
        stage.promise_issue(words(chance))
        stage.platforms.faults.add(*[Fault("x", "send", "slow", arguments={"seconds": 0.02}) for _ in range(12)])
        start = threading.Barrier(len(apps))
        faults: list[BaseException] = []

        def work(app: App) -> None:
            start.wait()
            try:
                for _ in range(20):
                    work_once(app)
            except BaseException as fault:
                faults.append(fault)

        threads = [threading.Thread(target=work, args=(app,)) for app in apps]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert faults == []
        stage.settle()
        truth = judge(stage.app, [one for kind in CHANNELS for one in stage.published(kind)])
        assert (truth.wrong, truth.doubles, truth.lost) == ([], 0, 0)
        assert crossing.calls >= 20
        assert crossing.most == 1
        with stage.app.ground.reading() as tx:
            from db import deliveries

            assert deliveries.count_by_state(tx) == {State.SENT: 25}
    finally:
        for app in apps:
            app.close()
        stage.close()
