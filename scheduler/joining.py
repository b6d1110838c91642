"""Joining a list by a form: asked, confirmed by the person's own hand, and kept as proof.

Whoever asks gets the same answer, whether the address is known, suppressed or new: what follows goes to the address
alone. Only the person behind it can confirm, so only they undo an earlier goodbye.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from channels.email.addresses import Address, parse_address
from channels.email.headers import UnsafeHeader, check_value
from channels.email.links import BadToken, make_token, read_confirm_token, suppression_hash
from db import consents, letters, subscribers, suppressions
from db.consents import ConsentEvent, Proof
from db.letters import LetterPurpose
from db.session import Ground
from db.subscribers import Entry, Tie
from scheduler.leaving import READER
from scheduler.mail_retry import KEEP_TRYING
from scheduler.public_lists import PublicList

UNDONE_BY_CONFIRMING = (suppressions.UNSUBSCRIBED, suppressions.ERASED)
"""Orders that a person's own yes takes back; a bounce, a complaint and the desk's word stand."""


class TooLate(ValueError):
    """The yes cannot count any more: it is too old, a goodbye came after it, or the person was forgotten."""


@dataclass(frozen=True, slots=True)
class Form:
    """The form somebody filled in: its name, the words they agreed to, and where they called from ("": not kept)."""

    name: str
    wording: str
    ip: str = field(default="", repr=False)

    @property
    def wording_version(self) -> str:
        """Changes with every letter of the wording."""
        return hashlib.sha256(self.wording.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Joining:
    """What the newsroom's settings and keys say on joining."""

    keys: Sequence[bytes] = field(repr=False)
    suppression_key: bytes = field(repr=False)
    double: bool = True
    within: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Joined:
    """A confirmed subscription: of which list, by whose seed, and whether it stood already."""

    list_name: str
    seed: str = field(repr=False)
    already: bool = False


def ask(
    ground: Ground, to: PublicList, address: str, name: str, language: str, form: Form, joining: Joining, now: datetime
) -> None:
    """Somebody asks for a newsletter. Says nothing of the address: what is due goes to it by letter.

    New, unconfirmed or gone before: a letter to confirm. Confirmed already: one with the link to the choices. Not
    to be written to: nothing at all. Raises ``BadAddress`` or ``UnsafeHeader`` for what no mail can carry.
    """
    asked = parse_address(address)
    check_value("The name", name)
    entry = Entry(asked.text, asked.key, " ".join(name.split()), language)
    with ground.transaction() as tx:
        orders = set(_orders(tx, to.name, asked, joining.suppression_key).values())
        if orders - set(UNDONE_BY_CONFIRMING):
            return
        list_id = subscribers.put_list(tx, to.name, actor=READER, now=now)
        number, tie = subscribers.ask(tx, list_id, entry, actor=READER, now=now)
        said = Proof(ConsentEvent.ASKED, now, "subscribe form", form.wording, form.name, form.wording_version, form.ip)
        if not joining.double and tie is Tie.UNCONFIRMED and not orders:
            consents.note(tx, list_id, [number], said, actor=READER, now=now)
            yes = Proof(ConsentEvent.CONFIRMED, now, "subscribe form", form.wording, form.name, form.wording_version)
            subscribers.confirm(tx, list_id, number, yes, actor=READER, now=now)
            return
        written = letters.ask(
            tx,
            mode=to.mode,
            channel=to.channel,
            list_id=list_id,
            subscriber_id=number,
            purpose=LetterPurpose.CHOICES if tie is Tie.CONFIRMED else LetterPurpose.CONFIRM,
            latest_at=now + min(joining.within, KEEP_TRYING),
            actor=READER,
            now=now,
        )
        if written and tie is not Tie.CONFIRMED:
            consents.note(tx, list_id, [number], said, actor=READER, now=now)


def list_to_confirm(token: str, keys: Sequence[bytes]) -> str:
    """The list a link confirms. Touches nothing: mail scanners open links. Raises ``BadToken``."""
    return read_confirm_token(token, keys).list_name


def confirm(ground: Ground, token: str, joining: Joining, now: datetime, *, ip: str = "") -> Joined:
    """The person's yes. Pressing again changes nothing. Raises ``BadToken``, ``TooLate`` or ``GroundLost``."""
    yes = read_confirm_token(token, joining.keys)
    asked_at = datetime.fromtimestamp(yes.asked, UTC)
    if now > asked_at + joining.within:
        raise TooLate("the link is too old")
    with ground.transaction() as tx:
        reader = subscribers.by_seed(tx, yes.seed)
        if reader is None:
            raise TooLate("the person was forgotten")
        list_id = subscribers.list_id(tx, yes.list_name)
        ended_at = subscribers.ended_at(tx, list_id, reader.id)
        if ended_at is not None and ended_at >= asked_at:
            raise TooLate("a goodbye came after it")
        asked = consents.last(tx, list_id, reader.id, ConsentEvent.ASKED)
        proof = Proof(
            ConsentEvent.CONFIRMED,
            now,
            "link in the confirmation letter",
            asked.wording if asked else "",
            asked.form if asked else "",
            asked.wording_version if asked else "",
            ip,
        )
        new = subscribers.confirm(tx, list_id, reader.id, proof, actor=READER, now=now)
        if new:
            hashes = list(_orders(tx, yes.list_name, parse_address(reader.address), joining.suppression_key))
            suppressions.lift(tx, hashes, UNDONE_BY_CONFIRMING)
    return Joined(yes.list_name, yes.seed, already=not new)


def reader_token(joined: Joined, keys: Sequence[bytes]) -> str:
    """The token with which this person changes their choices or leaves, signed with the present key."""
    return make_token(keys[0], joined.list_name, joined.seed)


def _orders(tx: Connection, list_name: str, address: Address, key: bytes) -> dict[str, str]:
    hashes = [suppression_hash(key, address.key), suppression_hash(key, address.key, list_name)]
    return suppressions.standing(tx, hashes)


__all__ = [
    "BadToken",
    "Form",
    "Joined",
    "Joining",
    "TooLate",
    "UnsafeHeader",
    "ask",
    "confirm",
    "list_to_confirm",
    "reader_token",
]
