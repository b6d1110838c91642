"""What every store needs to write a row: the signature, values that fit, an insert that yields to one before it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Connection, Table

if TYPE_CHECKING:
    from sqlalchemy.dialects import sqlite

ACTOR_LENGTH = 120


def clean(text: str) -> str:
    """``text`` without NUL, which PostgreSQL cannot hold and no reader can see."""
    return text.replace("\x00", "")


def cut(text: str, length: int) -> str:
    """``text`` as it fits a column of ``length`` characters; for names that are shown, not compared."""
    return clean(text)[:length]


def key(text: str, length: int) -> str:
    """``text`` as a key of at most ``length`` characters: what is longer ends in the hash of the whole.

    Two long texts with the same beginning keep different keys, and the same text always has the same key.
    """
    text = clean(text)
    if len(text) <= length:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"{text[: length - len(digest) - 1]}#{digest}"


def signed(actor: str, now: datetime, reason: str = "") -> dict[str, Any]:
    """The signature of a new row: who, why, when."""
    return {"actor": cut(actor, ACTOR_LENGTH), "reason": clean(reason), "created_at": now, "updated_at": now}


def resigned(table: Table, actor: str, now: datetime, reason: str = "") -> dict[str, Any]:
    """The signature of a changed row: who, why, when, and one version more."""
    return {
        "actor": cut(actor, ACTOR_LENGTH),
        "reason": clean(reason),
        "updated_at": now,
        "version": table.c.version + 1,
    }


def insert_into(tx: Connection, table: Table) -> sqlite.Insert:
    """An INSERT that knows ON CONFLICT, in the database's own dialect. The two are the same for what we ask."""
    if tx.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # a tenth of a second that SQLite need not pay

        return cast("sqlite.Insert", postgresql.insert(table))
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)


def insert_unless_there(tx: Connection, table: Table, values: Mapping[str, Any]) -> int | None:
    """Inserts a row and gives its id, or None where a unique key already belongs to another row.

    On PostgreSQL it waits for a transaction that is writing the same key, so None means: it is there to be read.
    """
    statement = insert_into(tx, table).values(**values).on_conflict_do_nothing().returning(table.c.id)
    return cast("int | None", tx.execute(statement).scalar_one_or_none())
