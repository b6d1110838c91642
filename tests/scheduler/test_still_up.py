"""The nightly look: what is still up, what is not, what it costs, and when it is left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from channels.facebook import FacebookChannel
from channels.rehearsal.faults import Fault
from channels.x import XChannel
from db import attempts, leases
from db.records import Claim, Delivery, KnownBy, Look, Outcome, Receipt, State, Teaser, Verb
from scheduler import still_up
from scheduler.still_up import last_night
from scheduler.takedown import plan_takedown
from tests.scheduler.house import SETTINGS, House, house

NIGHT = datetime(2026, 9, 22, 1, 0, tzinfo=UTC)  # three o'clock in Berlin
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def looks(h: House, delivery: Delivery) -> list[tuple[Outcome | None, int]]:
    return [(one.outcome, one.cost.micros) for one in h.attempts(delivery) if one.verb is Verb.LOOK]


def sent(h: House, text: str, channel: str = "x-main") -> Delivery:
    made = h.promise(text, channel)
    h.work()
    assert h.see(made).state is State.SENT
    return made


def remove_by_hand(h: House, delivery: Delivery) -> None:
    """As a person at the platform does it: past us."""
    channel = h.app.outlets[delivery.channel].build()
    assert isinstance(channel, XChannel | FacebookChannel)
    (receipt,) = [one for one in h.attempts(delivery) if one.receipt_id]
    assert receipt.receipt_id is not None
    channel.delete(Receipt(id=receipt.receipt_id))


def to_the_night(h: House) -> None:
    h.clock.advance(NIGHT - h.clock.now())


def still(h: House) -> list[str]:
    return [one for one in h.notices() if "not visible" in one]


@pytest.mark.parametrize(
    ("wall", "expected"),
    [
        ("2026-09-22 02:59", "2026-09-21 01:00"),
        ("2026-09-22 03:00", "2026-09-22 01:00"),
        (
            "2026-10-25 12:00",
            "2026-10-25 02:00",
        ),  # clocks went back at three: the first three o'clock is in winter time
        ("2026-03-29 12:00", "2026-03-29 01:00"),  # forward at two
    ],
)
def test_the_night_is_three_oclock_of_the_newsrooms_wall(wall: str, expected: str) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    now = datetime.fromisoformat(wall).replace(tzinfo=berlin).astimezone(UTC)
    assert last_night(now, berlin) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize("channel", ["x-main", "fb-main"])
def test_what_is_still_up_is_looked_for_once_a_night_and_nobody_is_told(tmp_path: Path, channel: str) -> None:
    with house(tmp_path) as h:
        post = sent(h, "A post that stays", channel)
        h.clock.advance(NIGHT - h.clock.now() - MINUTE)
        h.work()
        assert looks(h, post) == []
        h.clock.advance(MINUTE)
        for _ in range(3):
            h.work()
            h.clock.advance(HOUR)
        price = 1_000 if channel == "x-main" else 0
        assert looks(h, post) == [(Outcome.FOUND, price)]
        assert h.see(post).known_by is KnownBy.ANSWERED
        assert not h.notices()
        h.clock.advance(timedelta(days=1))
        h.work()
        assert len(looks(h, post)) == 2
        h.clock.advance(timedelta(days=1))
        h.work()
        assert len(looks(h, post)) == 2  # after two days it is left alone
        assert not h.troubles


@pytest.mark.parametrize("channel", ["x-main", "fb-main"])
def test_what_was_removed_by_hand_is_told_and_stays_sent(tmp_path: Path, channel: str) -> None:
    with house(tmp_path) as h:
        gone, stays = sent(h, "This one will go", channel), sent(h, "Another that remains", channel)
        remove_by_hand(h, gone)
        to_the_night(h)
        h.work()
        (told,) = still(h)
        assert told.startswith(f"delivery d{gone.id} on {channel} was removed by hand or is not visible")
        assert ("is the app in Live mode?" in told) is (channel == "fb-main")
        assert looks(h, gone)[0][0] is Outcome.NOT_THERE
        assert looks(h, stays)[0][0] is Outcome.FOUND
        assert (h.see(gone).state, h.see(stays).state) == (State.SENT, State.SENT)
        h.clock.advance(timedelta(days=3))
        h.work()
        assert not still(h)


def test_many_that_are_gone_are_one_notice_a_channel(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        gone = [sent(h, f"Page post, the {word}", "fb-main") for word in ("first", "second", "third")]
        for one in gone:
            remove_by_hand(h, one)
        to_the_night(h)
        h.work()
        (told,) = still(h)
        assert told.startswith("deliveries " + ", ".join(f"d{one.id}" for one in gone) + " on fb-main were")


def test_words_that_stand_under_another_number_are_not_ours(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        gone = sent(h, "Said once by us", "fb-main")
        remove_by_hand(h, gone)
        outlet = h.app.outlets["fb-main"]
        by_hand = h.app.silent(outlet).compose(Teaser(channel="fb-main", kind="facebook", text="Said once by us"))
        outlet.build().send(by_hand.parts[0], "by hand", None)
        to_the_night(h)
        h.work()
        assert len(still(h)) == 1


def test_what_we_took_down_ourselves_is_not_looked_for(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        ours = [sent(h, "Taken back again", channel) for channel in ("x-main", "fb-main")]
        with h.app.ground.transaction() as tx:
            for one in ours:
                plan_takedown(tx, h.see(one), actor="ada", reason="wrong", now=h.clock.now())
        h.work()
        to_the_night(h)
        h.work()
        assert [looks(h, one) for one in ours] == [[], []]
        assert not still(h)


def test_a_thread_is_looked_for_part_by_part(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        thread = sent(h, "A thread\n\n---\n\nIts second part")
        parts = {one.part for one in h.attempts(thread) if one.verb is Verb.SEND}
        to_the_night(h)
        h.work()
        assert {one.part for one in h.attempts(thread) if one.verb is Verb.LOOK} == parts


def test_a_look_that_fails_is_no_news_and_is_made_again_a_quarter_of_an_hour_later(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        post = sent(h, "A post that stays")
        h.platforms.faults.add(Fault("x", "look", "503-html", times=1))
        to_the_night(h)
        h.work()
        h.clock.advance(14 * MINUTE)
        h.work()
        assert [outcome for outcome, _ in looks(h, post)] == [Outcome.UNCERTAIN]
        h.clock.advance(2 * MINUTE)
        h.work()
        assert [outcome for outcome, _ in looks(h, post)] == [Outcome.UNCERTAIN, Outcome.FOUND]
        assert not h.notices()


def test_an_account_that_could_not_be_read_whole_proves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house(tmp_path) as h:
        post = sent(h, "A post that stays")
        monkeypatch.setattr(XChannel, "find_existing", lambda self, part, key, since: Look(complete=False))
        to_the_night(h)
        h.work()
        assert [outcome for outcome, _ in looks(h, post)] == [Outcome.UNCERTAIN]
        assert not still(h)


def test_a_platforms_clock_that_parts_from_ours_proves_nothing(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        gone = sent(h, "This one will go")
        remove_by_hand(h, gone)
        h.platforms.faults.add(Fault("x", "look", "date-off"))
        to_the_night(h)
        h.work()
        assert not still(h)


def test_three_vain_looks_are_enough_for_one_night(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        post = sent(h, "A post that stays")
        h.platforms.faults.add(Fault("x", "look", "503-html", times=9))
        to_the_night(h)
        for _ in range(6):
            h.work()
            h.clock.advance(16 * MINUTE)
        assert len(looks(h, post)) == still_up.TRIES
        assert not still(h)


def test_a_night_on_which_we_are_turned_away_stops_the_channel_and_says_nothing_of_posts(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        sent(h, "A post that stays")
        h.platforms.faults.add(Fault("x", "any", "x-401", times=2))
        to_the_night(h)
        h.work()
        assert any("x-main is stopped" in one for one in h.notices())
        assert not still(h)
        h.clock.advance(20 * MINUTE)
        h.work()
        h.clock.advance(20 * MINUTE)
        h.work()
        h.work()
        assert not h.notices()


def test_at_most_fifty_a_night_the_newest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(still_up, "MOST", 2)
    with house(tmp_path) as h:
        posts = []
        for word in ("first", "second", "third"):
            posts.append(sent(h, f"The {word} post of the day", "fb-main"))
            h.clock.advance(MINUTE)
        to_the_night(h)
        for _ in range(3):
            h.work()
            h.clock.advance(HOUR)
        assert [len(looks(h, one)) for one in posts] == [0, 1, 1]
    assert still_up.MOST == 2


def test_no_look_passes_the_budget(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS.replace('kind = "x"', 'kind = "x"\nmonthly_budget = 0.0165')) as h:
        one = sent(h, "A post for a cent and a half")
        to_the_night(h)
        h.work()
        assert looks(h, one) == [(Outcome.FOUND, 1_000)]
        h.clock.advance(timedelta(days=1))
        h.work()
        assert len(looks(h, one)) == 1


def test_two_processes_do_not_look_for_the_same(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        post = sent(h, "A post that stays")
        to_the_night(h)
        other = Claim("elsewhere:7:ab", "held", "held", h.clock.boot() + 60, h.clock.now() + MINUTE)
        with h.app.ground.transaction() as tx:
            assert leases.take(tx, "still up rehearsal x-main", other, instead_of=None, now=h.clock.now())
        h.work()
        assert looks(h, post) == []
        h.clock.advance(2 * MINUTE)
        h.work()
        assert len(looks(h, post)) == 1


def test_a_look_that_died_is_closed_and_made_again(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        post = sent(h, "A post that stays")
        to_the_night(h)
        (row,) = h.attempts(post)
        with h.app.ground.transaction() as tx:
            attempts.open_attempt(tx, replace(row, verb=Verb.LOOK), actor="dead", now=h.clock.now())
        h.work()
        assert looks(h, post)[-1][0] is None
        h.clock.advance(16 * MINUTE)
        h.work()
        assert [outcome for outcome, _ in looks(h, post)] == [Outcome.UNCERTAIN, Outcome.FOUND]


def test_mail_is_never_looked_for_and_nothing_is_while_the_clock_cannot_be_believed(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        post = sent(h, "A post that stays")
        h.clock.jump(NIGHT - h.clock.now())
        h.work()
        assert looks(h, post) == []
