"""Release and resume: lifting a person's stop without a burst.

What came due under the stop gets a proposal each, which a person may change: sent now but spaced, newest first; moved
to its channel's next free slot; or dropped. What was agreed is done in the transaction that lifts the stop, so no
worker can take the whole pile in between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from db import attempts, audit, deliveries, held, stops
from db.records import Cause, Delivery, Priority, Scope, State, Stop, SubjectKind
from scheduler.app import App, Outlet
from scheduler.newsroom.calling_off import call_off
from scheduler.newsroom.grounds import Refused, current
from scheduler.newsroom.holding import ACROSS, Reach, laid_on
from scheduler.people.actor import needs
from scheduler.people.roles import Permission
from scheduler.plan import Moment, find_moment, spread, taken_from
from scheduler.withdrawing import let_go


class Way(StrEnum):
    """What may be done with one delivery that was held."""

    SPACED = "spaced"  # sent now, in its turn
    SLOT = "slot"  # the channel's next free slot
    DROP = "drop"  # not at all


@dataclass(frozen=True, slots=True)
class Proposal:
    """One held delivery and what is proposed for it; ``at`` is None for one that is dropped."""

    delivery: Delivery
    way: Way
    at: Moment | None
    stale: bool = False  # it would be past its latest moment by its turn


@dataclass(frozen=True, slots=True)
class Resumption:
    """The stops that end, what becomes of what they held, and what expired under them."""

    reach: Reach
    stops: tuple[Stop, ...]
    proposals: tuple[Proposal, ...]
    expired: tuple[Delivery, ...]


def propose(app: App, reach: Reach, ways: Mapping[int, Way] | None = None) -> Resumption:
    """What lifting the stop on ``reach`` would do; writes nothing.

    ``ways`` are a person's own words for single deliveries, by number. Raises ``Refused`` where no person's stop lies
    there, and for a number that it does not hold.
    """
    with app.ground.reading() as tx:
        return _propose(app, tx, reach, ways or {})


@needs(Permission.STOP)
def resume(
    app: App, reach: Reach, *, actor: str, ways: Mapping[int, Way] | None = None, reason: str = ""
) -> Resumption:
    """Lifts the stop and does what ``propose`` says, each delivery noted in the audit as held; what was done.

    Raises ``Refused`` as ``propose`` does.
    """
    moment = app.clock.now()
    with app.ground.transaction() as tx:
        found = _propose(app, tx, reach, ways or {})
        for target in {stop.target for stop in found.stops}:
            stops.lift(tx, scope=reach.scope, target=target, cause=Cause.PERSON, by=actor, now=moment, reason=reason)
            if reach.scope is Scope.STORY:
                let_go(tx, int(target), by=actor, now=moment, reason=reason)
        verb = "resume" if reach.scope in ACROSS else "release"
        audit.write(tx, verb, reach.told, actor=actor, now=moment, reason=reason, before=found.stops[0].reason)
        done = [_carry_out(app, tx, found.stops[0], one, actor, moment) for one in found.proposals]
        return replace(found, proposals=tuple(done))


def _propose(app: App, tx: Connection, reach: Reach, ways: Mapping[int, Way]) -> Resumption:
    now = app.clock.now()
    lying = laid_on(tx, reach, now)
    if not lying:
        raise Refused(f"{reach.told} is not {reach.word} by a person; what is stopped, and why: pressrun doctor")
    ids = [stop.id for stop in lying]
    waiting = [one for one in held.due(tx, ids, now) if current(app, one)]
    strange = set(ways) - {one.id for one in waiting}
    if strange:
        raise Refused(f"delivery {min(strange)} is not held by this stop; leave it out")
    proposals: list[Proposal] = []
    for outlet in app.outlets.values():
        mine = [one for one in waiting if one.channel == outlet.name]
        if mine:
            taken = deliveries.taken_since(tx, outlet.mode, outlet.name, taken_from(outlet.rules, now))
            proposals += _of_channel(outlet, mine, taken, ways, now)
    since = min(stop.since_at for stop in lying)
    return Resumption(reach, tuple(lying), tuple(proposals), tuple(held.grown_stale(tx, ids, since)))


def _of_channel(
    outlet: Outlet, waiting: Sequence[Delivery], taken: Sequence[Delivery], ways: Mapping[int, Way], now: datetime
) -> list[Proposal]:
    """Proposals for one channel: those that had a slot get one, the rest is spread between what is planned anyway."""
    ids = {one.id for one in waiting}
    others = [one for one in taken if one.id not in ids]
    slotted: list[Proposal] = []
    rest: list[Delivery] = []
    dropped = [Proposal(one, Way.DROP, None) for one in waiting if ways.get(one.id) is Way.DROP]
    for one in waiting:
        asked = ways.get(one.id)
        if asked is Way.DROP:
            continue
        wants_slot = asked is Way.SLOT or (asked is None and one.slot_at is not None)
        place = find_moment(outlet.rules, others, now, Priority.NORMAL) if wants_slot else None
        if place is None or (asked is None and one.latest_at is not None and place.due_at >= one.latest_at):
            rest.append(one)
            continue
        if asked is None:
            place = replace(place, latest_at=one.latest_at)
        slotted.append(Proposal(one, Way.SLOT, place))
        others.append(replace(one, next_at=place.due_at, slot_at=place.slot_at))
    turns = [
        Proposal(release.delivery, Way.SPACED, release.moment)
        if release.moment is not None
        else Proposal(release.delivery, Way.DROP, None, stale=True)
        for release in spread(rest, outlet.rules, now, others)
    ]
    return turns + slotted + dropped


def _carry_out(app: App, tx: Connection, stop: Stop, one: Proposal, actor: str, moment: datetime) -> Proposal:
    delivery = one.delivery
    was_held = f"held by {stop.by} from {app.told(stop.since_at)} ({stop.reason})"
    if one.at is None:
        why = "too late by its turn" if one.stale else f"dropped by {actor}"
        begun = delivery.subject_kind is SubjectKind.ISSUE or attempts.receipts_of(tx, delivery.id)
        if one.stale and not begun:
            moved = deliveries.move(tx, delivery, State.EXPIRED, actor=actor, now=moment, reason=f"{was_held}; {why}")
        else:
            moved = call_off(tx, delivery, actor, moment, f"{was_held}; {why}")
        after = why
    else:
        moved = deliveries.move(
            tx,
            delivery,
            State.PLANNED,
            actor=actor,
            now=moment,
            reason=was_held,
            next_at=one.at.due_at,
            latest_at=one.at.latest_at,
            slot_at=one.at.slot_at,
        )
        after = f"{one.way}, {app.told(one.at.due_at)}"
    subject = f"delivery {delivery.id}"
    audit.write(
        tx, "held", subject, actor=actor, now=moment, reason=stop.reason, before=app.told(delivery.due_at), after=after
    )
    return replace(one, delivery=moved)
