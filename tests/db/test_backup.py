from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest

from db import articles, schema
from db.backup import BackupRefused, backup
from db.session import Ground, open_ground
from tests.db.samples import stored_article


def test_a_backup_is_a_whole_database_only_we_may_read(sqlite_ground: Ground, tmp_path: Path) -> None:
    with sqlite_ground.transaction() as tx:
        story = stored_article(tx)
    file = backup(sqlite_ground, tmp_path / "copy.db")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    copy = open_ground(f"sqlite:///{file}")
    schema.create_or_check(copy)
    with copy.reading() as tx, sqlite_ground.reading() as original:
        assert articles.get(tx, story.id) == story
        laid = "SELECT name, sql FROM sqlite_master ORDER BY name"
        assert tx.exec_driver_sql(laid).all() == original.exec_driver_sql(laid).all()
    copy.close()


def test_a_backup_holds_what_was_committed_and_waits_for_nobody(sqlite_ground: Ground, tmp_path: Path) -> None:
    with sqlite_ground.transaction() as tx:
        stored_article(tx)
    with sqlite_ground.transaction() as tx:
        stored_article(tx, url=None, headline="Not yet committed")
        file = backup(sqlite_ground, tmp_path / "copy.db")
    copy = open_ground(f"sqlite:///{file}")
    with copy.reading() as tx:
        newest = articles.newest(tx)
        assert newest is not None
        assert newest.headline == "The bakery on Mill Street opens at five"
    copy.close()


def test_a_backup_never_overwrites(sqlite_ground: Ground, tmp_path: Path) -> None:
    file = tmp_path / "copy.db"
    file.write_text("precious")
    with pytest.raises(BackupRefused, match="is there already; name a new file"):
        backup(sqlite_ground, file)
    link = tmp_path / "link.db"
    link.symlink_to(tmp_path / "elsewhere.db")
    with pytest.raises(BackupRefused, match="is there already"):
        backup(sqlite_ground, link)
    assert file.read_text() == "precious"
    assert not (tmp_path / "elsewhere.db").exists()


def test_a_folder_that_is_not_there_is_said_so(sqlite_ground: Ground, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match=r"cannot be written \(No such file or directory\)"):
        backup(sqlite_ground, tmp_path / "no" / "copy.db")


def test_a_backup_that_fails_leaves_no_file_behind(sqlite_ground: Ground, tmp_path: Path) -> None:
    assert sqlite_ground.path is not None
    sqlite_ground.close()
    sqlite_ground.path.write_bytes(b"not a database, but long enough to be taken for one" * 40)
    with pytest.raises(BackupRefused, match="could not be copied"):
        backup(sqlite_ground, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


def test_a_database_that_is_not_there_is_not_made_by_copying_it(tmp_path: Path) -> None:
    ground = open_ground(f"sqlite:///{tmp_path}/missing.db")
    with pytest.raises(BackupRefused, match="there is no database file"):
        backup(ground, tmp_path / "copy.db")
    ground.close()
    assert not (tmp_path / "missing.db").exists()


def test_postgresql_is_answered_with_its_own_tool_and_no_password(tmp_path: Path) -> None:
    ground = open_ground("postgresql://press:s3cret@db.invalid/news")
    with pytest.raises(BackupRefused, match="pg_dump --format=custom") as told:
        backup(ground, tmp_path / "copy.db")
    ground.close()
    assert "s3cret" not in str(told.value)
    assert "postgresql://press:***@db.invalid/news" in str(told.value)


def test_the_copy_is_a_plain_file_that_sqlite_opens(sqlite_ground: Ground, tmp_path: Path) -> None:
    file = backup(sqlite_ground, tmp_path / "copy.db")
    with sqlite3.connect(file) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    copy.close()
    assert sorted(path.name for path in tmp_path.glob("copy.db*")) == ["copy.db"]
