"""From nothing to a queue: init, settings check, add, queue, preview."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import sys
from pathlib import Path

import pytest

from db import subscribers
from desk.cli.default_settings import default_settings
from desk.cli.own_call import own_call
from desk.cli.rooms import ROOT
from tests.desk.newsdesk import FERRY, LIBRARY, SETTINGS, Newsdesk, Terminal

SAMPLE = ROOT / "templates" / "samples" / "harbour-ferry.txt"
FIRST = "REHEARSAL: nothing leaves this machine"


def test_init_makes_a_newsroom_that_works_as_it_is(room: Newsdesk, monkeypatch: pytest.MonkeyPatch) -> None:
    (room.folder / "settings.toml").unlink()
    told = room.tell("init", "desk")
    assert (told.code, told.err) == (0, "")
    assert told.lines[0] == FIRST
    steps = [line.split() for line in told.lines[-4:]]
    assert steps[0] == ["cd", "desk"]
    assert [words[1:] for words in steps[1:]] == [["add", str(SAMPLE)], ["run"], ["log", "--by", "story"]]
    assert {shutil.which(words[0]) for words in steps[1:]} == {str(ROOT / "pressrun")}
    desk = room.folder / "desk"
    assert (desk / "settings.toml").read_text(encoding="utf-8") == default_settings()
    assert (desk / "inbox").is_dir()
    ignored = (desk / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"pressrun.db*", "pressrun.key", "secrets/"} <= set(ignored)
    monkeypatch.chdir(desk)
    assert room.tell("lists", "--json").json["lists"] == [
        {"list": "morning", "confirmed": 3, "unconfirmed": 0, "ended": 0, "channels": ["morning"]}
    ]
    assert room.tell("settings", "check").code == 0


@pytest.mark.parametrize("name", [".", "../desk"])
def test_init_of_the_folder_one_stands_in_leads_nowhere_else(
    room: Newsdesk, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    desk = room.folder / "desk"
    desk.mkdir()
    monkeypatch.chdir(desk)
    told = room.tell("init", name)
    assert told.code == 0, told.err
    assert not [line for line in told.lines if line.strip().startswith("cd ")]
    assert told.lines[-1].endswith("pressrun log --by story")


def test_a_person_is_told_to_type_what_starts_this_pressrun_from_where_they_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert own_call(ROOT) == "./pressrun"
    assert own_call(ROOT / "newsdesk") == "../pressrun"
    assert own_call(tmp_path) == str(ROOT / "pressrun")
    (tmp_path / "pressrun").write_text("#!/bin/sh\n", encoding="utf-8")
    (tmp_path / "pressrun").chmod(0o755)
    assert own_call(tmp_path) == str(ROOT / "pressrun"), "another program of this name is not ours"
    (tmp_path / "pressrun").unlink()
    (tmp_path / "pressrun").symlink_to(ROOT / "pressrun")
    assert own_call(tmp_path) == "pressrun"


def test_the_sample_readers_say_that_they_are_sample_data(room: Newsdesk, monkeypatch: pytest.MonkeyPatch) -> None:
    room.tell("init", "desk")
    monkeypatch.chdir(room.folder / "desk")
    room.folder = room.folder / "desk"
    app = room.app()
    with app.ground.reading() as tx:
        people = list(subscribers.candidates(tx, "morning"))
        (proof,) = subscribers.consent_history(tx, people[0].subscriber.id)
    app.close()
    assert all(one.subscriber.address.endswith(".example.org") for one in people)
    assert "Sample data" in proof.wording


@pytest.mark.parametrize("name", ["notes.txt", "settings.toml"])
def test_init_refuses_a_folder_that_holds_anything(room: Newsdesk, name: str) -> None:
    (room.folder / "desk").mkdir()
    (room.folder / "desk" / name).write_text("mine", encoding="utf-8")
    told = room.tell("init", "desk")
    assert (told.code, told.out) == (2, "")
    assert told.err.count("\n") == 1
    assert [path.name for path in (room.folder / "desk").iterdir()] == [name]


def test_init_takes_an_empty_git_folder_and_leaves_it_as_it_was_when_it_fails(
    room: Newsdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = room.folder / "desk"
    (desk / ".git").mkdir(parents=True)
    monkeypatch.setenv("PRESSRUN_NEWSROOM__TIMEZONE", "Nowhere/Atall")
    assert room.tell("init", "desk").code == 2
    assert [path.name for path in desk.iterdir()] == [".git"]
    assert room.tell("init", "other").code == 2
    assert not (room.folder / "other").exists()
    monkeypatch.delenv("PRESSRUN_NEWSROOM__TIMEZONE")
    assert room.tell("init", "desk").code == 0


def test_settings_check_tells_every_fault_with_its_line(room: Newsdesk) -> None:
    text = SETTINGS.replace('kind = "x"', 'kind = "x"\nslotz = 3').replace('"Europe/Berlin"', "5")
    lines = [text.splitlines().index(line) + 1 for line in ("timezone = 5", "slotz = 3")]
    room.set(text)
    told = room.tell("settings", "check")
    assert (told.code, told.out) == (2, "")
    assert f"line {lines[0]}, newsroom.timezone" in told.err
    assert 'did you mean "slots"?' in told.err
    faults = room.tell("settings", "check", "--json")
    assert faults.code == 2
    assert faults.json["ok"] is False
    assert [fault["line"] for fault in faults.json["faults"]] == lines
    assert not (room.folder / "pressrun.db").exists()


def test_settings_that_are_nowhere_are_one_sentence(room: Newsdesk) -> None:
    (room.folder / "settings.toml").unlink()
    told = room.tell("queue")
    assert (told.code, told.out) == (2, "")
    assert "pressrun init DIR" in told.err
    assert told.err.count("\n") == 1


def test_settings_are_found_by_the_option_then_the_variable(room: Newsdesk, monkeypatch: pytest.MonkeyPatch) -> None:
    other = room.folder / "other"
    other.mkdir()
    (other / "settings.toml").write_text(SETTINGS.replace("Europe/Berlin", "Asia/Tokyo"), encoding="utf-8")
    (room.folder / "third").mkdir()
    (room.folder / "third" / "settings.toml").write_text(SETTINGS.replace("Europe/Berlin", "UTC"), encoding="utf-8")
    assert room.tell("queue", "--json").json["timezone"] == "Europe/Berlin"
    monkeypatch.setenv("PRESSRUN_SETTINGS", str(other))
    assert room.tell("queue", "--json").json["timezone"] == "Asia/Tokyo"
    assert room.tell("queue", "--json", "--settings", "third/settings.toml").json["timezone"] == "UTC"


def test_add_tells_what_each_became(room: Newsdesk) -> None:
    path = room.write()
    told = room.tell("add", path)
    assert (told.code, told.err) == (0, "")
    assert told.lines[:2] == [FIRST, "Story 1 is new: Ferry to run until midnight from May"]
    assert any("No address" in line for line in told.lines)
    assert "Story 1 is here already, unchanged" in room.tell("add", path).out
    room.write(FERRY.replace("six late sailings", "eight late sailings"))
    assert "Story 1 has a new revision" in room.tell("add", path).out


def test_add_takes_what_it_can_and_tells_of_the_rest(room: Newsdesk) -> None:
    (room.folder / "stories").mkdir()
    told = room.tell("add", room.write(), "missing.txt", "stories", room.write(LIBRARY, "library.txt"), "--json")
    assert told.code == 2
    assert [(one["story"], one["what"]) for one in told.json["stories"]] == [(1, "new"), (2, "new")]
    assert [one["target"] for one in told.json["refused"]] == ["missing.txt", "stories"]
    assert len(told.err.splitlines()) == 2


def test_add_keeps_what_the_person_said(room: Newsdesk) -> None:
    told = room.tell(
        "add", room.write(), "--json", "--url", "https://news.example.org/ferry", "--section", "Harbour",
        "--label", "analysis", "--priority", "breaking", "--embargo", "tomorrow 06:00", "--no-link", "--ask",
    )  # fmt: skip
    (story,) = told.json["stories"]
    said = {key: story[key] for key in ("url", "section", "label", "priority", "embargo_at", "no_link", "wants_yes")}
    assert said == {
        "url": "https://news.example.org/ferry",
        "section": "Harbour",
        "label": "analysis",
        "priority": "breaking",
        "embargo_at": "2026-09-22T06:00:00+02:00",
        "no_link": True,
        "wants_yes": True,
    }


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--url", "https://news.example.org/a", "one.txt", "two.txt"), "one story at a time"),
        (("--url", "not an address", "ferry.txt"), "is not a web address"),
        (("--embargo", "06:00", "ferry.txt"), "is past"),
        (("--embargo", "soon", "ferry.txt"), '"soon" is not a time'),
        (("--label", "rumour", "ferry.txt"), "'rumour' is not one of"),
        (("-", "-"), "only once"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_taken_in(
    room: Newsdesk, words: tuple[str, ...], told: str
) -> None:
    room.write()
    refused = room.tell("add", *words)
    assert refused.code == 2
    assert told in refused.err
    assert room.tell("queue", "--json").json["stories"] == []


def test_standard_input_is_a_story_under_its_own_name(room: Newsdesk, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, text in ((1, FERRY), (2, LIBRARY), (1, FERRY)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        (story,) = room.tell("add", "-", "--json").json["stories"]
        assert story["story"] == number
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b" \n")))
    empty = room.tell("add", "-")
    assert (empty.code, empty.err) == (2, "standard input: Standard input is empty: pipe a story into it.\n")


def test_an_address_that_is_not_for_the_world_is_not_fetched(room: Newsdesk) -> None:
    told = room.tell("add", "http://127.0.0.1:9/story")
    assert told.code == 2
    assert told.err.startswith("http://127.0.0.1:9/story: ")


def test_the_queue_shows_stories_then_deliveries_with_their_moments(room: Newsdesk) -> None:
    room.story()
    before = room.tell("queue")
    assert before.lines[0] == FIRST
    assert "Ferry to run until midnight from May" in before.out
    assert room.tell("tick").code == 1  # fb-main waits for a yes, which is new
    queued = room.tell("queue", "--json").json
    assert queued["stories"] == []
    moments = {one["channel"]: (one["state"], one["next_at"], one["latest_at"]) for one in queued["deliveries"]}
    assert moments == {
        "x-main": ("planned", "2026-09-21T18:15:00+02:00", "2026-09-22T06:15:00+02:00"),
        "fb-main": ("waiting", "2026-09-21T18:30:00+02:00", "2026-09-22T06:30:00+02:00"),
    }
    text = room.tell("queue")
    assert "goes Mon 21 Sep 18:15" in text.out
    assert "goes stale Tue 22 Sep 06:30" in text.out
    assert text.out.count("Europe/Berlin") == 1
    assert max(map(len, text.lines)) <= 80


def test_the_queue_tells_when_stories_wait_for_the_next_issue(room: Newsdesk) -> None:
    room.set(SETTINGS.replace('"daily 07:00"', '"daily 19:00"'))
    room.prepared()
    assert room.tell("queue", "--json").json["issues"] == [
        {"channel": "mail", "stories": 1, "at": "2026-09-21T19:00:00+02:00"}
    ]


def test_an_empty_queue_says_how_to_fill_it(room: Newsdesk) -> None:
    assert room.tell("queue").lines == [FIRST, "Nothing is to come. Take a story in with: pressrun add FILE"]


def test_the_preview_of_a_draft_is_what_is_stored_and_sent_later(room: Newsdesk) -> None:
    number = room.story()
    draft = room.tell("preview", str(number), "--json").json["posts"]
    assert [one["stored"] for one in draft] == [False, False, False]
    assert room.tell("queue", "--json").json["stories"] != []  # nothing was prepared by looking
    room.tell("tick")
    stored = room.tell("preview", str(number), "--json").json["posts"]
    assert [one["stored"] for one in stored] == [True, True, True]
    assert [one["fingerprint"] for one in stored] == [one["fingerprint"] for one in draft]
    assert [one["channel"] for one in stored if one["delivery"]] == ["x-main", "fb-main"]


def test_the_preview_shows_text_count_limit_cost_sources_and_what_was_left_out(room: Newsdesk) -> None:
    room.story()
    told = room.tell("preview", "latest", "--channel", "x-main")
    (form,) = room.tell("preview", "latest", "--channel", "x-main", "--json").json["posts"]
    (part,) = form["parts"]
    assert part["text"] in told.out
    assert part["text"].endswith("https://news.example.org/ferry.txt") or "https://news.example.org" in part["text"]
    assert f"[{part['count']} of 280 as the platform counts]" in told.out
    assert part["count"] != len(part["text"])  # a link counts 23 on X, whatever its length
    assert form["cost_usd"] == 0.2
    assert "Cost: $0.200" in told.out
    assert form["used"]
    assert f"made of: {form['used'][0][:30]}" in told.out
    assert "  byline: By Ada Example" in told.lines
    assert "fb-main" not in told.out


def test_a_channel_that_is_not_there_is_named_with_those_that_are(room: Newsdesk) -> None:
    room.story()
    told = room.tell("preview", "1", "--channel", "x-mian")
    assert told.code == 2
    assert told.err == 'There is no channel "x-mian" in the settings; there are: x-main, fb-main, mail.\n'


@pytest.mark.parametrize("name", ["1", "#1", "latest", "ferry midnight", "Ferry to run until midnight from May"])
def test_a_story_is_named_by_number_latest_or_words(room: Newsdesk, name: str) -> None:
    room.story()
    told = room.tell("preview", name, "--json")
    assert told.code == 0
    assert told.json["story"]["story"] == 1
    assert told.err == "Story 1: Ferry to run until midnight from May\n"


def test_words_of_several_headlines_list_them_with_their_numbers(room: Newsdesk) -> None:
    room.story()
    room.story(FERRY.replace("Ferry to run", "Night ferry to run").replace("340,000", "500,000"), "night.txt")
    told = room.tell("preview", "ferry")
    assert (told.code, told.lines) == (2, [FIRST])
    assert told.err.splitlines()[1:] == [
        "      2  Night ferry to run until midnight from May",
        "      1  Ferry to run until midnight from May",
    ]
    assert room.tell("preview", "ferry to run until midnight from may").code == 0  # one headline is exactly this


@pytest.mark.parametrize(
    ("name", "told"),
    [("7", "there is no story 7"), ("zeppelin", 'No story has "zeppelin"'), ("latest", "no story yet"), (" ", "empty")],
)
def test_a_story_that_is_not_there_is_one_sentence(room: Newsdesk, name: str, told: str) -> None:
    refused = room.tell("preview", name)
    assert refused.code == 2
    assert told in refused.err
    assert refused.err.count("\n") == 1


def test_who_acts_is_the_option_then_the_variable_then_the_log_in(
    room: Newsdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken_by(*more: str) -> str:
        number = room.story(f"{LIBRARY}{hashlib.sha256(repr(more).encode()).hexdigest()}\n", f"{len(more)}.txt")
        room.tell("skip", str(number), *more)
        actor: str = room.tell("show", str(number), "--json").json["audit"][0]["actor"]
        return actor

    assert taken_by("--as", "eva") == "eva"
    assert taken_by() == "ada"
    monkeypatch.delenv("PRESSRUN_USER")
    monkeypatch.setattr("getpass.getuser", lambda: "ben")
    assert taken_by("--why", "test") == "ben"


@pytest.mark.parametrize("name", ["", "daily run", "Daily  Run", "a\x1bb", "x" * 121])
def test_nobody_acts_under_no_name_or_the_machines(room: Newsdesk, name: str) -> None:
    room.story()
    told = room.tell("skip", "1", "--as", name)
    assert told.code == 2
    assert told.err.count("\n") == 1


def test_an_account_without_a_name_is_asked_for_one(room: Newsdesk, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise OSError("no name")

    monkeypatch.delenv("PRESSRUN_USER")
    monkeypatch.setattr("getpass.getuser", nobody)
    assert room.tell("add", room.write()).err == (
        "This account has no name: say who acts with --as NAME or PRESSRUN_USER.\n"
    )


def test_live_channels_stand_in_the_first_line(room: Newsdesk) -> None:
    secret = room.folder / "x.env"
    secret.write_text("CONSUMER_KEY=a\nCONSUMER_SECRET=b\nACCESS_TOKEN=c\nACCESS_TOKEN_SECRET=d\n", encoding="utf-8")
    secret.chmod(0o600)
    live = SETTINGS.replace('kind = "x"', 'kind = "x"\nmode = "live"\nsecret_file = "x.env"')
    room.set(live.replace("https://news.example.org", "https://harbourpost.test"))
    told = room.tell("queue")
    assert told.lines[0] == "LIVE: x-main · REHEARSAL: fb-main, mail"
    assert room.tell("queue", "--json").json["mode"] == {"rehearsal": ["fb-main", "mail"], "live": ["x-main"]}
    assert room.tell("settings", "check").lines[0] == "LIVE: x-main · REHEARSAL: fb-main, mail"


def test_a_terminal_sees_the_same_words(room: Newsdesk, monkeypatch: pytest.MonkeyPatch) -> None:
    room.story()
    screen = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", screen)
        assert room.tell("queue").code == 0
    assert screen.getvalue().splitlines()[0] == FIRST
    assert "Ferry to run until" in screen.getvalue()


def test_json_is_the_same_on_every_reading_command(room: Newsdesk, tmp_path: Path) -> None:
    room.prepared()
    for words in (
        ["queue"], ["preview", "1"], ["channels"], ["doctor"], ["log"], ["log", "--by", "story"], ["show", "1"],
        ["show", "d1"], ["lists"], ["settings", "check"], ["tick", "--dry-run"],
    ):  # fmt: skip
        told = room.tell(*words, "--json")
        held = json.loads(told.out)
        assert held["mode"] == {"rehearsal": ["x-main", "fb-main", "mail"], "live": []}, words
        text = room.tell(*words)
        assert text.lines[0] == FIRST, words
        assert text.code == told.code, words
