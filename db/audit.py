"""Who did what at the desk, to which thing, and why. Rows are written once and never touched."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from db.records import AuditRow
from db.tables import audit as t
from db.word_search import holds_all
from db.writing import clean, cut, signed

VERB_LENGTH = 60
SUBJECT_LENGTH = 200


def write(
    tx: Connection,
    verb: str,
    subject: str,
    *,
    actor: str,
    now: datetime,
    reason: str = "",
    before: str = "",
    after: str = "",
) -> AuditRow:
    """Notes that ``actor`` did ``verb`` to ``subject`` (e.g. ``story 12``, ``delivery 7``, ``channel x-main``)."""
    row = tx.execute(
        t.insert()
        .values(
            verb=cut(verb, VERB_LENGTH),
            subject=cut(subject, SUBJECT_LENGTH),
            before=clean(before),
            after=clean(after),
            at=now,
            **signed(actor, now, reason),
        )
        .returning(*t.c)
    ).one()
    return _audit_row(row)


def rows(
    tx: Connection,
    *,
    subject: str | None = None,
    subjects: Collection[str] = (),
    actor: str | None = None,
    verb: str | None = None,
    text: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 100,
    before_id: int | None = None,
) -> list[AuditRow]:
    """What was done, the last first; ``since`` counts in, ``until`` does not. ``before_id`` asks for the next page.

    ``subjects``: to any of these.
    ``text`` is words, all of which the subject, the reason, or what was before or after holds, case-blind.
    """
    query = select(t).order_by(t.c.id.desc()).limit(limit)
    if subject is not None:
        query = query.where(t.c.subject == cut(subject, SUBJECT_LENGTH))
    if subjects:
        query = query.where(t.c.subject.in_([cut(one, SUBJECT_LENGTH) for one in subjects]))
    if actor is not None:
        query = query.where(t.c.actor == actor)
    if verb is not None:
        query = query.where(t.c.verb == verb)
    if text.split():
        query = query.where(or_(*(holds_all(one, text) for one in (t.c.subject, t.c.reason, t.c.before, t.c.after))))
    if since is not None:
        query = query.where(t.c.at >= since)
    if until is not None:
        query = query.where(t.c.at < until)
    if before_id is not None:
        query = query.where(t.c.id < before_id)
    return [_audit_row(row) for row in tx.execute(query)]


def actors(tx: Connection, limit: int = 200) -> list[str]:
    """Who did anything, by name."""
    return list(tx.execute(select(t.c.actor).distinct().order_by(t.c.actor).limit(limit)).scalars())


def verbs(tx: Connection, limit: int = 200) -> list[str]:
    """What was done, each verb once."""
    return list(tx.execute(select(t.c.verb).distinct().order_by(t.c.verb).limit(limit)).scalars())


def _audit_row(row: Row[Any]) -> AuditRow:
    return AuditRow(
        actor=row.actor,
        verb=row.verb,
        subject=row.subject,
        reason=row.reason,
        at=row.at,
        before=row.before,
        after=row.after,
        id=row.id,
    )
