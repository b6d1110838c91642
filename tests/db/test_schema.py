from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError

from db import schema
from db.session import Ground, GroundLost, open_ground
from db.tables import metadata
from db.word_index import is_laid_aside
from tests.postgres import postgres_url

MakeGround = Callable[[], Ground]
CONSIDERED = {"compare_type": True, "include_name": lambda name, kind, parents: not is_laid_aside(name)}


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_ground(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeGround]:
    """Makes databases without a table in them."""
    opened: list[Ground] = []

    def make() -> Ground:
        url = f"sqlite:///{tmp_path}/{len(opened)}.db" if request.param == "sqlite" else postgres_url(empty=True)
        opened.append(open_ground(url))
        return opened[-1]

    yield make
    for ground in opened:
        ground.close()


def _stamped(ground: Ground, number: str) -> None:
    with ground.transaction() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = :number"), {"number": number})


def _plain(value: Any) -> Any:
    return {name: str(inner) for name, inner in value.items()} if isinstance(value, dict) else str(value)


def _shape(tx: Connection) -> dict[str, Any]:
    """All that a database says of its tables, without the order it says it in."""
    look = inspect(tx)

    def told(things: Any) -> list[str]:
        return sorted(str([(name, _plain(value)) for name, value in sorted(thing.items())]) for thing in things)

    shape: dict[str, Any] = {
        name: (
            told(look.get_columns(name)),
            told(look.get_indexes(name)),
            told(look.get_unique_constraints(name)),
            told(look.get_check_constraints(name)),
            told(look.get_foreign_keys(name)),
            str(look.get_pk_constraint(name)),
        )
        for name in look.get_table_names()
    }
    laid = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    if tx.dialect.name == "postgresql":
        laid = "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
    shape["triggers"] = sorted(str(row) for row in tx.execute(text(laid)))
    return shape


def test_an_empty_database_is_made_ready_at_once(empty_ground: MakeGround) -> None:
    ground = empty_ground()
    assert schema.revision(ground) is None
    schema.create_or_check(ground)
    schema.create_or_check(ground)
    assert schema.revision(ground) == schema.NEWEST
    with ground.reading() as tx:
        assert set(metadata.tables) < set(inspect(tx).get_table_names())


def test_what_is_made_at_once_is_what_the_migrations_make(empty_ground: MakeGround) -> None:
    at_once, step_by_step = empty_ground(), empty_ground()
    schema.create_or_check(at_once)
    assert schema.upgrade(step_by_step) == (None, schema.NEWEST)
    with at_once.reading() as one, step_by_step.reading() as two:
        expected, found = _shape(one), _shape(two)
    assert found.keys() == expected.keys()
    for name, shape in expected.items():
        assert found[name] == shape, name
    assert len(expected["triggers"]) >= 12


def test_the_migrations_lack_nothing_that_the_tables_say(empty_ground: MakeGround) -> None:
    ground = empty_ground()
    schema.upgrade(ground)
    with ground.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=CONSIDERED)
        assert compare_metadata(context, metadata) == []
        command.check(schema.alembic_config(connection))


def test_the_newest_revision_is_the_last_one_written(sqlite_ground: Ground) -> None:
    with sqlite_ground.reading() as tx:
        scripts = ScriptDirectory.from_config(schema.alembic_config(tx))
    assert scripts.get_current_head() == schema.NEWEST
    assert [int(script.revision) for script in reversed(list(scripts.walk_revisions()))] == list(
        range(1, int(schema.NEWEST) + 1)
    )


def test_an_older_schema_stops_with_the_command_that_cures_it(own_ground: Ground) -> None:
    _stamped(own_ground, "0000")
    with pytest.raises(schema.SchemaTooOld, match=r"made by an older Pressrun .*; run: pressrun upgrade$"):
        schema.create_or_check(own_ground)


@pytest.mark.parametrize("number", ["9999", "a-name"])
def test_a_newer_schema_is_left_alone(own_ground: Ground, number: str) -> None:
    _stamped(own_ground, number)
    for act in (schema.create_or_check, schema.upgrade):
        with pytest.raises(schema.SchemaTooNew, match="made by a newer Pressrun"):
            act(own_ground)
    assert schema.revision(own_ground) == number


def test_a_database_of_something_else_is_left_alone(empty_ground: MakeGround) -> None:
    ground = empty_ground()
    with ground.transaction() as tx:
        tx.execute(text("CREATE TABLE wp_posts (id INTEGER)"))
    for act in (schema.create_or_check, schema.upgrade):
        with pytest.raises(schema.SchemaForeign, match=r"not Pressrun's \(wp_posts\)"):
            act(ground)
    with ground.reading() as tx:
        assert inspect(tx).get_table_names() == ["wp_posts"]


def test_upgrading_again_changes_nothing_and_keeps_the_rows(own_ground: Ground) -> None:
    with own_ground.transaction() as tx:
        tx.execute(
            text("INSERT INTO lists (name, actor, created_at, updated_at) VALUES ('a', 'b', :now, :now)"),
            {"now": "2026-09-21 08:30:00+00:00"},
        )
    assert schema.upgrade(own_ground) == (schema.NEWEST, schema.NEWEST)
    with own_ground.reading() as tx:
        assert tx.execute(text("SELECT name FROM lists")).scalars().all() == ["a"]
        if own_ground.is_sqlite:
            assert tx.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_an_upgrade_lays_lost_triggers_again(own_ground: Ground) -> None:
    on = "" if own_ground.is_sqlite else " ON audit"
    with own_ground.reading() as tx:
        before = _shape(tx)["triggers"]
    with own_ground.transaction() as tx:
        tx.execute(text(f"DROP TRIGGER audit_unchanged{on}"))
    schema.upgrade(own_ground)
    with own_ground.reading() as tx:
        assert _shape(tx)["triggers"] == before


def test_an_upgrade_that_fails_leaves_the_database_as_it_was(
    empty_ground: MakeGround, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_short(*_: object) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr("db.triggers.lay", cut_short)
    ground = empty_ground()
    with pytest.raises(RuntimeError, match="the power went"):
        schema.upgrade(ground)
    with ground.reading() as tx:
        assert inspect(tx).get_table_names() == []


def test_an_upgrade_without_room_says_so(sqlite_ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OperationalError("CREATE TRIGGER", None, sqlite3.OperationalError("database or disk is full"))

    monkeypatch.setattr("db.triggers.lay", full)
    with pytest.raises(GroundLost, match="the disk is full; make room"):
        schema.upgrade(sqlite_ground)


def test_several_processes_may_start_on_one_empty_database(empty_ground: MakeGround) -> None:
    ground = empty_ground()
    faults: list[BaseException] = []
    together = threading.Barrier(4)

    def start() -> None:
        try:
            together.wait()
            schema.create_or_check(ground)
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert schema.revision(ground) == schema.NEWEST


def test_a_database_that_does_not_answer_is_said_so(tmp_path: Path) -> None:
    ground = open_ground(f"sqlite:///{tmp_path}/no/such/folder/pressrun.db")
    with pytest.raises(GroundLost, match="cannot be opened"):
        schema.create_or_check(ground)
    ground.close()


def test_a_check_is_quick_and_does_not_load_alembic(sqlite_ground: Ground) -> None:
    schema.create_or_check(sqlite_ground)
    spans = []
    for _ in range(5):
        began = time.thread_time()
        schema.create_or_check(sqlite_ground)
        spans.append(time.thread_time() - began)
    assert min(spans) < 0.005
    asked = (
        "import sys; from db.session import open_ground; from db import schema;"
        f"schema.create_or_check(open_ground({str(sqlite_ground.url)!r}));"
        "assert 'alembic' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
