"""The one SQLite file in which the rehearsal platforms keep what was published, asked and ordered.

Two processes may share it (a command's own rehearsal and one left running): WAL, every change in an immediate
transaction, ids handed out inside it. Times are whole microseconds since 1970 in UTC.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

VERSION = 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REQUESTS_KEPT = 20_000

_SCHEMA = """
create table facts (key text primary key, value text not null) without rowid;
create table posts (
    n integer primary key autoincrement, platform text not null, account text not null, account_name text not null,
    id text not null, kind text not null, text text not null,
    words text not null, shown text not null, link text,
    urls text not null default '[]', media text not null default '[]', reply_to text,
    created_at integer not null, visible_from integer not null, scheduled_at integer,
    is_published integer not null default 1, edited_at integer, replaced_by text, deleted_at integer,
    unique (platform, id)
);
create index posts_timeline on posts (platform, account, created_at);
create index posts_words on posts (platform, account, words);
create table media (
    id text primary key, platform text not null, account text not null, category text not null, type text not null,
    width integer not null, height integer not null, alt text not null default '', bytes blob not null,
    created_at integer not null, expires_at integer, ready_at integer, finished integer not null default 1,
    total integer not null default 0
) without rowid;
create table segments (media_id text not null, number integer not null, bytes blob not null,
    primary key (media_id, number)) without rowid;
create table mails (
    n integer primary key autoincrement, id text not null unique, sender text not null, recipients text not null,
    raw blob not null, accepted_at integer not null
);
create table meters (
    account text not null, bucket text not null, since integer not null, used integer not null,
    primary key (account, bucket)
) without rowid;
create table faults (
    n integer primary key autoincrement, platform text not null, match text not null, name text not null,
    moment text not null, times integer not null, skip integer not null, containing text not null,
    arguments text not null, taken integer not null default 0, skipped integer not null default 0,
    until_at integer
);
create table requests (
    n integer primary key autoincrement, at integer not null, platform text not null, verb text not null,
    what text not null, kind text not null, status integer not null, fault text not null, body text not null
);
"""


class StoreError(Exception):
    """The file cannot be used; the message says why and what to do."""


def micros(at: datetime) -> int:
    """An aware time as the store keeps it."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def moment(stored: int) -> datetime:
    """A stored time as an aware UTC time."""
    return _EPOCH + timedelta(microseconds=stored)


def _make_private(path: Path) -> None:
    """Makes a file that is missing for its owner alone: rehearsed mails name their readers. SQLite would let all read."""
    if not path.exists():
        with suppress(FileExistsError):  # another process made it in this moment
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


class Store:
    """One open file. Methods may be called from any thread; changes of two threads never interleave."""

    def __init__(self, path: Path) -> None:
        """Opens or creates the file, its folder too. Raises ``StoreError`` when that cannot be done."""
        self.path = path
        self._lock = threading.RLock()
        self._depth = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _make_private(path)
            self._db = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
            self._db.row_factory = sqlite3.Row
            self._db.execute("pragma journal_mode = wal")
            self._db.execute("pragma synchronous = normal")
            self._prepare()
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"The rehearsal platforms cannot use {path}: {error}. Move it away or name another file."
            ) from error

    def _prepare(self) -> None:
        with self.change() as db:
            version = db.execute("pragma user_version").fetchone()[0]
            if version == 0:
                for statement in _SCHEMA.split(";"):
                    db.execute(statement)
                db.execute("insert into facts values ('store id', ?)", (uuid.uuid4().hex,))
                db.execute(f"pragma user_version = {VERSION}")
            elif version != VERSION:
                raise StoreError(
                    f"{self.path} was written by another version of the rehearsal platforms. "
                    "Move it away; a new one is made at the next start."
                )

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """One transaction: committed at the end, rolled back when an exception leaves the block. May nest."""
        with self._lock:
            if self._depth == 0:
                self._db.execute("begin immediate")
            self._depth += 1
            try:
                yield self._db
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._db.execute("rollback")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._db.execute("commit")

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
        """What a query finds."""
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[object] = ()) -> sqlite3.Row | None:
        """The first row a query finds."""
        with self._lock:
            found: sqlite3.Row | None = self._db.execute(sql, values).fetchone()
            return found

    def fact(self, key: str) -> str | None:
        """A remembered word, or None."""
        row = self.row("select value from facts where key = ?", (key,))
        return str(row["value"]) if row else None

    def remember(self, key: str, value: str) -> None:
        """Remembers a word under a key, in place of an older one."""
        with self.change() as db:
            db.execute(
                "insert into facts values (?, ?) on conflict (key) do update set value = excluded.value", (key, value)
            )

    def next_number(self, key: str, at_least: int) -> int:
        """A number greater than every one given before under this key, and not below ``at_least``."""
        with self.change():
            number = max(int(self.fact(key) or 0) + 1, at_least)
            self.remember(key, str(number))
            return number

    def note_request(
        self, at: datetime, platform: str, verb: str, what: str, kind: str, status: int, fault: str, body: str
    ) -> None:
        """Writes one request to the log; the newest 20,000 are kept. ``status`` 0: no answer was given."""
        with self.change() as db:
            cursor = db.execute(
                "insert into requests (at, platform, verb, what, kind, status, fault, body) values (?,?,?,?,?,?,?,?)",
                (micros(at), platform, verb, what, kind, status, fault, body),
            )
            if cursor.lastrowid and cursor.lastrowid % 500 == 0:
                db.execute("delete from requests where n <= ?", (cursor.lastrowid - _REQUESTS_KEPT,))

    def empty(self) -> None:
        """Forgets everything published, asked, metered and ordered; addresses and number series stay."""
        with self.change() as db:
            for table in ("posts", "media", "segments", "mails", "meters", "faults", "requests"):
                db.execute(f"delete from {table}")
            db.execute("delete from facts where key like 'x refresh %' or key like 'x access %' or key = 'rules'")

    def close(self) -> None:
        """Closes the file; later calls raise ``sqlite3.ProgrammingError``."""
        with self._lock:
            self._db.close()
