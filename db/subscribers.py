"""Who asked for which newsletter: lists, people, the ties between them, and the kept proof of each tie.

The only store that holds addresses. A subscription is unconfirmed, confirmed or ended; every change of it leaves a
consent row that says when, by which source and under which wording.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, insert, select, update

from db import choices, consents
from db.consents import ConsentEvent, Proof
from db.errors import NotThere
from db.records import Choices, Frequency, Subscriber
from db.tables import lists, subscribers, subscriptions
from db.writing import cut, insert_unless_there, resigned, signed

__all__ = ["ConsentEvent", "Proof"]

UNREAD = Choices()
"""Stands where a person's choices were not asked for."""
_NAME_LENGTH = 200
_LANGUAGE_LENGTH = 35


class Tie(StrEnum):
    """Where a subscription stands."""

    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"
    ENDED = "ended"


_TIES = {str(one): one for one in Tie}


@dataclass(frozen=True, slots=True)
class Entry:
    """One person as an import or a form names them; ``key`` is what two spellings of an address share."""

    address: str
    key: str
    name: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One person on a list, where their subscription stands, and what it asks for."""

    subscriber: Subscriber
    address_key: str
    tie: Tie
    choices: Choices = field(default_factory=Choices)


@dataclass(frozen=True, slots=True)
class ListCounts:
    """One list and how many stand where."""

    name: str
    confirmed: int
    unconfirmed: int
    ended: int


def put_list(tx: Connection, name: str, *, actor: str, now: datetime, reason: str = "") -> int:
    """The number of the list with this name; made when it is not there yet. Raises ``ValueError`` without a name."""
    if not name.strip():
        raise ValueError("a list needs a name")
    row_id = insert_unless_there(tx, lists, {"name": name, **signed(actor, now, reason)})
    return row_id if row_id is not None else list_id(tx, name)


def list_id(tx: Connection, name: str) -> int:
    """The number of the list with this name. Raises ``NotThere``."""
    row_id: int | None = tx.execute(select(lists.c.id).where(lists.c.name == name)).scalar_one_or_none()
    if row_id is None:
        raise NotThere(f'there is no list "{name}"; see them with: pressrun lists')
    return row_id


def list_names(tx: Connection) -> list[str]:
    """The lists' names, in order; nobody is counted."""
    return list(tx.execute(select(lists.c.name).order_by(lists.c.name)).scalars())


def overview(tx: Connection) -> list[ListCounts]:
    """Every list by name, with its numbers."""
    query = (
        select(lists.c.name, subscriptions.c.state, func.count(subscriptions.c.id).label("number"))
        .outerjoin(subscriptions, subscriptions.c.list_id == lists.c.id)
        .group_by(lists.c.name, subscriptions.c.state)
    )
    found: dict[str, dict[str, int]] = {}
    for row in tx.execute(query):
        found.setdefault(row.name, {})[row.state or ""] = row.number
    return [
        ListCounts(name, by.get(Tie.CONFIRMED, 0), by.get(Tie.UNCONFIRMED, 0), by.get(Tie.ENDED, 0))
        for name, by in sorted(found.items())
    ]


def ties(tx: Connection, to_list: int, keys: Sequence[str]) -> dict[str, Tie]:
    """Where the subscriptions of these addresses stand on a list; those without one are left out."""
    query = (
        select(subscribers.c.address_key, subscriptions.c.state)
        .join(subscriptions, subscriptions.c.subscriber_id == subscribers.c.id)
        .where(subscriptions.c.list_id == to_list, subscribers.c.address_key.in_(keys))
    )
    return {row.address_key: Tie(row.state) for row in tx.execute(query)}


def confirm_many(
    tx: Connection, to_list: int, entries: Sequence[Entry], proof: Proof, *, actor: str, now: datetime, reason: str = ""
) -> int:
    """Subscribes these people, confirmed, with one proof for each; how many were not confirmed before.

    Keys must differ. They get stories in their language, where the newsletter has several. A name that is known stays unless the new one says more; an ended subscription stays ended:
    only the person's own wish brings it back.
    """
    if not entries:
        return 0
    keys = [entry.key for entry in entries]
    known = _ids(tx, keys)
    fresh = [_person(entry, actor, now, reason) for entry in entries if entry.key not in known]
    if fresh:
        tx.execute(insert(subscribers), fresh)
        known = _ids(tx, keys)
    _complete(tx, [entry for entry in entries if entry.name], actor, now)
    states = {
        row.subscriber_id: Tie(row.state)
        for row in tx.execute(
            select(subscriptions.c.subscriber_id, subscriptions.c.state).where(
                subscriptions.c.list_id == to_list, subscriptions.c.subscriber_id.in_(known.values())
            )
        )
    }
    new = [number for number in known.values() if number not in states]
    waiting = [number for number, state in states.items() if state is Tie.UNCONFIRMED]
    if new:
        tie = {"list_id": to_list, "state": Tie.CONFIRMED, **signed(actor, now, reason)}
        languages = {known[entry.key]: cut(entry.language, _LANGUAGE_LENGTH) for entry in entries}
        tx.execute(
            insert(subscriptions),
            [{**tie, "subscriber_id": number, "in_language": languages[number]} for number in new],
        )
    if waiting:
        tx.execute(
            update(subscriptions)
            .where(subscriptions.c.list_id == to_list, subscriptions.c.subscriber_id.in_(waiting))
            .values(state=Tie.CONFIRMED, **resigned(subscriptions, actor, now, reason))
        )
    if new or waiting:
        consents.note(tx, to_list, (*new, *waiting), proof, actor=actor, now=now, reason=reason)
    return len(new) + len(waiting)


def ask(tx: Connection, to_list: int, entry: Entry, *, actor: str, now: datetime, reason: str = "") -> tuple[int, Tie]:
    """Somebody asks for a newsletter in this person's name: their number, and where the subscription stands.

    Makes the person and an unconfirmed subscription where there is none. What has ended stays ended and what is
    confirmed stays confirmed: only ``confirm`` moves it. The caller keeps the proof of the asking.
    """
    number = insert_unless_there(tx, subscribers, _person(entry, actor, now, reason))
    if number is None:
        number = _ids(tx, [entry.key])[entry.key]
    tie = {"list_id": to_list, "subscriber_id": number, "state": Tie.UNCONFIRMED, **signed(actor, now, reason)}
    if insert_unless_there(tx, subscriptions, tie) is not None:
        return number, Tie.UNCONFIRMED
    return number, Tie(tx.execute(select(subscriptions.c.state).where(_tie(to_list, number))).scalar_one())


def confirm(
    tx: Connection, to_list: int, subscriber_id: int, proof: Proof, *, actor: str, now: datetime, reason: str = ""
) -> bool:
    """The person's own yes, whatever stood before. False when it is confirmed already, or they never asked."""
    changed = tx.execute(
        update(subscriptions)
        .where(_tie(to_list, subscriber_id), subscriptions.c.state != Tie.CONFIRMED)
        .values(state=Tie.CONFIRMED, ended_at=None, **resigned(subscriptions, actor, now, reason))
    )
    if changed.rowcount != 1:
        return False
    consents.note(tx, to_list, [subscriber_id], proof, actor=actor, now=now, reason=reason)
    return True


def end_subscription(
    tx: Connection,
    list_name: str,
    subscriber_id: int,
    *,
    source: str,
    issue_id: int | None = None,
    ip: str = "",
    actor: str,
    now: datetime,
    reason: str = "",
) -> bool:
    """Ends the tie and keeps how it ended. False when it had ended already or never was: nothing is written then."""
    to_list = tx.execute(select(lists.c.id).where(lists.c.name == list_name)).scalar_one_or_none()
    if to_list is None:
        return False
    ended = tx.execute(
        update(subscriptions)
        .where(
            subscriptions.c.list_id == to_list,
            subscriptions.c.subscriber_id == subscriber_id,
            subscriptions.c.state != Tie.ENDED,
        )
        .values(state=Tie.ENDED, ended_at=now, **resigned(subscriptions, actor, now, reason))
    )
    if ended.rowcount != 1:
        return False
    proof = Proof(ConsentEvent.ENDED, now, source, ip=ip)
    consents.note(tx, to_list, [subscriber_id], proof, issue_id=issue_id, actor=actor, now=now, reason=reason)
    return True


def by_seed(tx: Connection, seed: str) -> Subscriber | None:
    """The person an unsubscribe link was made for; None when they have been erased."""
    row = tx.execute(select(subscribers).where(subscribers.c.token_seed == seed)).one_or_none()
    return _subscriber(row) if row is not None else None


def ended_at(tx: Connection, to_list: int, subscriber_id: int) -> datetime | None:
    """When this subscription ended, None while it has not."""
    moment: datetime | None = tx.execute(
        select(subscriptions.c.ended_at).where(_tie(to_list, subscriber_id))
    ).scalar_one_or_none()
    return moment


def find(tx: Connection, key: str) -> Subscriber | None:
    """The person with this address key, or None."""
    row = tx.execute(select(subscribers).where(subscribers.c.address_key == key)).one_or_none()
    return _subscriber(row) if row is not None else None


def get(tx: Connection, subscriber_id: int) -> Subscriber | None:
    """The person with this number; None when they have been erased."""
    row = tx.execute(select(subscribers).where(subscribers.c.id == subscriber_id)).one_or_none()
    return _subscriber(row) if row is not None else None


def on_list(tx: Connection, list_name: str, subscriber_id: int) -> Candidate | None:
    """One person as they stand on a list at this moment; None when erased or never on it."""
    found = _read(tx, _people(tx, list_name).where(subscriptions.c.subscriber_id == subscriber_id))
    return found[0] if found else None


def many_on_list(tx: Connection, list_name: str, subscriber_ids: Sequence[int]) -> dict[int, Candidate]:
    """Several people as they stand on a list at this moment; who was erased or never on it is left out.

    What they chose is not read: it was asked when the audience was frozen.
    """
    people = select(*_PERSON, subscriptions.c.state.label("tie")).join(
        subscriptions, subscriptions.c.subscriber_id == subscribers.c.id
    )
    asked = people.where(subscriptions.c.list_id == _number(tx, list_name), subscribers.c.id.in_(subscriber_ids))
    return {
        number: Candidate(Subscriber(address, name, number, language, seed), key, _TIES[tie], UNREAD)
        for number, address, name, language, seed, key, tie in tx.execute(asked)
    }


def candidates(tx: Connection, list_name: str, *, after: int = 0, page: int = 1_000) -> Iterator[Candidate]:
    """Everybody whose subscription to a list has not ended, by number, from behind ``after``; read page by page."""
    return _paged(tx, _people(tx, list_name).where(subscriptions.c.state != Tie.ENDED), after, page)


def candidates_at_once(
    tx: Connection, list_name: str, section: str, *, after: int = 0, page: int = 1_000
) -> Iterator[Candidate]:
    """Of ``candidates`` those who chose to get ``section`` at once. Reads theirs alone, however long the list is."""
    people = _people(tx, list_name).where(subscriptions.c.state != Tie.ENDED)
    while True:
        numbers = choices.who_chose(tx, list_name, section, Frequency.IMMEDIATE, after=after, limit=page)
        some = people.where(subscriptions.c.subscriber_id.in_(numbers)).order_by(subscriptions.c.subscriber_id)
        for candidate in _read(tx, some) if numbers else []:
            if candidate.choices.wants(section, Frequency.IMMEDIATE, usual=()):
                yield candidate
        if len(numbers) < page:
            return
        after = numbers[-1]


def how_many(tx: Connection, list_name: str) -> int:
    """How many subscriptions of a list have not ended."""
    query = select(func.count()).where(subscriptions.c.list_id == _number(tx, list_name))
    return tx.execute(query.where(subscriptions.c.state != Tie.ENDED)).scalar_one()


def consent_history(tx: Connection, subscriber_id: int) -> list[Proof]:
    """Every proof kept of one person, oldest first."""
    return [row.proof for row in consents.history(tx, subscriber_id)]


def _ids(tx: Connection, keys: Sequence[str]) -> dict[str, int]:
    query = select(subscribers.c.address_key, subscribers.c.id).where(subscribers.c.address_key.in_(keys))
    return {row.address_key: row.id for row in tx.execute(query)}


def _person(entry: Entry, actor: str, now: datetime, reason: str) -> dict[str, Any]:
    return {
        "address": entry.address,
        "address_key": entry.key,
        "name": cut(entry.name, _NAME_LENGTH),
        "language": cut(entry.language, _LANGUAGE_LENGTH),
        "token_seed": secrets.token_hex(16),
        **signed(actor, now, reason),
    }


def _complete(tx: Connection, entries: Sequence[Entry], actor: str, now: datetime) -> None:
    """Gives a name to those who have none yet."""
    nameless = select(subscribers.c.address_key).where(
        subscribers.c.name == "", subscribers.c.address_key.in_([entry.key for entry in entries])
    )
    wanted = set(tx.execute(nameless).scalars())
    for entry in entries:
        if entry.key in wanted:
            tx.execute(
                update(subscribers)
                .where(subscribers.c.address_key == entry.key)
                .values(name=cut(entry.name, _NAME_LENGTH), **resigned(subscribers, actor, now))
            )


def _paged(tx: Connection, people: Any, after: int, page: int) -> Iterator[Candidate]:
    while True:
        number = subscriptions.c.subscriber_id  # with its list it is an index, read in its order
        found = _read(tx, people.where(number > after).order_by(number).limit(page))
        yield from found
        if len(found) < page:
            return
        after = found[-1].subscriber.id


def _read(tx: Connection, people: Any) -> list[Candidate]:
    rows = tx.execute(people).all()
    chosen = choices.read(tx, {(row.list_id, row.id): row for row in rows})
    return [Candidate(_subscriber(row), row.address_key, Tie(row.tie), chosen[(row.list_id, row.id)]) for row in rows]


def _tie(to_list: int, subscriber_id: int) -> ColumnElement[bool]:
    return and_(subscriptions.c.list_id == to_list, subscriptions.c.subscriber_id == subscriber_id)


def _people(tx: Connection, list_name: str) -> Any:
    """Everybody on a list. Its number is asked for first: with it known the index gives the people in their order."""
    return (
        select(*_PERSON, subscriptions.c.state.label("tie"), subscriptions.c.list_id, *choices.COLUMNS)
        .join(subscriptions, subscriptions.c.subscriber_id == subscribers.c.id)
        .where(subscriptions.c.list_id == _number(tx, list_name))
    )


def _number(tx: Connection, list_name: str) -> int:
    """The number of a list, 0 where there is none."""
    return tx.execute(select(lists.c.id).where(lists.c.name == list_name)).scalar_one_or_none() or 0


_PERSON = (
    subscribers.c.id,
    subscribers.c.address,
    subscribers.c.name,
    subscribers.c.language,
    subscribers.c.token_seed,
    subscribers.c.address_key,
)


def _subscriber(row: Any) -> Subscriber:
    return Subscriber(address=row.address, name=row.name, id=row.id, language=row.language, token_seed=row.token_seed)
