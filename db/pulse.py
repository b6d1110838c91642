"""Whether anything was committed since the last look: what tells open pages to look again. It reads no table."""

from __future__ import annotations

from contextlib import ExitStack

from sqlalchemy import Connection

from db.session import Ground

_SQLITE = "PRAGMA data_version"
_POSTGRES = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text"


class Pulse:
    """A connection of its own that is asked again and again. Not thread-safe: one caller at a time."""

    def __init__(self, ground: Ground) -> None:
        self._ground, self._open = ground, ExitStack()
        self._tx: Connection | None = None

    def read(self) -> str:
        """A text that differs from the one before when somebody committed in between. Raises ``GroundLost``.

        SQLite: of this database. PostgreSQL: of the whole server, so it may differ for others' sake too.
        """
        if self._tx is None:
            self._tx = self._open.enter_context(self._ground.reading())
        found = str(self._tx.exec_driver_sql(_SQLITE if self._ground.is_sqlite else _POSTGRES).scalar_one())
        self._tx.rollback()
        return found

    def close(self) -> None:
        """Gives the connection back; the next ``read`` takes a new one."""
        self._tx = None
        self._open.close()
