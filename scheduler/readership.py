"""The desk's verbs on readers: add one, end a subscription, erase a person, lay and lift orders not to write.

Every verb leaves a row in the audit, which names subscribers and orders by number, never by address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from datetime import time as wall

from sqlalchemy import Connection

from channels.email.addresses import Address, parse_address
from channels.email.headers import check_value
from channels.email.links import suppression_hash
from db import audit, consents, letters, readers, subscribers, suppressions
from db.consents import ConsentEvent, Proof
from db.errors import NotThere
from db.letters import LetterPurpose
from db.records import Subscriber
from db.subscribers import Entry, Tie
from db.suppressions import Suppression
from scheduler import leaving
from scheduler.app import App
from scheduler.key_ring import rotate
from scheduler.keys import keys_in
from scheduler.mail_retry import KEEP_TRYING
from scheduler.people.actor import needs
from scheduler.people.roles import Permission
from scheduler.public_lists import public_lists
from scheduler.subscribing import Statement, check_statement

BY_THE_DESK = "the desk"


class NotWanted(ValueError):
    """What was asked would write to somebody who must not be written to, or makes no sense; says what to do."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Added:
    """What became of adding a reader: ``how`` is ``added``, ``asked`` (a letter goes), or ``already``."""

    subscriber_id: int
    how: str


@needs(Permission.READERS)
def add_reader(app: App, list_name: str, address: str, name: str, statement: Statement | None, *, actor: str) -> Added:
    """Puts one person on a list: confirmed by the newsroom's statement of their consent, else asked by letter.

    Raises ``BadAddress``, ``UnsafeHeader``, ``ImportRefused`` for the statement, and ``NotWanted`` for somebody who
    must not be written to or whom no letter can reach.
    """
    found, now = parse_address(address), app.clock.now()
    check_value("The name", name)
    if statement is not None:
        check_statement(statement, now)
    to = public_lists(app.settings).get(list_name)
    if statement is None and to is None:
        known = ", ".join(f'"{one}"' for one in public_lists(app.settings)) or "none"
        raise NotWanted(f'No channel sends to a list "{list_name}", so nobody can be asked; the lists are: {known}.')
    with app.ground.transaction() as tx:
        causes = set(_orders(app, tx, found, list_name).values())
        kept_out = causes - {suppressions.UNSUBSCRIBED} if statement is None else causes
        if kept_out == {suppressions.ERASED} and statement is None:
            raise NotWanted(
                "This person was erased on request, so nobody writes to them unasked: they subscribe by the form; or, "
                "where they asked you to, lift the order first: pressrun suppress lift ADDRESS --why …"
            )
        if kept_out:
            raise NotWanted(
                f"This address must not be written to ({', '.join(sorted(kept_out))}); "
                "see it with: pressrun subscribers show ADDRESS"
            )
        list_id = subscribers.put_list(tx, list_name, actor=actor, now=now)
        entry = Entry(found.text, found.key, " ".join(name.split()))
        number, tie = subscribers.ask(tx, list_id, entry, actor=actor, now=now)
        if tie is Tie.CONFIRMED:
            return Added(number, "already")
        if statement is not None:
            if tie is Tie.ENDED:
                raise NotWanted(
                    "This person ended the subscription: only their own wish brings it back; leave the "
                    "statement out, and they are asked by letter."
                )
            given = datetime.combine(statement.day, wall(0), UTC)
            proof = Proof(ConsentEvent.IMPORTED, given, statement.source.strip(), statement.wording.strip())
            subscribers.confirm(tx, list_id, number, proof, actor=actor, now=now)
            audit.write(tx, "subscribe", f"subscriber-{number}", actor=actor, now=now, after=list_name)
            return Added(number, "added")
        assert to is not None
        written = letters.ask(
            tx,
            mode=to.mode,
            channel=to.channel,
            list_id=list_id,
            subscriber_id=number,
            purpose=LetterPurpose.CONFIRM,
            latest_at=now + min(app.settings.readers.confirm_within, KEEP_TRYING),
            actor=actor,
            now=now,
        )
        if not written:
            raise NotWanted("A letter went to this person just now, or several today; wait for their answer.")
        asked = Proof(ConsentEvent.ASKED, now, BY_THE_DESK)
        consents.note(tx, list_id, [number], asked, actor=actor, now=now)
        audit.write(tx, "ask", f"subscriber-{number}", actor=actor, now=now, after=list_name)
    return Added(number, "asked")


@needs(Permission.READERS)
def remove_reader(app: App, list_name: str, address: str, *, actor: str, reason: str = "") -> bool:
    """Ends a person's subscription for good, as if they had pressed the button. False when it had ended.

    Raises ``BadAddress`` or ``NotThere``.
    """
    now = app.clock.now()
    with app.ground.transaction() as tx:
        person = known(tx, address)
        if subscribers.on_list(tx, list_name, person.id) is None:
            raise NotThere(f'this person is not on the list "{list_name}"; see: pressrun subscribers show ADDRESS')
        ended = leaving.end(
            tx,
            list_name,
            person,
            suppression_key=keys_in(app.folder).suppression,
            source=BY_THE_DESK,
            actor=actor,
            now=now,
            reason=reason,
        )
        audit.write(tx, "unsubscribe", f"subscriber-{person.id}", actor=actor, now=now, reason=reason, after=list_name)
    return ended


@needs(Permission.READERS)
def erase_reader(app: App, address: str, *, actor: str, reason: str = "") -> int:
    """Erases a person on request; their number. What stays is a keyed hash, so that no import brings them back.

    Raises ``BadAddress`` or ``NotThere``.
    """
    now = app.clock.now()
    with app.ground.transaction() as tx:
        person = known(tx, address)
        key = parse_address(person.address).key
        hashed = suppression_hash(keys_in(app.folder).suppression, key)
        suppressions.add(tx, hashed, suppressions.ERASED, actor=actor, now=now, reason=reason)
        readers.erase(tx, person.id, actor=actor, now=now)
        audit.write(tx, "erase", f"subscriber-{person.id}", actor=actor, now=now, reason=reason)
    app.ground.scrub()
    return person.id


@needs(Permission.READERS)
def suppress(app: App, address: str, list_name: str = "", *, actor: str, reason: str) -> bool:
    """Lays an order not to write to an address, known or not: for one list, or for all mail. False: it stood.

    Raises ``BadAddress``, and ``NotWanted`` without a reason.
    """
    if not reason.strip():
        raise NotWanted("An order not to write needs its reason: add --why.")
    now, found = app.clock.now(), parse_address(address)
    hashed = suppression_hash(keys_in(app.folder).suppression, found.key, list_name)
    with app.ground.transaction() as tx:
        laid = suppressions.add(
            tx, hashed, suppressions.BY_HAND, actor=actor, now=now, reason=reason, list_name=list_name
        )
        (order,) = suppressions.over(tx, [hashed])
        if laid:
            subject = f"suppression-{order.id}"
            audit.write(tx, "suppress", subject, actor=actor, now=now, reason=reason, after=list_name)
    return laid


@needs(Permission.READERS)
def lift(app: App, address: str, list_name: str | None = None, *, actor: str, reason: str) -> list[Suppression]:
    """Takes away the orders over an address: those of one list, with ``""`` that of all mail, with None all of them.

    A subscription that ended stays ended. Raises ``BadAddress``, and ``NotWanted`` without a reason.
    """
    if not reason.strip():
        raise NotWanted("Lifting an order needs its reason: add --why.")
    now, found = app.clock.now(), parse_address(address)
    with app.ground.transaction() as tx:
        standing = orders_over(app, tx, found)
        gone = [one for one in standing if list_name is None or one.list_name == list_name]
        suppressions.lift(tx, [one.address_hash for one in gone])
        for one in gone:
            told = f"{one.cause} {one.list_name}".strip()
            audit.write(tx, "lift", f"suppression-{one.id}", actor=actor, now=now, reason=reason, before=told)
    return gone


@needs(Permission.CHANNELS)
def rotate_link_key(app: App, *, actor: str) -> int:
    """Signs readers' links with a fresh key from now on; how many older ones are kept. Raises ``KeyFileError``."""
    kept = len(rotate(app.folder).old)
    with app.ground.transaction() as tx:
        audit.write(tx, "rotate key", "readers' links", actor=actor, now=app.clock.now())
    return kept


def known(tx: Connection, address: str) -> Subscriber:
    """The person with this address. Raises ``BadAddress`` or ``NotThere``."""
    person = subscribers.find(tx, parse_address(address).key)
    if person is None:
        raise NotThere("nobody with this address is known here; orders not to write: pressrun suppress list ADDRESS")
    return person


def orders_over(app: App, tx: Connection, address: Address) -> list[Suppression]:
    """Every order over an address, for all mail and for each list there is."""
    return suppressions.over(tx, _hashes(app, tx, address))


def _hashes(app: App, tx: Connection, address: Address) -> list[str]:
    names = set(subscribers.list_names(tx)) | set(public_lists(app.settings)) | {""}
    names |= suppressions.lists_named(tx)
    key = keys_in(app.folder).suppression
    return [suppression_hash(key, address.key, name) for name in sorted(names)]


def _orders(app: App, tx: Connection, address: Address, list_name: str) -> dict[str, str]:
    key = keys_in(app.folder).suppression
    hashes = [suppression_hash(key, address.key), suppression_hash(key, address.key, list_name)]
    return suppressions.standing(tx, hashes)
