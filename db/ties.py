"""Which deliveries belong to one another: what corrects or takes down what."""

from __future__ import annotations

from sqlalchemy import Connection, or_, select

from db.deliveries import from_row
from db.records import Delivery, SubjectKind
from db.tables import deliveries as t


def about(tx: Connection, delivery: Delivery) -> list[Delivery]:
    """Every take-down and correction of this delivery, oldest first; an issue's corrections are issues of their own."""
    purposes = [
        or_(t.c.purpose == f"{word}-{delivery.id}", t.c.purpose.like(f"{word}-{delivery.id}-%"))
        for word in ("takedown", "correction")
    ]
    same = [t.c.subject_kind == delivery.subject_kind]
    if delivery.subject_kind is SubjectKind.ISSUE:
        same.append(t.c.id > delivery.id)
    else:
        same.append(t.c.subject_id == delivery.subject_id)
    query = select(t).where(
        *same,
        t.c.channel == delivery.channel,
        t.c.mode == delivery.mode,
        or_(*purposes),
    )
    return [from_row(row) for row in tx.execute(query.order_by(t.c.id))]
