"""The webhooks and what each is owed: the oldest event first, and of one delivery never a later before an earlier."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, exists, func, or_, select, update

from db.records import MACHINE
from db.tables import webhook_events as e
from db.tables import webhook_tries, webhooks
from db.writing import clean, resigned, signed

t = webhooks
TOLD, GIVEN_UP = "told", "given up"


@dataclass(frozen=True, slots=True)
class Webhook:
    """One webhook as it stands. ``failures`` are in a row, since ``failing_since``; ``said`` is its last try in words."""

    name: str
    address_hash: str
    home: bool
    events: tuple[str, ...]
    next_at: datetime
    paused_at: datetime | None = None
    paused_why: str = ""
    failures: int = 0
    failing_since: datetime | None = None
    answered_at: datetime | None = None
    said: str = ""


@dataclass(frozen=True, slots=True)
class Owed:
    """One event for one webhook. ``body`` is "" before the first try; ``outcome`` "" while it is still to be told."""

    id: int
    webhook: str
    event_id: str
    event: str
    delivery_id: int
    mode: str
    before: str
    after: str
    delivery_version: int
    due_at: datetime
    at: datetime
    actor: str
    reason: str
    body: str
    tries: int
    next_at: datetime
    done_at: datetime | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Try:
    """One call. ``status`` is HTTP's, None where no answer came; ``closed_at`` None: it died under way."""

    number: int
    opened_at: datetime
    closed_at: datetime | None
    status: int | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How many events of a webhook are still to be told, were told, and were given up."""

    owed: int = 0
    told: int = 0
    given_up: int = 0


# --- the webhooks ------------------------------------------------------------------------------


def every(tx: Connection) -> list[Webhook]:
    """All that the settings name, by name."""
    return [_webhook(row) for row in tx.execute(select(t).where(t.c.ended_at.is_(None)).order_by(t.c.name))]


def get(tx: Connection, name: str) -> Webhook | None:
    """The webhook of this name, None where the settings had none when work last began."""
    row = tx.execute(select(t).where(t.c.name == name, t.c.ended_at.is_(None))).one_or_none()
    return _webhook(row) if row else None


def keep(tx: Connection, wanted: Collection[Webhook], *, now: datetime) -> None:
    """Makes the table say what the settings say. A new address ends a pause: it has not failed yet.

    One that is gone from the settings is owed nothing new; what it was owed waits for it to come back.
    """
    there = {row.name: row for row in tx.execute(select(t))}
    for one in wanted:
        said = {
            "address_hash": one.address_hash,
            "home": one.home,
            "events": _words(one.events),
            "ended_at": None,
        }
        row = there.get(one.name)
        if row is None:
            tx.execute(t.insert().values(name=one.name, next_at=one.next_at, **said, **signed(MACHINE, now)))
            continue
        if row.address_hash != one.address_hash:
            said |= _well(now)
        if any(getattr(row, name) != value for name, value in said.items()):
            tx.execute(update(t).where(t.c.id == row.id).values(**said, **resigned(t, MACHINE, now)))
    gone = [name for name, row in there.items() if row.ended_at is None and name not in {one.name for one in wanted}]
    if gone:
        tx.execute(update(t).where(t.c.name.in_(gone)).values(ended_at=now, **resigned(t, MACHINE, now)))


def answered(tx: Connection, name: str, said: str, *, now: datetime) -> None:
    """Its yes: whatever it failed before is over."""
    values = {"failures": 0, "failing_since": None, "next_at": now, "answered_at": now, "said": clean(said)}
    tx.execute(update(t).where(t.c.name == name).values(**values, updated_at=now))


def failed(tx: Connection, name: str, said: str, *, again_at: datetime, now: datetime) -> Webhook | None:
    """One failure more; it is asked nothing before ``again_at``. Gives it as it stands now."""
    since = func.coalesce(t.c.failing_since, now, type_=t.c.failing_since.type)
    values = {"failures": t.c.failures + 1, "failing_since": since, "next_at": again_at, "said": clean(said)}
    tx.execute(update(t).where(t.c.name == name).values(**values, updated_at=now))
    return get(tx, name)


def pause(tx: Connection, name: str, why: str, *, actor: str, now: datetime) -> bool:
    """It is told nothing until it is resumed; what happens meanwhile is kept for it. False where it was paused."""
    values = {"paused_at": now, "paused_why": clean(why), **resigned(t, actor, now, why)}
    return tx.execute(update(t).where(t.c.name == name, t.c.paused_at.is_(None)).values(**values)).rowcount == 1


def resume(tx: Connection, name: str, *, actor: str, now: datetime) -> None:
    """It is told again from now on, what it was owed first."""
    tx.execute(update(t).where(t.c.name == name).values(**_well(now), **resigned(t, actor, now)))
    tx.execute(update(e).where(e.c.webhook == name, e.c.done_at.is_(None)).values(next_at=now))


# --- what is owed ------------------------------------------------------------------------------


def next_owed(tx: Connection, name: str, now: datetime) -> Owed | None:
    """The oldest event that is due and that no earlier one of its delivery waits before."""
    earlier = e.alias()
    waits = exists().where(
        earlier.c.webhook == e.c.webhook,
        earlier.c.delivery_id == e.c.delivery_id,
        earlier.c.id < e.c.id,
        earlier.c.done_at.is_(None),
    )
    due = and_(e.c.webhook == name, e.c.done_at.is_(None), e.c.next_at <= now)
    row = tx.execute(select(e).where(due, ~waits).order_by(e.c.id).limit(1)).one_or_none()
    return _owed(row) if row else None


def next_moment(tx: Connection) -> datetime | None:
    """When the next call of any webhook is due; None where nothing is owed to one that may be called."""
    owed = (
        select(t.c.next_at.label("webhook_at"), func.min(e.c.next_at).label("event_at"))
        .join(e, and_(e.c.webhook == t.c.name, e.c.done_at.is_(None)))
        .where(t.c.ended_at.is_(None), t.c.paused_at.is_(None))
        .group_by(t.c.name, t.c.next_at)
    )
    return min((max(row.webhook_at, row.event_at) for row in tx.execute(owed)), default=None)


def open_try(tx: Connection, owed: Owed, body: str, *, worker: str, now: datetime) -> int:
    """Writes down, before the call, that it is made. Gives the number of the try."""
    number = tx.execute(
        select(func.coalesce(func.max(webhook_tries.c.number), 0) + 1).where(
            webhook_tries.c.webhook_event_id == owed.id
        )
    ).scalar_one()
    tx.execute(
        webhook_tries.insert().values(
            webhook_event_id=owed.id, number=number, opened_at=now, worker=worker, **signed(MACHINE, now)
        )
    )
    if not owed.body:
        tx.execute(update(e).where(e.c.id == owed.id).values(body=clean(body)))
    return int(number)


def close_try(tx: Connection, owed: Owed, number: int, *, status: int | None, sentence: str, now: datetime) -> None:
    """How the call ended."""
    tx.execute(
        update(webhook_tries)
        .where(webhook_tries.c.webhook_event_id == owed.id, webhook_tries.c.number == number)
        .values(closed_at=now, status=status, sentence=clean(sentence), updated_at=now)
    )


def done(tx: Connection, owed: Owed, outcome: str, *, now: datetime) -> None:
    """It was told, or is given up."""
    tx.execute(
        update(e).where(e.c.id == owed.id).values(done_at=now, outcome=outcome, tries=e.c.tries + 1, updated_at=now)
    )


def later(tx: Connection, owed: Owed, at: datetime, *, now: datetime) -> None:
    """It is tried again at ``at``; later events of its delivery wait behind it."""
    tx.execute(update(e).where(e.c.id == owed.id).values(next_at=at, tries=e.c.tries + 1, updated_at=now))


def replay(
    tx: Connection,
    name: str,
    *,
    since: datetime | None,
    event_id: str | None,
    everything: bool,
    actor: str,
    now: datetime,
) -> int:
    """Owes again what was given up (with ``everything`` also what was told) since then. How many events that are."""
    wanted = [e.c.webhook == name, e.c.done_at.is_not(None)]
    if event_id is not None:
        wanted.append(e.c.event_id == event_id)
    elif not everything:
        wanted.append(e.c.outcome == GIVEN_UP)
    if since is not None:
        wanted.append(e.c.created_at >= since)
    again = {"done_at": None, "outcome": "", "tries": 0, "next_at": now, "updated_at": now, "version": e.c.version + 1}
    return tx.execute(update(e).where(*wanted).values(**again)).rowcount


def forget(tx: Connection, before: datetime, *, most: int) -> int:
    """Deletes events that were done with before then, with their tries, at most so many. How many they were.

    What happened before then and was never told, because its webhook stood still or is gone, is given up.
    """
    stale = and_(e.c.done_at.is_(None), e.c.created_at < before)
    tx.execute(update(e).where(stale).values(done_at=e.c.created_at, outcome=GIVEN_UP))
    old = list(tx.execute(select(e.c.id).where(e.c.done_at < before).limit(most)).scalars())
    if old:
        tx.execute(delete(webhook_tries).where(webhook_tries.c.webhook_event_id.in_(old)))
        tx.execute(delete(e).where(e.c.id.in_(old)))
    return len(old)


# --- reading -----------------------------------------------------------------------------------


def counts(tx: Connection) -> dict[str, Counts]:
    """By webhook; one without an event is left out."""
    found: dict[str, dict[str, int]] = {}
    for row in tx.execute(select(e.c.webhook, e.c.outcome, func.count()).group_by(e.c.webhook, e.c.outcome)):
        found.setdefault(row[0], {})[row[1]] = row[2]
    return {name: Counts(by.get("", 0), by.get(TOLD, 0), by.get(GIVEN_UP, 0)) for name, by in found.items()}


def events(tx: Connection, name: str, *, limit: int, before: int | None = None, troubled: bool = False) -> list[Owed]:
    """A webhook's events, the newest first, below the row ``before``; ``troubled``: only what failed once or more."""
    query = select(e).where(e.c.webhook == name).order_by(e.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(e.c.id < before)
    if troubled:
        query = query.where(or_(e.c.outcome == GIVEN_UP, and_(e.c.outcome == "", e.c.tries > 0)))
    return [_owed(row) for row in tx.execute(query)]


def tries(tx: Connection, ids: Collection[int]) -> dict[int, list[Try]]:
    """The calls made for each of these events, in order."""
    query = select(webhook_tries).where(webhook_tries.c.webhook_event_id.in_(ids)).order_by(webhook_tries.c.id)
    found: dict[int, list[Try]] = {}
    for row in tx.execute(query):
        one = Try(row.number, row.opened_at, row.closed_at, row.status, row.sentence)
        found.setdefault(row.webhook_event_id, []).append(one)
    return found


def _well(now: datetime) -> dict[str, Any]:
    return {"paused_at": None, "paused_why": "", "failures": 0, "failing_since": None, "next_at": now}


def _words(events: tuple[str, ...]) -> str:
    return f" {' '.join(events)} " if events else ""


def _webhook(row: Row[Any]) -> Webhook:
    return Webhook(
        name=row.name,
        address_hash=row.address_hash,
        home=row.home,
        events=tuple(row.events.split()),
        next_at=row.next_at,
        paused_at=row.paused_at,
        paused_why=row.paused_why,
        failures=row.failures,
        failing_since=row.failing_since,
        answered_at=row.answered_at,
        said=row.said,
    )


def _owed(row: Row[Any]) -> Owed:
    return Owed(
        id=row.id,
        webhook=row.webhook,
        event_id=row.event_id,
        event=row.event,
        delivery_id=row.delivery_id,
        mode=row.mode,
        before=row.before,
        after=row.after,
        delivery_version=row.delivery_version,
        due_at=row.due_at,
        at=row.created_at,
        actor=row.actor,
        reason=row.reason,
        body=row.body,
        tries=row.tries,
        next_at=row.next_at,
        done_at=row.done_at,
        outcome=row.outcome,
    )
