"""Where each channel stands, as far as it is known without asking its platform."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from db import attempts, channel_states, deliveries, quota, stops
from db.channel_states import ChannelState
from db.records import Cause, Money, Quota, Scope, Stop
from scheduler.app import App, Outlet


@dataclass(frozen=True, slots=True)
class ChannelStanding:
    """One channel: whose account it speaks for, what lies over it, when it speaks next, what it spent this month."""

    outlet: Outlet
    state: ChannelState | None
    stops: tuple[Stop, ...]
    next_at: datetime | None
    spent: Money
    quota: Quota

    @property
    def word(self) -> str:
        """``ok`` or ``stopped``."""
        return "stopped" if self.stops else "ok"

    @property
    def paused_by_person(self) -> bool:
        """Whether a person's own pause lies over exactly this channel, so that a person may end it here."""
        return any(stop.cause is Cause.PERSON and stop.scope is Scope.CHANNEL for stop in self.stops)


def channel_standings(app: App) -> list[ChannelStanding]:
    """Every channel in the order of the settings. Reads only."""
    now = app.clock.now()
    with app.ground.reading() as tx:
        states = {(one.mode, one.channel): one for one in channel_states.every(tx)}
        lying = stops.active(tx, now)
        return [
            ChannelStanding(
                outlet,
                states.get((outlet.mode, outlet.name)),
                tuple(stop for stop in lying if _covers(stop, outlet)),
                deliveries.next_planned(tx, outlet.mode, outlet.name),
                attempts.spent(tx, outlet.mode, outlet.name, outlet.guards(now).month_began_at),
                quota.of_channel(tx, outlet.mode, outlet.name),
            )
            for outlet in app.outlets.values()
        ]


def _covers(stop: Stop, outlet: Outlet) -> bool:
    if stop.mode not in (None, outlet.mode):
        return False
    return stop.scope is Scope.EVERYTHING or (stop.scope is Scope.CHANNEL and stop.target == outlet.name)
