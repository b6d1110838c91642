"""How fast mail may go: so many a second to a relay, and slower to a domain that asked us to slow down. Pure.

Moments are seconds on the boot clock. A limit spreads messages evenly: a burst is what providers answer with 4.7.x.
"""

from __future__ import annotations

from dataclasses import dataclass, field

FIRST_RATE = 10.0
"""Messages a second to a domain after its first "slow down"; each further one halves it."""
SLOWEST = 1 / 60
FORGOTTEN = 200.0
"""A domain that takes so many a second again is no longer watched."""
FASTER = 1.02
"""After each message it takes, a slowed domain gets this much faster."""
SAME_WAVE = 1.0
"""Answers to messages that were on their way when the first "slow down" came say nothing new."""


@dataclass(slots=True)
class Pace:
    """At most ``per_second`` messages a second, evenly; None is no limit."""

    per_second: float | None = None
    free_at: float = 0.0

    def ready(self, now: float) -> bool:
        """Whether one may go now."""
        return self.per_second is None or now >= self.free_at

    def take(self, now: float) -> None:
        """One goes now."""
        if self.per_second is not None:
            self.free_at = max(now, self.free_at) + 1 / self.per_second


@dataclass(slots=True)
class _Slowed:
    pace: Pace
    told_at: float


@dataclass(slots=True)
class Domains:
    """What receiving domains have told us; a domain that never complained is not in it."""

    _slowed: dict[str, _Slowed] = field(default_factory=dict)

    def ready(self, domain: str, now: float) -> bool:
        """Whether one may go to this domain now."""
        slowed = self._slowed.get(domain)
        return slowed is None or slowed.pace.ready(now)

    def take(self, domain: str, now: float) -> None:
        """One goes to this domain now."""
        slowed = self._slowed.get(domain)
        if slowed is not None:
            slowed.pace.take(now)

    def slow_down(self, domain: str, now: float) -> None:
        """The domain asked for less."""
        slowed = self._slowed.get(domain)
        if slowed is None:
            self._slowed[domain] = _Slowed(Pace(FIRST_RATE, now + 1 / FIRST_RATE), now)
            return
        if now - slowed.told_at < SAME_WAVE:
            return
        rate = max(SLOWEST, (slowed.pace.per_second or FIRST_RATE) / 2)
        self._slowed[domain] = _Slowed(Pace(rate, now + 1 / rate), now)

    def took_one(self, domain: str) -> None:
        """The domain took a message: a little faster from now on."""
        slowed = self._slowed.get(domain)
        if slowed is None or slowed.pace.per_second is None:
            return
        slowed.pace.per_second *= FASTER
        if slowed.pace.per_second >= FORGOTTEN:
            del self._slowed[domain]

    def next_ready(self) -> float | None:
        """When the first slowed domain may get its next one; None when none is slowed."""
        return min((slowed.pace.free_at for slowed in self._slowed.values()), default=None)

    def rate(self, domain: str) -> float | None:
        """Messages a second this domain is given at the moment; None: as fast as it goes."""
        slowed = self._slowed.get(domain)
        return slowed.pace.per_second if slowed is not None else None
