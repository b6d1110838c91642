"""Whether something breaking runs: then nothing evergreen goes."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select

from db.records import Mode, Priority, State
from db.tables import deliveries

SPAN = timedelta(hours=1)
"""So long after it went, and before it is due, breaking news runs."""
_LATEST = timedelta(days=1)
"""Older moments are not looked through: breaking news is never late, and the table is long."""


def breaking_runs(mode: Mode, now: datetime) -> ColumnElement[bool]:
    """True while a breaking post or issue of this mode is about to go, may be going, or went within the hour."""
    other = deliveries.alias("breaking")
    d = other.c
    soon = and_(d.state.in_((State.WAITING, State.PLANNED)), d.next_at <= now + SPAN)
    lately = and_(d.state == State.SENT, d.updated_at > now - SPAN)
    flying = d.state.in_((State.SENDING, State.UNCERTAIN))
    mends = or_(d.purpose.like("takedown-%"), d.purpose.like("correction-%"))
    return exists(
        select(d.id).where(
            d.due_at > now - _LATEST,
            d.mode == mode,
            d.priority == Priority.BREAKING,
            ~mends,
            or_(soon, lately, flying),
        )
    )


def runs(tx: Connection, mode: Mode, now: datetime) -> bool:
    """The same, asked by itself."""
    return bool(tx.execute(select(breaking_runs(mode, now))).scalar())
