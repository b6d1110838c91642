"""A reader's own choices, by the link in their mail: sections by frequency, a pause, less mail, zone and quiet hours."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from channels.email.links import read_token
from db import choices, subscribers
from db.records import EVERY_OTHER, Choices, Frequency
from db.session import Ground
from db.subscribers import Tie
from scheduler.leaving import READER
from scheduler.public_lists import PublicList

Change = Callable[[frozenset[Frequency]], frozenset[Frequency]]
"""How one section's frequencies become fewer; never none."""

PAUSES = (7, 14, 30, 90)
"""Days for which a reader may pause."""


class NoSubscription(ValueError):
    """The link's subscription has ended, or its reader was erased."""


class Less(StrEnum):
    """What a reader may have instead of leaving."""

    PAUSE = "pause"
    WEEKLY = "weekly"
    NO_ALERTS = "no-alerts"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the page of choices shows: the list, the address with its middle hidden, and what is chosen."""

    list_name: str
    address: str
    tie: Tie
    choices: Choices


def standing(ground: Ground, token: str, keys: Sequence[bytes]) -> Standing:
    """Where a reader's subscription stands. Raises ``BadToken`` or ``NoSubscription``."""
    link = read_token(token, keys)
    with ground.reading() as tx:
        reader = subscribers.by_seed(tx, link.seed)
        found = subscribers.on_list(tx, link.list_name, reader.id) if reader is not None else None
    if found is None or found.tie is Tie.ENDED:
        raise NoSubscription(link.list_name)
    return Standing(link.list_name, masked(found.subscriber.address), found.tie, found.choices)


def choose(ground: Ground, token: str, chosen: Choices, *, keys: Sequence[bytes], now: datetime) -> str:
    """Replaces a reader's choices; the list's name. Raises ``BadToken``, ``NoSubscription`` or ``ValueError``."""
    link = read_token(token, keys)
    with ground.transaction() as tx:
        reader = subscribers.by_seed(tx, link.seed)
        list_id = subscribers.list_id(tx, link.list_name) if reader is not None else 0
        if reader is None or not choices.choose(tx, list_id, reader.id, chosen, actor=READER, now=now):
            raise NoSubscription(link.list_name)
    return link.list_name


def have_less(
    ground: Ground, token: str, what: Less, to: PublicList, *, days: int = 30, keys: Sequence[bytes], now: datetime
) -> Choices:
    """Pauses, turns to the week's issue, or drops the alerts; what is chosen now. Raises as ``choose``."""
    before = standing(ground, token, keys).choices
    chosen = lessened(before, what, to, days=days, now=now)
    choose(ground, token, chosen, keys=keys, now=now)
    return chosen


def lessened(before: Choices, what: Less, to: PublicList, *, days: int, now: datetime) -> Choices:
    """The choices with less mail in them. Pure."""
    match what:
        case Less.PAUSE:
            return replace(before, paused_until=now + timedelta(days=days))
        case Less.WEEKLY:
            return replace(before, sections=_each(before, to, _weekly))
        case Less.NO_ALERTS:
            return replace(before, sections=_each(before, to, _unalerted))


def offered(before: Choices, to: PublicList, now: datetime) -> list[Less]:
    """What of less mail makes sense for this reader."""
    now_had = set().union(*_each(before, to, lambda had: had).values())
    found = [] if before.paused(now) else [Less.PAUSE]
    if Frequency.WEEKLY in to.frequencies and Frequency.DAILY in now_had:
        found.append(Less.WEEKLY)
    if Frequency.IMMEDIATE in now_had:
        found.append(Less.NO_ALERTS)
    return found


def masked(address: str) -> str:
    """An address that its owner knows again and nobody else learns: ``l…a@example.org``.

    It is never broken at the end of a line, and runs from left to right in any language.
    """
    local, _, domain = address.rpartition("@")
    return f"\u2066{local[0]}\u2060…\u2060{local[-1] if len(local) > 2 else ''}@{domain}\u2069"


def _each(before: Choices, to: PublicList, change: Change) -> Mapping[str, frozenset[Frequency]]:
    """Every section named, and every other, with its frequencies changed."""
    now_had = {EVERY_OTHER: to.usual or frozenset({Frequency.NEVER}), **before.sections}
    return {section: change(had) for section, had in now_had.items()}


def _weekly(had: frozenset[Frequency]) -> frozenset[Frequency]:
    return had - {Frequency.DAILY} | {Frequency.WEEKLY} if Frequency.DAILY in had else had


def _unalerted(had: frozenset[Frequency]) -> frozenset[Frequency]:
    return had - {Frequency.IMMEDIATE} or frozenset({Frequency.NEVER})
