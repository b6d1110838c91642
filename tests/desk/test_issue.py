"""``pressrun issue``: what an editor sees of an issue before, while and after it goes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from channels.email.counting import link_mark
from channels.rehearsal.platforms import RehearsalPlatforms
from db import hits, issues, recipients
from db.hits import Hit
from db.records import HitKind, Mode, State
from tests.desk.newsdesk import FERRY, Newsdesk

SETTINGS = """
[newsroom]
name = "The Test Times"
site = "https://news.example.org"
timezone = "Europe/Berlin"

[channels.x-main]
kind = "x"
slots = ["daily 18:15"]

[channels.mail]
kind = "email"
from = "The Test Times <briefing@news.example.org>"

[newsletters.noon]
channel = "mail"
title = "Noon letter"
daily = ["daily 03:00"]
alerts = "all"
"""


LIBRARY = """\
Library lends violins to pupils
By Ben Example

The town library of Port Selwyn lends violins to pupils from Monday, its head Ruth Okoro said on Tuesday.

Forty instruments were given by a music school that closed in the spring.

https://news.example.org/violins
"""


@pytest.fixture
def desk(room: Newsdesk) -> Newsdesk:
    """A newsroom with a newsletter, two readers and one story with words."""
    (room.folder / "settings.toml").write_text(SETTINGS, encoding="utf-8")
    (room.folder / "readers.csv").write_text("email,name\nann@readers.example.org,Ann\nben@readers.example.org,Ben\n")
    asked = ("--source", "form", "--date", "2026-09-01", "--wording", "Yes.")
    assert room.tell("lists", "import", "noon", "readers.csv", *asked).code == 0
    (room.folder / "ferry.txt").write_text(FERRY, encoding="utf-8")
    assert room.tell("add", "ferry.txt").code == 0
    assert room.tell("tick").code == 0
    return room


def test_an_issue_is_previewed_tested_sent_and_reported(desk: Newsdesk) -> None:
    shown = desk.tell("issue", "preview", "noon", "--json").json
    assert (shown["issue"], shown["stories"]) == (None, [1])
    assert shown["subject"].startswith("Ferry to run")
    assert not [one for one in shown["findings"] if one["level"] == "stops it"]
    assert desk.tell("issue", "test", "noon", "--to", "ada@news.example.org").code == 0
    assert desk.tell("issue", "cut", "noon").code == 0
    ahead = desk.tell("issue", "report", "noon", "--json").json
    assert (ahead["state"], ahead["audience_frozen"], ahead["candidates"]) == ("planned", False, 0)
    assert desk.tell("issue", "send", "noon").code == 0
    assert desk.tell("tick").code == 0
    report = desk.tell("issue", "report", "noon", "--json").json
    assert (report["state"], report["finished"]) == ("sent", True)
    assert [report[name] for name in ("sent", "refused", "unknown", "excluded", "candidates")] == [2, 0, 0, 0, 2]
    lines = desk.tell("issue", "report", "noon").lines
    assert any(line.split()[:2] == ["sent", "2"] and "█" in line for line in lines)
    table = desk.tell("issue").lines
    assert any(line.split() == ["1", "noon", "2026-09-21", "sent", "2", "0", "0", "0"] for line in table)


def test_a_report_tells_opens_and_clicks_apart_where_they_are_counted_and_else_says_nothing(desk: Newsdesk) -> None:
    assert desk.tell("issue", "cut", "noon").code == 0
    assert desk.tell("issue", "report", "noon", "--json").json["counted"] is None
    assert desk.tell("issue", "cancel", "noon", "--why", "to be counted").code == 0
    counting = SETTINGS.replace("[newsroom]", '[newsroom]\npublic_url = "https://n.example.org"')
    counting += "count_opens = true\ncount_clicks = true\n"
    (desk.folder / "settings.toml").write_text(counting, encoding="utf-8")
    (desk.folder / "library.txt").write_text(LIBRARY, encoding="utf-8")
    desk.clock.advance(timedelta(days=1))
    assert desk.tell("add", "library.txt", "--url", "https://news.example.org/violins").code == 0
    assert desk.tell("tick").code == 0
    assert desk.tell("issue", "cut", "noon").code == 0
    assert desk.tell("issue", "send", "noon").code == 0
    assert desk.tell("tick").code == 0
    ahead = desk.tell("issue", "report", "noon", "--json").json
    number, address = ahead["issue"], ahead["counted"]["links"][0]["address"]
    link = link_mark(address)
    app = desk.app()
    now = app.clock.now()
    several = [
        Hit(number, "a", HitKind.OPEN, "", "", False, now),
        Hit(number, "b", HitKind.OPEN, "", "apple", True, now),
        Hit(number, "a", HitKind.CLICK, link, "", False, now),
    ]
    with app.ground.transaction() as tx:
        hits.add(tx, several, actor="reader", now=now)
    app.close()
    counted = desk.tell("issue", "report", "noon", "--json").json["counted"]
    assert (counted["opens"], counted["clicks"]) == ({"people": 1, "machines": 1}, {"people": 1, "machines": 0})
    first = counted["links"][0]
    assert (first["address"], first["people"]) == (address, 1)
    lines = desk.tell("issue", "report", "noon").lines
    assert any(line.split()[:6] == ["opened", "by", "people", "1", "50.0", "%"] for line in lines)
    assert "Machines: Apple's mail privacy 1." in lines
    assert any(line.split()[:2] == ["1", "0"] and counted["links"][0]["headline"] in line for line in lines)


def test_a_paused_issue_waits_and_a_cancelled_one_goes_to_nobody(desk: Newsdesk) -> None:
    assert desk.tell("issue", "cut", "noon").code == 0
    assert desk.tell("issue", "pause", "noon", "--why", "the lead is wrong").code == 0
    assert desk.tell("tick").code == 0
    assert desk.tell("issue", "report", "noon", "--json").json["sent"] == 0
    assert desk.tell("issue", "resume", "noon").code == 0
    assert desk.tell("issue", "cancel", "noon", "--why", "overtaken").code == 0
    assert desk.tell("tick").code == 0
    report = desk.tell("issue", "report", "noon", "--json").json
    assert (report["state"], report["sent"]) == ("cancelled", 0)


def test_a_correction_goes_to_those_who_have_it_and_stands_in_the_next_issue(desk: Newsdesk) -> None:
    assert desk.tell("issue", "cut", "noon").code == 0
    assert desk.tell("tick").code == 0
    note = "The ferry runs until one, not until midnight."
    told = desk.tell("issue", "correct", "noon", "1", "--note", note, "--why", "misread", "--json").json
    assert (told["misled"], told["exchanged"], told["corrections"], told["in_next_issue"]) == (2, 0, [2], True)
    assert desk.tell("tick").code == 0
    report = desk.tell("issue", "report", "1", "--json").json
    assert report["corrections"] == [{"story": 1, "note": note, "told_in": None}]
    assert desk.tell("issue", "report", "2", "--json").json["sent"] == 2
    (desk.folder / "other.txt").write_text(LIBRARY, encoding="utf-8")
    assert desk.tell("add", "other.txt").code == 0
    assert desk.tell("tick").code == 0
    assert note in desk.tell("issue", "preview", "noon").out


def test_a_story_is_pinned_for_one_issue(desk: Newsdesk) -> None:
    (desk.folder / "other.txt").write_text(LIBRARY, encoding="utf-8")
    assert desk.tell("add", "other.txt").code == 0
    assert desk.tell("tick").code == 0
    assert desk.tell("issue", "preview", "noon", "--json").json["stories"] == [2, 1]
    assert desk.tell("issue", "pin", "noon", "1").code == 0
    assert desk.tell("issue", "preview", "noon", "--json").json["stories"] == [1, 2]
    assert desk.tell("issue", "pin", "noon", "1", "--away").code == 0
    assert desk.tell("issue", "preview", "noon", "--json").json["stories"] == [2, 1]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (("preview", "x-main"), 'there is no newsletter "x-main"'),
        (("report", "noon"), "there is no issue of noon yet"),
        (("report", "99"), "there is no issue 99"),
        (("preview", "noon", "--reader", "zoe@readers.example.org"), "is not on the list noon"),
        (("alert", "noon", "1"), "no reader of noon asked for"),
        (("cut", "mail"), 'there is no channel "mail" in settings.toml'),
        (("pause", "noon", "--why", ""), "Say why"),
        (("correct", "noon", "1", "--note", ""), "what was wrong"),
        (("correct", "noon", "1", "--note", "It was two."), "there is no issue of noon yet"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(desk: Newsdesk, said: tuple[str, ...], told: str) -> None:
    answer = desk.tell("issue", *said)
    assert answer.code == 2
    assert told in answer.err
    assert "Traceback" not in answer.err


def test_the_preview_is_byte_for_byte_what_the_reader_gets(desk: Newsdesk, tmp_path: Path) -> None:
    assert desk.tell("issue", "cut", "noon").code == 0
    file = tmp_path / "ann.eml"
    assert desk.tell("issue", "preview", "noon", "--reader", "ann@readers.example.org", "--eml", str(file)).code == 0
    assert desk.tell("tick").code == 0
    app = desk.app()
    try:
        with app.ground.reading() as tx:
            issue = issues.latest(tx, Mode.REHEARSAL, "noon")
            assert issue is not None
            assert {one.state for one in recipients.of_issue(tx, issue.id)} == {State.SENT}
        platforms: RehearsalPlatforms = app.rehearsal.platforms
        (mine,) = [one for one in platforms.published("email") if one.to == ("ann@readers.example.org",)]
        assert mine.raw == file.read_bytes()
    finally:
        app.close()
