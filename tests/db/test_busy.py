"""Whoever writes all the time leaves gaps of a few milliseconds, and others find them."""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from db import session
from db.session import GroundLost, open_ground


def test_a_writer_that_hardly_pauses_does_not_keep_another_waiting(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'busy.db'}"
    greedy, modest = open_ground(url), open_ground(url)
    with greedy.transaction() as tx:
        tx.execute(text("create table t (n integer)"))
    ended = threading.Event()

    def write_on_and_on() -> None:
        raw = sqlite3.connect(tmp_path / "busy.db", isolation_level=None, timeout=10)
        while not ended.is_set():
            raw.execute("begin immediate")
            raw.execute("insert into t values (1)")
            time.sleep(0.02)
            raw.execute("commit")
            time.sleep(0.001)
        raw.close()

    writer = threading.Thread(target=write_on_and_on)
    writer.start()
    try:
        for _ in range(5):
            with modest.transaction() as tx:  # raises after BUSY_SECONDS
                tx.execute(text("insert into t values (2)"))
            time.sleep(0.15)  # the other one is writing again
    finally:
        ended.set()
        writer.join()
    with modest.reading() as tx:
        assert tx.execute(text("select count(*) from t where n = 2")).scalar_one() == 5
        assert tx.execute(text("select count(*) from t where n = 1")).scalar_one() < 150, (
            "thirty turns for each of ours"
        )
    greedy.close()
    modest.close()


def test_a_database_that_is_never_free_is_told_once_the_patience_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'busy.db'}"
    holder, other = open_ground(url), open_ground(url)
    monkeypatch.setattr(session, "BUSY_SECONDS", 0.2)
    with holder.transaction():
        began = time.monotonic()
        with pytest.raises(GroundLost, match="held by another program"), other.transaction():
            pass
        assert time.monotonic() - began >= 0.2
    with other.transaction() as tx:
        tx.execute(text("create table t (n integer)"))
    holder.close()
    other.close()
