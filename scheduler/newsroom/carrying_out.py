"""Carrying out what cannot wait for the next run: the take-downs that a person has just ordered."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from functools import partial

from db import deliveries
from db.claims import Refusal
from db.records import Delivery, State
from scheduler.app import App, Outlet
from scheduler.deliver import deliver_next

PATIENCE = timedelta(seconds=60)
_UNDER_WAY = (State.PLANNED, State.SENDING)


def carry_out(app: App, delivery_ids: Collection[int], patience: timedelta = PATIENCE) -> list[Delivery]:
    """Works the channels of these deliveries until each has ended, must wait, or ``patience`` is over; how they stand.

    All channels at once, breaking and take-downs first as always; where a resident worker runs, both share the work.
    What is still to do then is done by the next run. Raises ``GroundLost``.
    """
    found = _read(app, delivery_ids)
    for name in dict.fromkeys(one.channel for one in found):
        outlet = app.outlets.get(name)
        mine = [one.id for one in found if one.channel == name and outlet is not None and one.mode is outlet.mode]
        if outlet is not None and mine:
            app.engine.hand(
                f"channel {name}", partial(_work, app, outlet, mine, app.clock.boot() + patience.total_seconds())
            )
    app.engine.wait(patience.total_seconds())
    return _read(app, delivery_ids)


def _work(app: App, outlet: Outlet, delivery_ids: Collection[int], until_boot: float) -> None:
    while not app.stopping() and app.clock.boot() < until_boot:
        if not any(_owed(app, one) for one in _read(app, delivery_ids)):
            return
        step = deliver_next(app, outlet)
        if step is None or (isinstance(step, Refusal) and step.why != "in flight"):
            return
        if isinstance(step, Refusal):  # another worker is at it
            app.clock.sleep(0.1)


def _owed(app: App, one: Delivery) -> bool:
    return one.state in _UNDER_WAY and one.next_at <= app.clock.now()


def _read(app: App, delivery_ids: Collection[int]) -> list[Delivery]:
    with app.ground.reading() as tx:
        return [deliveries.get(tx, one) for one in delivery_ids]
