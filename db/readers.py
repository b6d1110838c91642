"""Reading people: who is on which list, since when and by which proof, page by page; and erasing one on request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, exists, func, or_, select, update

from db import choices
from db.records import Choices, Subscriber
from db.subscribers import ConsentEvent, Tie
from db.tables import consents, letters, lists, section_choices, subscribers, subscriptions

PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Subscription:
    """One tie of one person: where it stands and since when, what it asks for, and the proof it stands on."""

    list_name: str
    subscriber: Subscriber
    tie: Tie
    since_at: datetime
    ended_at: datetime | None
    choices: Choices
    consent_at: datetime | None = None
    consent_source: str = ""
    consent_wording: str = ""


def of_person(tx: Connection, subscriber_id: int) -> list[Subscription]:
    """Every subscription of one person, by list."""
    return _read(tx, _query().where(subscribers.c.id == subscriber_id).order_by(lists.c.name))


def on_lists(
    tx: Connection, *, list_name: str = "", tie: Tie | None = None, holding: str = "", page: int = PAGE
) -> Iterator[list[Subscription]]:
    """Subscriptions by person and list, page by page: of one list or all, where they stand, what their address holds."""
    query = _query()
    if list_name:
        query = query.where(lists.c.name == list_name)
    if tie is not None:
        query = query.where(subscriptions.c.state == tie)
    if holding:
        query = query.where(
            or_(
                subscribers.c.address_key.contains(holding.casefold(), autoescape=True),
                func.lower(subscribers.c.name).contains(holding.lower(), autoescape=True),
            )
        )
    after = (0, 0)
    while True:
        behind = or_(subscribers.c.id > after[0], (subscribers.c.id == after[0]) & (subscriptions.c.list_id > after[1]))
        rows = tx.execute(
            query.where(subscribers.c.id >= after[0], behind)
            .order_by(subscribers.c.id, subscriptions.c.list_id)
            .limit(page)
        ).all()
        if rows:
            yield _made(tx, rows)
        if len(rows) < page:
            return
        after = (rows[-1].id, rows[-1].list_id)


def count(tx: Connection, *, list_name: str = "", tie: Tie | None = None) -> int:
    """How many subscriptions ``on_lists`` would give without ``holding``."""
    query = select(func.count()).select_from(subscriptions)
    if list_name:
        query = query.join(lists, lists.c.id == subscriptions.c.list_id).where(lists.c.name == list_name)
    if tie is not None:
        query = query.where(subscriptions.c.state == tie)
    return tx.execute(query).scalar_one()


def erase(tx: Connection, subscriber_id: int, *, actor: str, now: datetime) -> bool:
    """Deletes a person: address, name, subscriptions, choices, consents. False when they are gone already.

    What stays is the number in the rows of issues they were sent, which leads to nobody any more; a letter that was
    still to go is called off. The number is never given to another person.
    """
    tx.execute(
        update(letters)
        .where(letters.c.subscriber_id == subscriber_id, letters.c.state == "planned")
        .values(state="cancelled", closed_at=now, updated_at=now, actor=actor, detail="the reader was erased")
    )
    for table in (section_choices, subscriptions):
        tx.execute(delete(table).where(table.c.subscriber_id == subscriber_id))
    gone = tx.execute(delete(subscribers).where(subscribers.c.id == subscriber_id)).rowcount == 1
    tx.execute(delete(consents).where(consents.c.subscriber_id == subscriber_id))
    return gone


def never_confirmed(tx: Connection, before: datetime, limit: int) -> list[int]:
    """People whose every subscription is unconfirmed, and who asked for none of them since ``before``."""
    other = subscriptions.alias()
    asked = consents.alias()
    query = (
        select(subscriptions.c.subscriber_id)
        .distinct()
        .where(
            subscriptions.c.state == Tie.UNCONFIRMED,
            subscriptions.c.list_id.in_(select(lists.c.id)),
            subscriptions.c.updated_at < before,
            ~exists().where(other.c.subscriber_id == subscriptions.c.subscriber_id, other.c.state != Tie.UNCONFIRMED),
            ~exists().where(asked.c.subscriber_id == subscriptions.c.subscriber_id, asked.c.at >= before),
        )
        .limit(limit)
    )
    return list(tx.execute(query).scalars())


def _query() -> Select[Any]:
    # The proof a tie stands on is the newest one that says yes.
    newest = (
        select(func.max(consents.c.id))
        .where(
            consents.c.subscriber_id == subscribers.c.id,
            consents.c.list_id == lists.c.id,
            consents.c.event.in_((ConsentEvent.CONFIRMED, ConsentEvent.IMPORTED)),
        )
        .correlate(subscribers, lists)
        .scalar_subquery()
    )
    return (
        select(
            subscribers,
            subscriptions.c.list_id,
            subscriptions.c.state.label("tie"),
            subscriptions.c.created_at.label("since_at"),
            subscriptions.c.ended_at,
            *choices.COLUMNS,
            lists.c.name.label("list_name"),
            consents.c.at.label("consent_at"),
            consents.c.source.label("consent_source"),
            consents.c.wording.label("consent_wording"),
        )
        .join(subscriptions, subscriptions.c.subscriber_id == subscribers.c.id)
        .join(lists, lists.c.id == subscriptions.c.list_id)
        .outerjoin(consents, consents.c.id == newest)
    )


def _read(tx: Connection, query: Select[Any]) -> list[Subscription]:
    return _made(tx, tx.execute(query).all())


def _made(tx: Connection, rows: Any) -> list[Subscription]:
    chosen = choices.read(tx, {(row.list_id, row.id): row for row in rows})
    return [_subscription(row, chosen[(row.list_id, row.id)]) for row in rows]


def _subscription(row: Row[Any], chosen: Choices) -> Subscription:
    return Subscription(
        list_name=row.list_name,
        subscriber=Subscriber(
            address=row.address, name=row.name, id=row.id, language=row.language, token_seed=row.token_seed
        ),
        tie=Tie(row.tie),
        since_at=row.since_at,
        ended_at=row.ended_at,
        choices=chosen,
        consent_at=row.consent_at,
        consent_source=row.consent_source or "",
        consent_wording=row.consent_wording or "",
    )
