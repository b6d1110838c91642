"""What happens to deliveries: laid for the webhooks in the same transaction, and told to this process once committed.

The rows for the webhooks are the promise (what is committed with the change is owed); the telling is for the log lines
of this process alone.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, String, Text, literal, or_, select

from db.records import Delivery, Mode, State
from db.session import tell_once_committed
from db.tables import UtcDateTime, webhook_events, webhooks
from db.writing import ACTOR_LENGTH, clean, cut

WISHED = "wished"
"""A person's wish for a delivery under way (call it off, take it back) was laid on its row."""

EVENTS = (*(state.value for state in State), WISHED)
"""Every event by its word: the state that a delivery entered, or ``WISHED``."""

_NO_STATE = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of a delivery's life: ``delivery`` as it stands now, ``before`` None where it is new."""

    event_id: str
    event: str
    delivery: Delivery
    before: State | None
    at: datetime
    actor: str
    reason: str


def note(
    tx: Connection,
    delivery: Delivery,
    before: State | None,
    *,
    actor: str,
    now: datetime,
    event: str = "",
    reason: str = "",
) -> None:
    """Lays an event for every webhook that asks for it. To be called in the transaction that made the change."""
    word = event or delivery.state.value
    happening = Happening(f"evt_{secrets.token_hex(16)}", word, delivery, before, now, actor, reason)
    _lay(tx, happening)
    tell_once_committed(tx, happening)


def _lay(tx: Connection, one: Happening) -> None:
    asks = or_(webhooks.c.events == "", webhooks.c.events.contains(f" {one.event} ", autoescape=True))
    conditions = [webhooks.c.ended_at.is_(None), asks]
    if one.delivery.mode is not Mode.LIVE:
        conditions.append(webhooks.c.home)
    values: dict[str, Any] = {
        "webhook": webhooks.c.name,
        "event_id": literal(one.event_id, String()),
        "event": literal(one.event, String()),
        "delivery_id": literal(one.delivery.id, webhook_events.c.delivery_id.type),
        "mode": literal(one.delivery.mode.value, String()),
        "before": literal(one.before.value if one.before else _NO_STATE, String()),
        "after": literal(one.delivery.state.value, String()),
        "delivery_version": literal(one.delivery.version),
        "due_at": literal(one.delivery.due_at, UtcDateTime()),
        "next_at": literal(one.at, UtcDateTime()),
        "actor": literal(cut(one.actor, ACTOR_LENGTH), String()),
        "reason": literal(clean(one.reason), Text()),
        "created_at": literal(one.at, UtcDateTime()),
        "updated_at": literal(one.at, UtcDateTime()),
    }
    tx.execute(webhook_events.insert().from_select(list(values), select(*values.values()).where(*conditions)))
