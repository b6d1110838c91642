"""The schema of a database: made where there is none, checked where there is one, upgraded when a person says so.

Revisions are numbered ("0001", "0002", ...), so that one look at the number tells older from newer without loading
Alembic. A migration changes data that people count on: nothing but ``upgrade`` runs one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from db.session import Ground, plainly

if TYPE_CHECKING:
    from alembic.config import Config

NEWEST = "0001"
"""The revision that ``db.tables`` describes."""


class SchemaProblem(Exception):
    """The database does not fit this Pressrun. ``str()`` says how and what to do."""

    exit_code = 3


class SchemaTooOld(SchemaProblem):
    """It was made by an older Pressrun."""


class SchemaTooNew(SchemaProblem):
    """It was made by a newer Pressrun."""


class SchemaForeign(SchemaProblem):
    """It holds tables that are not Pressrun's."""


def create_or_check(ground: Ground) -> None:
    """Makes the tables in an empty database; otherwise one look at the revision.

    Raises ``SchemaTooOld``, ``SchemaTooNew``, ``SchemaForeign``, or ``GroundLost`` where there is no answer.
    """
    found = revision(ground)
    if found is None:
        with ground.transaction() as tx:
            _one_at_a_time(tx)
            found = _revision_if_any(tx)
            if found is None:
                _refuse_foreign(tx, ground)
                _create(tx)
                return
    _check(found, ground)


def revision(ground: Ground) -> str | None:
    """The revision a database stands at, None where Pressrun has made no tables in it."""
    with ground.reading() as tx:
        try:
            found: str | None = tx.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
        except (OperationalError, ProgrammingError) as error:
            if not _no_such_table(error):
                raise
            return None
        return found


def upgrade(ground: Ground) -> tuple[str | None, str]:
    """Brings a database to the newest revision: all of it or nothing. Gives the revisions before and after.

    Raises ``SchemaTooNew``, ``SchemaForeign``, ``GroundLost``. Take a backup first (``db.backup``).
    """
    from alembic import command

    from db import triggers, word_index

    before = revision(ground)
    if before is not None and _number(before) > _number(NEWEST):
        raise _too_new(before, ground)
    with plainly(ground.url), ground.engine.connect() as connection:
        # SQLite rebuilds a table to alter it: with foreign keys on, dropping the old one would strike its children.
        # The switch works between transactions only.
        if ground.is_sqlite:
            _switch_foreign_keys(connection, on=False)
        try:
            with connection.begin():
                _one_at_a_time(connection)
                if before is None:
                    _refuse_foreign(connection, ground)
                command.upgrade(alembic_config(connection), "head")
                triggers.lay(connection)
                word_index.lay(connection)
                if ground.is_sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
                    raise SchemaProblem(
                        f"upgrading {_where(ground)} would leave rows of {broken[0]} without what they point to; "
                        "nothing was changed, restore a backup or ask for help with this line"
                    )
        finally:
            if ground.is_sqlite:
                _switch_foreign_keys(connection, on=True)
    return before, NEWEST


def alembic_config(connection: Connection) -> Config:
    """Alembic's settings in code, working on this connection and inside its transaction."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "db:migrations")
    config.attributes["connection"] = connection
    return config


def _create(tx: Connection) -> None:
    from db import triggers, word_index
    from db.tables import metadata

    metadata.create_all(tx, checkfirst=False)
    triggers.lay(tx)
    word_index.lay(tx)
    tx.execute(
        text(
            "CREATE TABLE alembic_version ("
            "version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
    )
    tx.execute(text("INSERT INTO alembic_version (version_num) VALUES (:newest)"), {"newest": NEWEST})


def _check(found: str, ground: Ground) -> None:
    if found == NEWEST:
        _check_words(ground)
        return
    if _number(found) > _number(NEWEST):
        raise _too_new(found, ground)
    raise SchemaTooOld(
        f"the database {_where(ground)} was made by an older Pressrun (schema {found}, this one needs {NEWEST}); "
        "run: pressrun upgrade"
    )


def _check_words(ground: Ground) -> None:
    from db import word_index

    with ground.reading() as tx:
        if word_index.cannot_be_kept(tx):
            raise SchemaProblem(
                f"the SQLite of this Python lacks FTS5, with which the words of {_where(ground)} are found, so no try could "
                "be logged; run Pressrun with another Python (python.org's, Debian's and uv's have it)"
            )


def _too_new(found: str, ground: Ground) -> SchemaTooNew:
    return SchemaTooNew(
        f"the database {_where(ground)} was made by a newer Pressrun (schema {found}, this one knows {NEWEST}); "
        "install that Pressrun, or restore the backup taken before it"
    )


def _number(found: str) -> int:
    """The revision as a number; a name this Pressrun does not number is newer than all it knows."""
    return int(found) if found.isdecimal() else 1_000_000


def _refuse_foreign(tx: Connection, ground: Ground) -> None:
    others = sorted(inspect(tx).get_table_names())
    if others:
        raise SchemaForeign(
            f"the database {_where(ground)} holds tables that are not Pressrun's ({', '.join(others[:3])}); "
            "name an empty database in [database] url"
        )


def _revision_if_any(tx: Connection) -> str | None:
    if not inspect(tx).has_table("alembic_version"):
        return None
    found: str | None = tx.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return found


def _one_at_a_time(tx: Connection) -> None:
    """Two processes may start on an empty database at once. SQLite's write transaction is the lock already."""
    if tx.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(hashtext('pressrun schema'))"))


def _switch_foreign_keys(connection: Connection, *, on: bool) -> None:
    dbapi = connection.connection.dbapi_connection
    assert dbapi is not None
    dbapi.cursor().execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")


def _no_such_table(error: OperationalError | ProgrammingError) -> bool:
    said = str(error.orig).lower()
    return "no such table" in said or type(error.orig).__name__ == "UndefinedTable"


def _where(ground: Ground) -> str:
    return ground.url.render_as_string(hide_password=True)
