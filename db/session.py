"""The one way to the database: an engine, its pragmas, one ``transaction()`` and one ``reading()``.

SQLite: WAL, ``synchronous=FULL`` (a commit that returned survives a power cut), foreign keys, and writes begin
with ``BEGIN IMMEDIATE``: a transaction that reads first and upgrades later is refused at once by SQLite whatever
the busy timeout, one that begins as a writer waits its turn. PostgreSQL: psycopg 3, READ COMMITTED.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Transaction, create_engine, event
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from db.commits import Commit, Commits
from db.files import TAKEN_AWAY, make_ready
from db.prepared import as_sqlalchemy_says, driver_of_sqlite

SCRUB_SECONDS = 1.0
BUSY_SECONDS = 10.0
_TOLD = "pressrun told"
LOOK_EVERY = (0.001, 0.005)
"""Seconds between two looks whether the database is free to be written; drawn, so that two do not look in step."""


class GroundLost(Exception):
    """The database could not do what was asked. ``str()`` says what, where and what to do."""

    exit_code = 3


class Ground:
    """A database with its two doors. Thread-safe; each transaction is one connection of the pool."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self._writing = _engine(url, immediate=True)
        self._reading = _engine(url, immediate=False) if self.is_sqlite else self._writing
        self.hear: Callable[[object], None] | None = None
        """Is told what ``tell_once_committed`` was given, on the thread that committed. It must not raise."""

    @property
    def is_sqlite(self) -> bool:
        """True for SQLite, False for PostgreSQL."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def path(self) -> Path | None:
        """The SQLite file, None for PostgreSQL."""
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    @property
    def engine(self) -> Engine:
        """The writing engine, for migrations."""
        return self._writing

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A write transaction: commits at the end, rolls back on any exception.

        Raises ``GroundLost`` with a sentence when the database is away, locked, full or read-only.
        """
        told: list[object] = []
        with plainly(self.url), self._writing.begin() as tx:
            tx.info[_TOLD] = told
            yield tx
        if self.hear is not None:
            for one in told:
                self.hear(one)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent snapshot for reading; it never waits for writers on SQLite. Raises ``GroundLost``."""
        with plainly(self.url), self._reading.connect() as tx:
            yield tx

    def scrub(self) -> None:
        """After personal data was deleted: empties SQLite's log of changes, which still holds the pages as they were.

        While others read or write it may stay; the next one to close the database empties it. Never waits long.
        """
        if not self.is_sqlite:
            return
        with plainly(self.url), self._writing.connect() as tx:
            raw: Any = tx.connection.dbapi_connection
            raw.execute(f"PRAGMA busy_timeout={SCRUB_SECONDS * 1000:.0f}")
            try:
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                raw.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000:.0f}")

    def hold(self) -> Hold:
        """A writing connection kept for many transactions in a row; close it at the end."""
        return Hold(self._writing, self.url)

    def close(self) -> None:
        """Gives every connection back."""
        self._writing.dispose()
        if self._reading is not self._writing:
            self._reading.dispose()


class Hold:
    """One writing connection kept from transaction to transaction, which can tell whether anybody else wrote between.

    Its commits are begun at the end of ``transaction`` and waited for in ``finish``: the disk works on a thread beside,
    the caller goes on meanwhile. For one thread at a time. What it has read stays true as long as ``others_wrote``
    says no.
    """

    def __init__(self, engine: Engine, url: URL) -> None:
        self._engine, self._url = engine, url
        self._tx: Connection | None = None
        self._seen: int | None = None
        self._commits: Commits | None = None
        self._commit: Commit | None = None

    @contextmanager
    def transaction(self, then: Callable[[], None] = lambda: None) -> Iterator[Connection]:
        """A write transaction. Rolls back on any exception; else its commit is on its way at the end.

        ``then`` is called on another thread once the commit is over, well or not. Nothing may be taken for written
        before ``finish`` has returned, which must be called before the next transaction. After ``GroundLost`` that one
        connects anew.
        """
        assert self._commit is None
        try:
            with plainly(self._url):
                if self._tx is None:
                    self._tx = self._engine.connect()
                begun = self._tx.begin()
                try:
                    yield self._tx
                except BaseException:
                    self._roll_back(begun)
                    raise
        except GroundLost:
            self.close()
            raise
        if self._commits is None:
            self._commits = Commits()
        self._commit = self._commits.begin(begun, then)

    @property
    def landed(self) -> bool:
        """Whether ``finish`` would return at once."""
        return self._commit is None or self._commit.over.is_set()

    def finish(self) -> None:
        """Waits until the commit is on disk. Raises what kept it from getting there, ``GroundLost`` too."""
        if self._commit is None:
            return
        commit, self._commit = self._commit, None
        commit.over.wait()
        try:
            with plainly(self._url):
                if commit.error is not None:
                    raise commit.error
        except BaseException:
            self._let_go()
            raise

    def others_wrote(self) -> bool:
        """Inside a transaction: whether somebody else committed since the last call. PostgreSQL: always True."""
        assert self._tx is not None
        sqlite = driver_of_sqlite(self._tx)
        if sqlite is None:
            return True
        before, (self._seen,) = self._seen, sqlite.execute("PRAGMA data_version").fetchone()
        return before != self._seen

    def close(self) -> None:
        """Gives the connection back, once a commit that is on its way has landed."""
        if self._commit is not None:
            self._commit.over.wait()
            self._commit = None
        if self._commits is not None:
            self._commits.close()
            self._commits = None
        self._let_go()

    def _let_go(self) -> None:
        if self._tx is not None:
            try:
                self._tx.close()
            except DBAPIError:
                pass  # it was lost already
        self._tx = self._seen = None

    def _roll_back(self, begun: Transaction) -> None:
        try:
            begun.rollback()
        except DBAPIError:
            self._let_go()  # it was lost already


def tell_once_committed(tx: Connection, what: object) -> None:
    """Keeps something for ``Ground.hear`` until the transaction is committed; what is rolled back is never told."""
    told = tx.info.get(_TOLD)
    if told is not None:
        told.append(what)


def open_ground(url: str) -> Ground:
    """Opens (and for SQLite creates) the database at a SQLAlchemy ``url``. Raises ``GroundLost``."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise GroundLost("a database in memory forgets what was sent; name a file: sqlite:///pressrun.db")
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise GroundLost(
            f"the database {parsed.get_backend_name()!r} is not one Pressrun knows; use sqlite:///… or postgresql://…"
        )
    return Ground(parsed)


def _engine(url: URL, *, immediate: bool) -> Engine:
    if url.get_backend_name() != "sqlite":
        engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=20, max_overflow=40)
        event.listen(engine, "handle_error", _without_values)
        return engine
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        poolclass=QueuePool,
        pool_size=20,
        max_overflow=40,
    )

    had: list[bool] = []

    @event.listens_for(engine, "do_connect")
    def _first(dialect: Any, record: Any, args: Any, asked: Any) -> None:
        if not asked.get("uri"):
            make_ready(Path(args[0]), had=bool(had))

    @event.listens_for(engine, "connect")
    def _pragmas(dbapi: sqlite3.Connection, record: Any) -> None:
        dbapi.isolation_level = None  # the begin event below says how a transaction begins
        # secure_delete: who was erased must not stand in the file's free space for years.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            dbapi.execute(f"PRAGMA {pragma}")
        had[:] = [True]

    @event.listens_for(engine, "begin")
    def _begin(tx: Connection) -> None:
        if immediate:
            _begin_writing(tx)
        else:
            tx.exec_driver_sql("BEGIN")

    return engine


def _without_values(met: ExceptionContext) -> None:
    """PostgreSQL names the values that it did not take, in further lines; among them are readers' addresses."""
    for error in (met.original_exception, met.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).partition("\n")[0],)


def _begin_writing(tx: Connection) -> None:
    """Begins a write transaction as soon as nobody else writes.

    SQLite's own waiting looks again only every tenth of a second after the first few times, and a loop that writes
    without a pause (an issue going out) leaves gaps of a few milliseconds: others missed them for 10 s and more. So we
    look every few milliseconds ourselves.
    """
    raw: Any = tx.connection.dbapi_connection
    until = time.monotonic() + BUSY_SECONDS
    raw.execute("PRAGMA busy_timeout=0")
    try:
        while time.monotonic() < until:
            try:
                raw.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error):
                    break
            time.sleep(random.uniform(*LOOK_EVERY))
        tx.exec_driver_sql("BEGIN IMMEDIATE")  # whatever is wrong is told as every other fault is
    finally:
        raw.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000:.0f}")


_SQLITE_SAYS = {
    "locked": "is held by another program for longer than {busy:.0f} s; close it or try again",
    "full": "cannot grow: the disk is full; make room and try again",
    "readonly": "cannot be written: the file or its folder is read-only; mend its rights and try again",
    TAKEN_AWAY: "was taken away, and its log of changes (-wal) is nothing without it: put the file back in its place; where it"
    " is lost for good, end Pressrun and move the -wal file away, then restore a backup or begin anew",
    "unable to open": "cannot be opened: the folder is missing or not allowed; check [database] url",
    "not a database": "is not a Pressrun database; check [database] url or restore a backup",
    "malformed": "is damaged; restore a backup",
    "disk i/o": "cannot be read or written: the disk answers with errors; check it before going on",
}


@contextmanager
def plainly(url: URL) -> Iterator[None]:
    """Turns a driver's fault into a sentence; faults of our own statements pass unchanged."""
    try:
        try:
            yield
        except sqlite3.Error as error:  # of what went straight to the driver
            raise as_sqlalchemy_says("", error) from error
    except DBAPIError as error:
        sentence = _sentence(url, error)
        if sentence is None:
            raise
        raise GroundLost(sentence) from error
    except SQLAlchemyError as error:
        if "QueuePool limit" in str(error):
            raise GroundLost("all connections to the database are busy; try again in a moment") from error
        raise


def _sentence(url: URL, error: DBAPIError) -> str | None:
    where = url.render_as_string(hide_password=True)
    said = str(error.orig).lower()
    kind = type(error.orig).__name__
    if url.get_backend_name() == "sqlite":
        if kind not in ("OperationalError", "DatabaseError"):
            return None
        for words, sentence in _SQLITE_SAYS.items():
            if words in said:
                return f"the database {where} {sentence.format(busy=BUSY_SECONDS)}"
        return None
    if error.connection_invalidated or kind in ("OperationalError", "AdminShutdown", "ConnectionTimeout"):
        return f"the database {where} does not answer; start it or check [database] url, then try again"
    if kind in ("DeadlockDetected", "SerializationFailure", "LockNotAvailable"):
        return f"the database {where} undid this for another who wrote the same at the same moment; try again"
    if kind in ("ReadOnlySqlTransaction", "DiskFull"):
        return f"the database {where} cannot be written ({kind}); mend it and try again"
    return None
