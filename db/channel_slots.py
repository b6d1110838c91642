"""Slots that people set at the desk: one row a channel, which counts instead of the settings' until it is taken away."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from db.tables import channel_slots as t
from db.writing import insert_into, resigned, signed


@dataclass(frozen=True, slots=True)
class SetSlots:
    """A channel's slots as somebody set them: lines as in settings.toml, none for "immediately"."""

    channel: str
    lines: tuple[str, ...]
    by: str
    at: datetime


def every(tx: Connection) -> dict[str, SetSlots]:
    """What was set, by channel."""
    rows = tx.execute(select(t.c.channel, t.c.places, t.c.actor, t.c.updated_at))
    return {
        row.channel: SetSlots(row.channel, tuple(json.loads(row.places)), row.actor, row.updated_at) for row in rows
    }


def put(tx: Connection, channel: str, lines: Sequence[str], *, actor: str, now: datetime, reason: str = "") -> None:
    """Sets a channel's slots."""
    places = json.dumps(list(lines))
    tx.execute(
        insert_into(tx, t)
        .values(channel=channel, places=places, **signed(actor, now, reason))
        .on_conflict_do_update(index_elements=["channel"], set_={"places": places, **resigned(t, actor, now, reason)})
    )


def remove(tx: Connection, channel: str) -> bool:
    """Takes away what was set, so that the settings count again; False where nothing was."""
    return tx.execute(delete(t).where(t.c.channel == channel)).rowcount > 0
