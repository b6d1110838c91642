"""Noticing that another connection or process wrote, so that a waiting worker wakes within a moment.

SQLite counts the commits of others in ``PRAGMA data_version``, a read of shared memory; PostgreSQL tells the number
the next transaction will get. Both are cheap enough to ask twice a second.
"""

from __future__ import annotations

import sqlite3

from sqlalchemy import text

from db.files import where_it_lies
from db.session import Ground, GroundLost


class Watch:
    """One listener, used by one thread at a time; keeps a connection of its own on SQLite."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._raw: sqlite3.Connection | None = None
        self._seen = self._read()

    def changed(self) -> bool:
        """True when somebody committed since the last call, or when the database could not be asked."""
        now = self._read()
        changed = now is None or now != self._seen
        self._seen = now
        return changed

    def close(self) -> None:
        """Gives the connection back."""
        if self._raw is not None:
            self._raw.close()
            self._raw = None

    def _read(self) -> int | None:
        if self._ground.path is None:
            try:
                with self._ground.reading() as tx:
                    return int(tx.execute(text("select pg_snapshot_xmax(pg_current_snapshot())::text")).scalar_one())
            except GroundLost:
                return None
        try:
            if self._raw is None:
                # The pragma compares with what this very connection saw last, so it must stay the same one.
                place = where_it_lies(self._ground.path)
                self._raw = sqlite3.connect(place, isolation_level=None, check_same_thread=False, uri=True)
            return int(self._raw.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error:
            self.close()
            return None
