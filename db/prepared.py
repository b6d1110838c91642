"""Statements worked out once and then run with plain values: for the few that run for each of a million readers.

SQLAlchemy prepares every value of every row by its column's type and makes a result out of nothing returned, which
costs more than the database's own work. Here the caller brings numbers, texts and moments as ``moment`` makes them, and
the driver gets them as they are; SQLite's directly.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, CursorResult, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import UpdateBase

from db.tables import UtcDateTime

Made = Callable[[Connection], UpdateBase]


class Prepared:
    """One statement whose every value is a named ``bindparam``, two at least; ``make`` builds it, once a kind of database.

    Both ways of running it raise what SQLAlchemy raises.
    """

    def __init__(self, make: Made) -> None:
        self._make = make
        self._known: dict[str, tuple[str, Callable[[dict[str, Any]], tuple[Any, ...]]]] = {}

    def many(self, tx: Connection, rows: Sequence[dict[str, Any]]) -> int:
        """Runs it for each row; how many rows of the table that touched."""
        if not rows:
            return 0
        text, values = self._written(tx)
        sqlite = driver_of_sqlite(tx)
        if sqlite is None:
            done: CursorResult[Any] = tx.exec_driver_sql(text, [values(row) for row in rows])
            return done.rowcount
        try:
            return sqlite.executemany(text, map(values, rows)).rowcount
        except sqlite3.Error as error:
            raise as_sqlalchemy_says(text, error) from error

    def once(self, tx: Connection, row: dict[str, Any]) -> list[tuple[Any, ...]]:
        """Runs it for one row; what it returns, as the driver gives it."""
        text, values = self._written(tx)
        sqlite = driver_of_sqlite(tx)
        if sqlite is None:
            return [tuple(found) for found in tx.exec_driver_sql(text, values(row))]
        try:
            return sqlite.execute(text, values(row)).fetchall()
        except sqlite3.Error as error:
            raise as_sqlalchemy_says(text, error) from error

    def _written(self, tx: Connection) -> tuple[str, Callable[[dict[str, Any]], tuple[Any, ...]]]:
        """The statement in the database's own words, and what puts a row's values in its order."""
        known = self._known.get(tx.dialect.name)
        if known is None:
            style = "format" if tx.dialect.name == "postgresql" else "qmark"  # by place: tuples are the cheapest
            kind: Any = type(tx.dialect)
            dialect: Dialect = kind(paramstyle=style)
            compiled: Any = self._make(tx).compile(dialect=dialect)
            known = self._known[tx.dialect.name] = str(compiled), itemgetter(*compiled.positiontup)
        return known


def driver_of_sqlite(tx: Connection) -> sqlite3.Connection | None:
    """The driver's own connection behind a transaction on SQLite, None elsewhere."""
    raw = tx.connection.dbapi_connection
    return raw if isinstance(raw, sqlite3.Connection) else None


def as_sqlalchemy_says(text: str, error: sqlite3.Error) -> DBAPIError:
    """The driver's own fault as SQLAlchemy would raise it, without a value of the statement."""
    said = DBAPIError.instance(text, None, error, sqlite3.Error)
    assert isinstance(said, DBAPIError)
    return said


def moment(tx: Connection, at: datetime) -> Any:
    """A moment as the driver of this database takes it. Raises ``ValueError`` for a naive one."""
    return _moments(tx.dialect)(at)


@cache
def _moments(dialect: Dialect) -> Callable[[datetime], Any]:
    return UtcDateTime().dialect_impl(dialect).bind_processor(dialect) or (lambda at: at)
