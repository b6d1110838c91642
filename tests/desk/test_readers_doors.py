"""``pressrun lists``, ``subscribers`` and ``suppress``: what they do, what they keep, and what they refuse."""

from __future__ import annotations

import csv
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from channels.email.links import suppression_hash
from db import audit, letters, subscribers, suppressions
from db.tables import metadata
from desk.cli.progress import bar_line
from scheduler.keys import keys_in
from tests.desk.newsdesk import Newsdesk

STATEMENT = ("--source", "fair", "--date", "2026-09-01", "--wording", "Get our briefing")


def imported(room: Newsdesk, *addresses: str, to: str = "morning") -> None:
    """Takes readers in from a file."""
    file = room.folder / "readers.csv"
    file.write_text("email\n" + "".join(f"{one}\n" for one in addresses), encoding="utf-8")
    told = room.tell("lists", "import", to, "readers.csv", *STATEMENT)
    assert told.code == 0, told.err


def tie_of(room: Newsdesk, address: str, to: str = "morning") -> str | None:
    """Where a reader stands, from the command itself."""
    story = room.tell("subscribers", "show", address, "--json").json
    states = {one["list"]: one["state"] for one in story["subscriptions"]}
    return states.get(to)


def test_every_refused_row_is_in_the_report_and_what_is_many_is_not_all_on_the_screen(room: Newsdesk) -> None:
    file = room.folder / "big.csv"
    file.write_text("email\n" + "".join(f"broken{n}@@x.org\n" for n in range(30)) + "lea@example.org\n")
    told = room.tell("lists", "import", "morning", "big.csv", *STATEMENT)
    assert told.code == 0
    assert "and 10 more" in told.out
    report = room.folder / "big.csv.refused.csv"
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    rows = list(csv.DictReader(report.read_text(encoding="utf-8-sig").splitlines()))
    assert [int(row["line"]) for row in rows] == list(range(2, 32))
    assert all("invalid characters" in row["reason"] for row in rows)


def test_few_refused_rows_make_no_file_unless_it_is_asked_for(room: Newsdesk) -> None:
    (room.folder / "few.csv").write_text("email\nbroken\n")
    room.tell("lists", "import", "morning", "few.csv", *STATEMENT)
    assert not (room.folder / "few.csv.refused.csv").exists()
    told = room.tell(
        "lists", "import", "morning", "few.csv", *STATEMENT, "--report", str(room.folder / "r.csv"), "--json"
    )
    assert told.json["report"].endswith("r.csv")
    assert "2,An email address must have an @-sign." in (room.folder / "r.csv").read_text()


def test_what_was_exported_can_be_imported_formulas_and_all(room: Newsdesk) -> None:
    imported(room, "lea@example.org", "+plus@example.org", "tom@example.org")
    room.tell("subscribers", "remove", "morning", "tom@example.org", "--why", "asked")
    out = room.folder / "out.csv"
    told = room.tell("lists", "export", "morning", str(out))
    assert (told.code, "3 readers are in" in told.out) == (0, True)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    rows = list(csv.DictReader(out.read_text(encoding="utf-8-sig").splitlines()))
    assert [row["state"] for row in rows] == ["confirmed", "confirmed", "ended"]
    assert rows[0]["consent_wording"] == "Get our briefing"
    assert rows[1]["email"] == "'+plus@example.org"
    told = room.tell("lists", "import", "evening", "out.csv", *STATEMENT, "--json")
    assert (told.json["added"], told.json["refused"]) == (3, 0)
    assert tie_of(room, "+plus@example.org", "evening") == "confirmed"
    assert room.tell("lists", "export", "morning", str(out)).code == 2, "an export replaced a file"
    assert room.tell("lists", "export", "nobody", str(room.folder / "x.csv")).code != 0
    assert room.tell("subscribers", "export", str(room.folder / "all.csv"), "--state", "confirmed").code == 0


def test_a_reader_added_without_a_statement_is_asked_by_letter(room: Newsdesk) -> None:
    told = room.tell("subscribers", "add", "morning", "lea@example.org")
    assert (told.code, "gets a letter" in " ".join(told.out.split())) == (0, True)
    assert tie_of(room, "lea@example.org") == "unconfirmed"
    app = room.app()
    with app.ground.reading() as tx:
        person = subscribers.find(tx, "lea@example.org")
        assert person is not None
        assert [one.purpose.value for one in letters.of_person(tx, person.id)] == ["confirm"]
    app.close()
    again = room.tell("subscribers", "add", "morning", "lea@example.org")
    assert (again.code, "wait for their answer" in " ".join(again.err.split())) == (2, True)


def test_a_reader_added_with_a_statement_is_confirmed_and_the_statement_is_kept(room: Newsdesk) -> None:
    told = room.tell("subscribers", "add", "morning", "lea@example.org", *STATEMENT)
    assert (told.code, tie_of(room, "lea@example.org")) == (0, "confirmed")
    story = room.tell("subscribers", "show", "lea@example.org", "--json").json
    (kept,) = story["consents"]
    assert (kept["source"], kept["wording"], kept["at"][:10]) == ("fair", "Get our briefing", "2026-09-01")
    assert "already" in room.tell("subscribers", "add", "morning", "lea@example.org").out


@pytest.mark.parametrize("statement", [(), STATEMENT])
def test_nobody_is_added_whom_an_order_protects(room: Newsdesk, statement: tuple[str, ...]) -> None:
    room.tell("suppress", "add", "lea@example.org", "--why", "asked by phone")
    told = room.tell("subscribers", "add", "morning", "lea@example.org", *statement)
    assert (told.code, "must not be written to (by hand)" in " ".join(told.err.split())) == (2, True)


def test_who_left_is_not_brought_back_by_a_statement(room: Newsdesk) -> None:
    imported(room, "lea@example.org")
    assert "gets no further issue" in room.tell("subscribers", "remove", "morning", "lea@example.org").out
    assert "had left already" in room.tell("subscribers", "remove", "morning", "lea@example.org").out
    assert room.tell("subscribers", "add", "morning", "lea@example.org", *STATEMENT).code == 2
    assert tie_of(room, "lea@example.org") == "ended"
    told = room.tell("lists", "import", "morning", "readers.csv", *STATEMENT, "--json")
    assert (told.json["added"], told.json["suppressed"]) == (0, 1)


@pytest.mark.parametrize(
    "words",
    [
        ("add", "morning", "nonsense"),
        ("remove", "morning", "nonsense"),
        ("show", "nonsense"),
        ("erase", "nonsense", "--yes"),
        ("erase", "lea@example.org"),
        ("remove", "morning", "nobody@example.org"),
        ("list", "--state", "dead"),
        ("add", "nowhere", "lea@example.org"),
        ("add", "morning", "lea@example.org", "--source", "fair"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(room: Newsdesk, words: tuple[str, ...]) -> None:
    told = room.tell("subscribers", *words)
    assert told.code == 2
    assert "fault of its own" not in told.err
    assert told.err.strip()


def test_erasing_leaves_a_keyed_hash_alone_and_no_import_brings_them_back(room: Newsdesk) -> None:
    imported(room, "lea@example.org", "tom@example.org")
    told = room.tell("subscribers", "erase", "lea@example.org", "--yes", "--why", "asked by letter")
    assert told.code == 0, told.err
    story = room.tell("subscribers", "show", "lea@example.org", "--json").json
    assert story["subscriber"] is None
    assert [one["cause"] for one in story["suppressions"]] == ["erased"]
    told = room.tell("lists", "import", "morning", "readers.csv", *STATEMENT, "--json")
    assert (told.json["added"], told.json["already"], told.json["suppressed"]) == (0, 1, 1)
    asked = room.tell("subscribers", "add", "morning", "lea@example.org")
    assert (asked.code, "was erased on request" in asked.err) == (2, True)
    app = room.app()
    with app.ground.reading() as tx:
        rows = [tx.exec_driver_sql(f'select * from "{name}"').all() for name in metadata.tables]
        whole = str(rows)
        assert "lea@example.org" not in whole
        assert "tom@example.org" in whole
        assert "erase" in {one.verb for one in audit.rows(tx)}
    app.close()


def test_orders_are_laid_shown_and_lifted_with_a_reason(room: Newsdesk) -> None:
    assert room.tell("suppress", "add", "lea@example.org").code == 2, "an order was laid without a reason"
    told = room.tell("suppress", "add", "Lea@example.org", "--list", "morning", "--why", "asked by phone")
    assert "is not written to any more, for the list" in " ".join(told.out.split())
    assert "already" in room.tell("suppress", "add", "lea@example.org", "--list", "morning", "--why", "x").out
    room.tell("suppress", "add", "lea@example.org", "--why", "asked again")
    shown = room.tell("suppress", "list", "--json").json
    assert [(one["cause"], one["list"]) for one in shown["suppressions"]] == [("by hand", None), ("by hand", "morning")]
    assert "example.org" not in room.tell("suppress", "list").out
    assert len(room.tell("suppress", "list", "lea@example.org", "--json").json["suppressions"]) == 2
    assert room.tell("suppress", "list", "--cause", "none").code == 2
    assert room.tell("suppress", "lift", "lea@example.org").code == 2
    told = room.tell("suppress", "lift", "lea@example.org", "--list", "morning", "--why", "a mistake", "--json")
    assert [one["list"] for one in told.json["lifted"]] == ["morning"]
    assert len(room.tell("suppress", "list", "--json").json["suppressions"]) == 1
    room.tell("suppress", "lift", "lea@example.org", "--why", "a mistake")
    assert "No order stands" in room.tell("suppress", "lift", "lea@example.org", "--why", "a mistake").out


def test_the_list_of_readers_is_found_by_state_and_by_what_an_address_holds(room: Newsdesk) -> None:
    imported(room, "lea@example.org", "tom@other.org")
    room.tell("subscribers", "remove", "morning", "tom@other.org")
    found = room.tell("subscribers", "list", "--find", "OTHER.org", "--json").json["readers"]
    assert [one["email"] for one in found] == ["tom@other.org"]
    found = room.tell("subscribers", "list", "--list", "morning", "--state", "confirmed", "--json").json["readers"]
    assert [one["email"] for one in found] == ["lea@example.org"]
    assert "No reader fits" in room.tell("subscribers", "list", "--find", "%").out


def test_a_readers_story_tells_each_issue_and_why_one_did_not_come(room: Newsdesk) -> None:
    imported(room, "lea@example.org", "tom@example.org")
    app = room.app()
    with app.ground.transaction() as tx:
        hashed = suppression_hash(keys_in(app.folder).suppression, "tom@example.org")
        suppressions.add(tx, hashed, suppressions.COMPLAINT, actor="mail", now=room.clock.now())
    app.close()
    assert "No issue has been cut for them yet" in room.tell("subscribers", "show", "tom@example.org").out
    room.prepared()
    room.clock.advance(timedelta(days=1))
    room.tell("tick")
    imported(room, "new@example.org")
    stories = {
        name: room.tell("subscribers", "show", f"{name}@example.org", "--json").json["issues"]
        for name in ("lea", "tom", "new")
    }
    told = {name: [(one["outcome"], one["why"]) for one in found] for name, found in stories.items()}
    assert told == {
        "lea": [("sent", "")],
        "tom": [("excluded", "suppressed: complaint")],
        "new": [("no candidate", "subscribed after its audience was frozen")],
    }
    page = room.tell("subscribers", "show", "tom@example.org").out
    assert "Must not be written at all: complaint" in page
    assert "excluded" in page
    assert max(map(len, page.splitlines())) <= 80


def test_a_bar_tells_share_rate_and_time_left() -> None:
    assert bar_line("readers", 40_000, 100_000, 4.0) == (
        "  readers  ██████████░░░░░░░░░░░░░░   40%  40,000 of 100,000  10,000/s  6 s left"
    )
    assert bar_line("readers", 10, 10, 2.0).endswith("10 of 10  5/s  2 s")
    assert bar_line("readers", 0, 0, 0.0)


def test_the_report_is_refused_where_it_cannot_be_written(room: Newsdesk, tmp_path: Path) -> None:
    (room.folder / "few.csv").write_text("email\nbroken\n")
    told = room.tell("lists", "import", "morning", "few.csv", *STATEMENT, "--report", str(tmp_path / "no" / "r.csv"))
    assert told.code == 2
    assert "cannot be made" in told.err
