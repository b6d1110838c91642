"""Files of subscribers taken in at the desk: what was said of their consent, how far each came, what it did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from db.errors import NotThere
from db.tables import imports as t
from db.writing import clean, cut, signed


class ImportState(StrEnum):
    """Where an import stands. ``stopped``: Pressrun was told to end; what was taken in by then stays."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class ImportNumbers:
    """How far an import is, in lines of its file, and what became of its rows; each is in one of the last four."""

    line: int = 0
    lines: int = 0
    rows: int = 0
    added: int = 0
    already: int = 0
    suppressed: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Import:
    """One import. ``told_at`` is when it last gave a sign of life; ``sentence`` says why it failed."""

    id: int
    list_name: str
    file_name: str
    source: str
    day: date
    wording: str
    state: ImportState
    numbers: ImportNumbers
    sentence: str
    by: str
    begun_at: datetime
    told_at: datetime
    ended_at: datetime | None


def begin(
    tx: Connection,
    list_name: str,
    file_name: str,
    *,
    source: str,
    day: date,
    wording: str,
    lines: int,
    actor: str,
    now: datetime,
) -> int:
    """Notes an import that begins now; its number."""
    values = {"list_name": cut(list_name, 120), "file_name": cut(file_name, 200), "state": ImportState.RUNNING}
    said = {"source": clean(source), "day": day, "wording": clean(wording), "lines": lines}
    number: int = tx.execute(insert(t).values(**values, **said, **signed(actor, now)).returning(t.c.id)).scalar_one()
    return number


def note(tx: Connection, number: int, numbers: ImportNumbers, *, now: datetime) -> None:
    """How far it is."""
    tx.execute(update(t).where(t.c.id == number).values(**_values(numbers), updated_at=now))


def end(
    tx: Connection, number: int, state: ImportState, numbers: ImportNumbers, *, now: datetime, sentence: str = ""
) -> None:
    """How it ended."""
    values = {"state": state, "sentence": clean(sentence), "ended_at": now, "updated_at": now}
    tx.execute(update(t).where(t.c.id == number).values(**_values(numbers), **values))


def get(tx: Connection, number: int) -> Import:
    """The import with this number. Raises ``NotThere``."""
    row = tx.execute(select(t).where(t.c.id == number)).one_or_none()
    if row is None:
        raise NotThere(f"there is no import {number}; the page Imports lists them")
    return _import(row)


def page_of(tx: Connection, *, before: int | None = None, limit: int = 50) -> list[Import]:
    """The imports, newest first, from below the number ``before`` of the page before."""
    query = select(t).order_by(t.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(t.c.id < before)
    return [_import(row) for row in tx.execute(query)]


def _values(numbers: ImportNumbers) -> dict[str, int]:
    return {name: getattr(numbers, name) for name in ImportNumbers.__slots__}


def _import(row: Row[Any]) -> Import:
    return Import(
        id=row.id,
        list_name=row.list_name,
        file_name=row.file_name,
        source=row.source,
        day=row.day,
        wording=row.wording,
        state=ImportState(row.state),
        numbers=ImportNumbers(*(getattr(row, name) for name in ImportNumbers.__slots__)),
        sentence=row.sentence,
        by=row.actor,
        begun_at=row.created_at,
        told_at=row.updated_at,
        ended_at=row.ended_at,
    )
