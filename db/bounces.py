"""What came back from readers' mailboxes: one row for each report, written once, by reader number and never address."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from db.records import Mode
from db.tables import bounces as t
from db.tables import issues, recipients
from db.writing import clean, cut, insert_unless_there, key, signed


@dataclass(frozen=True, slots=True)
class Bounce:
    """One report about one reader. ``what`` is a word of ``channels.email.returned.What``; ids 0 where unknown."""

    what: str
    at: datetime
    subscriber_id: int
    recipient_id: int = 0
    issue_id: int = 0
    channel: str = ""
    status: str = ""
    words: str = ""
    source: str = ""


def add(tx: Connection, bounce: Bounce, event: str, *, actor: str, now: datetime) -> bool:
    """Keeps a report; False when the one of this name is here already. ``event`` names it within its source."""
    values = {
        "event": key(f"{bounce.source} {event}", 300),
        "what": bounce.what,
        "at": bounce.at,
        "subscriber_id": bounce.subscriber_id,
        "recipient_id": bounce.recipient_id or None,
        "issue_id": bounce.issue_id or None,
        "channel": cut(bounce.channel, 120),
        "status": cut(bounce.status, 20),
        "words": clean(bounce.words),
        "source": cut(bounce.source, 60),
        **signed(actor, now),
    }
    return insert_unless_there(tx, t, values) is not None


def of_subscriber(tx: Connection, subscriber_id: int) -> list[Bounce]:
    """Everything that came back from one reader, oldest first."""
    rows = tx.execute(select(t).where(t.c.subscriber_id == subscriber_id).order_by(t.c.at, t.c.id))
    return [_bounce(row) for row in rows]


def tally(tx: Connection, channel: str, since: datetime) -> dict[str, int]:
    """How many readers of a channel each thing came back from since then."""
    query = (
        select(t.c.what, func.count(func.distinct(t.c.subscriber_id)))
        .where(t.c.channel == channel, t.c.at >= since)
        .group_by(t.c.what)
    )
    return {row[0]: row[1] for row in tx.execute(query)}


def latest(tx: Connection, number: int) -> Sequence[Bounce]:
    """The newest reports, newest first."""
    rows = tx.execute(select(t).order_by(t.c.at.desc(), t.c.id.desc()).limit(number)).all()
    return [_bounce(row) for row in rows]


def copies_begun(tx: Connection, mode: Mode, channels: Collection[str], since: datetime, issues_since: datetime) -> int:
    """How many copies of these newsletters' issues, cut since ``issues_since``, were last begun since ``since``."""
    query = (
        select(func.count())
        .select_from(recipients.join(issues, issues.c.id == recipients.c.issue_id))
        .where(
            issues.c.mode == mode,
            issues.c.channel.in_(channels),
            issues.c.cut_at >= issues_since,
            recipients.c.opened_at >= since,
        )
    )
    return tx.execute(query).scalar_one()


def _bounce(row: Row[Any]) -> Bounce:
    return Bounce(
        row.what,
        row.at,
        row.subscriber_id,
        row.recipient_id or 0,
        row.issue_id or 0,
        row.channel,
        row.status,
        row.words,
        row.source,
    )
