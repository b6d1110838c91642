"""The people of the desk: their names, their roles, and what proves who they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from db.tables import people as t
from db.writing import cut, insert_unless_there, resigned, signed

NAME_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may come in while ``left_at`` is None. ``password_hash`` None: none chosen yet.

    ``role`` is a word of ``scheduler.people.roles``. ``totp_sealed`` is the second factor's secret, sealed.
    """

    id: int
    name: str
    role: str
    password_hash: str | None = field(default=None, repr=False)
    language: str = ""
    totp_sealed: str | None = field(default=None, repr=False)
    totp_step: int | None = None
    left_at: datetime | None = None
    created_at: datetime | None = None


def name_key(name: str) -> str:
    """A name as it is compared: one space between words, case folded."""
    return cut(" ".join(name.split()).casefold(), NAME_LENGTH)


def add(tx: Connection, name: str, role: str, *, actor: str, now: datetime) -> Person | None:
    """A new person, or None where somebody has this name already."""
    name = cut(" ".join(name.split()), NAME_LENGTH)
    made = insert_unless_there(tx, t, {"name": name, "name_key": name_key(name), "role": role, **signed(actor, now)})
    return by_id(tx, made) if made is not None else None


def any_admin(tx: Connection) -> bool:
    """Whether the desk has an admin; a link to choose a password is theirs already, or can be made anew."""
    return count_admins(tx) > 0


def count_admins(tx: Connection) -> int:
    """How many admins there are who may come in."""
    query = select(func.count()).select_from(t).where(t.c.role == "admin", t.c.left_at.is_(None))
    return tx.execute(query).scalar_one()


def by_name(tx: Connection, name: str) -> Person | None:
    """The person of this name, however it is written."""
    row = tx.execute(select(t).where(t.c.name_key == name_key(name))).one_or_none()
    return from_row(row) if row is not None else None


def by_id(tx: Connection, person_id: int) -> Person | None:
    """The person of this number."""
    row = tx.execute(select(t).where(t.c.id == person_id)).one_or_none()
    return from_row(row) if row is not None else None


def every(tx: Connection) -> list[Person]:
    """All of them, those who left included, by name."""
    return [from_row(row) for row in tx.execute(select(t).order_by(t.c.name_key))]


def change(tx: Connection, person_id: int, *, actor: str, now: datetime, reason: str = "", **values: Any) -> None:
    """Sets columns of one person: role, password_hash, language, totp_sealed, totp_step, left_at."""
    tx.execute(update(t).where(t.c.id == person_id).values(**values, **resigned(t, actor, now, reason)))


def use_step(tx: Connection, person_id: int, step: int) -> bool:
    """Marks a second factor's time step as used; False where it, or a later one, was used before."""
    unused = t.c.totp_step.is_(None) | (t.c.totp_step < step)
    return tx.execute(update(t).where(t.c.id == person_id, unused).values(totp_step=step)).rowcount > 0


def from_row(row: Row[Any]) -> Person:
    """The person a row of ``people`` holds."""
    return Person(
        id=row.id,
        name=row.name,
        role=row.role,
        password_hash=row.password_hash,
        language=row.language,
        totp_sealed=row.totp_sealed,
        totp_step=row.totp_step,
        left_at=row.left_at,
        created_at=row.created_at,
    )
