"""One row for each reader's copy of an issue: who is to get it, in which words, and what became of it.

The rows hold subscriber numbers, never addresses. Their tries are in ``db.tries``, who is left out in ``db.exclusions``,
the numbers of an issue in ``db.issue_counts``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    func,
    select,
    union_all,
    update,
)

from db.deliveries import claim_from_row, claim_values
from db.moves import check_move
from db.prepared import Prepared, moment
from db.records import Delivery, Frequency, Mode, Recipient, State
from db.tables import exclusions, issues
from db.tables import recipients as t
from db.writing import ACTOR_LENGTH, clean, cut, insert_into, resigned

_PLANNED = Prepared(
    lambda tx: (
        insert_into(tx, t)
        .values(
            issue_id=bindparam("issue"),
            delivery_id=bindparam("delivery"),
            subscriber_id=bindparam("subscriber"),
            fingerprint=bindparam("words"),
            state=bindparam("state"),
            send_at=bindparam("send_at"),
            actor=bindparam("by"),
            reason=bindparam("why"),
            created_at=bindparam("now"),
            updated_at=bindparam("now"),
        )
        .on_conflict_do_nothing()
    )
)
_MAY_HAVE = (State.SENDING, State.SENT, State.UNCERTAIN, State.UNSETTLED, State.UNKNOWN)


# --- the audience ------------------------------------------------------------------------------


def add(tx: Connection, rows: Sequence[Recipient], *, actor: str, now: datetime, reason: str = "") -> None:
    """Writes planned copies. A reader who has a row of this issue already keeps it."""
    mark = {"by": cut(actor, ACTOR_LENGTH), "why": clean(reason), "now": moment(tx, now)}
    moments = {at: moment(tx, at) for at in {row.send_at for row in rows}}
    _PLANNED.many(
        tx,
        [
            {
                "issue": row.issue_id,
                "delivery": row.delivery_id,
                "subscriber": row.subscriber_id,
                "words": row.fingerprint,
                "state": str(row.state),
                "send_at": moments[row.send_at],
                **mark,
            }
            for row in rows
        ],
    )


def last_candidate(tx: Connection, issue_id: int) -> int:
    """The highest subscriber number this issue has a row for, 0 when none: where freezing goes on after a crash."""
    both = union_all(
        select(func.max(t.c.subscriber_id).label("last")).where(t.c.issue_id == issue_id),
        select(func.max(exclusions.c.subscriber_id)).where(exclusions.c.issue_id == issue_id),
    ).subquery()
    return tx.execute(select(func.max(both.c.last))).scalar_one() or 0


def of_issue(tx: Connection, issue_id: int, states: Collection[State] | None = None) -> list[Recipient]:
    """The copies of an issue by number, all or those in these states."""
    query = select(t).where(t.c.issue_id == issue_id).order_by(t.c.id)
    if states is not None:
        query = query.where(t.c.state.in_(states))
    return [from_row(row) for row in tx.execute(query)]


def of_subscriber(tx: Connection, subscriber_id: int) -> list[Recipient]:
    """Every copy one person was to get, oldest first: did this reader get it?"""
    query = select(t).where(t.c.subscriber_id == subscriber_id).order_by(t.c.id)
    return [from_row(row) for row in tx.execute(query)]


def find(tx: Connection, recipient_id: int) -> Recipient | None:
    """The copy with this number, or None."""
    row = tx.execute(select(t).where(t.c.id == recipient_id)).one_or_none()
    return from_row(row) if row is not None else None


def by_receipt(tx: Connection, receipt_id: str) -> Recipient | None:
    """The newest copy that the mail server took under this id, or None."""
    row = tx.execute(select(t).where(t.c.receipt_id == receipt_id).order_by(t.c.id.desc()).limit(1)).one_or_none()
    return from_row(row) if row is not None else None


def who_may_have(tx: Connection, issue_id: int, fingerprints: Collection[str], after: int, limit: int) -> list[int]:
    """The readers, by number from behind ``after``, who have or may have a copy with one of these fingerprints."""
    query = (
        select(t.c.subscriber_id)
        .where(
            t.c.issue_id == issue_id,
            t.c.fingerprint.in_(fingerprints),
            t.c.state.in_(_MAY_HAVE),
            t.c.subscriber_id > after,
        )
        .order_by(t.c.subscriber_id)
        .limit(limit)
    )
    return list(tx.execute(query).scalars())


def count_who_may_have(tx: Connection, issue_id: int, fingerprints: Collection[str]) -> int:
    """How many have or may have a copy with one of these fingerprints."""
    query = select(func.count()).where(
        t.c.issue_id == issue_id, t.c.fingerprint.in_(fingerprints), t.c.state.in_(_MAY_HAVE)
    )
    return int(tx.execute(query).scalar_one())


def alerts_since(
    tx: Connection, mode: Mode, channel: str, subscriber_ids: Collection[int], since: datetime
) -> dict[int, list[datetime]]:
    """When the alerts of a newsletter went, or are to go, to these readers from ``since`` on; corrections aside."""
    query = (
        select(t.c.subscriber_id, t.c.send_at)
        .join(issues, issues.c.id == t.c.issue_id)
        .where(
            t.c.subscriber_id.in_(subscriber_ids),
            t.c.send_at >= since,
            t.c.state.not_in((State.CANCELLED, State.EXPIRED, State.FAILED)),
            issues.c.mode == mode,
            issues.c.channel == channel,
            issues.c.frequency == Frequency.IMMEDIATE,
            issues.c.corrects_id.is_(None),
        )
    )
    found: dict[int, list[datetime]] = {}
    for row in tx.execute(query):
        found.setdefault(row.subscriber_id, []).append(row.send_at)
    return found


def exchange(tx: Connection, issue_id: int, old: str, new: str, *, actor: str, now: datetime, reason: str = "") -> int:
    """Gives copies that have not begun another variant: what they would have said was wrong; how many there were.

    One statement for all of them, in the correction's own transaction: in portions, a worker between two of them would
    send the wrong words to somebody whom the correction no longer counts. A million copies take SQLite about 5 s, half
    of what every other writer waits for the file.
    """
    changed = tx.execute(
        update(t)
        .where(t.c.issue_id == issue_id, t.c.state == State.PLANNED, t.c.fingerprint == old)
        .values(fingerprint=new, **resigned(t, actor, now, reason))
    )
    return changed.rowcount


def count_exchangeable(
    tx: Connection, issue_id: int, old: str, new: str, *, actor: str, now: datetime, reason: str = ""
) -> int:
    """How many copies ``exchange`` would change now; it changes none."""
    query = select(func.count()).where(t.c.issue_id == issue_id, t.c.state == State.PLANNED, t.c.fingerprint == old)
    return int(tx.execute(query).scalar_one())


# --- one copy ----------------------------------------------------------------------------------


def move(tx: Connection, recipient: Recipient, after: State, *, actor: str, now: datetime, reason: str) -> bool:
    """Moves a copy that no worker holds; False when it is no longer where the caller saw it."""
    check_move(recipient.state, after)
    moved = tx.execute(
        update(t)
        .where(t.c.id == recipient.id, t.c.state == recipient.state)
        .values(state=after, detail=clean(reason), closed_at=now, **claim_values(None), **resigned(t, actor, now))
    )
    return moved.rowcount == 1


def expire(
    tx: Connection, delivery: Delivery, *, actor: str, now: datetime, reason: str, after: State = State.EXPIRED
) -> int:
    """Ends every planned copy of a delivery whose time is past, or (``after``) that was called off; how many."""
    check_move(State.PLANNED, after)
    ended = tx.execute(
        update(t)
        .where(of_delivery(delivery), t.c.state == State.PLANNED)
        .values(state=after, detail=clean(reason), closed_at=now, **resigned(t, actor, now))
    )
    return ended.rowcount


def in_line(tx: Connection, delivery: Delivery) -> bool:
    """Whether the audience of this delivery is frozen: from then on its readers' rows tell what became of it."""
    return tx.execute(select(t.c.id).where(of_delivery(delivery)).limit(1)).first() is not None


def of_delivery(delivery: Delivery) -> ColumnElement[bool]:
    """A delivery's copies; its issue is named too, since the index begins with it."""
    return and_(t.c.issue_id == delivery.subject_id, t.c.delivery_id == delivery.id)


def from_row(row: Row[Any]) -> Recipient:
    """A copy from a row that holds every column."""
    return Recipient(
        issue_id=row.issue_id,
        delivery_id=row.delivery_id,
        subscriber_id=row.subscriber_id,
        fingerprint=row.fingerprint,
        state=State(row.state),
        send_at=row.send_at,
        id=row.id,
        tries=row.tries,
        code=row.code,
        detail=row.detail,
        receipt_id=row.receipt_id,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        claim=claim_from_row(row),
    )
