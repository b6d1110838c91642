"""Statements worked out once and then run with plain values: for the few that run for each of a million readers.

SQLAlchemy prepares every value of every row by its column's type, which costs more than the database's own work. Here
the caller brings numbers, texts and moments as ``moment`` makes them, and the driver gets them as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, CursorResult, Dialect
from sqlalchemy.sql.dml import UpdateBase

from db.tables import UtcDateTime

Made = Callable[[Connection], UpdateBase]


class Prepared:
    """One statement whose every value is a named ``bindparam``; ``make`` builds it, once a kind of database."""

    def __init__(self, make: Made) -> None:
        self._make = make
        self._known: dict[str, tuple[str, tuple[str, ...]]] = {}

    def many(self, tx: Connection, rows: Sequence[dict[str, Any]]) -> int:
        """Runs it for each row; how many rows of the table that touched."""
        if not rows:
            return 0
        text, names = self._written(tx)
        done: CursorResult[Any] = tx.exec_driver_sql(text, [tuple([row[name] for name in names]) for row in rows])
        return done.rowcount

    def once(self, tx: Connection, row: dict[str, Any]) -> list[tuple[Any, ...]]:
        """Runs it for one row; what it returns, as the driver gives it."""
        text, names = self._written(tx)
        return [tuple(found) for found in tx.exec_driver_sql(text, tuple([row[name] for name in names]))]

    def _written(self, tx: Connection) -> tuple[str, tuple[str, ...]]:
        """The statement in the database's own words, and its values' names in order."""
        known = self._known.get(tx.dialect.name)
        if known is None:
            style = "format" if tx.dialect.name == "postgresql" else "qmark"  # by place: tuples are the cheapest
            kind: Any = type(tx.dialect)
            dialect: Dialect = kind(paramstyle=style)
            compiled: Any = self._make(tx).compile(dialect=dialect)
            known = self._known[tx.dialect.name] = str(compiled), tuple(compiled.positiontup)
        return known


def moment(tx: Connection, at: datetime) -> Any:
    """A moment as the driver of this database takes it. Raises ``ValueError`` for a naive one."""
    return _moments(tx.dialect)(at)


@cache
def _moments(dialect: Dialect) -> Callable[[datetime], Any]:
    return UtcDateTime().dialect_impl(dialect).bind_processor(dialect) or (lambda at: at)
