"""Hold and pause keep what they reach, and their end never bursts."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from db import audit, deliveries, issues, stops
from db.records import Priority, Scope, State
from db.tables import deliveries as table
from scheduler import journey, newsroom
from scheduler.clock import SystemClock
from scheduler.newsroom import Reach, Refused, Way
from scheduler.worker import Worker
from tests.scheduler.house import MAIL, MORNING, SETTINGS, House, after_answers, house

SPACED = SETTINGS.replace('kind = "x"', 'kind = "x"\nspacing = "10 min"\nlatest = "1h"')
SLOTS = SETTINGS.replace('kind = "x"', 'kind = "x"\nslots = ["daily 09:00", "daily 11:00", "daily 13:00"]')
EVERYTHING = Reach(Scope.EVERYTHING)


def pause(h: House, reach: Reach = EVERYTHING, **said: object) -> newsroom.Laid:
    return newsroom.hold(h.app, reach, actor="ben", reason="the accident at the harbour", **said)  # type: ignore[arg-type]


def test_nothing_goes_under_a_pause_and_its_reason_is_with_every_row(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        one = h.promise("A word")
        laid = pause(h)
        assert (laid.keeps, laid.in_flight) == (1, ())
        h.work()
        assert h.see(one).state is State.PLANNED
        with h.app.ground.reading() as tx:
            (stop,) = stops.over(tx, h.see(one), h.clock.now())
        assert (stop.reason, stop.by) == ("the accident at the harbour", "ben")


@pytest.mark.parametrize(
    ("reach", "kept"),
    [
        (Reach(Scope.STORY, "1"), {1}),
        (Reach(Scope.SECTION, "police"), {1}),
        (Reach(Scope.CHANNEL, "x-main"), {1, 2}),
        (Reach(Scope.DELIVERY, "1"), {1}),
    ],
)
def test_a_hold_keeps_what_it_names_and_nothing_else(tmp_path: Path, reach: Reach, kept: set[int]) -> None:
    with house(tmp_path, SETTINGS.replace('[channels.fb-main]\nkind = "facebook"\ndeadline = "10s"\n', "")) as h:
        later = h.clock.now() + timedelta(minutes=5)
        h.take("First story of the day", section="Police", embargo_at=later)
        h.take("Second story of the day", section="Culture", embargo_at=later)
        h.work()
        pause(h, reach)
        h.clock.advance(timedelta(minutes=6))
        h.work()
        with h.app.ground.reading() as tx:
            planned = {one.id for one in deliveries.in_states(tx, (State.PLANNED,))}
        assert planned == kept


def test_a_held_story_is_in_no_issue_and_an_issue_that_carries_it_waits(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        h.readers(2)
        held, free = h.take("Held story of the day"), h.take("Free story of the day")
        pause(h, Reach(Scope.STORY, str(held)))
        h.work()
        with h.app.ground.reading() as tx:
            (issue,) = issues.of_article(tx, free)
            assert issues.of_article(tx, held) == []
        assert issue.article_ids == (free,)
        assert len(h.platforms.published("email")) == 2


def test_an_issue_waits_while_a_story_in_it_is_held(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL.replace('kind = "email"', 'kind = "email"\npublish = "approve"')) as h:
        h.readers(2)
        story = h.take()
        h.work()
        with h.app.ground.reading() as tx:
            (issue,) = issues.of_article(tx, story)
            (waiting,) = deliveries.in_states(tx, (State.WAITING,))
        assert waiting.subject_id == issue.id
        pause(h, Reach(Scope.STORY, str(story)))
        newsroom.approve_issue(h.app, waiting.id, actor="ada")
        h.work()
        assert not h.platforms.published("email")
        newsroom.resume(h.app, Reach(Scope.STORY, str(story)), actor="ben")
        h.work()
        assert len(h.platforms.published("email")) == 2


def test_breaking_news_may_pass_if_told(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        plain, breaking = h.promise("Plain"), h.promise("Breaking", priority=Priority.BREAKING)
        pause(h, lets_breaking=True)
        h.work()
        assert (h.see(plain).state, h.see(breaking).state) == (State.PLANNED, State.SENT)


def test_a_pause_ends_by_itself_at_its_moment(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        one = h.promise("A word")
        pause(h, until=h.clock.now() + timedelta(hours=1))
        h.work()
        h.clock.advance(timedelta(hours=1))
        h.work()
        assert h.see(one).state is State.SENT


def test_resume_sends_the_newest_first_and_spaced_and_notes_each_as_held(tmp_path: Path) -> None:
    with house(tmp_path, SPACED) as h:
        old, new = h.promise("Old words"), h.promise("New words", due_at=MORNING + timedelta(minutes=5))
        pause(h)
        h.clock.advance(timedelta(minutes=20))
        h.work()
        found = newsroom.propose(h.app, EVERYTHING)
        assert [(one.delivery.id, one.way) for one in found.proposals] == [(new.id, Way.SPACED), (old.id, Way.SPACED)]
        assert h.see(old).state is State.PLANNED
        newsroom.resume(h.app, EVERYTHING, actor="ada")
        h.work()
        assert (h.see(new).state, h.see(old).state) == (State.SENT, State.PLANNED)
        assert h.see(old).next_at - h.clock.now() >= timedelta(minutes=10)
        with h.app.ground.reading() as tx:
            rows = audit.rows(tx, verb="held")
        assert {(one.subject, one.actor, one.reason) for one in rows} == {
            (f"delivery {old.id}", "ada", "the accident at the harbour"),
            (f"delivery {new.id}", "ada", "the accident at the harbour"),
        }
        h.clock.advance(timedelta(minutes=11))
        h.work()
        assert h.see(old).state is State.SENT


def test_what_would_be_too_late_by_its_turn_is_dropped_as_stale(tmp_path: Path) -> None:
    with house(tmp_path, SPACED) as h:
        many = [h.promise(f"Word number {n}", latest_at=MORNING + timedelta(minutes=35)) for n in range(3)]
        pause(h)
        h.clock.advance(timedelta(minutes=20))
        done = newsroom.resume(h.app, EVERYTHING, actor="ada")
        assert [one.stale for one in done.proposals].count(True) == 1
        assert sum(h.see(one).state is State.EXPIRED for one in many) == 1


def test_what_went_stale_under_the_pause_is_told(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        one = h.promise("A word", latest_at=MORNING + timedelta(minutes=10))
        pause(h)
        h.clock.advance(timedelta(minutes=20))
        h.work()
        done = newsroom.resume(h.app, EVERYTHING, actor="ada")
        assert [gone.id for gone in done.expired] == [one.id]
        assert done.proposals == ()


def test_a_post_that_had_a_slot_is_proposed_for_the_next_one(tmp_path: Path) -> None:
    with house(tmp_path, SLOTS) as h:
        story = h.take()
        h.work()
        pause(h)
        h.clock.advance(timedelta(hours=1))  # 09:30 in Berlin, its slot was at nine
        (proposal,) = newsroom.resume(h.app, EVERYTHING, actor="ada").proposals
        assert proposal.way is Way.SLOT
        h.work()
        again = h.of(story, "x-main")
        assert (again.state, again.next_at) == (State.PLANNED, MORNING + timedelta(hours=2, minutes=30))


def test_a_person_changes_the_proposal_for_single_deliveries(tmp_path: Path) -> None:
    with house(tmp_path, SLOTS) as h:
        drop, slot, send = (h.promise(f"Word number {n}") for n in range(3))
        pause(h)
        h.clock.advance(timedelta(minutes=5))
        ways = {drop.id: Way.DROP, slot.id: Way.SLOT, send.id: Way.SPACED}
        newsroom.resume(h.app, EVERYTHING, actor="ada", ways=ways)
        h.work()
        assert [h.see(one).state for one in (drop, slot, send)] == [State.CANCELLED, State.PLANNED, State.SENT]
        assert h.see(slot).slot_at == MORNING + timedelta(minutes=30)
        with pytest.raises(Refused, match="not paused"):
            newsroom.resume(h.app, EVERYTHING, actor="ada")


def test_what_another_stop_still_keeps_is_not_released(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        one = h.promise("A word")
        pause(h)
        pause(h, Reach(Scope.DELIVERY, str(one.id)))
        done = newsroom.resume(h.app, EVERYTHING, actor="ada")
        assert done.proposals == ()
        h.work()
        assert h.see(one).state is State.PLANNED
        with pytest.raises(Refused, match="not held by this stop"):
            newsroom.propose(h.app, Reach(Scope.DELIVERY, str(one.id)), {one.id + 5: Way.DROP})


def test_a_newsletter_in_the_middle_stops_before_its_next_reader_and_goes_on_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        h.readers(6)
        h.take()
        after_answers(monkeypatch, 2, lambda: pause(h))  # between the second answer and the third reader's turn
        h.work()
        h.work()
        assert len(h.platforms.published("email")) == 2
        newsroom.resume(h.app, EVERYTHING, actor="ada")
        h.clock.advance(timedelta(minutes=1))
        h.work()
        assert len({mail.to for mail in h.platforms.published("email")}) == 6
        assert len(h.platforms.published("email")) == 6


def test_a_pause_and_its_end_wake_a_resident_worker(tmp_path: Path) -> None:
    """Within two seconds on a free machine, as make bench-verbs measures; a worker that nothing wakes sleeps thirty."""
    with house(tmp_path, clock=SystemClock()) as h:
        worker = Worker(h.app)
        thread = threading.Thread(target=worker.run)
        thread.start()
        try:
            pause(h)
            held = h.promise("Not to be said")
            time.sleep(1.2)  # long enough for a worker that minds no pause to have sent it
            assert h.see(held).state is State.PLANNED
            begun = time.monotonic()
            newsroom.resume(h.app, EVERYTHING, actor="ada")
            while h.see(held).state is not State.SENT and time.monotonic() - begun < 15:
                time.sleep(0.02)
            assert h.see(held).state is State.SENT
        finally:
            worker.stop()
            thread.join(20)


@pytest.mark.usefixtures("no_garbage_collected")
def test_a_pause_over_ten_thousand_planned_posts_is_laid_and_minded_at_once(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        first = h.promise("A word")
        with h.app.ground.transaction() as tx:
            row = dict(tx.execute(select(table).where(table.c.id == first.id)).one()._mapping)
            row.pop("id")
            tx.execute(insert(table), [{**row, "subject_id": 1000 + number} for number in range(10_000)])
        begun = time.thread_time()
        laid = pause(h)
        journey.deliver_due(h.app)
        assert h.app.engine.wait(120)
        assert time.thread_time() - begun < 2
        assert laid.keeps == 10_001
        assert not h.platforms.published("x")


@pytest.mark.parametrize(
    ("reach", "told"),
    [
        (Reach(Scope.CHANNEL, "x-mian"), "no channel"),
        (Reach(Scope.SECTION, "sport"), "no section"),
        (Reach(Scope.DELIVERY, "1"), "nothing left to hold"),
    ],
)
def test_what_there_is_not_cannot_be_held(tmp_path: Path, reach: Reach, told: str) -> None:
    with house(tmp_path) as h:
        h.promise("A word")
        h.work()
        with pytest.raises(Refused, match=told):
            pause(h, reach)


def test_a_hold_needs_a_reason_and_an_end_to_come(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        with pytest.raises(Refused, match="say why"):
            newsroom.hold(h.app, EVERYTHING, actor="ben", reason=" ")
        with pytest.raises(Refused, match="is past"):
            pause(h, until=h.clock.now())


def test_a_machines_stop_is_not_lifted_by_a_person(tmp_path: Path) -> None:
    with house(tmp_path) as h, pytest.raises(Refused, match="not paused by a person"):
        newsroom.propose(h.app, Reach(Scope.CHANNEL, "x-main"))
