"""One configured channel as the journey sees it: facts and rules from settings, and a way to build its mouth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from channels.base import Channel
from db import quota
from db.backlog import waited_out_stop
from db.claims import Guards
from db.records import Mode, Money
from scheduler.easing import pace_of
from scheduler.periodical import Periodical
from scheduler.plan import Rules
from scheduler.retry import RetryPolicy
from scheduler.slots import start_of_day


@dataclass(frozen=True, slots=True)
class Outlet:
    """A channel's name, mode and rules. ``build`` makes a fresh channel for one thread; ``build_silent`` one that
    has no credentials and can only think: compose, measure, validate, price. A claim lives for ``claim_span``, which
    outlives every call (design rule 4).

    ``letter``: it is a newsletter, so stories go out together in issues, to the readers of its list.
    """

    name: str
    kind: str
    mode: Mode
    rules: Rules
    policy: RetryPolicy
    deadline: timedelta
    claim_span: timedelta
    build: Callable[[], Channel]
    build_silent: Callable[[], Channel]
    build_trial: Callable[[], Channel] | None = None  # on the rehearsal platforms, whatever the mode
    budget: Money | None = None
    reserve: Money = field(default=Money(0))
    look_first: bool = False  # has a colleague posted it by hand? asked before the first post of a story
    look_price: Money = field(default=Money(0))  # what reading one post of our own back costs
    delete_price: Money = field(default=Money(0))  # what taking one post down costs
    letter: Periodical | None = None

    @property
    def crowd(self) -> bool:
        """Whether a list of readers stands behind it."""
        return self.letter is not None

    def price_of_reading(self, reads: int) -> Money:
        """What a look that read so many billed posts cost."""
        return Money(self.look_price.micros * reads)

    def guards(self, now: datetime) -> Guards:
        """What the settings ask of a claim at ``now``; days and months are those of the channel's zone."""
        zone = self.rules.zone
        today = now.astimezone(zone).date()
        return Guards(
            spacing=self.rules.spacing,
            daily_cap=self.rules.daily_cap,
            day_began_at=start_of_day(today, zone),
            day_ends_at=start_of_day(today + timedelta(days=1), zone),
            budget=self.budget,
            reserve=self.reserve,
            month_began_at=start_of_day(today.replace(day=1), zone).astimezone(UTC),
        )

    def guards_now(self, tx: Connection, now: datetime) -> Guards:
        """The same, slowed down by how much of the platform's limits is used and by what waited out a stop."""
        backlog = waited_out_stop(tx, self.mode, self.name, now)
        pace = pace_of(self.rules.spacing, quota.usages(tx, self.mode, self.name), now, backlog=backlog)
        return replace(self.guards(now), spacing=pace.spacing, hold_until=pace.hold_until)
