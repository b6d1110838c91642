"""Whatever the platforms do, once and again: nothing twice, nothing lost, and the log tells the truth.

The short form; the long form is ``python -m tests.torture``. Every single fault is played by ``test_reliability``.
"""

from __future__ import annotations

import random
from collections import Counter
from itertools import islice

import pytest

from channels.rehearsal.fault_classes import FaultClass
from channels.rehearsal.faults import Fault
from db.records import State, Verb
from scheduler import takedown
from tests.torture import long
from tests.torture.long import tasks
from tests.torture.reliability import PAGE
from tests.torture.report import CLASSES, ONE_FAULT, POSTGRESQL, SQLITE, TWO_FAULTS, told
from tests.torture.scripts import Script, drawn, every_fault, of_classes, pairs, play
from tests.torture.stage import CHANNELS, QUICK, Stage
from tests.torture.truth import Tally

KINDS = tuple(CHANNELS)


def played(stage: Stage, scripts: list[Script]) -> Tally:
    total = Tally()
    for script in scripts:
        total.add(play(stage, script))
    assert total.wrong == []
    assert (total.doubles, total.lost, total.scripts) == (0, 0, len(scripts))
    return total


@pytest.mark.parametrize("kind", KINDS)
def test_after_any_two_faults_the_log_says_what_the_readers_see(quick_stage: Stage, kind: str) -> None:
    played(quick_stage, random.Random(f"two {kind}").sample(list(pairs(kind)), 25))


@pytest.mark.parametrize("kind", KINDS)
def test_after_up_to_four_faults_people_and_lag_the_log_says_what_the_readers_see(
    quick_stage: Stage, kind: str
) -> None:
    played(quick_stage, random.Random(f"four {kind}").sample(list(of_classes(kind)), 25))


def test_the_same_scripts_hold_on_postgresql(tmp_path_factory: pytest.TempPathFactory) -> None:
    from tests.postgres import postgres_url

    stage = Stage(tmp_path_factory.mktemp("postgresql"), database=postgres_url(), deadline=QUICK)
    try:
        for kind in KINDS:
            played(stage, random.Random(f"postgresql {kind}").sample(list(of_classes(kind)), 8))
    finally:
        stage.close()


def test_the_long_form_plays_every_script_of_up_to_two_faults_and_of_up_to_four_classes_on_each_kind() -> None:
    assert len(FaultClass) == 8
    planned: Counter[tuple[str, str]] = Counter()
    databases: set[tuple[str, bool]] = set()
    for task in tasks("all", seed=0):
        for script in task.scripts:
            planned[script.kind, task.form] += 1
            databases.add((script.kind, task.postgresql))
    for kind in KINDS:
        faults = len(every_fault(kind))
        assert planned[kind, ONE_FAULT] == faults
        assert planned[kind, TWO_FAULTS] == faults**2
        assert planned[kind, CLASSES] == 8 + 8**2 + 8**3 + 8**4 == 4_680
        assert {(kind, False), (kind, True)} <= databases
        assert f"{faults**2:,} for" in " ".join(PAGE.read_text(encoding="utf-8").split())


def test_the_report_tells_each_database_and_what_is_wrong() -> None:
    good, bad = Tally(scripts=1_200, kills=50), Tally(doubles=1, wrong=[f"delivery {one}" for one in range(41)])
    good.played["x", TWO_FAULTS] = 1_200
    lines = told({SQLITE: good, POSTGRESQL: bad}).splitlines()
    assert lines[1].split() == ["kills", "50", "0", "50"]
    assert "doubles 0 1 1".split() in [line.split() for line in lines]
    assert "two faults 1,200 0 0".split() in [line.split() for line in lines]
    assert sum("WRONG: delivery" in line for line in lines) == 40
    assert lines[-1] == "  and 1 more that are wrong"


@pytest.mark.parametrize("kind", KINDS)
def test_the_scripts_hold_edits_wishes_lag_late_news_and_failing_looks(kind: str) -> None:
    scripts = list(islice(of_classes(kind), 600))
    assert any(one.wish_step is not None and one.wish_inside for one in scripts)
    assert any(one.latest is not None for one in scripts)
    assert kind == "email" or any(one.edits for one in scripts)
    assert kind == "email" or any(one.lag > 200 for one in scripts)
    assert kind == "email" or any(one.looks for one in scripts)
    assert {one.parts for one in scripts} == {"x": {1, 3}, "facebook": {1, 2}, "email": {1}}[kind]


def test_a_script_drawn_twice_from_one_seed_is_the_same() -> None:
    classes = (FaultClass.LOST_AFTER, FaultClass.HANG)
    assert drawn("x", classes, 7) == drawn("x", classes, 7)
    assert len(every_fault("x")) > 100


def test_a_thread_that_was_refused_and_began_all_the_same_is_a_persons_matter(stage: Stage) -> None:
    total = played(stage, [Script("x", (Fault("x", "send", "x-too-long", "after"),), parts=3)])
    assert len(stage.published("x")) == 1
    assert total.unsettled == 1


@pytest.mark.parametrize("kind", ["x", "facebook"])
def test_a_post_called_off_while_it_went_out_is_taken_down_again(stage: Stage, kind: str) -> None:
    lost = Script(kind, (Fault(kind, "send", "closed", "after"),), wish_step=0, wish_inside=True)
    played(stage, [lost])
    (post,) = stage.published(kind)
    assert post.deleted
    with stage.app.ground.reading() as tx:
        from db import deliveries

        rows = deliveries.in_states(tx, {State.SENT})
    assert [takedown.is_takedown(one) for one in sorted(rows, key=lambda one: one.id)] == [False, True]


@pytest.mark.parametrize("kind", ["x", "facebook"])
def test_a_post_called_off_before_it_went_out_never_does(stage: Stage, kind: str) -> None:
    lost = Script(kind, (Fault(kind, "send", "closed"),), wish_step=0, wish_inside=True)
    played(stage, [lost])
    assert stage.published(kind) == []


@pytest.mark.parametrize("kind", ["x", "facebook"])
def test_words_that_went_out_before_an_edit_are_found_whatever_the_post_says_now(stage: Stage, kind: str) -> None:
    """The first words show later than any platform should: only the second try's look can find them."""
    late = Fault(kind, "send", "closed", "after", arguments={"lag": 700.0})
    lost = Fault(kind, "send", "closed", "before")
    played(stage, [Script(kind, (late, lost), edits=True)])
    (out,) = stage.published(kind)
    with stage.app.ground.reading() as tx:
        from db import attempts, deliveries

        (row,) = deliveries.in_states(tx, {State.SENT})
        tried = [one.text for one in attempts.of_delivery(tx, row.id) if one.verb is Verb.SEND]
    assert len(set(tried)) == 2, "the words were edited between the two tries"
    assert out.text == tried[0]


def test_a_fault_of_our_own_is_told_with_its_script_and_the_next_scripts_are_played(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = Script("x", ()), Script("facebook", ())

    def breaks(stage: Stage, script: Script) -> Tally:
        if script is first:
            raise IndexError("no such place")
        return play(stage, script)

    monkeypatch.setattr(long, "play", breaks)
    told = long.do(long.Task(scripts=(first, second), form=ONE_FAULT))
    assert told.scripts == 2
    assert told.published == 1
    (wrong,) = told.wrong
    assert "[x seed 0: no fault]: IndexError at test_scripts.py" in wrong
