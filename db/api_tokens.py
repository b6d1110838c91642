"""Tokens of programs that call the API: whose they are, what they may, when they were used last. Only a hash is kept."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from db import people as people_store
from db.people import Person
from db.tables import api_tokens as t
from db.tables import people
from db.writing import cut, resigned, signed

NAME_LENGTH = 120


@dataclass(frozen=True, slots=True)
class ApiToken:
    """One token. ``scopes`` are words of ``scheduler.people.roles.Permission``; it never may more than its person."""

    id: int
    person_id: int
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None = None
    used_at: datetime | None = None
    ended_at: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        """Whether its time has run out."""
        return self.expires_at is not None and self.expires_at <= now


def add(
    tx: Connection,
    person: Person,
    token_hash: str,
    name: str,
    scopes: Collection[str],
    *,
    actor: str,
    now: datetime,
    expires_at: datetime | None = None,
) -> ApiToken:
    """A new token of a person, until it is taken back or a moment comes."""
    values = {
        "person_id": person.id,
        "token_hash": token_hash,
        "name": cut(name, NAME_LENGTH),
        "expires_at": expires_at,
    }
    row = tx.execute(
        t.insert().values(**values, scopes=json.dumps(sorted(scopes)), **signed(actor, now)).returning(*t.c)
    ).one()
    return _token(row)


def standing(tx: Connection, token_hash: str, now: datetime) -> tuple[ApiToken, Person] | None:
    """The token and whose it is; None where it was ended, its time has run out, or the person left."""
    row = tx.execute(select(t).where(t.c.token_hash == token_hash, t.c.ended_at.is_(None))).one_or_none()
    if row is None or _token(row).is_over(now):
        return None
    person = tx.execute(select(people).where(people.c.id == row.person_id, people.c.left_at.is_(None))).one_or_none()
    return (_token(row), people_store.from_row(person)) if person is not None else None


def used(tx: Connection, token_id: int, *, now: datetime) -> None:
    """Notes that it was used."""
    tx.execute(update(t).where(t.c.id == token_id).values(used_at=now))


def end(tx: Connection, token_id: int, *, actor: str, now: datetime, reason: str = "") -> bool:
    """Ends it for good; False where there is none that stands."""
    query = update(t).where(t.c.id == token_id, t.c.ended_at.is_(None))
    return tx.execute(query.values(ended_at=now, **resigned(t, actor, now, reason))).rowcount > 0


def get(tx: Connection, token_id: int) -> ApiToken | None:
    """The token of this number, ended or not."""
    row = tx.execute(select(t).where(t.c.id == token_id)).one_or_none()
    return _token(row) if row is not None else None


def every(tx: Connection) -> list[tuple[ApiToken, str]]:
    """All tokens that were not taken back, those whose time has run out too, with the names of their people."""
    query = (
        select(t, people.c.name.label("whose"))
        .join(people, people.c.id == t.c.person_id)
        .where(t.c.ended_at.is_(None))
        .order_by(people.c.name_key, t.c.name, t.c.id)
    )
    return [(_token(row), row.whose) for row in tx.execute(query)]


def _token(row: Row[Any]) -> ApiToken:
    return ApiToken(
        row.id,
        row.person_id,
        row.name,
        tuple(json.loads(row.scopes)),
        row.created_at,
        row.expires_at,
        row.used_at,
        row.ended_at,
    )
