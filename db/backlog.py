"""What piled up on a channel while a stop lay over the whole of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, case, func, or_, select

from db.records import Mode, Scope, State
from db.tables import deliveries, stops


def waited_out_stop(tx: Connection, mode: Mode, channel: str, now: datetime) -> bool:
    """Whether something that fell due before the last stop of this channel ended is still to go now.

    Counts stops on the channel and on everything, lifted or run out.
    """
    s, t = stops.c, deliveries.c
    ran_out = and_(s.until_at.is_not(None), or_(s.lifted_at.is_(None), s.until_at < s.lifted_at))
    ended_at = case((ran_out, s.until_at), else_=s.lifted_at)
    reaches = or_(s.scope == Scope.EVERYTHING, and_(s.scope == Scope.CHANNEL, s.target == channel))
    last = select(func.max(ended_at)).where(reaches, or_(s.mode.is_(None), s.mode == mode), ended_at <= now)
    freed_at = tx.execute(last).scalar()
    if freed_at is None:
        return False
    waiting = select(t.id).where(
        t.mode == mode, t.channel == channel, t.state == State.PLANNED, t.next_at <= now, t.due_at < freed_at
    )
    return tx.execute(waiting.limit(1)).first() is not None
