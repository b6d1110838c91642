"""The shadow: a rehearsing channel beside what people posted on an account of the world, which is only read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from channels.rehearsal.accounts import x_account
from channels.rehearsal.platforms import RehearsalPlatforms
from tests.channels.rehearsal.callers import XCaller
from tests.desk.newsdesk import LIBRARY, Newsdesk
from tests.scheduler.test_live import keys

SETTINGS = """\
[newsroom]
name = "The Test Times"
site = "https://times.example.net"
timezone = "Europe/Berlin"

[channels.x-main]
kind = "x"
base_url = "ADDRESS"
secret_file = "paper.secret"
deadline = "10s"

[channels.fb-main]
kind = "facebook"
deadline = "10s"

[channels.mail]
kind = "email"
slots = ["daily 07:00"]
newsletter = "Morning briefing"
list = "morning"
from = "The Test Times <briefing@times.example.net>"
"""


@pytest.fixture
def people(room: Newsdesk) -> Iterator[XCaller]:
    """What people do on the account of the world, through tweepy, on the test's clock."""
    with RehearsalPlatforms(room.folder / "world.db", now=room.clock.now) as platforms:
        keys(room.folder, "paper")
        room.set(SETTINGS.replace("ADDRESS", platforms.addresses.x_url))
        yield XCaller(platforms.addresses.x_url, x_account("paper"))


def a_day(room: Newsdesk, people: XCaller) -> None:
    """Pressrun rehearses two stories; people post the first 40 minutes later, and something of their own."""
    room.prepared()
    room.prepared(LIBRARY, "library.txt")
    room.clock.advance(timedelta(minutes=40))
    people.post("The ferry will run late from May! https://news.example.org/ferry.txt?utm_source=desk")
    people.post("Traffic jam on the ring road, take the bridge.")
    room.clock.advance(timedelta(days=1))


def test_the_morning_after_tells_what_both_posted_and_what_only_one(room: Newsdesk, people: XCaller) -> None:
    a_day(room, people)
    told = room.tell("shadow", "--channel", "x-main", "--words")
    assert told.code == 0, told.err
    assert "x-main, account paper: Pressrun would have posted 2, people posted 2; 1 told the" in told.out
    assert "40 min sooner than people" in told.out
    assert "people:   The ferry will run late from May!" in told.out
    assert "story 2: Library opens on Sundays from October" in told.out.partition("Only Pressrun")[2]
    assert "09:10  Traffic jam on the ring road" in told.out.partition("Only people")[2]
    assert "Reading the account cost $0.002." in told.out
    assert "Pressrun's posts would have cost $0.400; at this pace $12.000 in 30 days." in " ".join(told.out.split())
    assert max(map(len, told.lines)) <= 80


def test_programs_get_the_same_with_both_texts(room: Newsdesk, people: XCaller) -> None:
    a_day(room, people)
    (form,) = room.tell("shadow", "--channel", "x-main", "--json").json["channels"]
    (same,) = form["same"]
    assert (same["story"], same["later_seconds"], form["cost_usd"]) == (1, -2400, 0.002)
    assert same["people"]["text"].startswith("The ferry")
    assert [one["story"] for one in form["only_pressrun"]] == [2]
    assert [one["text"][:7] for one in form["only_people"]] == ["Traffic"]


def test_nothing_is_posted_and_the_settings_stay(room: Newsdesk, people: XCaller) -> None:
    a_day(room, people)
    before = (room.folder / "settings.toml").read_text()
    room.tell("shadow", "--channel", "x-main")
    assert len(people.timeline(max_results=10)) == 2
    assert (room.folder / "settings.toml").read_text() == before
    assert room.tell("queue").lines[0] == "REHEARSAL: nothing leaves this machine"


def test_an_account_that_cannot_be_read_says_why_and_shows_ours(room: Newsdesk, people: XCaller) -> None:
    a_day(room, people)
    file = room.folder / "paper.secret"
    file.write_text(file.read_text().replace("ACCESS_TOKEN_SECRET=", "ACCESS_TOKEN_SECRET=x"))
    told = room.tell("shadow")
    assert told.code == 3
    assert "x-main: its account could not be read. X does not accept this channel's keys" in told.out
    assert "fb-main: its account could not be read. [channels.fb-main] names no secret_file" in told.out
    assert "Only Pressrun would have posted:" in told.out


def test_the_report_goes_to_the_desk_by_mail(room: Newsdesk, people: XCaller) -> None:
    a_day(room, people)
    assert room.tell("shadow", "--channel", "x-main", "--mail").code == 2
    settings = (room.folder / "settings.toml").read_text() + '[notices]\nemail = "desk@times.example.net"\n'
    room.set(settings)
    told = room.tell("shadow", "--channel", "x-main", "--mail")
    assert (told.code, told.lines[-1]) == (0, "Mailed to desk@times.example.net.")
    with RehearsalPlatforms(room.folder / "rehearsal.db", now=room.clock.now) as ours:
        mail = next(one for one in ours.published("email") if "Shadow" in one.subject)
    assert mail.to == ("desk@times.example.net",)
    assert mail.subject == "[Pressrun rehearsal] Shadow since 2026-09-21: x-main 1 of 2 the same"
    assert "40 min sooner than people" in mail.text


@pytest.mark.usefixtures("people")
def test_what_cannot_be_compared_is_refused_in_words(room: Newsdesk) -> None:
    assert "mail cannot be read back" in room.tell("shadow", "--channel", "mail").err
    room.tell("live", "x-main", "--account", "paper")
    assert "x-main is live" in room.tell("shadow", "--channel", "x-main").err
