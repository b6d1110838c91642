"""What will expire soon if nothing happens."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from db.deliveries import from_row
from db.records import Delivery, State
from db.tables import deliveries as t


def expiring(tx: Connection, now: datetime, within: timedelta) -> list[Delivery]:
    """Planned and waiting rows whose latest time comes within this span, the soonest first."""
    query = select(t).where(
        t.c.state.in_((State.PLANNED, State.WAITING)), t.c.latest_at > now, t.c.latest_at <= now + within
    )
    return [from_row(row) for row in tx.execute(query.order_by(t.c.latest_at, t.c.id))]
