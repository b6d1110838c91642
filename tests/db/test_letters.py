"""A letter goes once: asked for, claimed by one worker, ended by one answer."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from db import letters, readers, subscribers
from db.letters import MOST_A_DAY, NOT_AGAIN_WITHIN, LetterPurpose
from db.records import Claim, Failure, Mode, Outcome, Receipt, State
from db.session import Ground
from db.subscribers import Entry
from db.tables import letter_attempts

NOW = datetime(2026, 9, 21, 6, 30, tzinfo=UTC)


def claim(owner: str = "one") -> Claim:
    return Claim(owner, "machine", "boot", 100.0, NOW + timedelta(minutes=5))


def person(ground: Ground, name: str = "lea", to: str = "daily") -> tuple[int, int]:
    """A list's and a person's number."""
    with ground.transaction() as tx:
        number = subscribers.put_list(tx, to, actor="reader", now=NOW)
        entry = Entry(f"{name}@example.org", f"{name}@example.org")
        who, _ = subscribers.ask(tx, number, entry, actor="reader", now=NOW)
    return number, who


def asked(ground: Ground, to: int, who: int, *, now: datetime = NOW, mode: Mode = Mode.LIVE) -> bool:
    with ground.transaction() as tx:
        return letters.ask(
            tx,
            mode=mode,
            channel="mail",
            list_id=to,
            subscriber_id=who,
            purpose=LetterPurpose.CONFIRM,
            latest_at=now + timedelta(days=4),
            actor="reader",
            now=now,
        )


def taken(ground: Ground, *, now: datetime = NOW, owner: str = "one") -> letters.LetterTry | None:
    with ground.transaction() as tx:
        return letters.claim_next(tx, Mode.LIVE, "mail", claim(owner), now=now)


def state_of(ground: Ground, who: int) -> list[State]:
    with ground.reading() as tx:
        return [one.state for one in letters.of_person(tx, who)]


def test_a_second_asking_within_the_span_or_while_one_is_open_makes_no_letter(ground: Ground) -> None:
    to, who = person(ground)
    assert asked(ground, to, who)
    assert not asked(ground, to, who, now=NOW + NOT_AGAIN_WITHIN - timedelta(seconds=1))
    assert not asked(ground, to, who, now=NOW + NOT_AGAIN_WITHIN), "the first is still in line"
    tried = taken(ground)
    assert tried is not None
    with ground.transaction() as tx:
        letters.close(tx, tried, State.SENT, receipt=Receipt("q1", code="250"), actor="one", now=NOW)
    assert asked(ground, to, who, now=NOW + NOT_AGAIN_WITHIN)


def test_one_person_gets_so_many_a_day_over_all_lists(ground: Ground) -> None:
    for number in range(MOST_A_DAY):
        to, who = person(ground, to=f"list-{number}")
        assert asked(ground, to, who)
    to, who = person(ground, to="one-more")
    assert not asked(ground, to, who)
    assert asked(ground, to, who, now=NOW + timedelta(days=1))


def test_a_rehearsal_does_not_keep_a_live_letter_from_going(ground: Ground) -> None:
    to, who = person(ground)
    assert asked(ground, to, who, mode=Mode.REHEARSAL)
    assert asked(ground, to, who)


def test_a_letter_is_claimed_by_one_worker_and_its_attempt_is_open(ground: Ground) -> None:
    to, who = person(ground)
    asked(ground, to, who)
    tried = taken(ground)
    assert tried is not None
    assert (tried.number, tried.letter.state, tried.letter.list_name) == (1, State.SENDING, "daily")
    assert taken(ground, owner="two") is None
    with ground.reading() as tx:
        row = tx.execute(select(letter_attempts)).one()
        assert (row.letter_id, row.closed_at) == (tried.letter.id, None)
        assert [one.id for one in letters.in_flight(tx, Mode.LIVE, "mail")] == [tried.letter.id]


def test_a_yes_counts_whoever_owns_the_row_by_then(ground: Ground) -> None:
    to, who = person(ground)
    asked(ground, to, who)
    tried = taken(ground)
    assert tried is not None
    with ground.transaction() as tx:
        letters.abandon(tx, tried.letter, actor="two", now=NOW, reason="died")
    assert state_of(ground, who) == [State.UNKNOWN]
    with ground.transaction() as tx:
        letters.close(tx, tried, State.SENT, receipt=Receipt("q1", code="250"), actor="one", now=NOW)
    assert state_of(ground, who) == [State.SENT]


def test_a_failure_moves_only_what_is_still_ours_and_a_later_try_has_its_own_number(ground: Ground) -> None:
    to, who = person(ground)
    asked(ground, to, who)
    tried = taken(ground)
    assert tried is not None
    failure = Failure(Outcome.UNREACHABLE, code="451", sentence="later")
    again = NOW + timedelta(minutes=15)
    with ground.transaction() as tx:
        letters.close(tx, tried, State.PLANNED, failure=failure, send_at=again, actor="one", now=NOW)
        letters.close(tx, tried, State.FAILED, failure=failure, actor="one", now=NOW)
    assert state_of(ground, who) == [State.PLANNED], "a second word on the same try moved the row"
    assert taken(ground) is None
    with ground.reading() as tx:
        assert letters.next_moment(tx, Mode.LIVE, "mail") == again
        assert letters.waiting_since(tx, Mode.LIVE, "mail") == NOW
    second = taken(ground, now=again)
    assert second is not None
    assert (second.number, second.letter.tries) == (2, 1)


@pytest.mark.parametrize("how", ["expire", "disown"])
def test_what_is_too_late_or_may_be_out_never_goes(ground: Ground, how: str) -> None:
    to, who = person(ground)
    asked(ground, to, who)
    with ground.transaction() as tx:
        if how == "expire":
            assert letters.expire(tx, Mode.LIVE, "mail", actor="m", now=NOW + timedelta(days=4)) == 1
        else:
            assert letters.disown(tx, actor="ada", now=NOW, reason="restored") == 1
    assert state_of(ground, who) == [State.EXPIRED if how == "expire" else State.UNKNOWN]
    assert taken(ground, now=NOW + timedelta(days=5)) is None


def test_erasing_somebody_calls_their_letter_off(ground: Ground) -> None:
    to, who = person(ground)
    asked(ground, to, who)
    with ground.transaction() as tx:
        readers.erase(tx, who, actor="ada", now=NOW)
    assert state_of(ground, who) == [State.CANCELLED]


def test_two_forms_sent_at_once_make_one_letter(own_ground: Ground) -> None:
    to, who = person(own_ground)
    made: list[bool] = []
    begin = threading.Barrier(4)

    def send() -> None:
        begin.wait(60)
        made.append(asked(own_ground, to, who))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(made) == [False, False, False, True]
