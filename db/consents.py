"""The kept proof of each tie: who asked, confirmed or left when, where, under which wording. Written once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from db.tables import consents as t
from db.tables import lists
from db.writing import clean, cut, signed

_FORM_LENGTH = 120
_VERSION_LENGTH = 40
_IP_LENGTH = 45


class ConsentEvent(StrEnum):
    """What a consent row records."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    IMPORTED = "imported"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Proof:
    """What makes a consent demonstrable: when it was given, where, and what the person was told.

    ``form`` names the form or file, ``wording_version`` what it said, ``ip`` is "" unless the settings keep it.
    """

    event: ConsentEvent
    at: datetime
    source: str
    wording: str = ""
    form: str = ""
    wording_version: str = ""
    ip: str = ""


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """A proof as it is kept: of which list, by whose hand, why, and by which issue somebody left."""

    list_name: str
    proof: Proof
    actor: str
    reason: str
    issue_id: int | None = None


def note(
    tx: Connection,
    to_list: int,
    subscriber_ids: Sequence[int],
    proof: Proof,
    *,
    issue_id: int | None = None,
    actor: str,
    now: datetime,
    reason: str = "",
) -> None:
    """Keeps one proof for each of these people."""
    kept = {
        "list_id": to_list,
        "event": proof.event,
        "at": proof.at,
        "source": clean(proof.source),
        "wording": clean(proof.wording),
        "form": cut(proof.form, _FORM_LENGTH),
        "wording_version": cut(proof.wording_version, _VERSION_LENGTH),
        "ip": cut(proof.ip, _IP_LENGTH),
        "issue_id": issue_id,
        **signed(actor, now, reason),
    }
    if subscriber_ids:
        tx.execute(insert(t), [{**kept, "subscriber_id": number} for number in subscriber_ids])


def history(tx: Connection, subscriber_id: int) -> list[ConsentRow]:
    """Every proof kept of one person, oldest first."""
    query = select(t, lists.c.name).join(lists, lists.c.id == t.c.list_id).where(t.c.subscriber_id == subscriber_id)
    return [
        ConsentRow(row.name, _proof(row), row.actor, row.reason, row.issue_id)
        for row in tx.execute(query.order_by(t.c.id))
    ]


def last(tx: Connection, to_list: int, subscriber_id: int, event: ConsentEvent) -> Proof | None:
    """The newest proof of this event, or None."""
    query = select(t).where(t.c.subscriber_id == subscriber_id, t.c.list_id == to_list, t.c.event == event)
    row = tx.execute(query.order_by(t.c.id.desc()).limit(1)).one_or_none()
    return _proof(row) if row is not None else None


def _proof(row: Row[Any]) -> Proof:
    return Proof(
        event=ConsentEvent(row.event),
        at=row.at,
        source=row.source,
        wording=row.wording,
        form=row.form,
        wording_version=row.wording_version,
        ip=row.ip,
    )
