"""An index of three letters each over what the log searches, laid beside the tables and kept by the database itself.

SQLite: one FTS5 table with the trigram tokenizer for each column, without a copy of the text, written by triggers in
the writer's own transaction. PostgreSQL: a GIN index of pg_trgm, where the extension can be had. The index names rows
that *may* hold the words; whoever asks looks at their text. Where there is none, or where it cannot serve these words,
``candidates`` says so and the text has to be read.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Collection, Iterator

from sqlalchemy import ARRAY, BigInteger, Column, ColumnElement, Connection, Table, and_, func, literal, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from db.word_search import forms_of, holds_all

INDEXED = {"attempts": "text", "articles": "headline", "free_posts": "text"}
"""Table -> the column whose words are found by the index."""

_MODULES = "SELECT 1 FROM pragma_module_list WHERE name = 'fts5'"
HOW_KEPT = "content='', columnsize=0, detail=none, tokenize='trigram'"
_LETTERS = 3
_MOST_TRIGRAMS = 12
_END = "char(10, 10)"
"""Laid behind each text, so that its last one and two letters, too, begin a trigram. No word holds a line's end."""
_FILLING_BYTES = 1 << 24
_USUAL_BYTES = 1 << 20


def lay(tx: Connection) -> None:
    """Lays the index and what keeps it; harmless where it lies. Where the database cannot have one, nothing is laid."""
    if tx.dialect.name == "sqlite":
        _lay_sqlite(tx)
    else:
        _lay_postgresql(tx)


def is_laid_aside(name: str | None) -> bool:
    """Whether a table or an index is one of these, which ``db.tables`` does not describe."""
    return name is not None and any(
        name == _gin(table) or name == _fts(table) or name.startswith(f"{_fts(table)}_") for table in INDEXED
    )


def cannot_be_kept(tx: Connection) -> bool:
    """Whether a SQLite database has the index and this Python's SQLite lacks what writes it: no try could be logged."""
    if tx.dialect.name != "sqlite" or not _has_fts(tx, "attempts"):
        return False
    return tx.exec_driver_sql(_MODULES).first() is None


def holding(tx: Connection, column: Column[str], words: str, most: int) -> ColumnElement[bool] | None:
    """The condition under which a row holds all these words in ``column``, by the index: none is missed.

    None where the index is of no help: there is none, more than ``most`` rows may hold them, or (PostgreSQL) no word has
    three letters in a row.
    """
    table = column.table
    assert isinstance(table, Table)
    if tx.dialect.name != "sqlite":
        served = _has_gin(tx, table.name) and any(_is_in_gin(tx, word) for word in words.split())
        return holds_all(column, words) if served else None
    if not _has_fts(tx, table.name):
        return None
    found = _from_fts(tx, table.name, words.split(), most + 1)
    return None if len(found) > most else and_(numbered(tx, table.c.id, found), holds_all(column, words))


def numbered(tx: Connection, column: ColumnElement[int], numbers: Collection[int]) -> ColumnElement[bool]:
    """True where ``column`` is one of these numbers, of which there may be thousands: they travel as one value."""
    if tx.dialect.name == "sqlite":
        return column.in_(select(func.json_each(json.dumps(list(numbers))).table_valued("value").c.value))
    return column == func.any(literal(list(numbers), ARRAY(BigInteger)))


# --- SQLite ------------------------------------------------------------------------------------


def _fts(table: str) -> str:
    return f"{table}_words"


def _has_fts(tx: Connection, table: str) -> bool:
    asked = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return tx.exec_driver_sql(asked, (_fts(table),)).first() is not None


def _lay_sqlite(tx: Connection) -> None:
    for table, column in INDEXED.items():
        fts, whole = _fts(table), False
        if _has_fts(tx, table):
            asked = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE ? ESCAPE '!'"
            whole = tx.exec_driver_sql(asked, (fts.replace("_", "!_") + "!_%",)).scalar() == len(_VERBS)
        else:
            try:
                with tx.begin_nested():
                    tx.exec_driver_sql(f"CREATE VIRTUAL TABLE {fts} USING fts5({column}, {HOW_KEPT})")
                    tx.exec_driver_sql(f"CREATE VIRTUAL TABLE {fts}_vocab USING fts5vocab('{fts}', 'instance')")
            except OperationalError as error:
                if "fts5" not in str(error.orig) and "trigram" not in str(error.orig):
                    raise
                return
        if not whole:
            _fill(tx, table, column)
        for statement in _fts_triggers(table, column):
            tx.exec_driver_sql(statement)


def _fill(tx: Connection, table: str, column: str) -> None:
    """Reads every text anew: at once where the index is new, and where it was not kept for a while."""
    fts = _fts(table)
    tx.exec_driver_sql(f"INSERT INTO {fts}({fts}) VALUES ('delete-all')")
    tx.exec_driver_sql(f"INSERT INTO {fts}({fts}, rank) VALUES ('hashsize', {_FILLING_BYTES})")
    tx.exec_driver_sql(f"INSERT INTO {fts}(rowid, {column}) SELECT id, {column} || {_END} FROM {table}")
    tx.exec_driver_sql(f"INSERT INTO {fts}({fts}, rank) VALUES ('hashsize', {_USUAL_BYTES})")
    # All in one piece: else one of the next writers would join the big ones, for seconds.
    tx.exec_driver_sql(f"INSERT INTO {fts}({fts}) VALUES ('optimize')")


_VERBS = ("INSERT", "UPDATE", "DELETE")


def _fts_triggers(table: str, column: str) -> Iterator[str]:
    fts = _fts(table)
    taken = f"INSERT INTO {fts}({fts}, rowid, {column}) VALUES ('delete', OLD.id, OLD.{column} || {_END});"
    laid = f"INSERT INTO {fts}(rowid, {column}) VALUES (NEW.id, NEW.{column} || {_END});"
    for verb, done in zip(_VERBS, (laid, f"{taken} {laid}", taken), strict=True):
        of = f" OF {column}" if verb == "UPDATE" else ""
        when = f" WHEN OLD.{column} IS NOT NEW.{column}" if verb == "UPDATE" else ""
        yield f"DROP TRIGGER IF EXISTS {fts}_{verb.lower()}"
        yield (f"CREATE TRIGGER {fts}_{verb.lower()} AFTER {verb}{of} ON {table} FOR EACH ROW{when} BEGIN {done} END")


def _from_fts(tx: Connection, table: str, words: list[str], limit: int) -> list[int]:
    """By all the words of three letters and more; where there are none, by the short one that the fewest rows hold."""
    long = [word for word in words if all(len(form) >= _LETTERS for form in forms_of(word))]
    if long:
        asked = f"SELECT rowid FROM {_fts(table)} WHERE {_fts(table)} MATCH :asked LIMIT :most"
        given = {"asked": " AND ".join(map(_matching, long)), "most": limit}
        return list(tx.execute(text(asked), given).scalars())
    return min((_beginning(tx, table, word, limit) for word in words), key=len)


def _matching(word: str) -> str:
    """The word as FTS5 asks for it: all its trigrams, in one of its forms."""
    forms = (" AND ".join(map(_quoted, _trigrams(form))) for form in forms_of(word))
    return f"({' OR '.join(f'({form})' for form in forms)})"


def _trigrams(form: str) -> list[str]:
    """Its first ones: a few tell as much as all, and each is a list to walk."""
    return [form[at : at + _LETTERS] for at in range(min(len(form) - _LETTERS + 1, _MOST_TRIGRAMS))]


def _quoted(trigram: str) -> str:
    return '"' + trigram.replace('"', '""') + '"'


def _beginning(tx: Connection, table: str, word: str, limit: int) -> list[int]:
    """The rows with a trigram that begins with this short word, in whatever case the index keeps its letters."""
    asked = text(f"SELECT DISTINCT doc FROM {_fts(table)}_vocab WHERE term >= :low AND term < :high LIMIT :most")
    found: set[int] = set()
    for begin in sorted({begin for form in forms_of(word) for begin in as_kept(form[:_LETTERS])}):
        given = {"low": begin, "high": f"{begin}\U0010ffff", "most": limit - len(found)}
        found.update(tx.execute(asked, given).scalars())
        if len(found) >= limit:
            break
    return list(found)


def as_kept(form: str) -> Iterator[str]:
    """FTS5 folds each letter by a table of its own: every single letter that it may have made of it."""
    letters = [
        {one for one in (letter, letter.lower(), letter.upper(), letter.casefold()) if len(one) == 1}
        if not letter.isascii()
        else {letter.lower()}
        for letter in form
    ]
    return map("".join, itertools.product(*letters))


# --- PostgreSQL --------------------------------------------------------------------------------


def _gin(table: str) -> str:
    return f"ix_{table}_words"


def _has_gin(tx: Connection, table: str) -> bool:
    return tx.execute(text("SELECT to_regclass(:name)"), {"name": _gin(table)}).scalar() is not None


def _lay_postgresql(tx: Connection) -> None:
    """With pg_trgm where the server has it and lets us: an owner of the database may have it laid since PostgreSQL 13."""
    try:
        with tx.begin_nested():
            tx.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            for table, column in INDEXED.items():
                tx.exec_driver_sql(
                    f"CREATE INDEX IF NOT EXISTS {_gin(table)} ON {table} USING gin ({column} gin_trgm_ops) "
                    "WITH (fastupdate = off)"  # a list to be sorted in later stops one writer in fifty for 15 ms
                )
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        tx.exec_driver_sql("SELECT 1")  # the savepoint took back what was begun; a lost connection is told here


def _is_in_gin(tx: Connection, word: str) -> bool:
    """Whether pg_trgm knows three letters in a row of the word: it passes over signs, and in some locales over letters."""
    runs = "".join(letter if letter.isalnum() else " " for letter in word).split()
    return any(
        len(run) >= _LETTERS
        and tx.execute(text("SELECT cardinality(show_trgm(:run))"), {"run": run}).scalar_one() > _LETTERS
        for run in runs
    )
