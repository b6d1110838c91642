"""Keeping the house: backup, upgrade; errors of disk and database are one sentence."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing

import pytest

from db import schema
from tests.desk.newsdesk import Newsdesk


def test_a_backup_is_a_whole_database_for_its_owner_alone(room: Newsdesk) -> None:
    room.story()
    told = room.tell("backup", "copies.db")
    assert told.code == 0
    assert told.lines[0] == "REHEARSAL: nothing leaves this machine"
    copy = room.folder / "copies.db"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(sqlite3.connect(copy)) as held:
        assert held.execute("select headline from articles").fetchall() == [("Ferry to run until midnight from May",)]
    again = room.tell("backup", "copies.db")
    assert (again.code, again.err.count("\n")) == (3, 1)
    assert "is there already" in again.err


def test_there_is_nothing_to_copy_before_the_first_command(room: Newsdesk) -> None:
    told = room.tell("backup", "copies.db")
    assert told.code == 3
    assert not (room.folder / "copies.db").exists()


def test_an_upgrade_of_the_newest_schema_does_nothing(room: Newsdesk) -> None:
    assert room.tell("upgrade").lines[-1] == "There is no database yet: the first command that needs one makes it."
    room.tell("queue")
    before = sorted(path.name for path in room.folder.iterdir())
    assert room.tell("upgrade").lines[-1] == f"The database has the newest schema already ({schema.NEWEST})."
    assert sorted(path.name for path in room.folder.iterdir()) == before


def test_an_older_schema_stops_every_command_with_one_sentence_and_upgrade_copies_first(
    room: Newsdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.story()
    database = room.folder / "pressrun.db"
    with closing(sqlite3.connect(database)) as held, held:
        held.execute("update alembic_version set version_num = '0000'")
    told = room.tell("queue")
    assert (told.code, told.lines, told.err.count("\n")) == (3, ["REHEARSAL: nothing leaves this machine"], 1)
    assert "run: pressrun upgrade" in told.err
    steps: list[str] = []

    def bring_up(ground: object) -> tuple[str, str]:
        steps.append(",".join(path.name for path in room.folder.glob("pressrun.db.schema-*")))
        with closing(sqlite3.connect(database)) as held, held:
            held.execute("update alembic_version set version_num = ?", (schema.NEWEST,))
        return "0000", schema.NEWEST

    monkeypatch.setattr("db.schema.upgrade", bring_up)
    upgraded = room.tell("upgrade")
    assert upgraded.code == 0
    assert upgraded.lines[-1] == f"Upgraded from schema 0000 to {schema.NEWEST}, and checked."
    assert steps[0].startswith("pressrun.db.schema-0000-")
    assert room.tell("queue").code == 0


def test_an_upgrade_can_be_told_where_the_copy_goes_or_that_there_is_one(
    room: Newsdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.tell("queue")
    monkeypatch.setattr("db.schema.revision", lambda ground: "0000")
    monkeypatch.setattr("db.schema.upgrade", lambda ground: ("0000", schema.NEWEST))
    monkeypatch.setattr("db.schema.create_or_check", lambda ground: None)
    assert room.tell("upgrade", "--backup", "mine.db").code == 0
    assert (room.folder / "mine.db").exists()
    assert room.tell("upgrade", "--backup", "mine.db").code == 3  # never written over
    assert room.tell("upgrade", "--backed-up").code == 0
    assert list(room.folder.glob("pressrun.db.schema-*")) == []


def test_a_newer_schema_is_left_alone(room: Newsdesk) -> None:
    room.tell("queue")
    with closing(sqlite3.connect(room.folder / "pressrun.db")) as held, held:
        held.execute("update alembic_version set version_num = '9999'")
    for words in (["queue"], ["upgrade"]):
        told = room.tell(*words)
        assert (told.code, "newer Pressrun" in told.err) == (3, True)
    assert list(room.folder.glob("pressrun.db.schema-*")) == []


def test_a_file_that_is_no_database_is_one_sentence(room: Newsdesk) -> None:
    (room.folder / "pressrun.db").write_text("this is no database, it is a letter " * 40, encoding="utf-8")
    told = room.tell("queue")
    assert (told.code, told.out, told.err.count("\n")) == (3, "REHEARSAL: nothing leaves this machine\n", 1)
    assert "is not a Pressrun database" in told.err
