"""Hold and pause: a stop laid by a person over a delivery, a story, a section, a channel or everything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from db import articles, audit, deliveries, held, sections, stops
from db.moves import FINAL
from db.records import Cause, Delivery, Scope, State, Stop
from scheduler import takedown
from scheduler.app import App
from scheduler.newsroom.grounds import Refused, outlet_named
from scheduler.people.actor import needs
from scheduler.people.roles import Permission

ACROSS = (Scope.SECTION, Scope.CHANNEL, Scope.EVERYTHING)
"""The scopes whose stop is called a pause, and whose end could let many go at once."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a person's stop reaches. ``target`` is "" for everything."""

    scope: Scope
    target: str = ""

    @property
    def told(self) -> str:
        """For people and the audit: ``story 12``, ``delivery 31``, ``everything``."""
        return f"{self.scope} {self.target}".strip()

    @property
    def word(self) -> str:
        """What people call this stop: held for one thing, paused for many."""
        return "paused" if self.scope in ACROSS else "held"


@dataclass(frozen=True, slots=True)
class Laid:
    """A stop as it lies now: how many planned deliveries it keeps, and what is being sent and comes too late for it."""

    reach: Reach
    stop: Stop
    keeps: int
    in_flight: tuple[Delivery, ...]


@needs(Permission.STOP)
def hold(
    app: App,
    reach: Reach,
    *,
    actor: str,
    reason: str,
    until: datetime | None = None,
    lets_breaking: bool = False,
) -> Laid:
    """Keeps everything within ``reach`` from going until it is released, or ``until``; a newer word replaces the older.

    What a worker is sending in this moment still goes; an issue stops before its next reader. Raises ``Refused``
    without a reason, for what there is not, and for what has ended.
    """
    if not reason.strip():
        raise Refused("say why: the reason stands everywhere where somebody wonders why nothing goes")
    moment = app.clock.now()
    if until is not None and until <= moment:
        raise Refused(f"{app.told(until)} is past; give a moment to come, or leave it out to hold until further notice")
    with app.ground.transaction() as tx:
        laid = []
        for one in _exact(app, tx, reach):
            stop = Stop(
                scope=one.scope,
                target=one.target,
                mode=None,
                cause=Cause.PERSON,
                reason=reason,
                by=actor,
                since_at=moment,
                until_at=until,
                lets_breaking=lets_breaking,
            )
            laid.append(stops.lay(tx, stop, actor=actor, now=moment))
        verb = "pause" if reach.scope in ACROSS else "hold"
        after = f"until {app.told(until)}" if until is not None else "until it is released"
        audit.write(tx, verb, reach.told, actor=actor, now=moment, reason=reason, after=after)
        ids = [stop.id for stop in laid]
        return Laid(reach, laid[0], held.count_planned(tx, ids), tuple(held.in_flight(tx, ids)))


def laid_on(tx: Connection, reach: Reach, now: datetime) -> list[Stop]:
    """The stops on exactly this target now that a person may lift: people's own, and what its source laid on a story."""
    return [
        stop
        for stop in stops.active(tx, now)
        if stop.cause in (Cause.PERSON, Cause.SOURCE)
        and stop.mode is None
        and stop.scope is reach.scope
        and stop.target.casefold() == reach.target.casefold()
    ]


def _exact(app: App, tx: Connection, reach: Reach) -> list[Reach]:
    """The target as the tables name it. Raises ``Refused``, ``NotThere`` or ``NoDelivery`` for one there is not."""
    match reach.scope:
        case Scope.CHANNEL:
            outlet_named(app, reach.target)
        case Scope.STORY:
            articles.get(tx, int(reach.target))
        case Scope.SECTION:
            known = [*sections.known(tx), *app.settings.sections]
            found = [name for name in known if name.casefold() == reach.target.casefold()]
            if not found:
                there = ", ".join(sorted(set(known))) or "none"
                raise Refused(f'there is no section "{reach.target}"; there are: {there}')
            return [Reach(Scope.SECTION, name) for name in dict.fromkeys(found)]
        case Scope.DELIVERY:
            delivery = deliveries.get(tx, int(reach.target))
            if takedown.is_takedown(delivery):
                raise Refused(
                    f"delivery {delivery.id} takes a post down; to let it stand: pressrun cancel d{delivery.id}"
                )
            if delivery.state in FINAL and not (delivery.state is State.FAILED and delivery.look_at is not None):
                raise Refused(f"delivery {delivery.id} is {delivery.state}; there is nothing left to hold")
    return [reach]
