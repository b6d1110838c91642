"""A word in time: what waits for a person, or is held, and would soon expire.

One notice for all that is kept by the same reason. It is taken down once nothing of the kind is left: approved,
sent, called off or, after all, expired.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from db import notices, stops
from db.claims import kept_by_budget
from db.expiring import expiring
from db.records import Delivery, State
from scheduler.app import App

WARNING = timedelta(hours=1)
SHARE = 4
"""The warning comes an hour before the latest time, but not before three quarters of the span have passed."""

_PREFIX = "expires "
_NAMED = 3


@dataclass(frozen=True, slots=True)
class _Why:
    """What keeps a delivery, as the cause's key, as words, and what a person can do."""

    key: str
    words: str
    remedy: str


def warn_from(delivery: Delivery) -> datetime | None:
    """The moment from which a person should hear that it may expire; None for what never does."""
    if delivery.latest_at is None:
        return None
    span = max(delivery.latest_at - delivery.due_at, timedelta(0))
    return delivery.latest_at - min(WARNING, span / SHARE)


def warn(app: App) -> None:
    """Puts up, rewords and takes down the warnings. Raises ``GroundLost``.

    Silent while the clock or the database cannot be believed: nothing expires then either.
    """
    if app.safeguard.refusal() is not None:
        return
    now = app.clock.now()
    with app.ground.reading() as tx:
        wanted = _warnings(app, tx, now)
        said = {one.cause_key: one for one in notices.standing(tx) if one.cause_key.startswith(_PREFIX)}
    new = {key: words for key, words in wanted.items() if key not in said or said[key].sentence != words[0]}
    gone = [key for key in said if key not in wanted]
    if not (new or gone):
        return
    with app.ground.transaction() as tx:
        for key, (sentence, remedy) in new.items():
            notices.tell_once(tx, key, sentence, remedy, now=now)
        for key in gone:
            notices.clear(tx, key, now=now)


def _warnings(app: App, tx: Connection, now: datetime) -> dict[str, tuple[str, str]]:
    kept: dict[_Why, list[Delivery]] = {}
    for delivery in expiring(tx, now, WARNING):
        begins = warn_from(delivery)
        why = _why_kept(app, tx, delivery, now) if begins is not None and begins <= now else None
        if why is not None:
            kept.setdefault(why, []).append(delivery)
    return {_PREFIX + why.key: (_told(app, why, those), why.remedy) for why, those in kept.items()}


def _told(app: App, why: _Why, those: list[Delivery]) -> str:
    named = ", ".join(f"delivery d{one.id} on {one.channel}" for one in those[:_NAMED])
    more = f" and {len(those) - _NAMED} more" if len(those) > _NAMED else ""
    verb = "expires" if len(those) == 1 else "expire from then on"
    return f"{named}{more}: {verb} {app.told(those[0].latest_at)}. {why.words}"


def _why_kept(app: App, tx: Connection, delivery: Delivery, now: datetime) -> _Why | None:
    """What keeps it; None for what is about to go by itself."""
    name = f"d{delivery.id}"
    if delivery.state is State.WAITING:
        words = delivery.reason or "It waits for a person's yes."
        return _Why(f"waiting {words}", words, "pressrun doctor")
    over = stops.over(tx, delivery, now)
    if over:
        words = over[0].reason or f"stopped by {over[0].by}"
        return _Why(f"stop {over[0].id}", f"Held: {words}", f"pressrun show {name}")
    outlet = app.outlets.get(delivery.channel)
    if outlet is None or outlet.mode is not delivery.mode:
        gone = f"There is no channel {delivery.channel} in mode {delivery.mode} any more"
        return _Why(f"no channel {delivery.mode} {delivery.channel}", gone, f"pressrun show {name}")
    place = f"{delivery.mode} {delivery.channel}"
    if delivery.id in kept_by_budget(tx, outlet.mode, outlet.name, outlet.guards(now), now):
        return _Why(f"budget {place}", f"{outlet.name} has used its monthly budget", "pressrun channels")
    until = app.held_until.get(outlet.name)
    if until is not None and until > now and delivery.next_at <= now:
        words = f"{outlet.name} keeps its spacing or its cap, or was told to wait by the platform"
        return _Why(f"wait {place}", words, "pressrun channels")
    if delivery.latest_at is not None and delivery.next_at >= delivery.latest_at:
        return _Why(f"too late {place}", "Its next try would come too late", f"pressrun show {name}")
    return None
