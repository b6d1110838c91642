"""What a tick would send now: the real claim with every guard, taken back before anybody sees it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from db import attempts, deliveries
from db.claims import Refusal, claim_next
from db.records import Delivery, State
from scheduler.app import App, Outlet
from scheduler.work import attempt_for, read_work


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What one channel would send now, in order, and the guard that keeps the rest of what is due, if any is."""

    channel: str
    deliveries: tuple[Delivery, ...]
    refusal: Refusal | None = None


def would_send(app: App) -> list[Foreseen]:
    """What each channel would send at this moment, if every call succeeded. Writes nothing.

    Runs the claims inside one transaction and rolls it back, so that it is right by construction; others who write
    wait that long. Raises ``GroundLost``.
    """
    refusal = app.safeguard.refusal()
    if refusal is not None:
        return [Foreseen(name, (), refusal) for name in app.outlets]
    with app.ground.transaction() as tx:
        foreseen = [_foresee(app, outlet, tx) for outlet in app.outlets.values()]
        tx.rollback()
    return foreseen


def _foresee(app: App, outlet: Outlet, tx: Connection) -> Foreseen:
    now = app.clock.now()
    going: list[Delivery] = []
    while True:
        claim = app.claim(outlet.claim_span)
        got = claim_next(tx, outlet.mode, outlet.name, outlet.guards_now(tx, now), claim, now=now)
        if not isinstance(got, Delivery):
            return Foreseen(outlet.name, tuple(going), got)
        work = read_work(tx, got)
        attempt = attempt_for(work, work.verb, work.next_part() or 0, worker=app.worker, cost=got.cost)
        attempts.open_attempt(tx, attempt, actor=app.worker, now=now)  # so that cap and budget count it
        deliveries.move(tx, got, State.SENT, actor=app.worker, now=now)
        going.append(got)
