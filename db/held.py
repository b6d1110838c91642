"""What a stop keeps from going: what waits under it, and what grew too old there."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select

from db.deliveries import from_row
from db.records import Delivery, State, SubjectKind
from db.stops import kept_only_by, reached_by
from db.tables import deliveries as t


def due(tx: Connection, stop_ids: Collection[int], now: datetime) -> list[Delivery]:
    """The planned deliveries that would have gone by ``now`` and that only these stops keep, newest due first.

    An issue whose readers were being served counts from the moment it was due, whatever pause it is in.
    """
    begun = and_(t.c.subject_kind == SubjectKind.ISSUE, t.c.due_at <= now)
    query = select(t).where(t.c.state == State.PLANNED, or_(t.c.next_at <= now, begun), kept_only_by(stop_ids, now))
    return [from_row(row) for row in tx.execute(query.order_by(t.c.due_at.desc(), t.c.id.desc()))]


def grown_stale(tx: Connection, stop_ids: Collection[int], since: datetime) -> list[Delivery]:
    """The deliveries that expired under one of these stops, which lay from ``since`` on, in order of their moments."""
    query = select(t).where(t.c.state == State.EXPIRED, t.c.updated_at >= since, reached_by(stop_ids))
    return [from_row(row) for row in tx.execute(query.order_by(t.c.due_at, t.c.id))]


def in_flight(tx: Connection, stop_ids: Collection[int]) -> list[Delivery]:
    """The deliveries under these stops that a worker is sending at this moment: a stop does not call them back."""
    query = select(t).where(t.c.state == State.SENDING, reached_by(stop_ids))
    return [from_row(row) for row in tx.execute(query.order_by(t.c.id))]


def count_planned(tx: Connection, stop_ids: Collection[int]) -> int:
    """How many planned deliveries these stops reach, due or not."""
    query = select(func.count()).select_from(t).where(t.c.state == State.PLANNED, reached_by(stop_ids))
    number: int = tx.execute(query).scalar_one()
    return number
