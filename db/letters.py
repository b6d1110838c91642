"""Letters: a mail to one person who asked for it, to confirm a subscription or for the link to their choices.

Each lives the life of a reader's copy: durable before MAIL FROM, durable after the final dot's answer. It never goes
twice: one whose outcome nobody knows is *unknown* and final, for whoever misses it asks again. The rows hold
subscriber numbers, never addresses.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, select, update

from db.deliveries import claim_from_row, claim_values
from db.records import Claim, Failure, Mode, Outcome, Receipt, State
from db.tables import letter_attempts, lists
from db.tables import letters as t
from db.writing import clean, cut, insert_unless_there, resigned, signed

NOT_AGAIN_WITHIN = timedelta(minutes=15)
"""Who asks again so soon gets no second letter."""
MOST_A_DAY = 4
"""Letters to one person in 24 hours, whoever asks for them in their name."""

OPEN = (State.PLANNED, State.SENDING)
ENDS = (State.SENT, State.FAILED, State.UNKNOWN, State.EXPIRED, State.CANCELLED)
_CODE_LENGTH = 200
_RECEIPT_LENGTH = 500


class LetterPurpose(StrEnum):
    """What a letter is for."""

    CONFIRM = "confirm"
    CHOICES = "choices"


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter as its row stands."""

    id: int
    mode: Mode
    channel: str
    list_id: int
    list_name: str
    subscriber_id: int
    purpose: LetterPurpose
    state: State
    created_at: datetime
    send_at: datetime
    latest_at: datetime
    tries: int = 0
    code: str = ""
    detail: str = ""
    receipt_id: str | None = None
    closed_at: datetime | None = None
    claim: Claim | None = None


@dataclass(frozen=True, slots=True)
class LetterTry:
    """A letter as a worker holds it, and the attempt opened for it."""

    letter: Letter
    attempt_id: int
    number: int


def ask(
    tx: Connection,
    *,
    mode: Mode,
    channel: str,
    list_id: int,
    subscriber_id: int,
    purpose: LetterPurpose,
    latest_at: datetime,
    actor: str,
    now: datetime,
) -> bool:
    """Puts a letter in line. False when none is due to this person: one is open, was just sent, or it is too many."""
    recent = select(func.count(), func.max(t.c.created_at).filter(t.c.list_id == list_id, t.c.mode == mode)).where(
        t.c.subscriber_id == subscriber_id, t.c.created_at > now - timedelta(days=1)
    )
    number, newest = tx.execute(recent).one()
    if number >= MOST_A_DAY or (newest is not None and newest > now - NOT_AGAIN_WITHIN):
        return False
    values = {
        "mode": mode,
        "channel": channel,
        "list_id": list_id,
        "subscriber_id": subscriber_id,
        "purpose": purpose,
        "state": State.PLANNED,
        "send_at": now,
        "latest_at": latest_at,
        **signed(actor, now),
    }
    return insert_unless_there(tx, t, values) is not None


def claim_next(tx: Connection, mode: Mode, channel: str, claim: Claim, *, now: datetime) -> LetterTry | None:
    """Moves the next due letter to ``sending`` and opens its attempt; None when none is due. Commit before the call."""
    due = (
        select(t.c.id)
        .where(_planned(mode, channel), t.c.send_at <= now)
        .order_by(t.c.send_at, t.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row_id = tx.execute(due).scalar_one_or_none()
    if row_id is None:
        return None
    taken = tx.execute(
        update(t)
        .where(t.c.id == row_id, t.c.state == State.PLANNED)
        .values(state=State.SENDING, opened_at=now, **claim_values(claim), **resigned(t, claim.owner, now))
    )
    if taken.rowcount != 1:
        return None
    a = letter_attempts
    number = (tx.execute(select(func.max(a.c.number)).where(a.c.letter_id == row_id)).scalar() or 0) + 1
    opened = {"letter_id": row_id, "number": number, "opened_at": now, "worker": cut(claim.owner, 200)}
    attempt_id = tx.execute(insert(a).values(**opened, **signed(claim.owner, now)).returning(a.c.id)).scalar_one()
    return LetterTry(get(tx, row_id), attempt_id, number)


def close(
    tx: Connection,
    tried: LetterTry,
    state: State,
    *,
    receipt: Receipt | None = None,
    failure: Failure | None = None,
    sentence: str = "",
    send_at: datetime | None = None,
    spends_try: bool = True,
    actor: str,
    now: datetime,
) -> None:
    """Records how a try ended: with a ``receipt`` it is sent, whoever owns the row by now; else as ``state`` says."""
    outcome = Outcome.SENT if receipt is not None else failure.outcome if failure is not None else Outcome.REJECTED
    code = receipt.code if receipt is not None else failure.code if failure is not None else ""
    told = clean(sentence or (failure.sentence if failure is not None else ""))
    a = letter_attempts
    tx.execute(
        update(a)
        .where(a.c.id == tried.attempt_id, a.c.closed_at.is_(None))
        .values(
            outcome=outcome,
            code=cut(code, _CODE_LENGTH),
            sentence=told,
            receipt_id=cut(receipt.id, _RECEIPT_LENGTH) if receipt is not None else None,
            closed_at=now,
            updated_at=now,
        )
    )
    row = and_(t.c.id == tried.letter.id, t.c.state != State.SENT)
    if receipt is None:
        owner = tried.letter.claim.owner if tried.letter.claim is not None else None
        row = and_(row, t.c.state == State.SENDING, t.c.claim_owner == owner)
    values: dict[str, Any] = {"receipt_id": cut(receipt.id, _RECEIPT_LENGTH)} if receipt is not None else {}
    if send_at is not None:
        values["send_at"] = send_at
    tx.execute(
        update(t)
        .where(row)
        .values(
            state=state,
            tries=tried.letter.tries + (1 if spends_try else 0),
            code=cut(code, _CODE_LENGTH),
            detail=told,
            closed_at=now if state in ENDS else None,
            **values,
            **claim_values(None),
            **resigned(t, actor, now),
        )
    )


def in_flight(tx: Connection, mode: Mode, channel: str) -> list[Letter]:
    """The letters somebody is, or was, sending."""
    query = _query().where(t.c.mode == mode, t.c.channel == channel, t.c.state == State.SENDING)
    return [_letter(row) for row in tx.execute(query.order_by(t.c.id))]


def abandon(tx: Connection, letter: Letter, *, actor: str, now: datetime, reason: str) -> None:
    """A letter whose worker died in the middle: unknown for good. Its attempt stays open, for a late answer."""
    tx.execute(
        update(t)
        .where(t.c.id == letter.id, t.c.state == State.SENDING)
        .values(
            state=State.UNKNOWN,
            tries=t.c.tries + 1,
            code="abandoned",
            detail=clean(reason),
            closed_at=now,
            **claim_values(None),
            **resigned(t, actor, now),
        )
    )


def expire(tx: Connection, mode: Mode, channel: str, *, actor: str, now: datetime) -> int:
    """Ends the letters whose latest time has passed; how many."""
    ended = tx.execute(
        update(t)
        .where(_planned(mode, channel), t.c.latest_at <= now)
        .values(
            state=State.EXPIRED,
            detail="its latest time passed before it could be sent",
            closed_at=now,
            **resigned(t, actor, now),
        )
    )
    return ended.rowcount


def disown(tx: Connection, *, actor: str, now: datetime, reason: str) -> int:
    """After a database went back to an older moment: what is open may be out, so it never goes; how many."""
    ended = tx.execute(
        update(t)
        .where(t.c.state.in_(OPEN))
        .values(
            state=State.UNKNOWN,
            detail=clean(reason),
            closed_at=now,
            **claim_values(None),
            **resigned(t, actor, now),
        )
    )
    return ended.rowcount


def next_moment(tx: Connection, mode: Mode, channel: str) -> datetime | None:
    """When the next letter may go, None when none is planned."""
    moment: datetime | None = tx.execute(select(func.min(t.c.send_at)).where(_planned(mode, channel))).scalar()
    return moment


def waiting_since(tx: Connection, mode: Mode, channel: str) -> datetime | None:
    """When the oldest letter that still waits was asked for, None when none waits."""
    moment: datetime | None = tx.execute(select(func.min(t.c.created_at)).where(_planned(mode, channel))).scalar()
    return moment


def of_person(tx: Connection, subscriber_id: int) -> list[Letter]:
    """Every letter to one person, oldest first."""
    return [_letter(row) for row in tx.execute(_query().where(t.c.subscriber_id == subscriber_id).order_by(t.c.id))]


def get(tx: Connection, letter_id: int) -> Letter:
    """The letter with this number, which is there."""
    return _letter(tx.execute(_query().where(t.c.id == letter_id)).one())


def _planned(mode: Mode, channel: str) -> ColumnElement[bool]:
    return and_(t.c.mode == mode, t.c.channel == channel, t.c.state == State.PLANNED)


def _query() -> Any:
    return select(t, lists.c.name.label("list_name")).join(lists, lists.c.id == t.c.list_id)


def _letter(row: Row[Any]) -> Letter:
    return Letter(
        id=row.id,
        mode=Mode(row.mode),
        channel=row.channel,
        list_id=row.list_id,
        list_name=row.list_name,
        subscriber_id=row.subscriber_id,
        purpose=LetterPurpose(row.purpose),
        state=State(row.state),
        created_at=row.created_at,
        send_at=row.send_at,
        latest_at=row.latest_at,
        tries=row.tries,
        code=row.code,
        detail=row.detail,
        receipt_id=row.receipt_id,
        closed_at=row.closed_at,
        claim=claim_from_row(row),
    )
