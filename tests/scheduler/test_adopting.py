"""A database that was restored, copied or moved sends nothing until a person says so, and then nothing twice."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from db.backup import backup
from db.records import KnownBy, State
from scheduler.adopting import adopt
from scheduler.deliver import deliver_next
from tests.scheduler.house import MAIL, MORNING, SETTINGS, after_answers, house

LATER = SETTINGS.replace('kind = "x"', 'kind = "x"\nslots = ["daily 09:00"]')


def test_a_restored_backup_sends_nothing_until_adopted_and_then_nothing_twice(tmp_path: Path) -> None:
    desk, kept = tmp_path / "desk", tmp_path / "kept.db"
    desk.mkdir()
    with house(desk, LATER) as h:
        story = h.take()
        h.take("A second story", url=None)
        h.work()
        with_plan = backup(h.app.ground, kept)
        h.clock.advance(timedelta(minutes=31))
        h.work()
        assert h.of(story, "x-main").state is State.SENT
        clock = h.clock
    for name in ("pressrun.db", "pressrun.db-wal", "pressrun.db-shm"):
        (desk / name).unlink(missing_ok=True)
    shutil.copy(with_plan, desk / "pressrun.db")
    with house(desk, LATER, clock=clock) as h:
        before = len(h.platforms.published("x"))
        h.work()
        h.clock.advance(timedelta(hours=1))
        h.work()
        assert len(h.platforms.published("x")) == before
        refusal = h.app.safeguard.refusal()
        assert refusal is not None
        assert "pressrun adopt" in refusal.sentence
        adopt(h.app, actor="ben", reason="restored")
        for _ in range(4):
            h.work()
            h.clock.advance(timedelta(hours=8))
        found = h.of(story, "x-main")
        assert (found.state, found.known_by) == (State.SENT, KnownBy.LOOKING)
        texts = [one.text for one in h.platforms.published("x")]
        assert len(texts) == len(set(texts))


def test_nothing_goes_once_the_database_file_was_taken_away_under_us(tmp_path: Path) -> None:
    with house(tmp_path, LATER) as h:
        story = h.take()
        h.work()
        file = h.app.ground.path
        assert file is not None
        file.rename(tmp_path / "elsewhere.db")
        h.clock.advance(timedelta(minutes=31))
        h.work()
        refusal = h.app.safeguard.refusal()
        assert refusal is not None
        assert "was removed or replaced" in refusal.sentence
        assert h.of(story, "x-main").state is State.PLANNED
        assert not h.platforms.published("x")
        (tmp_path / "elsewhere.db").rename(file)
        h.work()
        assert len(h.platforms.published("x")) == 1


def test_an_issue_under_way_stops_once_the_database_file_was_taken_away_and_goes_on_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        h.readers(12)
        h.take()
        h.clock.advance(timedelta(minutes=1))
        file, elsewhere = h.app.ground.path, tmp_path / "elsewhere.db"
        assert file is not None
        after_answers(monkeypatch, 2, lambda: file.rename(elsewhere))
        h.work()
        assert len(h.platforms.published("email")) < 12
        elsewhere.rename(file)
        h.work()
        assert sorted(Counter(one.to for one in h.platforms.published("email")).values()) == [1] * 12


def test_news_that_comes_in_again_after_a_restore_is_looked_for_before_its_first_send(tmp_path: Path) -> None:
    desk, kept = tmp_path / "desk", tmp_path / "kept.db"
    desk.mkdir()
    with house(desk) as h:
        h.promise("An attempt, so that there is something to go back from")
        assert deliver_next(h.app, h.app.outlets["x-main"])
        backup(h.app.ground, kept)
        h.clock.advance(timedelta(minutes=5))
        h.take()
        h.work()
        sent = len(h.platforms.published("x"))
        published_at = h.clock.now()
        clock = h.clock
    for name in ("pressrun.db", "pressrun.db-wal", "pressrun.db-shm"):
        (desk / name).unlink(missing_ok=True)
    shutil.copy(kept, desk / "pressrun.db")
    clock.advance(timedelta(minutes=30))
    with house(desk, clock=clock) as h:
        adopt(h.app, actor="ben")
        again = h.take(published_at=published_at)
        for _ in range(3):
            h.work()
            h.clock.advance(timedelta(minutes=10))
        assert h.of(again, "x-main").known_by is KnownBy.LOOKING
        assert h.of(again, "fb-main").known_by is KnownBy.LOOKING
        assert len(h.platforms.published("x")) == sent
        later = h.take("Something that happened after", published_at=h.clock.now())
        h.work()
        assert h.of(later, "x-main").known_by is KnownBy.ANSWERED


def test_a_copied_folder_sends_nothing(tmp_path: Path) -> None:
    desk, copy = tmp_path / "desk", tmp_path / "copy"
    desk.mkdir()
    with house(desk) as h:
        h.take()
        h.work()
        h.take("A second story")
        clock = h.clock
    shutil.copytree(desk, copy)
    with house(copy, clock=clock) as h:
        before = len(h.platforms.published("x"))
        h.work()
        assert len(h.platforms.published("x")) == before
        refusal = h.app.safeguard.refusal()
        assert refusal is not None
        assert "copied" in refusal.sentence


def test_a_jump_of_the_wall_stops_everything_until_a_person_says_it_is_right(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        h.promise("One before the jump")
        h.work()
        h.clock.jump(timedelta(hours=-1))
        held = h.promise("One after the jump", due_at=h.clock.now(), latest_at=MORNING + timedelta(minutes=10))
        h.work()
        assert h.see(held).state is State.PLANNED
        h.clock.jump(timedelta(hours=26))  # a day on: nothing expires on a clock that is not believed
        h.work()
        assert h.see(held).state is State.PLANNED
        h.clock.jump(timedelta(hours=-25))
        h.work()
        assert h.see(held).state is State.SENT
        h.clock.jump(timedelta(hours=3))
        adopt(h.app, actor="ben", clock=True)
        last = h.promise("One after a person spoke")
        h.work()
        assert h.see(last).state is State.SENT
