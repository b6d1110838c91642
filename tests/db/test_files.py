from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from db.session import GroundLost, open_ground
from db.watch import Watch


def _modes(folder: Path) -> dict[str, int]:
    return {one.name: stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()}


def _opened(file: Path) -> dict[str, int]:
    ground = open_ground(f"sqlite:///{file}")
    try:
        with ground.transaction() as tx:
            tx.exec_driver_sql("CREATE TABLE IF NOT EXISTS told (word TEXT)")
        return _modes(file.parent)
    finally:
        ground.close()


@pytest.fixture(autouse=True)
def _usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_a_new_database_and_what_lies_beside_it_is_its_owners_alone(tmp_path: Path) -> None:
    mine = dict.fromkeys(("pressrun.db", "pressrun.db-wal", "pressrun.db-shm"), 0o600)
    assert _opened(tmp_path / "pressrun.db") == mine


def test_in_a_folder_that_a_group_shares_the_group_may_write_the_database(tmp_path: Path) -> None:
    shared = tmp_path / "newsroom"
    shared.mkdir()
    shared.chmod(0o2770)
    os.umask(0o002)
    ours = dict.fromkeys(("pressrun.db", "pressrun.db-wal", "pressrun.db-shm"), 0o660)
    assert _opened(shared / "pressrun.db") == ours


def test_a_database_keeps_the_mode_that_somebody_gave_it(tmp_path: Path) -> None:
    (tmp_path / "pressrun.db").touch()
    (tmp_path / "pressrun.db").chmod(0o640)
    assert set(_opened(tmp_path / "pressrun.db").values()) == {0o640}


def test_a_database_behind_a_link_to_another_disk_is_its_owners_alone(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "pressrun.db").symlink_to(tmp_path / "disk" / "pressrun.db")
    _opened(tmp_path / "pressrun.db")
    assert _modes(tmp_path / "disk")["pressrun.db"] == 0o600


def test_what_was_written_last_outlives_a_file_that_was_taken_away_and_put_back(tmp_path: Path) -> None:
    file, elsewhere = tmp_path / "pressrun.db", tmp_path / "elsewhere.db"
    mine = open_ground(f"sqlite:///{file}")
    with closing(mine):
        with mine.transaction() as tx:
            tx.exec_driver_sql("CREATE TABLE told (word TEXT)")
        watch = Watch(mine)
        with closing(watch), mine.reading() as kept:  # the only connection of the pool is away
            kept.exec_driver_sql("SELECT * FROM told")
            file.rename(elsewhere)
            watch.close()
            assert watch.changed()
            for ground in (mine, open_ground(f"sqlite:///{file}")):  # this process, and one begun meanwhile
                with pytest.raises(GroundLost, match="put the file back"), ground.reading() as tx:
                    tx.exec_driver_sql("SELECT 1")
            assert not file.exists()
            elsewhere.rename(file)
        with mine.reading() as tx:
            assert tx.exec_driver_sql("SELECT count(*) FROM told").scalar() == 0
