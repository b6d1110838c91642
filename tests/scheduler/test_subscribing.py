"""Taking in a file of subscribers: every row is accounted for, and nobody comes back against their will."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from channels.email.links import suppression_hash
from db import readers as store
from db import subscribers, suppressions
from db.schema import create_or_check
from db.session import Ground, open_ground
from db.subscribers import ConsentEvent, ListCounts
from scheduler.subscriber_file import ImportRefused
from scheduler.subscribing import (
    PEOPLE_AT_ONCE,
    ImportReport,
    RefusedRow,
    Statement,
    import_csv,
    list_overview,
)

NOW = datetime(2026, 9, 21, 6, 30, tzinfo=UTC)
STATEMENT = Statement("subscribed at the counter", date(2026, 3, 1), "Yes, send me the daily")
KEY = b"suppression"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("subscribing") / "pressrun.db"
    ground = open_ground(f"sqlite:///{file}")
    create_or_check(ground)
    ground.close()
    return file


@pytest.fixture
def ground(template: Path, tmp_path: Path) -> Iterator[Ground]:
    shutil.copy(template, tmp_path / "pressrun.db")
    ground = open_ground(f"sqlite:///{tmp_path / 'pressrun.db'}")
    yield ground
    ground.close()


def take(ground: Ground, folder: Path, content: str | bytes, **changes: object) -> ImportReport:
    file = folder / "readers.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    values: dict[str, object] = {
        "actor": "ann",
        "now": NOW,
        "statement": STATEMENT,
        "suppression_key": KEY,
        "pause": lambda seconds: None,
    }
    return import_csv(ground, "daily", file, **(values | changes))  # type: ignore[arg-type]


def readers(ground: Ground) -> dict[str, str]:
    with ground.reading() as tx:
        return {one.subscriber.address: one.subscriber.name for one in subscribers.candidates(tx, "daily")}


def test_a_file_makes_subscribers_with_proof(ground: Ground, tmp_path: Path) -> None:
    report = take(ground, tmp_path, "name,email,language\nLea Lang,lea@example.org,de\nTom,tom@example.org,\n")
    assert report == ImportReport("daily", rows=2, added=2)
    assert readers(ground) == {"lea@example.org": "Lea Lang", "tom@example.org": "Tom"}
    with ground.reading() as tx:
        (lea, _) = subscribers.candidates(tx, "daily")
        (proof,) = subscribers.consent_history(tx, lea.subscriber.id)
        assert list_overview(tx) == [ListCounts("daily", 2, 0, 0)]
    assert lea.subscriber.language == "de"
    assert (proof.event, proof.source, proof.wording) == (
        ConsentEvent.IMPORTED,
        STATEMENT.source,
        STATEMENT.wording,
    )
    assert proof.at == datetime(2026, 3, 1, tzinfo=UTC)


def test_every_refused_row_is_told_with_its_line_and_reason(ground: Ground, tmp_path: Path) -> None:
    content = 'email,name\nlea@example.org,Lea\nnobody,No\n\n,Empty\nx@localhost,X\ntom@example.org,"Tom\x01"\n'
    report = take(ground, tmp_path, content)
    assert (report.rows, report.added, report.refused) == (5, 1, 4)
    assert [row.line for row in report.refused_rows] == [3, 5, 6, 7]
    assert "@-sign" in report.refused_rows[0].reason
    assert "U+0001" in report.refused_rows[3].reason
    assert readers(ground) == {"lea@example.org": "Lea"}


def test_the_same_file_again_adds_nobody(ground: Ground, tmp_path: Path) -> None:
    content = "email\nlea@example.org\nLEA@Example.org\ntom@example.org\n"
    assert take(ground, tmp_path, content) == ImportReport("daily", rows=3, added=2, already=1)
    assert take(ground, tmp_path, content) == ImportReport("daily", rows=3, added=0, already=3)


def test_who_left_or_is_suppressed_never_comes_back_by_an_import(ground: Ground, tmp_path: Path) -> None:
    take(ground, tmp_path, "email\nlea@example.org\n")
    with ground.transaction() as tx:
        (lea,) = subscribers.candidates(tx, "daily")
        subscribers.end_subscription(tx, "daily", lea.subscriber.id, source="one-click", actor="reader", now=NOW)
        for hashed in (
            suppression_hash(KEY, "bob@example.org"),
            suppression_hash(KEY, "cid@example.org", "daily"),
            suppression_hash(KEY, "tom@example.org", "weekly"),
        ):
            suppressions.add(tx, hashed, suppressions.COMPLAINT, actor="x", now=NOW)
    content = "email\nLea@Example.org\nbob@example.org\ncid@example.org\ntom@example.org\n"
    report = take(ground, tmp_path, content)
    assert (report.added, report.suppressed) == (1, 3)
    assert [row.line for row in report.refused_rows] == [2, 3, 4]
    assert report.refused_rows[1] == RefusedRow(3, "suppressed (complaint): an import never brings an address back")
    assert readers(ground) == {"tom@example.org": ""}


def test_who_must_stay_out_is_told_at_every_row_that_names_them(ground: Ground, tmp_path: Path) -> None:
    with ground.transaction() as tx:
        suppressions.add(tx, suppression_hash(KEY, "bob@example.org"), suppressions.BY_HAND, actor="x", now=NOW)
    rows = ["bob@example.org", "tom@example.org", "BOB@example.org", "tom@example.org"]
    rows += [f"r{number}@example.org" for number in range(PEOPLE_AT_ONCE)] + ["bob@example.org", "tom@example.org"]
    report = take(ground, tmp_path, "email\n" + "\n".join(rows) + "\n")
    assert (report.added, report.already, report.suppressed) == (PEOPLE_AT_ONCE + 1, 2, 3)
    assert [row.line for row in report.refused_rows] == [2, 4, PEOPLE_AT_ONCE + 6]


@pytest.mark.parametrize(
    "content",
    [
        "lea@example.org,Lea\ntom@example.org,Tom\n",
        "\ufeffE-Mail;Name\r\nlea@example.org;Lea\r\ntom@example.org;Tom\r\n",
        "Name\tEmail address\nLea\tlea@example.org\nTom\ttom@example.org\n",
        'member,email,name\n1,lea@example.org,"Lea"\n2,tom@example.org,Tom,extra,cells\n',
    ],
)
def test_files_as_spreadsheets_write_them_are_read(ground: Ground, tmp_path: Path, content: str) -> None:
    take(ground, tmp_path, content)
    assert readers(ground) == {"lea@example.org": "Lea", "tom@example.org": "Tom"}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("name,town\nLea,Bonn\n", "no column email"),
        ("email\nm\u00fcller@example.org\n".encode("latin-1"), "not UTF-8"),
    ],
)
def test_a_file_that_is_no_list_of_people_is_refused_whole(
    ground: Ground, tmp_path: Path, content: str | bytes, told: str
) -> None:
    with pytest.raises(ImportRefused, match=told):
        take(ground, tmp_path, content)
    with ground.reading() as tx:
        assert list_overview(tx) == []


def test_a_file_that_is_not_there_is_told_in_a_sentence(ground: Ground, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="cannot be read"):
        import_csv(ground, "daily", tmp_path / "no.csv", actor="ann", now=NOW, statement=STATEMENT, suppression_key=KEY)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (Statement(" ", date(2026, 3, 1), "Yes"), "where they subscribed"),
        (Statement("fair", date(2026, 3, 1), ""), "what they were told"),
        (Statement("fair", date(2026, 9, 22), "Yes"), "still to come"),
    ],
)
def test_an_import_without_a_statement_of_consent_is_refused(
    ground: Ground, tmp_path: Path, statement: Statement, told: str
) -> None:
    with pytest.raises(ImportRefused, match=told):
        take(ground, tmp_path, "email\nlea@example.org\n", statement=statement)


def test_a_long_file_is_written_in_small_commits_with_room_for_others(ground: Ground, tmp_path: Path) -> None:
    naps: list[float] = []
    told: list[tuple[int, int]] = []
    content = "email\n" + "".join(f"reader{number}@example.org\n" for number in range(2 * PEOPLE_AT_ONCE + 5))
    report = take(ground, tmp_path, content, pause=naps.append, progress=lambda done, total: told.append((done, total)))
    assert report.added == 2 * PEOPLE_AT_ONCE + 5
    assert len(naps) == 3
    assert all(nap > 0 for nap in naps)
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]


def test_a_quotation_mark_that_nobody_closed_loses_nobody_without_a_word(ground: Ground, tmp_path: Path) -> None:
    content = 'email,name\nann@example.org,"Ann\nben@example.org,"Ben"\ntom@example.org,Tom\neva@example.org,"Eva\nuwe@example.org\n'
    report = take(ground, tmp_path, content)
    assert (report.rows, report.added, report.refused) == (3, 1, 2)
    assert [row.line for row in report.refused_rows] == [3, 6]
    assert "runs over the lines 2 to 3" in report.refused_rows[0].reason
    assert readers(ground) == {"tom@example.org": "Tom"}


def test_a_row_over_several_lines_that_holds_one_person_is_read(ground: Ground, tmp_path: Path) -> None:
    take(ground, tmp_path, 'note,email,name\n"first\nsecond",ann@example.org,"Ann\nLang"\n')
    assert readers(ground) == {"ann@example.org": "Ann Lang"}


def test_who_is_erased_stands_nowhere_in_the_databases_files_any_more(ground: Ground, tmp_path: Path) -> None:
    rows = [f"r{number}@example.org,Reader {number}" for number in range(400)]
    take(ground, tmp_path, "email,name\n" + "\n".join(rows) + "\n")
    take(ground, tmp_path, "email,name\nsecret.person@example.org,\nother@example.org,\n")
    take(ground, tmp_path, "email,name\nsecret.person@example.org,Ada Unmistakable\n")  # the row is written anew
    with ground.transaction() as tx:
        person = subscribers.find(tx, "secret.person@example.org")
        assert person is not None
        assert person.name == "Ada Unmistakable"
        store.erase(tx, person.id, actor="ada", now=NOW)
    ground.scrub()
    assert ground.path is not None
    written = b"".join(file.read_bytes() for file in ground.path.parent.glob(f"{ground.path.name}*"))
    assert b"other@example.org" in written
    assert b"secret.person" not in written
    assert b"Unmistakable" not in written
