"""The clock is moved through the change of hours, a day on and a day back: nothing doubled, nothing dropped."""

from __future__ import annotations

import random
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.rehearsal.faults import Fault
from db.claims import Refusal
from db.records import State
from scheduler.adopting import adopt
from scheduler.deliver import deliver_next
from scheduler.safeguards import JUMP
from tests.torture.stage import CHANNELS, Stage, words, work_once
from tests.torture.truth import judge

AUTUMN = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # half an hour before Berlin's clocks go back
SPRING = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)  # half an hour before they go on

_JUMPS = (
    timedelta(days=1),
    timedelta(days=-1),
    timedelta(hours=1),
    timedelta(hours=-1),
    timedelta(seconds=45),
    timedelta(seconds=-45),
)
_doings = st.lists(
    st.one_of(
        st.tuples(st.just("promise"), st.sampled_from(["x", "facebook"]), st.integers(0, 180)),
        st.tuples(st.just("pass"), st.sampled_from([1, 10, 45, 120]), st.just(0)),
        st.tuples(st.just("jump"), st.sampled_from(_JUMPS), st.just(0)),
        st.tuples(st.just("fault"), st.sampled_from(["closed", "429-empty", "500-json"]), st.booleans()),
    ),
    min_size=3,
    max_size=10,
)


class Day:
    """A day under a clock that somebody moves."""

    def __init__(self, stage: Stage, start: datetime) -> None:
        self.stage, self.chance = stage, random.Random(3)
        self.stage.clock.advance(start - stage.clock.now())
        self.shift = timedelta(0)  # of the wall against the time that really passed since a person last agreed
        stage.fresh()

    def out(self) -> int:
        return sum(len(self.stage.published(kind)) for kind in CHANNELS)

    def do(self, doing: tuple[str, object, object]) -> None:
        what, how, more = doing
        if what == "promise":
            assert isinstance(more, int)
            due = self.stage.clock.now() + timedelta(minutes=more)
            self.stage.promise(str(how), [words(self.chance)], due_at=due)
        elif what == "pass":
            assert isinstance(how, int)
            self.stage.clock.advance(timedelta(minutes=how))
        elif what == "jump":
            assert isinstance(how, timedelta)
            self.stage.clock.jump(how)
            self.shift += how
        else:
            self.stage.platforms.faults.add(Fault("x", "send", str(how), "after" if more else "before"))
        self.work()

    def work(self) -> None:
        before = self.out()
        work_once(self.stage.app)
        if abs(self.shift) > JUMP:
            assert self.out() == before, "nothing goes while the clock cannot be believed"
        else:
            self.shift = timedelta(0) if self.noted() else self.shift

    def noted(self) -> bool:
        """Whether the house has taken the present time for right, as it does every ten seconds."""
        held = self.stage.app.safeguard._held
        return held.seen_at == self.stage.clock.now().isoformat()

    def agree(self) -> None:
        if abs(self.shift) > JUMP:
            adopt(self.stage.app, actor="ada", reason="the clock is right now", clock=True)
        self.stage.platforms.faults.clear()
        self.stage.settle()


@pytest.mark.parametrize("start", [AUTUMN, SPRING], ids=["autumn", "spring"])
@settings(max_examples=12)
@given(doings=_doings)
def test_a_clock_that_is_moved_neither_doubles_nor_drops(
    start: datetime, doings: list[tuple[str, object, object]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder))
        try:
            day = Day(stage, start)
            for doing in doings:
                day.do(doing)
            day.agree()
            truth = judge(stage.app, [one for kind in CHANNELS for one in stage.published(kind)])
            assert (truth.wrong, truth.doubles, truth.lost) == ([], 0, 0)
        finally:
            stage.close()


@pytest.mark.parametrize("by", [timedelta(days=1), timedelta(days=-1), timedelta(hours=-1)], ids=str)
def test_a_clock_that_jumped_sends_nothing_until_it_is_set_right(stage: Stage, by: timedelta) -> None:
    chance = random.Random(4)
    stage.fresh()
    due = stage.clock.now() + timedelta(hours=2)
    post = stage.promise("x", [words(chance)], due_at=due, latest_at=due + timedelta(hours=1))
    work_once(stage.app)
    stage.clock.jump(by)
    for _ in range(3):
        refused = deliver_next(stage.app, stage.outlet("x"))
        assert isinstance(refused, Refusal)
        assert refused.why == "clock"
        work_once(stage.app)
        stage.clock.advance(timedelta(seconds=30))
    assert stage.see(post).state is State.PLANNED, "a wrong clock lets nothing expire"
    stage.clock.jump(-by)
    stage.settle()
    assert stage.see(post).state is State.SENT
    assert len(stage.published("x")) == 1


@pytest.mark.parametrize("start", [AUTUMN, SPRING], ids=["autumn", "spring"])
def test_an_hour_that_comes_twice_or_never_sends_each_post_once_and_in_order(stage: Stage, start: datetime) -> None:
    stage.clock.advance(start - stage.clock.now())
    stage.fresh()
    chance = random.Random(5)
    texts = [words(chance) for _ in range(12)]
    for number, text in enumerate(texts):
        stage.promise("facebook", [text], due_at=start + timedelta(minutes=15 * number))
    stage.settle()
    assert [one.text for one in stage.published("facebook")] == texts
