"""How guessing passwords is slowed down without locking a colleague out.

A browser that once logged in as somebody keeps a token that says so; what fails from it is counted for it alone. All
others are counted by the name and the place they come from. So nobody's guesses keep a colleague's own browser out.

A try is written down before the password is looked at, and struck out where it was right: a hundred guesses at once are
a hundred tries, not one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from db import entry_tries
from db.people import name_key
from db.session import Ground
from scheduler.people.tokens import hash_of

SPAN = timedelta(minutes=15)
FREE = 5
"""So many failures cost nothing; each further one doubles the wait."""
FROM_ONE_PLACE = 60
"""So many failures from one address, whatever the names, in one span."""
WRONG_CODES = 30
"""So many wrong codes after the right password of one person, from wherever, in one span."""
_LONGEST = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Comer:
    """Who tries to come in: the name they give, their network, and the token of a browser that was in before."""

    name: str
    address: str
    known_browser: str | None = None

    @property
    def own(self) -> str:
        """The key of this comer's own failures."""
        if self.known_browser is not None:
            return hash_of(f"browser {self.known_browser}")
        return hash_of(f"name {name_key(self.name)} at {self.address}")

    @property
    def place(self) -> str:
        """The key of the failures of all that come from this address."""
        return hash_of(f"address {self.address}")


def begun(ground: Ground, comer: Comer, now: datetime) -> tuple[list[int], timedelta]:
    """Writes a try down before anything of it is looked at, so that guesses sent all at once count each other.

    The numbers by which it is struck out, and how long this comer has to wait: zero for go on, else it is struck already.
    """
    with ground.transaction() as tx:
        tried = _begin(tx, comer, now)
    with ground.transaction() as tx:
        wait = _wait_for(tx, comer, now, but=tried)
        if wait > timedelta(0):
            strike(tx, tried)
    return tried, wait


def _begin(tx: Connection, comer: Comer, now: datetime) -> list[int]:
    """Writes a try down; the numbers by which it is struck out."""
    entry_tries.forget(tx, None, before=now - SPAN)
    keys = (comer.own,) if comer.known_browser is not None else (comer.own, comer.place)
    return [entry_tries.note(tx, key, now=now) for key in keys]


def _wait_for(tx: Connection, comer: Comer, now: datetime, *, but: Collection[int] = ()) -> timedelta:
    """How long this comer has to wait, by all tries ``but`` their own of this moment; zero for: go on."""
    own = entry_tries.since(tx, comer.own, now - SPAN, but=but)
    waits = [timedelta(0)]
    if len(own) >= FREE:
        waits.append(own[-1] + min(_LONGEST, timedelta(seconds=2 ** min(10, len(own) - FREE + 1))) - now)
    if comer.known_browser is None:
        all_here = entry_tries.since(tx, comer.place, now - SPAN, but=but)
        if len(all_here) >= FROM_ONE_PLACE:
            waits.append(all_here[-FROM_ONE_PLACE] + SPAN - now)
    return max(waits)


def wait_for_code(tx: Connection, person_id: int, comer: Comer, now: datetime) -> timedelta:
    """How long nobody gets in as this person from a browser of which nothing is known: who has the password may guess
    codes from a thousand places."""
    if comer.known_browser is not None:
        return timedelta(0)
    wrong = entry_tries.since(tx, _codes_of(person_id), now - SPAN)
    return wrong[-WRONG_CODES] + SPAN - now if len(wrong) >= WRONG_CODES else timedelta(0)


def wrong_code(tx: Connection, person_id: int, comer: Comer, now: datetime) -> None:
    """Counts a wrong code after the right password."""
    if comer.known_browser is None:
        entry_tries.note(tx, _codes_of(person_id), now=now)


def strike(tx: Connection, numbers: Collection[int]) -> None:
    """Strikes out a try that was none: it was told to wait, or still lacks its code."""
    entry_tries.strike(tx, numbers)


def came_in(tx: Connection, comer: Comer, numbers: Collection[int]) -> None:
    """Forgets this comer's failures, and the try that came in."""
    entry_tries.forget(tx, comer.own)
    entry_tries.strike(tx, numbers)


def _codes_of(person_id: int) -> str:
    return hash_of(f"codes of {person_id}")
