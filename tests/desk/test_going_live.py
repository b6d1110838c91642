"""``pressrun live``: rehearsal servers pose as the world, by base_url."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from channels.rehearsal.accounts import x_account
from channels.rehearsal.platforms import RehearsalPlatforms
from db import audit, deliveries
from db.records import Delivery, Mode, State, SubjectKind
from scheduler import prepare
from scheduler.app import App
from scheduler.deliver import deliver_next
from tests.channels.rehearsal.saying_yes import say_yes
from tests.desk.newsdesk import FERRY, LIBRARY, Newsdesk
from tests.scheduler.test_live import keys

SETTINGS = """\
# The newsroom of the test.
[newsroom]
name = "The Test Times"
site = "https://times.example.net"
timezone = "Europe/Berlin"

[channels.x-main]
kind = "x"
mode = "rehearsal"      # or "live": the world reads it
slots = ["daily 18:15"]
publish = "auto"
base_url = "ADDRESS"
secret_file = "paper.secret"
deadline = "10s"

# ── Facebook ─────
[channels.fb-main]
kind = "facebook"
slots = ["daily 18:30"]
deadline = "10s"
"""


@pytest.fixture
def world(room: Newsdesk) -> Iterator[RehearsalPlatforms]:
    """The world: an X that is not the newsroom's own rehearsal; the newsroom has its keys and still rehearses."""
    with RehearsalPlatforms(room.folder / "world.db", now=room.clock.now) as platforms:
        keys(room.folder, "paper")
        room.set(SETTINGS.replace("ADDRESS", platforms.addresses.x_url))
        yield platforms


def text(room: Newsdesk) -> str:
    return (room.folder / "settings.toml").read_text(encoding="utf-8")


def live(room: Newsdesk, *more: str) -> None:
    told = room.tell("live", "x-main", "--account", "paper", *more)
    assert told.code == 0, told.err
    room.clock.advance(timedelta(seconds=1))


def test_without_a_terminal_and_without_the_name_nothing_goes_live(room: Newsdesk, world: RehearsalPlatforms) -> None:
    room.prepared()
    before = text(room)
    told = room.tell("live", "x-main")
    assert told.code == 2
    assert 'pressrun live x-main --account "paper"' in told.err
    assert "X bills $0.200 for a post with a link" in told.out
    assert text(room) == before
    assert room.delivery("x-main")["state"] == "planned"


def test_another_name_than_the_accounts_changes_nothing(room: Newsdesk, world: RehearsalPlatforms) -> None:
    room.prepared()
    before = text(room)
    told = room.tell("live", "x-main", "--account", "rival")
    assert (told.code, text(room)) == (2, before)
    assert '"rival" is not the account: x-main speaks for paper' in told.err


def test_going_live_changes_one_word_of_the_settings_and_calls_the_rehearsal_off(
    room: Newsdesk, world: RehearsalPlatforms
) -> None:
    room.prepared()
    before = text(room)
    told = room.tell("live", "x-main", "--account", "@Paper", "--why", "agreed on Monday")
    assert told.code == 0, told.err
    assert "x-main is LIVE: it speaks for paper" in told.out
    assert "1 plan of the rehearsal is called off" in told.out
    assert text(room) == before.replace('mode = "rehearsal"', 'mode = "live"')
    app = room.app()
    assert {one.channel: one.state for one in _any_posts(app, 1)} == {
        "x-main": State.CANCELLED,
        "fb-main": State.PLANNED,
    }
    with app.ground.reading() as tx:
        (row,) = audit.rows(tx, verb="live")
    app.close()
    assert (row.subject, row.actor, row.reason) == ("channel x-main", "ada", "agreed on Monday")


@pytest.mark.usefixtures("world")
def test_the_name_is_typed_at_a_terminal(room: Newsdesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.cli.printing.has_person", lambda: True)
    asked: list[str] = []

    def answer(question: str, **_: object) -> str:
        asked.append(question)
        return "paper"

    monkeypatch.setattr("typer.prompt", answer)
    assert room.tell("live", "x-main").code == 0
    assert asked == ["Type the account's name to go live"]


def test_a_channel_whose_check_fails_does_not_go_live(room: Newsdesk, world: RehearsalPlatforms) -> None:
    file = room.folder / "paper.secret"
    file.write_text(file.read_text().replace("ACCESS_TOKEN_SECRET=", "ACCESS_TOKEN_SECRET=x"))
    before = text(room)
    told = room.tell("live", "x-main", "--account", "paper")
    assert (told.code, text(room)) == (1, before)
    assert "Its check fails" in told.out
    assert "It does not go live yet" in told.out


def test_a_channel_without_keys_does_not_go_live_and_says_how_to_connect_it(
    room: Newsdesk, world: RehearsalPlatforms
) -> None:
    room.set(text(room).replace('secret_file = "paper.secret"\n', ""))
    told = room.tell("live", "x-main", "--account", "paper")
    assert told.code == 1
    assert "pressrun channels connect x-main" in " ".join(told.out.split())
    assert world.published("x") == ()


def test_an_account_that_was_connected_goes_live_without_a_secret_file(
    room: Newsdesk, world: RehearsalPlatforms
) -> None:
    room.set(text(room).replace('secret_file = "paper.secret"\n', ""))
    keys = room.folder / "app-keys.env"
    keys.touch(mode=0o600)
    keys.write_text("CONSUMER_KEY=rehearsalConsumerKey\nCONSUMER_SECRET=rehearsalConsumerSecret\n")
    begun = room.tell("channels", "connect", "x-main", "--live", "--keys", str(keys))
    assert begun.code == 0, begun.err
    address = next(line for line in begun.lines if line.startswith("http"))
    assert address.startswith(world.addresses.x_url)
    pin = say_yes(f"{address}&screen_name=paper")
    done = room.tell("channels", "connect", "x-main", "--live", "--answer", pin)
    assert done.code == 0, done.err
    assert "it speaks for paper" in done.out
    assert "rehearsalConsumerSecret" not in begun.out + begun.err + done.out + done.err
    told = room.tell("live", "x-main", "--account", "paper")
    assert told.code == 0, told.err
    assert room.tell("secrets", "rotate").code == 0
    assert room.tell("channels", "check", "x-main").code == 0
    assert room.tell("channels", "disconnect", "x-main").code == 0
    assert room.tell("channels", "check", "x-main").code == 1


def test_stories_from_before_are_never_posted_unless_asked(room: Newsdesk, world: RehearsalPlatforms) -> None:
    old = room.prepared()
    live(room)
    changed = FERRY.replace("340,000", "350,000")
    room.story(changed, "ferry.txt")
    room.tell("tick")
    app = room.app()
    assert not _live_posts(app, old)
    app.close()
    told = room.tell("again", str(old), "--channel", "x-main")
    assert told.code == 0, told.err
    app = room.app()
    (asked,) = _live_posts(app, old)
    app.close()
    assert (asked.purpose, asked.ordered_by) == ("first", "ada")


def test_the_first_ten_posts_wait_for_a_yes_and_the_eleventh_does_not(
    room: Newsdesk, world: RehearsalPlatforms
) -> None:
    live(room)
    for number in range(1, 12):
        story = room.prepared(LIBRARY.replace("city library", f"library of ward {number}"), f"ward-{number}.txt")
        found = room.delivery("x-main")
        if number <= 10:
            assert found["state"] == "waiting", number
            assert f"its next {11 - number} posts wait for a person's yes" in found["reason"]
            assert room.tell("approve", str(story), "--channel", "x-main").code == 0
        else:
            assert "went live lately" not in found["reason"]


def test_back_in_rehearsal_no_process_sends_anything_live_whatever_its_settings(
    room: Newsdesk, world: RehearsalPlatforms
) -> None:
    live(room)
    story = room.prepared()
    room.tell("approve", str(story), "--channel", "x-main")
    old_process = room.app()
    told = room.tell("live", "x-main", "--rehearsal", "--why", "the account is being moved")
    assert told.code == 0, told.err
    assert "1 live plan is called off" in told.out
    assert 'mode = "rehearsal"      # or "live": the world reads it' in text(room)
    assert old_process.outlets["x-main"].mode is Mode.LIVE
    with old_process.ground.transaction() as tx:
        tx.exec_driver_sql("update deliveries set state = 'planned', slot_at = null, next_at = due_at")
    room.clock.advance(timedelta(hours=11))
    assert getattr(deliver_next(old_process, old_process.outlets["x-main"]), "why", "") == "held"
    assert not world.published("x")
    old_process.close()


def test_a_process_with_settings_from_before_leaves_new_stories_to_the_live_channel(
    room: Newsdesk, world: RehearsalPlatforms
) -> None:
    old_process = room.app()
    live(room)
    story = room.story()
    assert prepare.prepare_waiting(old_process) == 0
    assert not _any_posts(old_process, story)
    assert "Start pressrun serve anew" in " ".join(room.tell("doctor").out.split())
    old_process.close()
    room.tell("tick")
    app = room.app()
    assert len(_live_posts(app, story)) == 1
    app.close()


def test_what_is_under_way_keeps_a_channel_live(room: Newsdesk, world: RehearsalPlatforms) -> None:
    live(room)
    room.prepared()
    app = room.app()
    with app.ground.transaction() as tx:
        (one,) = deliveries.open_on(tx, Mode.LIVE, "x-main", (State.WAITING,), limit=5)
        for after in (State.PLANNED, State.SENDING, State.UNCERTAIN):
            one = deliveries.move(tx, one, after, actor="w", now=room.clock.now())
    app.close()
    told = room.tell("live", "x-main", "--rehearsal")
    assert told.code == 2
    assert f"delivery {one.id} on x-main is under way (uncertain, first)" in told.err
    assert 'mode = "live"' in text(room)


@pytest.mark.usefixtures("world")
def test_a_variable_that_sets_the_mode_is_named(room: Newsdesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSRUN_CHANNELS__X_MAIN__MODE", "rehearsal")
    told = room.tell("live", "x-main", "--account", "paper")
    assert told.code == 2
    assert "The variable PRESSRUN_CHANNELS__X_MAIN__MODE sets the mode" in told.err


def test_a_file_that_cannot_be_written_is_told_with_the_line_to_write(
    room: Newsdesk, world: RehearsalPlatforms, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> tuple[int, str]:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    told = room.tell("live", "x-main", "--account", "paper")
    assert told.code == 3
    assert 'write mode = "live" under [channels.x-main] yourself' in told.err
    monkeypatch.undo()
    monkeypatch.chdir(room.folder)
    monkeypatch.setattr("scheduler.clock.SystemClock", lambda: room.clock)
    assert room.tell("live", "x-main", "--account", "paper", "--as", "ada").code == 0
    assert 'mode = "live"' in text(room)
    assert "is live already" in room.tell("live", "x-main", "--account", "paper", "--as", "ada").err


def test_the_account_is_pinned_when_it_goes_live(room: Newsdesk, world: RehearsalPlatforms) -> None:
    live(room)
    form = next(one for one in room.tell("channels", "--json").json["channels"] if one["channel"] == "x-main")
    assert (form["account_name"], form["account_id"]) == ("paper", x_account("paper").user_id)


def _live_posts(app: App, story: int) -> list[Delivery]:
    return [one for one in _any_posts(app, story) if one.mode is Mode.LIVE]


def _any_posts(app: App, story: int) -> list[Delivery]:
    with app.ground.reading() as tx:
        return deliveries.of_subject(tx, SubjectKind.ARTICLE, story)
