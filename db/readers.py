"""Reading people: who is on which list, since when and by which proof, page by page; and erasing one on request."""

from __future__ import annotations

from collections.abc import Collection, Iterator
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
    list_id: int = 0
    address_key: str = ""


def of_person(tx: Connection, subscriber_id: int) -> list[Subscription]:
    """Every subscription of one person, by list."""
    found = _made(tx, tx.execute(_query().where(subscriptions.c.subscriber_id == subscriber_id)).all())
    return sorted(found, key=lambda one: one.list_name)


def on_lists(
    tx: Connection, *, list_name: str = "", tie: Tie | None = None, holding: str = "", page: int = PAGE
) -> Iterator[list[Subscription]]:
    """Subscriptions by person and list, page by page: of one list or all, where they stand, what their address holds."""
    query = _wanted(tx, list_name, tie)
    if holding:
        query = query.where(
            or_(
                subscribers.c.address_key.contains(holding.casefold(), autoescape=True),
                func.lower(subscribers.c.name).contains(holding.lower(), autoescape=True),
            )
        )
    number, at = subscriptions.c.subscriber_id, subscriptions.c.list_id
    after = (0, 0)
    while True:
        behind = or_(number > after[0], (number == after[0]) & (at > after[1]))
        rows = tx.execute(query.where(number >= after[0], behind).order_by(number, at).limit(page)).all()
        if rows:
            yield _made(tx, rows)
        if len(rows) < page:
            return
        after = (rows[-1].id, rows[-1].list_id)


def page_of(
    tx: Connection, *, list_name: str = "", tie: Tie | None = None, after: tuple[int, int] = (0, 0), limit: int = 50
) -> list[Subscription]:
    """One page of subscriptions by person and list, from behind the mark ``after`` (person, list) of the page before."""
    number, at = subscriptions.c.subscriber_id, subscriptions.c.list_id
    behind = or_(number > after[0], (number == after[0]) & (at > after[1]))
    query = _wanted(tx, list_name, tie).where(number >= after[0], behind)
    return _made(tx, tx.execute(query.order_by(number, at).limit(limit)).all())


def beginning(
    tx: Connection,
    text: str,
    *,
    list_name: str = "",
    tie: Tie | None = None,
    after: tuple[str, int] = ("", 0),
    limit: int = 50,
) -> list[Subscription]:
    """One page of those whose address begins so, by address and list, from behind the mark ``after``.

    It reads an index from the text on, however many people there are.
    """
    key, at, text = subscribers.c.address_key, subscriptions.c.list_id, text.strip().casefold()
    query = _wanted(tx, list_name, tie).where(key.startswith(text, autoescape=True))
    if tx.dialect.name == "sqlite":
        query = query.where(key >= text, key < f"{text}\U0010ffff")
    if after[0]:
        query = query.where(key >= after[0], or_(key > after[0], at > after[1]))
    return _made(tx, tx.execute(query.order_by(key, at).limit(limit)).all())


def at_domain(
    tx: Connection,
    domain: str,
    *,
    list_name: str = "",
    tie: Tie | None = None,
    after: tuple[int, int] = (0, 0),
    limit: int = 50,
    look_at: int = 20_000,
) -> tuple[list[Subscription], tuple[int, int] | None]:
    """Some of those at a mail domain, by person and list, and the mark to go on from; None where nobody is left.

    At most about ``look_at`` people are looked at a call, so that it takes no longer on a long list.
    """
    last: int | None = tx.execute(
        select(subscribers.c.id).where(subscribers.c.id > after[0]).order_by(subscribers.c.id).offset(look_at).limit(1)
    ).scalar_one_or_none()
    number, at = subscriptions.c.subscriber_id, subscriptions.c.list_id
    behind = or_(number > after[0], (number == after[0]) & (at > after[1]))
    query = _wanted(tx, list_name, tie).where(
        number >= after[0], behind, subscribers.c.address_key.endswith(f"@{domain.casefold()}", autoescape=True)
    )
    if last is not None:
        query = query.where(number <= last)
    rows = tx.execute(query.order_by(number, at).limit(limit)).all()
    if len(rows) == limit:
        return _made(tx, rows), (rows[-1].id, rows[-1].list_id)
    return _made(tx, rows), (last, 2**62) if last is not None else None


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


def _wanted(tx: Connection, list_name: str, tie: Tie | None) -> Select[Any]:
    query = _query()
    if list_name:
        to_list = tx.execute(select(lists.c.id).where(lists.c.name == list_name)).scalar_one_or_none()
        query = query.where(subscriptions.c.list_id == (to_list if to_list is not None else 0))
    if tie is not None:
        query = query.where(subscriptions.c.state == tie)
    return query


def _query() -> Select[Any]:
    return select(
        subscribers,
        subscriptions.c.list_id,
        subscriptions.c.state.label("tie"),
        subscriptions.c.created_at.label("since_at"),
        subscriptions.c.ended_at,
        *choices.COLUMNS,
    ).join(subscriptions, subscriptions.c.subscriber_id == subscribers.c.id)


def _made(tx: Connection, rows: Any) -> list[Subscription]:
    chosen = choices.read(tx, {(row.list_id, row.id): row for row in rows})
    named = {row.id: row.name for row in tx.execute(select(lists.c.id, lists.c.name))}
    proofs = _proofs(tx, {row.id for row in rows})
    return [
        _subscription(row, named[row.list_id], chosen[row.list_id, row.id], proofs.get((row.list_id, row.id)))
        for row in rows
    ]


def _proofs(tx: Connection, subscriber_ids: Collection[int]) -> dict[tuple[int, int], Row[Any]]:
    """The proof each tie of these people stands on, by (list, subscriber): the newest one that says yes."""
    said_yes = (ConsentEvent.CONFIRMED, ConsentEvent.IMPORTED)
    query = select(consents).where(consents.c.subscriber_id.in_(subscriber_ids), consents.c.event.in_(said_yes))
    return {(row.list_id, row.subscriber_id): row for row in tx.execute(query.order_by(consents.c.id))}


def _subscription(row: Row[Any], list_name: str, chosen: Choices, proof: Row[Any] | None) -> Subscription:
    return Subscription(
        list_name=list_name,
        subscriber=Subscriber(
            address=row.address, name=row.name, id=row.id, language=row.language, token_seed=row.token_seed
        ),
        tie=Tie(row.tie),
        since_at=row.since_at,
        ended_at=row.ended_at,
        choices=chosen,
        consent_at=proof.at if proof is not None else None,
        consent_source=proof.source if proof is not None else "",
        consent_wording=proof.wording if proof is not None else "",
        list_id=row.list_id,
        address_key=row.address_key,
    )
