"""The editor's verbs on the command line: each does what it says, and says what stands in its way."""

from __future__ import annotations

import io
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from db import deliveries
from db.records import State
from desk.cli import wording
from tests.desk.newsdesk import LIBRARY, Newsdesk, Terminal

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4"
    "890000000d4944415478da63500898f01f00039402006f7310640000000049454e44ae426082"
)


def uncertain(room: Newsdesk, end: State = State.UNSETTLED) -> int:
    """Brings the story's delivery on X there through the store, as a worker that could not tell would."""
    number = int(room.delivery()["delivery"])
    app = room.app()
    with app.ground.transaction() as tx:
        one = deliveries.get(tx, number)
        for after in (State.SENDING, State.UNCERTAIN, end):
            one = deliveries.move(tx, one, after, actor="w", now=room.clock.now(), reason="three looks could not tell")
    app.close()
    return number


def test_an_edit_gives_the_words_and_asks_for_a_new_yes_where_one_is_wanted(room: Newsdesk) -> None:
    room.prepared()
    told = room.tell("edit", "1", "--channel", "fb-main", "--text", "Late ferries from May.")
    assert told.code == 0
    assert "d2  fb-main  waiting" in told.out
    (form,) = room.tell("preview", "1", "--channel", "fb-main", "--json").json["posts"]
    assert form["parts"][0]["text"] == "Late ferries from May."
    assert (form["version"], form["writer"]) == (2, "ada")


def test_an_edit_elsewhere_is_the_yes(room: Newsdesk) -> None:
    room.prepared()
    told = room.tell("edit", "ferry", "--channel", "x-main", "--text", "Late ferries.", "--json", "--why", "shorter")
    (form,) = told.json["deliveries"]
    assert (form["state"], form["approved_by"]) == ("planned", "ada")
    assert told.err.startswith("Story 1: ")


def test_picture_hashtags_and_campaign_are_edited_by_the_line_and_no_editor_opens(room: Newsdesk) -> None:
    room.prepared()
    (room.folder / "pier.png").write_bytes(PNG)
    told = room.tell(
        "edit", "1", "--channel", "x-main", "--image", str(room.folder / "pier.png"), "--alt", "The pier",
        "--hashtags", "Ferry, #Port", "--utm", "utm_campaign=summer", "--json",
    )  # fmt: skip
    assert told.code == 0, told.err
    (form,) = room.tell("preview", "1", "--channel", "x-main", "--json").json["posts"]
    (part,) = form["parts"]
    assert part["images"][0]["alt"] == "The pier"
    assert "#Ferry #Port" in part["text"]
    assert "utm_campaign=summer" in part["text"]
    for wrong, why in (
        (["--utm", "summer"], "utm_campaign=summer"),
        (["--image", str(room.folder / "none.png")], "cannot be read"),
        (["--image", __file__], "no JPEG"),
        (["--subject", "A subject"], "only e-mail"),
    ):
        told = room.tell("edit", "1", "--channel", "x-main", *wrong)
        assert (told.code, why in told.err) == (2, True), told.err


def test_words_that_are_too_long_are_kept_and_say_what_stops_them(room: Newsdesk) -> None:
    room.prepared()
    told = room.tell("edit", "1", "--channel", "x-main", "--text", "word " * 80)
    assert told.code == 0
    assert "x-main  waiting" in told.out
    assert "stops it: " in told.out


def test_an_edit_for_a_newsletter_changes_the_words_the_next_issue_takes(room: Newsdesk) -> None:
    room.prepared()
    told = room.tell("edit", "1", "--channel", "mail", "--text", "Late ferries from May, says the council.")
    assert (told.code, told.lines[-1]) == (
        0,
        "Version 2 of the words for mail is stored; the next issue takes them.",
    )


def test_words_can_come_from_a_pipe(room: Newsdesk, monkeypatch: pytest.MonkeyPatch) -> None:
    room.prepared()
    monkeypatch.setattr(sys, "stdin", io.StringIO("From the pipe.\n"))
    assert room.tell("edit", "1", "--channel", "x-main", "--text", "-").code == 0
    (form,) = room.tell("preview", "1", "--channel", "x-main", "--json").json["posts"]
    assert form["parts"][0]["text"] == "From the pipe."


def test_without_a_terminal_no_editor_is_opened(room: Newsdesk, monkeypatch: pytest.MonkeyPatch) -> None:
    room.prepared()
    monkeypatch.setenv("EDITOR", "false")
    told = room.tell("edit", "1", "--channel", "x-main")
    assert (told.code, told.err) == (2, "There is no terminal for an editor here: give the words with --text.\n")


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.cli.printing.has_person", lambda: True)


def _editor(folder: Path, line: str) -> str:
    script = folder / "editor.sh"
    script.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
    script.chmod(0o700)
    return str(script)


@pytest.mark.usefixtures("person")
def test_the_editor_opens_with_the_words_and_what_it_saves_is_taken(
    room: Newsdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.prepared()
    seen = room.folder / "seen.txt"
    monkeypatch.setenv(
        "EDITOR", f"{_editor(room.folder, f'cp $2 {seen}; echo From the editor. > $2; echo $2 > where')} -w"
    )
    assert room.tell("edit", "1", "--channel", "x-main").code == 0
    (form,) = room.tell("preview", "1", "--channel", "x-main", "--json").json["posts"]
    assert form["parts"][0]["text"] == "From the editor."
    assert "ferry" in seen.read_text(encoding="utf-8")
    assert not Path((room.folder / "where").read_text(encoding="utf-8").strip()).parent.exists()


@pytest.mark.usefixtures("person")
def test_an_editor_that_changes_nothing_changes_nothing(room: Newsdesk, monkeypatch: pytest.MonkeyPatch) -> None:
    room.prepared()
    monkeypatch.setenv("VISUAL", "true")
    monkeypatch.setenv("EDITOR", "false")
    told = room.tell("edit", "1", "--channel", "x-main")
    assert (told.code, told.lines[-1]) == (0, "Nothing was changed.")
    assert room.tell("preview", "1", "--channel", "x-main", "--json").json["posts"][0]["version"] == 1


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize(
    ("command", "told"),
    [("false", "ended with 1"), ("no-such-editor-here", "cannot be started"), ("", "No editor is set")],
)
def test_an_editor_that_fails_is_one_sentence(
    room: Newsdesk, monkeypatch: pytest.MonkeyPatch, command: str, told: str
) -> None:
    room.prepared()
    monkeypatch.setenv("EDITOR", command)
    refused = room.tell("edit", "1", "--channel", "x-main")
    assert refused.code in (2, 3)
    assert told in refused.err
    assert refused.err.count("\n") == 1


@pytest.mark.usefixtures("person")
def test_two_editors_at_once_lose_nobodys_words(room: Newsdesk, monkeypatch: pytest.MonkeyPatch) -> None:
    room.prepared()
    newest = wording._newest
    calls = []

    def meanwhile(*asked: object) -> object:
        calls.append(asked)
        if len(calls) == 2:
            room.tell("edit", "1", "--channel", "x-main", "--text", "Somebody else's.", "--as", "eva")
        return newest(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(wording, "_newest", meanwhile)
    monkeypatch.setenv("EDITOR", _editor(room.folder, "echo Mine. > $1"))
    told = room.tell("edit", "1", "--channel", "x-main")
    assert told.code == 3
    kept = Path(told.err.rstrip(".\n").rpartition("kept in ")[2])
    assert kept.read_text(encoding="utf-8") == "Mine.\n"
    (form,) = room.tell("preview", "1", "--channel", "x-main", "--json").json["posts"]
    assert form["parts"][0]["text"] == "Somebody else's."


def test_a_yes_lets_what_waits_go(room: Newsdesk) -> None:
    room.prepared()
    told = room.tell("approve", "latest")
    assert told.code == 0
    assert "d2  fb-main  planned, goes Mon 21 Sep 18:30" in told.lines
    assert told.lines[-1] == "Times are in Europe/Berlin."
    assert room.delivery("fb-main")["approved_by"] == "ada"
    nothing = room.tell("approve", "latest")
    assert (nothing.code, "nothing of story 1 waits" in nothing.err) == (2, True)


def test_a_yes_can_name_the_delivery(room: Newsdesk) -> None:
    room.prepared()
    assert room.tell("approve", "d2", "--channel", "fb-main").code == 2
    assert room.tell("approve", "D2").code == 0
    assert room.tell("approve", "d2").code == 2
    assert room.tell("approve", "d77").err == "there is no delivery 77; list them with: pressrun log\n"


def test_a_moment_takes_the_slots_place(room: Newsdesk) -> None:
    room.prepared()
    told = room.tell("schedule", "1", "--at", "tomorrow 08:00", "--channel", "x-main", "--json")
    (form,) = told.json["deliveries"]
    assert (form["channel"], form["due_at"], form["ordered_by"]) == ("x-main", "2026-09-22T08:00:00+02:00", "ada")
    past = room.tell("schedule", "1", "--at", "08:00")
    assert past.code == 2
    assert "is past" in past.err


def test_a_wall_time_that_comes_twice_is_told_when_it_is_chosen(room: Newsdesk) -> None:
    room.prepared()
    told = room.tell("schedule", "1", "--at", "2026-10-25 02:30", "--channel", "x-main")
    assert told.code == 0
    assert "02:30 comes twice on 2026-10-25" in told.out
    assert "goes Sun 25 Oct 02:30 (+0200)" in told.out


def test_now_is_a_yes_and_a_moment(room: Newsdesk) -> None:
    room.prepared()
    forms = room.tell("now", "1", "--json").json["deliveries"]
    assert [(one["state"], one["due_at"]) for one in forms] == [("planned", "2026-09-21T08:30:00+02:00")] * 2


def test_skip_calls_everything_off(room: Newsdesk) -> None:
    room.prepared()
    told = room.tell("skip", "ferry", "--why", "overtaken by events")
    assert told.code == 0
    assert [line for line in told.lines if "cancelled" in line] != []
    assert {room.delivery(name)["state"] for name in ("x-main", "fb-main")} == {"cancelled"}
    assert room.tell("queue").lines[1].startswith("Nothing is to come")
    assert "nothing of it was still to go" in room.tell("skip", "1").out


def test_cancel_wants_a_reason_and_takes_both_spellings(room: Newsdesk) -> None:
    room.prepared()
    assert room.tell("cancel", "1").code == 2
    assert room.tell("cancel", "1", "--why", " ").code == 2
    assert room.tell("cancel", "1", "--why", "the court ruled").code == 0
    assert room.tell("cancel", "d2", "--why", "the court ruled").code == 0
    assert room.delivery()["reason"] == "the court ruled"
    assert room.tell("cancel", "d2", "--why", "twice").code == 2
    assert room.tell("cancel", "ferry", "--why", "x").err == (
        '"ferry" is not a delivery: write its number, e.g. d12; pressrun log lists them.\n'
    )


def test_again_waits_for_the_first_to_end(room: Newsdesk) -> None:
    room.prepared()
    told = room.tell("again", "1", "--channel", "x-main")
    assert told.code == 2
    assert "still planned" in told.err
    assert room.tell("again", "1", "--channel", "mail").code == 2


def test_a_post_without_a_story(room: Newsdesk) -> None:
    told = room.tell("post", "The site is slow today.", "--channel", "x-main", "--at", "in 30m", "--json")
    (form,) = told.json["deliveries"]
    assert (form["subject"], form["due_at"], form["approved_by"]) == ("post", "2026-09-21T09:00:00+02:00", "ada")
    assert room.delivery()["headline"] == "The site is slow today."


def test_a_picture_needs_words_for_those_who_cannot_see_it(room: Newsdesk) -> None:
    (room.folder / "quay.png").write_bytes(PNG)
    post = ("post", "Sunrise at the quay", "--channel", "fb-main")
    assert "alt text" in room.tell(*post, "--image", "quay.png").err
    assert room.tell(*post, "--alt", "The quay").err == "--alt describes a picture: name the picture with --image.\n"
    assert room.tell(*post, "--image", "missing.png", "--alt", "The quay").code == 2
    assert room.tell(*post, "--at", "08:00").code == 2
    assert room.tell(*post, "--image", "quay.png", "--alt", "The quay at dawn").code == 0


def test_a_post_the_channel_would_refuse_is_refused_at_once(room: Newsdesk) -> None:
    told = room.tell("post", "word " * 80, "--channel", "x-main")
    assert told.code == 2
    assert room.tell("queue", "--json").json["deliveries"] == []


@pytest.mark.parametrize(
    ("said", "state"), [("--out", "sent"), ("--not-out", "planned"), ("--nobody-knows", "unknown")]
)
def test_a_verdict_settles_and_is_logged_with_the_name(room: Newsdesk, said: str, state: str) -> None:
    room.prepared()
    number = uncertain(room)
    url = ["https://x.com/newsroom/status/1"] if said == "--out" else []
    told = room.tell("settle", f"d{number}", *url, said, "--why", "I looked")
    assert told.code == 0
    shown = room.tell("show", f"d{number}", "--json").json
    assert shown["delivery"]["state"] == state
    assert shown["attempts"][-1]["verb"] == "verdict"
    assert shown["attempts"][-1]["ordered_by"] == "ada"
    assert [one["verb"] for one in shown["audit"]] == ["settle"]
    if url:
        assert shown["delivery"]["url"] == url[0]


@pytest.mark.parametrize(
    "words",
    [(), ("--out", "--not-out"), ("--leave", "--out"), ("https://x.com/1", "--not-out"), ("x.com/1", "--out")],
)
def test_a_verdict_is_exactly_one_of_four(room: Newsdesk, words: tuple[str, ...]) -> None:
    room.prepared()
    number = uncertain(room)
    told = room.tell("settle", str(number), *words)
    assert told.code == 2
    assert told.err.count("\n") == 1
    assert room.delivery()["state"] == "unsettled"


def test_what_is_not_unsettled_needs_no_verdict(room: Newsdesk) -> None:
    room.prepared()
    assert room.tell("settle", "1", "--out").code == 2


def test_an_address_is_said_later_or_that_none_is_wanted(room: Newsdesk) -> None:
    assert room.tell("add", room.write(), "--json").code == 0
    assert room.tell("address", "1").code == 2
    assert room.tell("address", "1", "https://news.example.org/ferry", "--none").code == 2
    assert "is not a web address" in room.tell("address", "ferry", "ferry").err
    told = room.tell("address", "ferry", "https://news.example.org/ferry", "--json")
    (story,) = told.json["stories"]
    assert (story["url"], story["revision"]) == ("https://news.example.org/ferry", 2)
    (form,) = room.tell("preview", "1", "--channel", "x-main", "--json").json["posts"]
    assert "https://news.example.org/ferry" in form["parts"][0]["text"]
    assert room.tell("add", room.write(LIBRARY, "library.txt"), "--json").code == 0
    assert room.tell("address", "2", "--none").lines[-2] == "Story 2 may go without a link."


def test_what_failed_is_tried_once_more_or_left_by_a_command(room: Newsdesk) -> None:
    room.prepared()
    number = uncertain(room, State.FAILED)
    assert room.tell("retry", "ferry").code == 2
    told = room.tell("retry", str(number + 1), f"d{number}", "--json")
    assert (told.code, f"delivery {number + 1} " in told.err) == (2, True), "one that is refused keeps no other back"
    (form,) = told.json["deliveries"]
    assert (form["purpose"], form["approved_by"]) == ("again-1", "ada")
    assert "tried once more already" in room.tell("retry", str(number)).err
    left = room.tell("settle", f"d{number}", "--leave", "--why", "that is that")
    assert (left.code, left.err) == (0, "")
    assert [one["verb"] for one in room.tell("show", f"d{number}", "--json").json["audit"]] == ["leave"]


def test_doctor_names_everything_that_needs_a_person_with_its_command(room: Newsdesk) -> None:
    assert room.tell("doctor").lines[-1] == "Nothing needs a person."
    room.prepared()
    number = uncertain(room)
    told = room.tell("doctor", "--json")
    assert told.code == 1
    needs = {one["kind"]: one["remedy"] for one in told.json["needs"]}
    assert needs["unsettled"] == f"pressrun settle d{number} --out, --not-out or --nobody-knows"
    assert needs["waiting"] == "pressrun preview 1 --channel fb-main, then: pressrun approve 1 --channel fb-main"
    text = room.tell("doctor")
    assert text.code == 1
    assert f"    {needs['waiting']}" in text.lines


def test_a_verb_on_a_terminal_says_the_same(room: Newsdesk, monkeypatch: pytest.MonkeyPatch) -> None:
    room.prepared(LIBRARY, "library.txt")
    screen = Terminal()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", screen)
        assert room.tell("now", "library", "--channel", "x-main").code == 0
    assert "x-main  planned, goes Mon 21 Sep 08:30" in screen.getvalue()


def test_what_went_stale_waits_no_more(room: Newsdesk) -> None:
    room.prepared()
    room.clock.advance(timedelta(days=1))
    assert room.tell("tick").code in (0, 1)
    assert room.delivery("fb-main")["state"] == "expired"
