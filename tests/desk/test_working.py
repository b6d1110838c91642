"""The machine's own work: run, serve, tick, rehearse; each stops gently and ends with the code a script can trust."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from datetime import timedelta
from pathlib import Path

import pytest

from db import leases, stops
from db.records import Cause, Scope, Stop
from desk.cli.rooms import ROOT
from desk.cli.signals import on_stop
from scheduler.clock import SystemClock
from tests.desk.newsdesk import FERRY, LIBRARY, SETTINGS, Newsdesk

AT_ONCE = (
    SETTINGS.replace('slots = ["daily 18:15"]\n', "")
    .replace('slots = ["daily 18:30"]\npublish = "approve"\n', "")
    .replace('slots = ["daily 07:00"]\n', "")
)
READERS = "email,name\nada@readers.example.org,Ada\nben@readers.example.org,Ben\n"


def import_readers(room: Newsdesk) -> None:
    (room.folder / "readers.csv").write_text(READERS, encoding="utf-8")
    words = ("--source", "form", "--date", "2026-09-01", "--wording", "Yes")
    assert room.tell("lists", "import", "morning", "readers.csv", *words).code == 0


def test_the_main_job_reaches_all_three_kinds_and_the_log_shows_it(room: Newsdesk) -> None:
    room.set(AT_ONCE)
    import_readers(room)
    room.story()
    ran = room.tell("run")
    assert (ran.code, ran.err) == (0, "")
    assert ran.lines[0] == "REHEARSAL: nothing leaves this machine"
    assert "  sent       3" in ran.lines
    assert "Nothing needs a person." in ran.lines
    matrix = room.tell("log", "--by", "story")
    assert matrix.lines[1].split() == ["#", "story", "x-main", "fb-main", "mail"]
    assert matrix.lines[2].split()[-3:] == ["sent", "sent", "sent"]
    x, facebook, mail = (room.delivery(name) for name in ("x-main", "fb-main", "mail"))
    assert (x["url"] or "").startswith("http://127.0.0.1:")
    assert facebook["outcome"] == "sent"
    assert x["cost_usd"] == 0.2
    issue = room.tell("show", f"d{mail['delivery']}", "--json").json
    assert issue["recipients"]["sent"] == 2
    shown = room.tell("show", f"d{x['delivery']}")
    assert "Attempt 1: send, Mon 21 Sep 08:30, sent (201)" in shown.lines
    assert f"  {x['url']}" in shown.lines
    room.clock.advance(timedelta(minutes=1))
    sheet = room.tell("run", "--json").json
    assert (sheet["sheet"]["sent"], sheet["sheet"]["news"], sheet["held_by"]) == (0, False, None)


def test_a_run_says_how_many_files_it_left_because_they_are_fresh(room: Newsdesk) -> None:
    room.set(AT_ONCE + '\n[sources.inbox]\nkind = "folder"\npath = "inbox"\n')
    (room.folder / "inbox").mkdir()
    for name, text in (("one.txt", FERRY), ("two.txt", LIBRARY)):
        os.utime(room.write(text, f"inbox/{name}"), (room.clock.now().timestamp() - 1,) * 2)
    ran = room.tell("run")
    assert ran.lines[-2:] == [
        "Nothing needs a person.",
        "2 files in inbox are fresh, perhaps half written: the next run reads them.",
    ]
    assert "  2 files are fresh: look again in a moment" in room.tell("sources", "check").lines
    assert room.tell("run", "--json").json["sheet"]["fresh_files"] == {"inbox": 2}
    room.clock.advance(timedelta(minutes=1))
    ran = room.tell("run")
    assert "fresh" not in ran.out
    assert "  sent       4" in ran.lines


def test_a_run_ends_with_1_when_something_new_needs_a_person_and_with_0_when_it_is_old(room: Newsdesk) -> None:
    room.story()
    first = room.tell("run")
    assert first.code == 1
    assert "  waiting    1  (for a person's yes)" in first.lines
    room.clock.advance(timedelta(minutes=1))
    again = room.tell("run")
    assert again.code == 0
    assert "  waiting    1  (for a person's yes)" in again.lines
    assert "goes Mon 21 Sep 18:15" in again.out


def test_a_run_with_a_span_keeps_the_slots_inside_it(room: Newsdesk) -> None:
    room.story()
    assert room.tell("run", "--for", "9h").code == 1
    assert room.delivery()["state"] == "planned"  # 17:30 on the wall, and the slot is at 18:15
    room.clock.advance(timedelta(hours=9))
    ran = room.tell("run", "--for", "1h")
    assert "Waiting until Mon 21 Sep 2026 18:15 Europe/Berlin" in ran.out
    assert room.delivery()["state"] == "sent"


def test_a_span_that_is_none_is_wrong_usage(room: Newsdesk) -> None:
    told = room.tell("run", "--for", "a while")
    assert told.code == 2
    assert "is not a span of time" in told.err


def test_a_second_run_says_who_holds_the_first_and_ends_with_0(room: Newsdesk) -> None:
    app = room.app()
    with app.ground.transaction() as tx:
        assert leases.take(tx, "run", app.claim(timedelta(minutes=1)), instead_of=None, now=room.clock.now())
    app.close()
    told = room.tell("run")
    assert told.code == 0
    assert f"process {os.getpid()} on held holds it until Mon 21 Sep 08:31" in " ".join(told.out.split())
    assert room.tell("run", "--json").json["held_by"]["process"] == str(os.getpid())
    room.clock.advance(timedelta(minutes=2))
    assert "The day's sheet" in room.tell("run").out  # the holder died: its lease ran out


def test_a_database_that_was_restored_sends_nothing_until_somebody_adopts_it(room: Newsdesk) -> None:
    room.set(AT_ONCE)
    room.story()
    assert room.tell("backup", "before.db").code == 0
    assert "sent" in room.tell("run").out
    for name in ("pressrun.db", "pressrun.db-wal", "pressrun.db-shm"):
        (room.folder / name).unlink(missing_ok=True)
    (room.folder / "before.db").rename(room.folder / "pressrun.db")
    ran = room.tell("run")
    assert ran.code == 1
    assert "Nothing is sent: this database is older than what was sent from here" in " ".join(ran.out.split())
    assert "pressrun adopt" in room.tell("doctor").out
    assert "Nothing is sent" in room.tell("queue").out
    adopted = room.tell("adopt", "--why", "restored the backup", "--json")
    assert (adopted.code, adopted.json["adopted"]) == (0, "database")
    assert "safety" not in [one["kind"] for one in room.tell("doctor", "--json").json["needs"]]


def test_a_run_ends_where_a_stop_keeps_what_is_due(room: Newsdesk) -> None:
    room.prepared()
    room.tell("now", "1")
    app = room.app()
    moment = room.clock.now()
    with app.ground.transaction() as tx:
        stop = Stop(Scope.CHANNEL, "x-main", None, Cause.PERSON, "the account was hacked", "eva", moment)
        stops.lay(tx, stop, actor="eva", now=moment)
    app.close()
    ran = room.tell("run", "--for", "1h")
    assert (ran.code, ran.err) == (0, "")
    assert (room.delivery("x-main")["state"], room.delivery("fb-main")["state"]) == ("planned", "sent")
    assert "d1 is held: the account was hacked" in room.tell("queue").lines
    assert "x-main is stopped (person): the account was hacked" in room.tell("channels").lines
    assert "channel x-main is stopped by eva" in room.tell("doctor").out.lower()


def test_a_clock_that_jumped_is_believed_once_a_person_says_so(room: Newsdesk) -> None:
    room.prepared()
    room.tell("now", "1", "--channel", "x-main")
    room.tell("tick")
    room.clock.jump(timedelta(hours=2))
    assert "the clock of this machine moved" in room.tell("queue").out
    assert room.tell("adopt", "--clock").code == 0
    assert "the clock of this machine moved" not in room.tell("queue").out


def test_a_dry_tick_shows_what_would_go_and_writes_nothing(room: Newsdesk) -> None:
    room.prepared()
    room.story(LIBRARY, "library.txt")
    assert room.tell("tick", "--dry-run").lines[-1] == "Nothing would be sent now."
    assert len(room.tell("queue", "--json").json["stories"]) == 1  # a dry tick writes no words either
    room.tell("now", "1")
    before = (room.folder / "pressrun.db").read_bytes()
    told = room.tell("tick", "--dry-run")
    assert [line for line in told.lines if "would send" in line] == [
        "x-main: would send d1, Ferry to run until midnight from May",
        "fb-main: would send d2, Ferry to run until midnight from May",
    ]
    assert (room.folder / "pressrun.db").read_bytes() == before
    assert room.delivery()["state"] == "planned"
    assert room.tell("show", "d1", "--json").json["attempts"] == []


def test_a_dry_tick_obeys_spacing_caps_and_budgets_and_says_so(room: Newsdesk) -> None:
    room.set(SETTINGS.replace('kind = "x"', 'kind = "x"\nspacing = "20 min"'))
    room.prepared()
    room.prepared(LIBRARY, "library.txt")
    room.tell("now", "1", "--channel", "x-main")
    room.tell("now", "2", "--channel", "x-main")
    (x, *_) = room.tell("tick", "--dry-run", "--json").json["channels"]
    assert (len(x["deliveries"]), x["refusal"]["why"]) == (1, "spacing")
    room.set(SETTINGS.replace('kind = "x"', 'kind = "x"\nmonthly_budget = 0.3'))
    (x, *_) = room.tell("tick", "--dry-run", "--json").json["channels"]
    assert (len(x["deliveries"]), x["refusal"]["why"]) == (1, "budget")
    room.set(SETTINGS.replace('kind = "x"', 'kind = "x"\ndaily_cap = 1'))
    (x, *_) = room.tell("tick", "--dry-run", "--json").json["channels"]
    assert (len(x["deliveries"]), x["refusal"]["why"]) == (1, "cap")


def test_a_tick_sends_what_is_due(room: Newsdesk) -> None:
    room.prepared()
    room.tell("now", "1", "--channel", "x-main")
    told = room.tell("tick", "--json")
    assert told.json["sheet"]["sent"] == 1
    assert room.delivery()["state"] == "sent"


def test_signals_ask_once_and_mean_what_they_meant_afterwards() -> None:
    before = signal.getsignal(signal.SIGTERM)
    asked = threading.Event()
    with on_stop(asked.set):
        os.kill(os.getpid(), signal.SIGTERM)
        assert asked.wait(60)
    assert signal.getsignal(signal.SIGTERM) is before


def _start(folder: Path, *argv: str) -> subprocess.Popen[str]:
    """The real command in a process of its own."""
    start = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from desk.cli.main import main; sys.exit(main(sys.argv[1:]))"
    )
    return subprocess.Popen(
        [sys.executable, "-P", "-c", start, *argv],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PRESSRUN_USER": "ada"},
    )


def _read_until(process: subprocess.Popen[str], words: str) -> list[str]:
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if words in line:
            return lines
    raise AssertionError(f"{words!r} never came: {lines}")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_serve_works_until_it_is_asked_to_stop_and_stops_gently(room: Newsdesk, how: signal.Signals) -> None:
    process = _start(room.folder, "serve")
    try:
        lines = _read_until(process, "Working.")
        assert lines[0] == "REHEARSAL: nothing leaves this machine\n"
        process.send_signal(how)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, err) == (0, "")
    assert out == "Stopped; nothing is in flight.\n"


def test_serve_lets_somebody_in_once_the_desk_answers(room: Newsdesk) -> None:
    assert room.tell("people", "add", "Ada Example", "--role", "editor").code == 0
    process = _start(room.folder, "serve", "--enter", "Ada Example")
    try:
        lines = _read_until(process, "Working.")
        link = [line.strip() for line in lines if "/enter/" in line][-1]  # the one before sets the desk up
        (answering,) = (line for line in lines if line.startswith("Answering at "))
        assert link.startswith(answering.removeprefix("Answering at ").strip().removesuffix(".") + "/enter/")
        with urllib.request.urlopen(link, timeout=30) as page:
            assert "Ada Example" in page.read().decode()
    finally:
        process.kill()
        process.communicate()


def test_a_link_to_the_desk_is_printed_into_no_log_and_to_no_shut_door(room: Newsdesk) -> None:
    for more in (("--no-web",), ("--log-format", "json")):
        told = room.tell("serve", "--enter", "Ada Example", *more)
        assert (told.code, told.out) == (2, "")
        assert "pressrun people enter" in told.err


def test_serve_sends_what_another_command_orders(room: Newsdesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.clock.SystemClock", SystemClock)  # both processes on the same clock
    room.set(AT_ONCE)
    process = _start(room.folder, "serve")
    try:
        _read_until(process, "Working.")
        assert room.tell("post", "From another process.", "--channel", "x-main").code == 0
        until = time.monotonic() + 60
        while room.delivery()["state"] != "sent" and time.monotonic() < until:
            time.sleep(0.2)
        assert room.delivery()["state"] == "sent"
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.communicate()


def test_rehearse_shows_its_page_until_it_is_stopped(room: Newsdesk) -> None:
    process = _start(room.folder, "rehearse")
    try:
        lines = _read_until(process, "mail")
        address = next(line.strip() for line in lines if line.startswith("  http://127.0.0.1:"))
        with urllib.request.urlopen(f"{address}/rehearsal/health", timeout=60) as answer:
            assert "store" in json.loads(answer.read())
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, err) == (0, "")
    assert out == "Stopped; what was published is kept.\n"
