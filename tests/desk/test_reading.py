"""Looking back: the log with its filters and forms, one story, one delivery; the channels and the lists."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest

from desk.cli.log_csv import HEADS
from tests.desk.newsdesk import LIBRARY, SETTINGS, Newsdesk, place, reader_of


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of ``two``, filled by the first test that asks for it and read by the others."""
    return tmp_path_factory.mktemp("two")


@pytest.fixture
def two(built: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Newsdesk:
    """A room with two stories: the ferry is sent on X and waits on Facebook, the library is planned on X."""
    room = place(built, monkeypatch, reader_of(capsysbinary))
    if not (built / "pressrun.db").exists():
        room.prepared()
        words = ("--channel", "x-main", "--as", "eva")
        assert room.tell("edit", "1", "--text", "=Late ferries, says the council", *words).code == 0
        assert room.tell("now", "1", *words).code == 0
        assert room.tell("tick").code in (0, 1)
        room.clock.advance(timedelta(hours=2))
        room.prepared(LIBRARY, "library.txt")
    else:
        room.clock.advance(timedelta(hours=2))
    return room


def ids(room: Newsdesk, *words: str) -> list[int]:
    told = room.tell("log", "--json", *words)
    assert told.code == 0, told.err
    return [int(one["delivery"]) for one in told.json["deliveries"]]


def test_the_log_narrows_by_everything_it_offers(two: Newsdesk) -> None:
    assert sorted(ids(two)) == [1, 2, 3, 4]
    assert sorted(ids(two, "--story", "1")) == [1, 2]
    assert sorted(ids(two, "--story", "latest")) == [3, 4]
    assert sorted(ids(two, "--channel", "x-main")) == [1, 3]
    assert ids(two, "--state", "sent") == [1]
    assert sorted(ids(two, "--state", "sent", "--state", "planned")) == [1, 3]
    assert ids(two, "--by-whom", "eva") == [1]
    assert sorted(ids(two, "--since", "18:00")) == [2, 3, 4]
    assert ids(two, "--until", "18:00") == [1]
    assert ids(two, "--since", "3h", "--until", "1h") == [1]
    assert ids(two, "--text", "late council") == [1]
    assert sorted(ids(two, "--text", "LIBRARY")) == [3, 4]
    assert len(ids(two, "--limit", "2")) == 2
    assert sorted(ids(two, "--rehearsal")) == [1, 2, 3, 4]
    assert ids(two, "--channel", "nowhere") == []


def test_the_newest_moment_comes_first_and_a_cut_table_says_so(two: Newsdesk) -> None:
    told = two.tell("log", "--limit", "1")
    assert told.lines[1].split() == ["id", "due", "channel", "state", "story"]
    assert [line.split()[0] for line in told.lines[2:3]] == ["d4"]
    assert "More: add --limit N or --until T." in " ".join(told.out.split())
    assert "More" not in two.tell("log").out
    assert max(map(len, told.lines)) <= 80
    assert two.tell("log", "--channel", "nowhere").lines[-1] == "No rehearsal delivery is like that."


def test_an_empty_log_says_where_to_begin(room: Newsdesk) -> None:
    assert room.tell("log").lines[-1].startswith("No rehearsal delivery yet: take a story in")
    assert room.tell("log", "--state", "failed").lines[-1] == "No rehearsal delivery is like that."


def test_csv_opens_right_in_a_spreadsheet(two: Newsdesk) -> None:
    told = two.tell("log", "--format", "csv", "--story", "ferry")
    assert told.out.startswith("\ufeffmode,delivery,channel,")
    assert told.err == "Story 1: Ferry to run until midnight from May\n"
    head, *rows = csv.reader(io.StringIO(told.out.removeprefix("\ufeff"), newline=""))
    assert tuple(head) == HEADS
    row = dict(zip(head, next(row for row in rows if row[1] == "1"), strict=True))
    assert row["mode"] == "rehearsal"
    assert row["state"] == "sent"
    assert (row["due"], row["sent"], row["timezone"]) == ("2026-09-21 08:30:00", "2026-09-21 08:30:00", "Europe/Berlin")
    assert row["text"].startswith("'=Late ferries")
    assert row["ordered_by"] == "eva"
    assert len(rows) == 2


def test_json_is_exact_where_csv_is_careful(two: Newsdesk) -> None:
    (row,) = two.tell("log", "--format", "json", "--state", "sent").json["deliveries"]
    assert row["text"].startswith("=Late ferries")
    assert row["due_at"] == "2026-09-21T08:30:00+02:00"
    assert row["key"] == "rehearsal/article-1/x-main/first"


def test_the_matrix_is_a_line_a_story_in_every_form(two: Newsdesk) -> None:
    table = two.tell("log", "--by", "story")
    assert table.lines[1].split() == ["#", "story", "x-main", "fb-main", "mail"]
    assert table.lines[2].split()[0] == "2"
    assert "planned 21 Sep 18:15" in table.lines[2]
    assert table.lines[3].split()[-3:] == ["sent", "waiting", "–"]
    assert max(map(len, table.lines)) <= 80
    (one,) = two.tell("log", "--by", "story", "--json", "--story", "1").json["stories"]
    assert (one["story"], one["channels"]["x-main"]["state"], list(one["channels"])) == (
        1,
        "sent",
        ["fb-main", "x-main"],
    )
    sheet = two.tell("log", "--by", "story", "--format", "csv").out.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(sheet, newline="")))
    assert [row["x-main"] for row in rows] == ["planned 21 Sep 18:15", "sent"]
    assert rows[1]["x-main url"].startswith("http://127.0.0.1:")


def test_the_matrix_refuses_what_it_cannot_narrow_by(two: Newsdesk) -> None:
    told = two.tell("log", "--by", "story", "--channel", "x-main", "--state", "sent")
    assert told.code == 2
    assert told.err == "--by story goes with --story and --since only: leave --channel, --state out.\n"


def test_what_is_live_is_never_mixed_with_what_was_rehearsed(two: Newsdesk) -> None:
    secret = two.folder / "x.env"
    secret.write_text("CONSUMER_KEY=a\nCONSUMER_SECRET=b\nACCESS_TOKEN=c\nACCESS_TOKEN_SECRET=d\n", encoding="utf-8")
    secret.chmod(0o600)
    live = SETTINGS.replace('kind = "x"', 'kind = "x"\nmode = "live"\nsecret_file = "x.env"')
    two.set(live.replace("https://news.example.org", "https://harbourpost.test"))
    assert ids(two) == []
    assert sorted(ids(two, "--rehearsal")) == [1, 2, 3, 4]


@pytest.mark.parametrize("words", [("--state", "lost"), ("--since", "whenever"), ("--limit", "0"), ("--format", "xml")])
def test_a_filter_that_is_none_is_wrong_usage(room: Newsdesk, words: tuple[str, ...]) -> None:
    told = room.tell("log", *words)
    head = ["REHEARSAL: nothing leaves this machine"] if words[0] == "--since" else []  # its zone is the newsroom's
    assert (told.code, told.lines) == (2, head)
    assert told.err.count("\n") == 1


def test_a_story_shows_what_it_is_and_where_it_went(two: Newsdesk) -> None:
    told = two.tell("show", "ferry")
    assert told.lines[1] == "Story 1: Ferry to run until midnight from May"
    assert "  by        Ada Example" in told.lines
    assert any(line.startswith("  d1  x-main  sent, since Mon 21 Sep 08:30") for line in told.lines)
    assert any(line.startswith("  d2  fb-main  waiting, goes stale") for line in told.lines)
    form = two.tell("show", "1", "--json").json
    assert form["story"]["authors"] == ["Ada Example"]
    assert {one["kind"] for one in form["story"]["removed"]} >= {"byline"}
    assert sorted(one["delivery"] for one in form["deliveries"]) == [1, 2]


def test_a_delivery_shows_every_attempt_and_who_did_what(two: Newsdesk) -> None:
    told = two.tell("show", "d1")
    assert told.lines[1] == "Delivery d1: Ferry to run until midnight from May"
    assert any(line.startswith("Attempt 1: send, Mon 21 Sep 08:30, sent") for line in told.lines)
    assert "    =Late ferries, says the council" in told.lines
    assert any("eva  now" in line for line in told.lines)
    (tried,) = two.tell("show", "d1", "--json").json["attempts"]
    assert (tried["teaser_version"], tried["teaser_writer"], tried["approved_by"]) == (2, "eva", "eva")
    missing = two.tell("show", "d99")
    assert (missing.code, missing.err) == (2, "there is no delivery 99; list them with: pressrun log\n")


def test_channels_show_mode_account_state_moment_and_spend(two: Newsdesk) -> None:
    x, facebook, mail = two.tell("channels", "--json").json["channels"]
    assert (x["channel"], x["channel_mode"], x["state"], x["next_at"]) == (
        "x-main", "rehearsal", "ok", "2026-09-21T18:15:00+02:00",
    )  # fmt: skip
    assert x["spent_usd"] == 0.015
    assert (facebook["kind"], mail["kind"]) == ("facebook", "email")
    assert two.tell("channels").lines[1].split()[:4] == ["channel", "kind", "mode", "account"]


def test_a_check_asks_the_platform_posts_nothing_and_pins_the_account(room: Newsdesk) -> None:
    told = room.tell("channels", "check")
    assert (told.code, told.err) == (0, "")
    assert [line for line in told.lines if ": ok" in line] != []
    (x,) = room.tell("channels", "check", "x-main", "--json").json["channels"]
    assert (x["ok"], x["channel"]) == (True, "x-main")
    assert room.tell("channels", "--json").json["channels"][0]["account_name"] == x["account_name"]
    assert room.tell("channels", "check", "x-mian").code == 2
    assert room.tell("channels", "--json", "check").err == "Write the options behind check.\n"


def test_a_list_is_taken_in_with_the_statement_of_consent(room: Newsdesk) -> None:
    file = room.folder / "readers.csv"
    file.write_text("email,name\nada@readers.example.org,Ada\nnot an address,Ben\n", encoding="utf-8")
    words = ("lists", "import", "morning", "readers.csv")
    refused = room.tell(*words, "--source", "form")
    assert (refused.code, refused.err) == (2, "The statement of consent is not whole: add --date, --wording.\n")
    told = room.tell(*words, "--source", "form", "--date", "2026-09-01", "--wording", "Yes, write me")
    assert told.code == 0
    assert told.lines[1:4] == ['List "morning": 2 rows read.', "       1 added", "       1 refused"]
    assert told.lines[4].startswith("  line 3: ")
    again = room.tell(*words, "--source", "form", "--date", "2026-09-01", "--wording", "Yes, write me", "--json")
    assert (again.json["added"], again.json["already"]) == (0, 1)
    assert room.tell("lists").lines[1:3] == [
        "list     confirmed  unconfirmed  ended  channel",
        "morning          1            0      0  mail",
    ]


@pytest.mark.parametrize(
    ("day", "told"),
    [("soon", '"soon" is not a day: write it as 2026-09-21.'), ("2027-01-01", "that day is still to come")],
)
def test_a_consent_has_a_day_that_was(room: Newsdesk, day: str, told: str) -> None:
    (room.folder / "readers.csv").write_text("email\na@readers.example.org\n", encoding="utf-8")
    refused = room.tell("lists", "import", "morning", "readers.csv", "--source", "s", "--date", day, "--wording", "w")
    assert refused.code == 2
    assert told in refused.err


def test_a_list_that_no_channel_sends_to_is_told(room: Newsdesk) -> None:
    (room.folder / "readers.csv").write_text("email\na@readers.example.org\n", encoding="utf-8")
    words = ("readers.csv", "--source", "s", "--date", "2026-09-01", "--wording", "w")
    told = room.tell("lists", "import", "mornign", *words)
    assert told.lines[-1] == 'No channel sends to this list; the lists in the settings: "morning".'
    assert 'The list "morning" of mail has no readers yet.' in room.tell("lists").lines


@pytest.mark.usefixtures("_person")
def test_on_a_terminal_what_is_missing_is_asked_for(room: Newsdesk, monkeypatch: pytest.MonkeyPatch) -> None:
    (room.folder / "readers.csv").write_text("email\na@readers.example.org\n", encoding="utf-8")
    asked: list[str] = []

    def answer(question: str) -> str:
        asked.append(question)
        return {"Where": "form", "On": "2026-09-01", "What": "Yes"}[question.split()[0]]

    monkeypatch.setattr("typer.prompt", answer)
    assert room.tell("lists", "import", "morning", "readers.csv", "--source", "form").code == 0
    assert len(asked) == 2


@pytest.fixture
def _person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.cli.printing.has_person", lambda: True)
