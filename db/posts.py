"""The exact payloads, frozen: what a fingerprint names, kept as long as the log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from db.errors import NotThere
from db.json_forms import parts_form, parts_of, problems_form, problems_of, without_nul
from db.records import Post, Problem
from db.tables import posts as t
from db.writing import signed


def add(
    tx: Connection,
    post: Post,
    problems: Iterable[Problem],
    *,
    teaser_id: int | None,
    actor: str,
    now: datetime,
    reason: str = "",
) -> Post:
    """Stores a post with what its channel found wrong with it, and gives it back with its id.

    What ``get`` gives later has the same fingerprint. Raises ``ValueError`` for a post that holds NUL, which no
    platform shows and PostgreSQL cannot store: leaving it out would change the fingerprint.
    """
    parts = parts_form(post.parts)
    if without_nul(parts) != parts:
        raise ValueError(f"the post for {post.channel} holds an invisible NUL character; take it out of the teaser")
    row_id = tx.execute(
        t.insert()
        .values(
            channel=post.channel,
            kind=post.kind,
            fingerprint=post.fingerprint,
            teaser_id=teaser_id,
            parts=parts,
            problems=problems_form(tuple(problems)),
            **signed(actor, now, reason),
        )
        .returning(t.c.id)
    ).scalar_one()
    return replace(post, id=row_id)


def get(tx: Connection, post_id: int) -> Post:
    """The post with this number, not a character changed. Raises ``NotThere``."""
    row = _row(tx, post_id)
    return Post(channel=row.channel, kind=row.kind, parts=parts_of(row.parts), id=row.id)


def problems(tx: Connection, post_id: int) -> tuple[Problem, ...]:
    """What its channel found wrong with it when it was composed. Raises ``NotThere``."""
    return problems_of(_row(tx, post_id).problems)


def teaser_id(tx: Connection, post_id: int) -> int | None:
    """The teaser it was composed from; None for one that was not made of a single teaser. Raises ``NotThere``."""
    found: int | None = _row(tx, post_id).teaser_id
    return found


def _row(tx: Connection, post_id: int) -> Row[Any]:
    row = tx.execute(select(t).where(t.c.id == post_id)).one_or_none()
    if row is None:
        raise NotThere(f"there is no post {post_id}; see what a story has with: pressrun show STORY")
    return row


def by_fingerprint(tx: Connection, channel: str, fingerprint: str) -> Post | None:
    """The post a fingerprint names, or None when it was never stored for this channel."""
    query = select(t).where(t.c.channel == channel, t.c.fingerprint == fingerprint).order_by(t.c.id).limit(1)
    row = tx.execute(query).one_or_none()
    return Post(channel=row.channel, kind=row.kind, parts=parts_of(row.parts), id=row.id) if row is not None else None
