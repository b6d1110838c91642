"""Real processes under SIGKILL in the middle of kill, correct and resume, on both databases, then continued.

What a raise inside this process shows at every single boundary (``test_dying``), the operating system shows here at
enumerated ones: the dead process has left nothing behind, whoever comes next ends the work, and nothing goes twice.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from db import stops
from db.records import Scope
from scheduler import newsroom
from scheduler.newsroom import Reach, Refused
from tests.postgres import postgres_url
from tests.scheduler.house import SETTINGS, House, house
from tests.scheduler.newsroom import verb_process
from tests.scheduler.newsroom.test_dying import standing, tables

STUCK_SECONDS = 300.0
EVERY = 5


@pytest.fixture(params=["sqlite", "postgresql"])
def h(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """A newsroom on each kind of database."""
    url = "sqlite:///pressrun.db" if request.param == "sqlite" else postgres_url()
    with house(tmp_path, f'{SETTINGS}[corrections]\nx = "repost"\n[database]\nurl = "{url}"\n') as made:
        yield made


def killed_in(verb: str, h: House, folder: Path, story: int) -> int:
    """Gives the verb in processes that are killed inside it until one gets through; how many died."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.scheduler.newsroom.verb_process"])
    ours, theirs = context.Pipe()
    args = (verb, folder, h.clock.now(), story, EVERY, theirs)
    runner = context.Process(target=verb_process.die_everywhere, args=args, daemon=True)
    before, deaths = tables(h), 0
    runner.start()
    theirs.close()
    try:
        while True:
            assert ours.poll(STUCK_SECONDS), "the process neither died nor got through"
            if not ours.recv():
                return deaths
            deaths += 1
            assert tables(h) == before, f"process {deaths} left something behind"
            ours.send("go on")
    finally:
        ours.close()
        runner.join(STUCK_SECONDS)


def test_kill(h: House, tmp_path: Path) -> None:
    story = h.take()
    h.work()
    assert len(standing(h, "x")) == len(standing(h, "facebook")) == 1
    assert killed_in("kill", h, tmp_path, story) > 2
    again = newsroom.kill(h.app, story, actor="ben", reason="withdrawn")
    assert len(again.removals) == 2, "the orders of the one that got through are there, and are not given twice"
    h.work()
    assert standing(h, "x") == standing(h, "facebook") == []


def test_correct(h: House, tmp_path: Path) -> None:
    story = h.take()
    h.work()
    assert killed_in("correct", h, tmp_path, story) > 2
    with pytest.raises(Refused, match="corrects it already"):
        newsroom.correct(h.app, story, "x-main", "Right words.", actor="ben", reason="wrong vote")
    h.work()
    h.work()
    assert standing(h, "x") == ["Right words."]
    assert len(h.platforms.published("x")) == 2


def test_resume(h: House, tmp_path: Path) -> None:
    newsroom.hold(h.app, Reach(Scope.EVERYTHING), actor="ada", reason="the accident")
    for number in range(3):
        h.take(f"Story {number} of the held")
    h.work()
    h.clock.advance(timedelta(minutes=20))
    assert killed_in("resume", h, tmp_path, 0) > 2
    with h.app.ground.reading() as tx:
        assert stops.active(tx, h.clock.now()) == []
    with pytest.raises(Refused, match="is not paused"):
        newsroom.resume(h.app, Reach(Scope.EVERYTHING), actor="ada")
    for _ in range(6):
        h.work()
        h.clock.advance(timedelta(minutes=1))
    assert len(h.platforms.published("x")) == len(set(standing(h, "x"))) == 3
