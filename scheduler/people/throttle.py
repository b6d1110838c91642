"""How guessing passwords is slowed down without locking a colleague out.

A browser that once logged in as somebody keeps a token that says so; what fails from it is counted for it alone. All
others are counted by the name and the place they come from. So nobody's guesses keep a colleague's own browser out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from db import entry_tries
from db.people import name_key
from scheduler.people.tokens import hash_of

SPAN = timedelta(minutes=15)
FREE = 5
"""So many failures cost nothing; each further one doubles the wait."""
FROM_ONE_PLACE = 60
"""So many failures from one address, whatever the names, in one span."""
_LONGEST = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Comer:
    """Who tries to come in: the name they give, their address, and the token of a browser that was in before."""

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


def wait_for(tx: Connection, comer: Comer, now: datetime) -> timedelta:
    """How long this comer has to wait until the next try; zero for: try."""
    own = entry_tries.since(tx, comer.own, now - SPAN)
    waits = [timedelta(0)]
    if len(own) >= FREE:
        waits.append(own[-1] + min(_LONGEST, timedelta(seconds=2 ** min(10, len(own) - FREE + 1))) - now)
    if comer.known_browser is None:
        all_here = entry_tries.since(tx, comer.place, now - SPAN)
        if len(all_here) >= FROM_ONE_PLACE:
            waits.append(all_here[-FROM_ONE_PLACE] + SPAN - now)
    return max(waits)


def failed(tx: Connection, comer: Comer, now: datetime) -> None:
    """Counts a failure, and forgets what is too old to count."""
    entry_tries.forget(tx, None, before=now - SPAN)
    entry_tries.note(tx, comer.own, now=now)
    if comer.known_browser is None:
        entry_tries.note(tx, comer.place, now=now)


def came_in(tx: Connection, comer: Comer) -> None:
    """Forgets this comer's failures."""
    entry_tries.forget(tx, comer.own)
