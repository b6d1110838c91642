"""A database that went back to an older moment, or stands in two places, must not repeat."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from channels.rehearsal.faults import Fault
from db.backup import backup
from db.claims import Refusal
from db.records import Delivery, State
from scheduler.adopting import adopt
from scheduler.deliver import deliver_next
from scheduler.expiry import expire
from scheduler.reconcile import reconcile_next
from tests.torture.stage import CHANNELS, Stage, open_app, words
from tests.torture.truth import Tally, judge


class Before:
    """A day's work of which a part is done: some posts out, a thread half out, others planned, an issue begun."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.chance = stage, random.Random(7)
        stage.fresh(lag=200)
        out = [self.post("x"), self.post("facebook")]
        stage.settle()
        stage.platforms.faults.add(Fault("x", "send", "closed", skip=1))
        self.thread = self.post("x", parts=3)
        deliver_next(stage.app, stage.outlet("x"))
        assert stage.see(self.thread).state is State.UNCERTAIN
        self.planned = [self.post("x"), self.post("facebook"), self.post("x", parts=3)]
        stage.platforms.faults.add(Fault("email", "dot", "smtp-451", skip=1))
        self.issue = stage.promise_issue(words(self.chance))
        deliver_next(stage.app, stage.outlet("email"))
        self.all = [*out, self.thread, *self.planned, self.issue]

    def post(self, kind: str, parts: int = 1) -> Delivery:
        return self.stage.promise(kind, [words(self.chance) for _ in range(parts)])

    def truth(self) -> Tally:
        return judge(self.stage.app, [one for kind in CHANNELS for one in self.stage.published(kind)])

    def out(self) -> int:
        return sum(len(self.stage.published(kind)) for kind in CHANNELS)


def nothing_goes(stage: Stage) -> None:
    """Every door is shut, and says why."""
    for kind in CHANNELS:
        refused = deliver_next(stage.app, stage.outlet(kind))
        assert isinstance(refused, Refusal)
        assert refused.why == "restored"
        assert "pressrun adopt" in refused.sentence
        assert not reconcile_next(stage.app, stage.outlet(kind))
    assert expire(stage.app, stage.clock.now()) == 0


def restore(stage: Stage, kept: Path) -> None:
    """Puts an older database in the place of the present one, and starts anew."""
    stage.app.ground.close()
    database = stage.app.ground.path
    assert database is not None
    for file in database.parent.glob("pressrun.db-[ws]*"):
        file.unlink()
    shutil.copy(kept, database)
    stage.app = stage.open()


def test_a_backup_restored_after_more_was_sent_sends_nothing_until_adopted_and_then_nothing_twice(
    stage: Stage, tmp_path: Path
) -> None:
    day = Before(stage)
    kept = backup(stage.app.ground, tmp_path / "yesterday.db")
    stage.settle()
    before = day.out()
    assert day.truth().wrong == []

    restore(stage, kept)
    nothing_goes(stage)
    assert day.out() == before

    adopt(stage.app, actor="ada", reason="the disk died")
    stage.reopen()  # the person's word holds for every process to come
    stage.settle()
    truth = day.truth()
    assert (truth.doubles, truth.lost, truth.wrong) == (0, 0, [])
    assert day.out() == before
    assert all(stage.see(one).state in (State.SENT, State.UNSETTLED) for one in day.all)


@pytest.mark.parametrize("kind", ["x", "facebook"])
def test_what_went_out_a_moment_before_the_restore_is_found_although_the_platform_shows_it_late(
    stage: Stage, tmp_path: Path, kind: str
) -> None:
    chance = random.Random(9)
    stage.fresh(lag=299)
    stage.promise(kind, [words(chance)])
    stage.settle()  # an attempt that the database remembers
    post = stage.promise(kind, [words(chance)])
    kept = backup(stage.app.ground, tmp_path / "then.db")
    deliver_next(stage.app, stage.outlet(kind))
    assert stage.see(post).state is State.SENT
    restore(stage, kept)
    adopt(stage.app, actor="ada")
    stage.settle()
    assert len(stage.published(kind)) == 2
    assert stage.see(post).state is State.SENT


def test_a_copied_folder_sends_nothing_until_adopted_and_then_nothing_twice(stage: Stage, tmp_path: Path) -> None:
    day = Before(stage)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for file in [*stage.folder.glob("pressrun.db*"), stage.folder / "settings.toml"]:
        shutil.copy(file, elsewhere)
    stage.settle()
    before = day.out()

    stage.app.ground.close()
    stage.app = open_app(elsewhere, stage.clock, stage.platforms, stage.troubles.append)
    nothing_goes(stage)
    adopt(stage.app, actor="ada", reason="we moved")
    stage.settle()
    truth = day.truth()
    assert (truth.doubles, truth.lost, truth.wrong) == (0, 0, [])
    assert day.out() == before


@pytest.mark.parametrize("kind", ["x", "facebook"])
def test_what_waited_for_its_next_try_in_the_backup_is_looked_for_as_well(
    stage: Stage, tmp_path: Path, kind: str
) -> None:
    chance = random.Random(8)
    stage.fresh()
    post = stage.promise(kind, [words(chance)])
    stage.platforms.faults.add(Fault(kind, "send", "429-empty"))
    deliver_next(stage.app, stage.outlet(kind))
    stage.clock.advance(stage.outlet(kind).policy.settle)
    assert reconcile_next(stage.app, stage.outlet(kind))
    assert stage.see(post).state is State.PLANNED
    kept = backup(stage.app.ground, tmp_path / "then.db")
    stage.settle()
    assert len(stage.published(kind)) == 1

    restore(stage, kept)
    adopt(stage.app, actor="ada")
    stage.settle()
    assert len(stage.published(kind)) == 1
    assert stage.see(post).state is State.SENT
