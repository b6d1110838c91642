"""Every test of a store runs on both databases, each time on empty tables."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.engine import make_url

from db.schema import create_or_check
from db.session import Ground, open_ground
from tests.postgres import postgres_url


class OneTransaction(Ground):
    """A ground whose doors all lead into one transaction, undone at the end: fifty times as quick as a database."""

    def __init__(self, url: str) -> None:
        super().__init__(make_url(url))
        self._connection = self.engine.connect()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """The one connection, in a savepoint."""
        with self._connection.begin_nested():
            yield self._connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """The one connection."""
        yield self._connection

    def undo(self) -> None:
        """Forgets all that was written."""
        self._connection.rollback()

    def close(self) -> None:
        self._connection.close()
        super().close()


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "pressrun.db"
    ground = open_ground(f"sqlite:///{file}")
    create_or_check(ground)
    ground.close()
    return file


@pytest.fixture(scope="session")
def _postgres_undone() -> Iterator[OneTransaction]:
    ground = OneTransaction(postgres_url())
    yield ground
    ground.close()


@pytest.fixture
def sqlite_ground(_sqlite_template: Path, tmp_path: Path) -> Iterator[Ground]:
    """A SQLite database of its own."""
    file = tmp_path / "pressrun.db"
    shutil.copy(_sqlite_template, file)
    ground = open_ground(f"sqlite:///{file}")
    yield ground
    ground.close()


@pytest.fixture
def postgres_ground() -> Iterator[Ground]:
    """A PostgreSQL database of its own, where several connections see what each other committed."""
    ground = open_ground(postgres_url())
    yield ground
    ground.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def ground(request: pytest.FixtureRequest) -> Iterator[Ground]:
    """Empty tables, once on each database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_ground")
        return
    undone: OneTransaction = request.getfixturevalue("_postgres_undone")
    yield undone
    undone.undo()


@pytest.fixture(params=["sqlite", "postgresql"])
def own_ground(request: pytest.FixtureRequest) -> Ground:
    """A database of its own for several connections, once of each kind."""
    chosen: Ground = request.getfixturevalue("sqlite_ground" if request.param == "sqlite" else "postgres_ground")
    return chosen
