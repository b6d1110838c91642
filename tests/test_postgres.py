"""The PostgreSQL of the tests must not outlive them, however they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url

from db.session import open_ground
from db.tables import metadata
from tests.postgres import postgres_url

GONE_SECONDS = 30.0


def test_every_call_gives_a_database_of_its_own() -> None:
    one, two, empty = open_ground(postgres_url()), open_ground(postgres_url()), open_ground(postgres_url(empty=True))
    with one.transaction() as tx:
        tx.execute(text("CREATE TABLE mine (id INTEGER)"))
    with two.reading() as tx:
        assert set(inspect(tx).get_table_names()) == {*metadata.tables, "alembic_version"}
    with empty.reading() as tx:
        assert inspect(tx).get_table_names() == []
    for ground in (one, two, empty):
        ground.close()


def test_a_killed_run_leaves_no_server_and_no_folder_behind() -> None:
    asked = "import time; from tests.postgres import postgres_url; print(postgres_url(empty=True), flush=True); time.sleep(60)"
    run = subprocess.Popen(
        [sys.executable, "-c", asked], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1], env=os.environ
    )
    assert run.stdout is not None
    host = make_url(run.stdout.readline().strip()).query["host"]
    folder = Path(str(host))
    assert folder.is_dir()
    run.send_signal(signal.SIGKILL)
    run.wait()
    run.stdout.close()
    deadline = time.monotonic() + GONE_SECONDS
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not folder.exists()
