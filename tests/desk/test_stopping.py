"""Holding, pausing, taking back, embargo, breaking and correcting, as an editor gives them on the command line."""

from __future__ import annotations

import io
import sys
from datetime import timedelta

import pytest

from tests.desk.newsdesk import LIBRARY, SETTINGS, Newsdesk, Terminal

AT_ONCE = SETTINGS.replace('slots = ["daily 18:15"]\n', "").replace(
    'slots = ["daily 18:30"]\npublish = "approve"\n', ""
)


@pytest.fixture
def live(room: Newsdesk) -> Newsdesk:
    """A newsroom whose story 1 is out on X (d1) and Facebook (d2)."""
    room.set(AT_ONCE)
    room.prepared()
    assert room.delivery("x-main")["state"] == "sent"
    return room


def answer(patch: pytest.MonkeyPatch, *lines: str) -> None:
    """A person at the terminal who types these lines."""
    patch.setattr(sys, "stdin", Terminal("\n".join(lines) + "\n"))
    patch.setattr("desk.cli.printing.has_person", lambda: True)


def test_a_pause_stands_with_its_reason_wherever_somebody_wonders(room: Newsdesk) -> None:
    room.prepared()
    told = room.tell("pause", "everything", "--why", "the accident at the harbour")
    assert told.code == 0
    assert "Everything is paused until it is resumed: the accident at the harbour" in told.out
    for words in (["queue"], ["log"], ["show", "1"], ["channels"]):
        head = " ".join(room.tell(*words).lines[1:3])
        assert head.startswith("PAUSED: everything, by ada, Mon 21 Sep 08:30: the accident at the harbour"), words
    for words in (["queue"], ["show", "1"], ["show", "d1"], ["channels"], ["doctor"]):
        assert "the accident at the harbour" in " ".join(room.tell(*words).out.split()), words
    assert "pressrun resume everything" in room.tell("doctor").out


def test_resume_only_proposes_where_nobody_can_answer_and_does_it_with_yes(room: Newsdesk) -> None:
    room.prepared()
    room.tell("pause", "everything", "--why", "the accident")
    room.clock.advance(timedelta(hours=8, minutes=20))  # past the slot at 16:15 UTC
    room.clock.advance(timedelta(hours=1, minutes=50))
    told = room.tell("resume", "everything")
    assert told.code == 1
    assert "d1  x-main  was due" in told.out
    assert "Nothing was done." in told.out
    assert room.tell("resume", "everything", "--json").json["done"] is False
    told = room.tell("resume", "everything", "--yes", "--drop", "d1", "--json")
    assert (told.code, told.json["done"]) == (0, True)
    assert [(one["way"], one["state"]) for one in told.json["proposals"]] == [("drop", "cancelled")]
    assert "is not paused" in room.tell("resume", "everything").err


def test_a_post_that_keeps_its_moment_when_an_embargo_ends_is_told_with_the_way_to_move_it(room: Newsdesk) -> None:
    room.prepared()
    room.tell("schedule", "1", "--channel", "x-main", "--at", "2026-09-22 09:00")
    room.tell("embargo", "1", "--until", "2026-09-23 06:00")
    told = " ".join(room.tell("embargo", "1", "--lift").out.split())
    assert "d1 x-main planned, keeps its moment, goes Wed 23 Sep" in told
    assert "another: pressrun schedule 1 --channel x-main --at T" in told


def test_what_just_ended_a_pause_no_longer_says_paused_at_its_head(room: Newsdesk) -> None:
    room.tell("pause", "everything", "--why", "the accident")
    told = room.tell("resume", "everything")
    assert told.out.splitlines()[1] == "Everything goes again."
    room.tell("pause", "everything", "--why", "the accident")
    room.tell("pause", "--channel", "x-main", "--why", "the account")
    assert room.tell("resume", "--channel", "x-main").out.splitlines()[1].startswith("PAUSED: everything")


@pytest.mark.parametrize(("said", "code"), [("y", 0), ("n", 1)])
def test_at_a_terminal_resume_asks_first(room: Newsdesk, monkeypatch: pytest.MonkeyPatch, said: str, code: int) -> None:
    room.prepared()
    room.tell("pause", "--channel", "x-main", "--why", "the account is under attack")
    room.clock.advance(timedelta(hours=10))
    answer(monkeypatch, said)
    assert room.tell("resume", "--channel", "x-main").code == code
    state = room.tell("channels", "--json").json["channels"][0]["state"]
    assert state == ("ok" if code == 0 else "stopped")


def test_a_held_story_is_released_at_once(room: Newsdesk) -> None:
    room.prepared()
    assert "Story 1 is held" in room.tell("hold", "ferry", "--why", "names to be checked").out
    assert room.tell("show", "1", "--json").json["stops"][0]["by"] == "ada"
    told = room.tell("release", "1")
    assert (told.code, "Story 1 is released." in told.out) == (0, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["hold", "1"], 'write --why "REASON"'),
        (["hold", "--why", "w"], "Name one thing"),
        (["hold", "1", "--channel", "x-main", "--why", "w"], "Name one thing"),
        (["hold", "--section", "sport", "--why", "w"], 'no section "sport"'),
        (["pause", "1", "--why", "w"], "cannot be paused"),
        (["hold", "d9", "--why", "w"], "no delivery 9"),
        (["release", "1"], "not held"),
        (["pause", "everything", "--why", "w", "--until", "yesterday 10:00"], "is past"),
        (["resume", "everything", "--drop", "d1", "--slot", "d1"], "named twice"),
        (["takedown", "d1", "--why", "w"], "not out yet"),
        (["takedown", "d1"], "say why"),
        (["kill", "1"], 'write --why "REASON"'),
        (["revive", "1"], "was not killed"),
        (["stop", "1", "--hold", "--kill"], "Say one of"),
        (["embargo", "1"], "Say one of the two"),
        (["embargo", "1", "--lift"], "under no embargo"),
        (["embargo", "1", "--until", "2026-09-20 10:00"], "is past"),
        (["now", "1", "--override-embargo"], "only for a reason"),
        (["correct", "1", "--channel", "x-main", "--text", "t", "--why", "w"], "nothing of story 1 is out"),
        (["breaking", "1", "--undo"], "normal already"),
    ],
)
def test_what_cannot_be_done_ends_with_two_and_a_sentence(room: Newsdesk, words: list[str], told: str) -> None:
    room.prepared()
    given = room.tell(*words)
    assert given.code == 2
    assert told in given.err


def test_takedown_does_it_and_the_log_ties_both(live: Newsdesk) -> None:
    told = live.tell("takedown", "d1", "--why", "wrong picture")
    assert told.code == 0, told.out
    assert "d1  x-main  taken down: by delivery" in told.out
    number = live.delivery("x-main")["delivery"]
    assert f"taken down by d{number} (sent)" in live.tell("show", "d1").out
    assert "takes down d1" in live.tell("show", f"d{number}").out


def test_kill_takes_it_down_everywhere_and_revive_takes_that_back(live: Newsdesk) -> None:
    told = live.tell("kill", "1", "--why", "the source withdrew it", "--json")
    assert told.code == 0, told.err
    assert {one["channel"]: one["result"] for one in told.json["deliveries"]} == {
        "x-main": "taken down",
        "fb-main": "taken down",
    }
    assert "killed by ada" in live.tell("show", "1").out
    assert "was killed" in live.tell("again", "1", "--channel", "x-main", "--text", "Once more").err
    assert live.tell("revive", "1", "--why", "it stands").code == 0
    assert "killed by" not in live.tell("show", "1").out


def test_stop_only_shows_and_does_what_is_chosen(live: Newsdesk, monkeypatch: pytest.MonkeyPatch) -> None:
    told = live.tell("stop", "1")
    assert (told.code, "Live: 2" in told.out, "--take-down" in told.out) == (0, True, True)
    answer(monkeypatch, "nothing")
    assert live.tell("stop", "1").code == 0
    assert live.delivery("x-main")["purpose"] == "first"
    answer(monkeypatch, "take-down", "wrong figures")
    told = live.tell("stop", "1")
    assert told.code == 0, told.err
    assert told.out.count("taken down") == 2
    assert [one["delivery"] for one in live.tell("stop", "1", "--json").json["live"]] == []


def test_stop_can_hold_and_cancel(room: Newsdesk) -> None:
    room.prepared()
    assert "Story 1 is held" in room.tell("stop", "1", "--hold", "--why", "wait").out
    told = room.tell("stop", "1", "--cancel", "--why", "wrong", "--json")
    assert {one["state"] for one in told.json["deliveries"]} == {"cancelled"}


def test_an_embargo_is_set_shown_passed_and_lifted(room: Newsdesk) -> None:
    room.prepared()
    told = room.tell("embargo", "1", "--until", "2026-09-23T00:00+05:30", "--why", "agreed")
    assert told.code == 0
    assert "No word of it leaves before Tue 22 Sep 20:30 Europe/Berlin." in told.out
    assert "embargo   until Tue 22 Sep 20:30" in room.tell("show", "1").out
    assert room.tell("preview", "1").out.splitlines()[2].startswith("UNDER EMBARGO until Tue 22 Sep 20:30")
    assert "--override-embargo" in room.tell("now", "1").err
    told = room.tell("now", "1", "--override-embargo", "--why", "it is out elsewhere", "--channel", "x-main")
    assert "ada passed the embargo: it is out elsewhere" in told.out
    assert room.tell("tick").code in (0, 1)
    assert room.delivery("x-main")["state"] == "sent"
    assert "override embargo: it is out elsewhere" in room.tell("show", "d1").out
    told = room.tell("embargo", "1", "--lift")
    assert "Its embargo is lifted." in told.out


def test_breaking_goes_at_once_and_can_be_undone(room: Newsdesk) -> None:
    room.prepared()
    told = room.tell("breaking", "1", "--why", "confirmed twice")
    assert "It is breaking." in told.out
    assert room.delivery("x-main")["priority"] == "breaking"
    told = room.tell("breaking", "1", "--undo")
    assert "goes Mon 21 Sep 18:15" in told.out


def test_a_correction_tells_how_and_is_tied_to_what_it_corrects(live: Newsdesk) -> None:
    told = live.tell("correct", "1", "--channel", "fb-main", "--text", "Right words.", "--why", "wrong figures")
    assert told.code == 0, told.err
    assert "The correction replaces the words of delivery 2." in told.out
    live.tell("tick")
    number = live.delivery("fb-main")["delivery"]
    assert f"changed in place by d{number} (sent)" in live.tell("show", "d2").out
    assert "corrects d2 (edit)" in live.tell("show", f"d{number}").out


def test_the_rights_of_the_settings_are_kept(room: Newsdesk) -> None:
    room.set(SETTINGS + '\n[rights]\nbreaking = ["ben"]\n')
    room.prepared(LIBRARY, "library.txt")
    assert "ada may not declare breaking news" in room.tell("breaking", "1").err
    assert room.tell("breaking", "1", "--as", "ben").code == 0


def test_a_pipe_is_never_asked(room: Newsdesk, monkeypatch: pytest.MonkeyPatch) -> None:
    room.prepared()
    monkeypatch.setattr(sys, "stdin", io.StringIO("kill\n"))
    assert room.tell("stop", "1").code == 0
    assert room.delivery("x-main")["state"] == "planned"
