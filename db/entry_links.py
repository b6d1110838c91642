"""One-time links into the desk: the set-up link, a link to choose a password, a link that lets in. Only hashes kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from db.tables import entry_links as t
from db.writing import resigned, signed

SETUP, PASSWORD, ENTER = "setup", "password", "enter"


@dataclass(frozen=True, slots=True)
class EntryLink:
    """A link that still works. ``person_id`` None: it makes the first admin."""

    id: int
    purpose: str
    person_id: int | None
    until_at: datetime


def make(
    tx: Connection, token_hash: str, purpose: str, person_id: int | None, *, actor: str, now: datetime, until: datetime
) -> None:
    """A new link; older ones of the same purpose and person stop working."""
    whose = t.c.person_id.is_(None) if person_id is None else t.c.person_id == person_id
    tx.execute(delete(t).where(t.c.purpose == purpose, whose, t.c.used_at.is_(None)))
    tx.execute(
        t.insert().values(
            token_hash=token_hash, person_id=person_id, purpose=purpose, until_at=until, **signed(actor, now)
        )
    )


def find(tx: Connection, token_hash: str, now: datetime) -> EntryLink | None:
    """The link of this token while it works: not used and not run out."""
    query = select(t).where(t.c.token_hash == token_hash, t.c.used_at.is_(None), t.c.until_at > now)
    row = tx.execute(query).one_or_none()
    return EntryLink(row.id, row.purpose, row.person_id, row.until_at) if row is not None else None


def use(tx: Connection, link_id: int, *, actor: str, now: datetime) -> bool:
    """Spends a link; False where somebody was quicker."""
    query = update(t).where(t.c.id == link_id, t.c.used_at.is_(None))
    return tx.execute(query.values(used_at=now, **resigned(t, actor, now))).rowcount > 0
