"""An import at the desk: it says how far it is, keeps every refused row, and one that broke off is begun again."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

from db import audit, imports, subscribers
from db.imports import Import, ImportState
from scheduler.importing import FOLDER, SILENT, broken_off, refused_file, start_import
from scheduler.people.actor import Actor, NotAllowed
from scheduler.people.roles import MAY, Role
from scheduler.subscriber_file import ImportRefused
from scheduler.subscribing import Statement
from tests.scheduler.house import House, house
from tests.scheduler.readers import LETTERS

TOLD = Statement("the fair", date(2026, 9, 1), "Yes, mail me")
ROWS = "email,name\nlea@example.org,Lea\nno address,Nobody\nben@example.org,Ben\n"


def took_in(h: House, content: bytes, list_name: str = "morning", name: str = "readers.csv") -> Import:
    """An import that has ended."""
    begun = start_import(h.app, list_name, name, content, TOLD, actor="ada")
    begun.wait()
    with h.app.ground.reading() as tx:
        return imports.get(tx, begun.number)


def test_an_import_tells_what_became_of_each_row_and_leaves_no_file_of_addresses(tmp_path: Path) -> None:
    with house(tmp_path, LETTERS) as h:
        done = took_in(h, ROWS.encode())
        numbers = done.numbers
        assert (done.state, numbers.rows, numbers.added, numbers.refused) == (ImportState.DONE, 3, 2, 1)
        assert numbers.line == numbers.lines
        with refused_file(h.app, done.id).open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        assert rows[0] == ["line", "reason"]
        assert rows[1][0] == "3"
        assert refused_file(h.app, done.id).stat().st_mode & 0o077 == 0
        assert [one.name for one in (tmp_path / FOLDER).iterdir()] == [f"{done.id}.refused.csv"]
        again = took_in(h, ROWS.encode())
        assert (again.numbers.added, again.numbers.already) == (0, 2)
        with h.app.ground.reading() as tx:
            (lea,) = [one for one in subscribers.candidates(tx, "morning") if one.subscriber.name == "Lea"]
            (proof,) = subscribers.consent_history(tx, lea.subscriber.id)
            assert [row.after for row in audit.rows(tx, verb="import")][:1] == ["readers.csv to morning"]
        assert (proof.source, proof.wording, proof.form) == ("the fair", "Yes, mail me", "readers.csv")


@pytest.mark.parametrize(
    ("content", "list_name", "statement", "why"),
    [
        (b"name\nLea\n", "morning", TOLD, "r.csv has no column email"),
        (b"\xff\xfe", "morning", TOLD, "r.csv is not UTF-8"),
        (ROWS.encode(), " ", TOLD, "which list"),
        (ROWS.encode(), "morning", Statement("", TOLD.day, "Yes"), "where they subscribed"),
        (ROWS.encode(), "morning", Statement("fair", date(2099, 1, 1), "Yes"), "still to come"),
    ],
)
def test_what_cannot_be_taken_in_is_told_at_once_and_leaves_nothing(
    tmp_path: Path, content: bytes, list_name: str, statement: Statement, why: str
) -> None:
    with house(tmp_path, LETTERS) as h:
        with pytest.raises(ImportRefused, match=why):
            start_import(h.app, list_name, "../../r.csv", content, statement, actor="ada")
        with h.app.ground.reading() as tx:
            assert imports.page_of(tx) == []
        assert list((tmp_path / FOLDER).iterdir() if (tmp_path / FOLDER).exists() else []) == []


def test_a_row_that_is_no_csv_ends_it_with_the_line_and_what_stood_before_stays(tmp_path: Path) -> None:
    with house(tmp_path, LETTERS) as h:
        rows = "email,name\n" + "".join(f"r{one}@example.org,R\n" for one in range(300)) + f'"{"x" * 200_000}\n'
        done = took_in(h, rows.encode())
        assert done.state is ImportState.FAILED
        assert "readers.csv, line" in done.sentence
        assert str(tmp_path) not in done.sentence
        assert done.numbers.added == 300


def test_a_newsroom_that_ends_stops_an_import_behind_a_batch(tmp_path: Path) -> None:
    with house(tmp_path, LETTERS) as h:
        rows = "email\n" + "".join(f"r{one}@example.org\n" for one in range(900))
        h.app.stop()
        done = took_in(h, rows.encode())
        assert (done.state, done.numbers.added) == (ImportState.STOPPED, 300)


def test_an_import_that_gives_no_sign_of_life_was_broken_off(tmp_path: Path) -> None:
    with house(tmp_path, LETTERS) as h:
        now = h.clock.now()
        with h.app.ground.transaction() as tx:
            said = {"source": "fair", "day": TOLD.day, "wording": "Yes"}
            number = imports.begin(tx, "morning", "a.csv", lines=9, actor="ada", now=now, **said)  # type: ignore[arg-type]
            one = imports.get(tx, number)
        assert not broken_off(one, now + SILENT)
        assert broken_off(one, now + SILENT + timedelta(seconds=1))


def test_only_who_may_see_readers_may_take_them_in(tmp_path: Path) -> None:
    with house(tmp_path, LETTERS) as h, pytest.raises(NotAllowed):
        start_import(h.app, "morning", "r.csv", b"", TOLD, actor=Actor("Edith", MAY[Role.EDITOR]))
