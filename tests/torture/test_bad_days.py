"""Each row of "Other bad days" in docs/reliability.md, played: what Pressrun does, and what the log or the desk says."""

from __future__ import annotations

import ast
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from channels.rehearsal.faults import Fault
from db import attempts, notices, session
from db.claims import Refusal
from db.records import Attempt, Delivery, KnownBy, Look, Outcome, Part, State, Verb
from db.session import GroundLost
from scheduler import deliver, newsroom, reconcile, takedown
from scheduler.deliver import deliver_next
from scheduler.reconcile import reconcile_next
from tests.postgres import away, postgres_url
from tests.torture.reliability import PAGE
from tests.torture.stage import CHANNELS, Stage, words, work_once
from tests.torture.statements import Killed

PLAYED: dict[str, tuple[str, ...]] = {
    "The worker is killed before the call": (
        "test_bad_days.py::test_a_worker_killed_before_the_call_leaves_a_row_that_is_looked_for",
    ),
    "The worker is killed after the call": (
        "test_bad_days.py::test_a_worker_killed_after_the_call_leaves_a_post_that_a_look_finds",
        "test_bad_days.py::test_an_id_that_was_written_down_needs_no_look_whatever_dies_next",
    ),
    "The worker is killed during a look": ("test_bad_days.py::test_a_worker_killed_during_a_look_leaves_one_try_more",),
    "The platform shows a new post late": (
        "test_bad_days.py::test_not_there_is_not_believed_before_the_settle_time_has_passed",
    ),
    "The look itself fails": (
        "test_bad_days.py::test_a_look_that_fails_is_repeated_for_half_an_hour_then_a_person_is_asked_once",
        "test_bad_days.py::test_a_look_that_fails_is_a_persons_matter_at_the_latest_moment",
    ),
    "The account cannot be read back far enough": (
        "test_bad_days.py::test_an_account_that_was_not_read_to_its_end_proves_nothing",
    ),
    "Something like the post is there, but not it": (
        "test_bad_days.py::test_something_like_it_is_told_with_its_address_and_nothing_is_sent",
    ),
    "A person cancels what is in flight": (
        "test_bad_days.py::test_what_is_called_off_in_flight_stays_unsent_or_comes_down_again",
    ),
    "Words are edited between two tries": (
        "test_scripts.py::test_words_that_went_out_before_an_edit_are_found_whatever_the_post_says_now",
    ),
    "Some parts of a thread are out and the rest is refused or too late": (
        "test_bad_days.py::test_a_thread_that_is_half_out_says_how_many_parts_are_out",
    ),
    "A take-down is never answered clearly": (
        "test_bad_days.py::test_a_take_down_without_a_clear_answer_is_asked_so_often_and_no_more",
    ),
    "The database is away, full or read-only": (
        "test_bad_days.py::test_nothing_is_sent_that_could_not_be_written_down_before",
        "test_bad_days.py::test_a_result_that_cannot_be_written_down_is_kept_and_written_again",
        "test_bad_days.py::test_a_result_that_dies_with_its_process_is_found_by_a_look",
    ),
    "The machine's clock jumps by more than a minute": (
        "test_time.py::test_a_clock_that_jumped_sends_nothing_until_it_is_set_right",
        "test_time.py::test_a_clock_that_is_moved_neither_doubles_nor_drops",
    ),
    "A platform's clock is more than a minute off": (
        "test_bad_days.py::test_a_platform_whose_clock_is_off_stops_everything_until_a_check_finds_it_right",
    ),
    "A backup is restored, or the database is copied": (
        "test_restore.py::test_a_backup_restored_after_more_was_sent_sends_nothing_until_adopted_and_then_nothing_twice",
        "test_restore.py::test_a_copied_folder_sends_nothing_until_adopted_and_then_nothing_twice",
    ),
    "The database's file is taken away or replaced under a process at work": (
        "../scheduler/test_adopting.py::test_nothing_goes_once_the_database_file_was_taken_away_under_us",
    ),
    "The worker is killed while an issue goes out": (
        "test_mail_kills.py::test_whatever_dies_and_whatever_the_server_does_every_reader_gets_it_at_most_once",
    ),
    "The mail server refuses, puts off, closes and cuts as it likes": (
        "test_mail_kills.py::test_whatever_dies_and_whatever_the_server_does_every_reader_gets_it_at_most_once",
    ),
    "Two workers on one database": (
        "test_workers.py::test_two_workers_never_send_one_delivery_twice_nor_two_posts_of_a_channel_at_once",
        "test_kills.py::test_whatever_dies_and_whenever_the_log_equals_what_the_platforms_published",
    ),
}
"""The row's first cell -> the tests that play it, by file as seen from this folder."""

ACCOUNTS = ("x", "facebook")


def test_every_row_of_the_page_is_played_by_a_test_that_is_there() -> None:
    said = PAGE.read_text(encoding="utf-8").partition("## Other bad days")[2].partition("\n## ")[0]
    rows = [line.split("|")[1].strip() for line in said.splitlines() if line.startswith("| ")]
    assert rows[0] == "what happens"
    assert rows[1:] == list(PLAYED)
    for names in PLAYED.values():
        for name in names:
            file, _, test = name.partition("::")
            tree = ast.parse((Path(__file__).parent / file).read_text(encoding="utf-8"))
            assert test in {one.name for one in tree.body if isinstance(one, ast.FunctionDef)}, name


def promised(stage: Stage, kind: str, parts: int = 1, **more: object) -> Delivery:
    chance = random.Random(f"{kind} {parts}")
    stage.fresh()
    return stage.promise(kind, [words(chance) for _ in range(parts)], **more)  # type: ignore[arg-type]


def tries(stage: Stage, delivery: Delivery) -> list[Attempt]:
    with stage.app.ground.reading() as tx:
        return attempts.of_delivery(tx, delivery.id)


def told(stage: Stage, delivery: Delivery) -> list[tuple[Verb, Outcome | None]]:
    return [(one.verb, one.outcome) for one in tries(stage, delivery)]


def told_the_desk(stage: Stage, delivery: Delivery) -> list[str]:
    with stage.app.ground.reading() as tx:
        return [one.sentence for one in notices.standing(tx) if f"delivery {delivery.id} " in one.cause_key]


def dies(stage: Stage) -> Callable[[], None]:
    """What happens in the call that the worker does not survive; once."""

    def die() -> None:
        stage.before_call = stage.after_call = lambda: None
        raise Killed

    return die


@pytest.mark.parametrize("kind", ACCOUNTS)
def test_a_worker_killed_before_the_call_leaves_a_row_that_is_looked_for(stage: Stage, kind: str) -> None:
    post = promised(stage, kind)
    stage.before_call = dies(stage)
    with pytest.raises(Killed):
        deliver_next(stage.app, stage.outlet(kind))
    assert told(stage, post) == [(Verb.SEND, None)], "the row that says: about to act"
    stage.reopen()
    stage.settle()
    assert told(stage, post) == [
        (Verb.SEND, Outcome.UNCERTAIN),
        (Verb.LOOK, Outcome.NOT_THERE),
        (Verb.SEND, Outcome.SENT),
    ]
    assert tries(stage, post)[0].code == "abandoned"
    assert len(stage.published(kind)) == 1


@pytest.mark.parametrize("kind", ACCOUNTS)
def test_a_worker_killed_after_the_call_leaves_a_post_that_a_look_finds(stage: Stage, kind: str) -> None:
    post = promised(stage, kind)
    stage.after_call = dies(stage)
    with pytest.raises(Killed):
        deliver_next(stage.app, stage.outlet(kind))
    stage.reopen()
    stage.settle()
    assert told(stage, post) == [(Verb.SEND, Outcome.UNCERTAIN), (Verb.LOOK, Outcome.FOUND)]
    (out,) = stage.published(kind)
    found = tries(stage, post)[-1]
    assert (stage.see(post).state, stage.see(post).known_by) == (State.SENT, KnownBy.LOOKING)
    assert found.receipt_id == out.id
    assert found.url


@pytest.mark.parametrize("kind", ACCOUNTS)
def test_an_id_that_was_written_down_needs_no_look_whatever_dies_next(
    stage: Stage, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = promised(stage, kind)

    def killed(*anything: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(deliver, "_after_receipt", killed)
        with pytest.raises(Killed):
            deliver_next(stage.app, stage.outlet(kind))
    assert stage.see(post).state is State.SENDING
    stage.reopen()
    stage.settle()
    assert stage.see(post).state is State.SENT
    assert told(stage, post) == [(Verb.SEND, Outcome.SENT)]
    assert len(stage.published(kind)) == 1


@pytest.mark.parametrize("kind", ACCOUNTS)
def test_a_worker_killed_during_a_look_leaves_one_try_more(
    stage: Stage, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = promised(stage, kind)
    stage.platforms.faults.add(Fault(kind, "send", "closed", "after"))
    deliver_next(stage.app, stage.outlet(kind))
    stage.clock.advance(stage.outlet(kind).policy.settle)

    def killed(*anything: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(reconcile, "_look_for", killed)
        with pytest.raises(Killed):
            reconcile_next(stage.app, stage.outlet(kind))
    stage.reopen()
    stage.settle()
    looks = [one for one in tries(stage, post) if one.verb is Verb.LOOK]
    assert len(looks) == 2
    assert looks[-1].outcome is Outcome.FOUND
    assert stage.see(post).state is State.SENT
    assert len(stage.published(kind)) == 1


@pytest.mark.parametrize("kind", ACCOUNTS)
def test_not_there_is_not_believed_before_the_settle_time_has_passed(stage: Stage, kind: str) -> None:
    post = promised(stage, kind)
    settle = stage.outlet(kind).policy.settle
    lag = stage.app.channel(stage.outlet(kind)).limits.read_lag
    assert lag < settle
    stage.fresh(lag=lag.total_seconds() - 1)
    stage.platforms.faults.add(Fault(kind, "send", "closed", "after"))
    stage.settle()
    call, look = tries(stage, post)
    assert look.outcome is Outcome.FOUND
    assert call.closed_at is not None
    assert look.opened_at >= call.closed_at + settle
    assert len(stage.published(kind)) == 1


@pytest.mark.parametrize("kind", ACCOUNTS)
def test_a_look_that_fails_is_repeated_for_half_an_hour_then_a_person_is_asked_once(stage: Stage, kind: str) -> None:
    post = promised(stage, kind)
    stage.platforms.faults.add(Fault(kind, "send", "closed", "after"), Fault(kind, "look", "500-json", times=1_000))
    stage.settle()
    call, *looks = tries(stage, post)
    assert stage.see(post).state is State.UNSETTLED
    assert len(looks) > 5
    assert looks[-1].opened_at - call.opened_at >= timedelta(minutes=30)
    assert len(told_the_desk(stage, post)) == 1
    assert len(stage.published(kind)) == 1


@pytest.mark.parametrize("kind", ACCOUNTS)
def test_a_look_that_fails_is_a_persons_matter_at_the_latest_moment(stage: Stage, kind: str) -> None:
    post = promised(stage, kind, latest_at=stage.clock.now() + timedelta(minutes=10))
    stage.platforms.faults.add(Fault(kind, "send", "closed", "after"), Fault(kind, "look", "500-json", times=1_000))
    stage.settle()
    assert stage.see(post).state is State.UNSETTLED
    assert stage.clock.now() < tries(stage, post)[0].opened_at + timedelta(minutes=15)
    assert len(told_the_desk(stage, post)) == 1


@pytest.mark.parametrize("kind", ACCOUNTS)
def test_an_account_that_was_not_read_to_its_end_proves_nothing(
    stage: Stage, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = promised(stage, kind)
    channel = stage.app.channel(stage.outlet(kind))
    monkeypatch.setattr(channel, "find_existing", lambda *asked: Look(complete=False), raising=False)
    stage.platforms.faults.add(Fault(kind, "send", "closed"))
    stage.settle()
    assert stage.see(post).state is State.UNSETTLED
    assert told(stage, post) == [(Verb.SEND, Outcome.UNCERTAIN), *[(Verb.LOOK, Outcome.UNCERTAIN)] * 3]
    assert "could not be read back far enough" in told_the_desk(stage, post)[0]
    assert stage.published(kind) == []


@pytest.mark.parametrize("kind", ACCOUNTS)
def test_something_like_it_is_told_with_its_address_and_nothing_is_sent(stage: Stage, kind: str) -> None:
    post = promised(stage, kind)
    stage.platforms.faults.add(Fault(kind, "send", "closed", "before"))
    deliver_next(stage.app, stage.outlet(kind))
    text = tries(stage, post)[0].text
    by_hand = stage.app.channel(stage.outlet(kind)).send(Part(text=f"{text[:-3]}xyz"), "by hand", None)
    stage.settle()
    assert stage.see(post).state is State.UNSETTLED
    assert told(stage, post)[-1] == (Verb.LOOK, Outcome.NEAR)
    (sentence,) = told_the_desk(stage, post)
    assert str(by_hand.url or by_hand.id) in sentence
    assert len(stage.published(kind)) == 1


@pytest.mark.parametrize("kind", ACCOUNTS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_what_is_called_off_in_flight_stays_unsent_or_comes_down_again(stage: Stage, kind: str, when: str) -> None:
    post = promised(stage, kind)
    stage.platforms.faults.add(Fault(kind, "send", "closed", when))
    deliver_next(stage.app, stage.outlet(kind))
    newsroom.cancel(stage.app, post.id, actor="cem", reason="the story is wrong")
    assert stage.see(post).state is State.UNCERTAIN, "the wish waits for the look"
    stage.settle()
    if when == "before":
        assert stage.see(post).state is State.CANCELLED
        assert stage.published(kind) == []
        return
    assert stage.see(post).state is State.SENT
    with stage.app.ground.reading() as tx:
        (order,) = takedown.orders_for(tx, stage.see(post))
    assert order.state is State.SENT
    (out,) = stage.published(kind)
    assert out.deleted


@pytest.mark.parametrize("late", [False, True], ids=["refused", "too late"])
def test_a_thread_that_is_half_out_says_how_many_parts_are_out(stage: Stage, late: bool) -> None:
    latest = stage.clock.now() + timedelta(minutes=2) if late else None
    post = promised(stage, "x", parts=3, latest_at=latest)
    stage.platforms.faults.add(Fault("x", "send", "closed" if late else "x-too-long", skip=1))
    stage.settle()
    after = stage.see(post)
    assert after.state is State.UNSETTLED
    assert "1 of 3 parts" in after.reason
    assert len(told_the_desk(stage, post)) == 1
    assert len(stage.published("x")) == 1


@pytest.mark.parametrize("kind", ACCOUNTS)
def test_a_take_down_without_a_clear_answer_is_asked_so_often_and_no_more(stage: Stage, kind: str) -> None:
    post = promised(stage, kind)
    stage.settle()
    stage.platforms.faults.add(Fault(kind, "delete", "502-empty", times=1_000))
    ordered = newsroom.take_down(stage.app, post.id, actor="cem", reason="the story is wrong")
    assert ordered.removal is not None
    stage.settle()
    assert stage.see(ordered.removal).state is State.UNSETTLED
    assert len(tries(stage, ordered.removal)) == stage.outlet(kind).policy.max_tries
    assert len(told_the_desk(stage, ordered.removal)) == 1


# --- the database ------------------------------------------------------------------------------


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that another program holds is waited for only a moment. Asked for before the stage is built."""
    monkeypatch.setattr(session, "BUSY_SECONDS", 0.05)


@contextmanager
def shut(stage: Stage, how: str) -> Iterator[None]:
    """The database cannot be written: another program holds it, the disk is full, it is read-only, or it is away."""
    ground = stage.app.ground
    ground.close()  # connections that are opened from now on meet it
    if how == "away":
        with away(ground.url):
            yield
        return
    assert ground.path is not None
    if how == "locked":
        with closing(sqlite3.connect(ground.path, isolation_level=None)) as other:
            other.execute("begin immediate")
            yield
        return
    pragma = {"full": "max_page_count = 1", "read-only": "query_only = on"}[how]

    def meets(dbapi: sqlite3.Connection, record: object) -> None:
        dbapi.execute(f"pragma {pragma}")

    event.listen(ground.engine, "connect", meets)
    try:
        yield
    finally:
        event.remove(ground.engine, "connect", meets)
        ground.close()


SAYS = {
    "locked": "pressrun.db is held by another program",
    "full": "pressrun.db cannot grow: the disk is full; make room",
    "read-only": "pressrun.db cannot be written: the file or its folder is read-only; mend its rights",
    "away": "does not answer",
}


@pytest.mark.parametrize("how", SAYS)
def test_nothing_is_sent_that_could_not_be_written_down_before(impatient: None, tmp_path: Path, how: str) -> None:
    stage = Stage(tmp_path, database=postgres_url() if how == "away" else "sqlite:///pressrun.db")
    try:
        long = "many words " * 2_000  # so that writing them down takes room that a full disk has not
        post = stage.promise("facebook", [long if how == "full" else "A ferry"])
        with shut(stage, how), pytest.raises(GroundLost, match=SAYS[how]):
            deliver_next(stage.app, stage.outlet("facebook"))
        assert stage.platforms.requests("facebook") == ()
        assert stage.see(post).state is State.PLANNED
        assert tries(stage, post) == []
        stage.settle()
        assert told(stage, post) == [(Verb.SEND, Outcome.SENT)]
        assert len(stage.published("facebook")) == 1
    finally:
        stage.close()


class Held:
    """Another program takes the database while the call is under way, and keeps it for so many of our attempts."""

    def __init__(self, stage: Stage, waits: int, end: Callable[[], None]) -> None:
        self._stage, self._left, self._end = stage, waits, end
        self._other: sqlite3.Connection | None = None
        stage.after_call = self.take

    def take(self) -> None:
        self._stage.after_call = lambda: None
        path = self._stage.app.ground.path
        assert path is not None
        self._other = sqlite3.connect(path, isolation_level=None)
        self._other.execute("begin immediate")
        self._stage.clock.rest = self.wait

    def wait(self) -> None:
        """The worker sleeps before it tries to write again."""
        self._left -= 1
        if self._left == 0:
            assert self._other is not None
            self._other.close()
            self._stage.clock.rest = self._stage.platforms.rest
            self._end()


@pytest.mark.parametrize("kind", ACCOUNTS)
def test_a_result_that_cannot_be_written_down_is_kept_and_written_again(
    impatient: None, stage: Stage, kind: str
) -> None:
    post = promised(stage, kind)
    Held(stage, 3, lambda: None)
    began = stage.clock.now()
    after = deliver_next(stage.app, stage.outlet(kind))
    assert isinstance(after, Delivery)
    assert (after.state, after.known_by) == (State.SENT, KnownBy.ANSWERED)
    assert stage.clock.now() - began == timedelta(seconds=3)
    assert told(stage, post) == [(Verb.SEND, Outcome.SENT)]
    assert len(stage.published(kind)) == 1


@pytest.mark.parametrize("kind", ACCOUNTS)
def test_a_result_that_dies_with_its_process_is_found_by_a_look(impatient: None, stage: Stage, kind: str) -> None:
    post = promised(stage, kind)

    def die() -> None:
        raise Killed

    Held(stage, 2, die)
    with pytest.raises(Killed):
        deliver_next(stage.app, stage.outlet(kind))
    stage.reopen()
    stage.settle()
    assert told(stage, post) == [(Verb.SEND, Outcome.UNCERTAIN), (Verb.LOOK, Outcome.FOUND)]
    assert len(stage.published(kind)) == 1


@pytest.mark.parametrize("kind", ACCOUNTS)
def test_a_platform_whose_clock_is_off_stops_everything_until_a_check_finds_it_right(stage: Stage, kind: str) -> None:
    post = promised(stage, kind)
    stage.platforms.faults.add(Fault(kind, "send", "date-off"))
    deliver_next(stage.app, stage.outlet(kind))
    assert stage.see(post).state is State.SENT
    for other in CHANNELS:
        refused = deliver_next(stage.app, stage.outlet(other))
        assert isinstance(refused, Refusal)
        assert refused.why == "clock"
        assert "1 h 0 min 0 s ahead" in refused.sentence
    waiting = stage.promise(kind, [words(random.Random(2))])
    work_once(stage.app)  # in the end of which the accounts are checked
    assert stage.see(waiting).state is State.PLANNED
    work_once(stage.app)
    assert stage.see(waiting).state is State.SENT
