"""Taking back what one delivery put out or may put out, and saying plainly what cannot be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from db import attempts, audit, deliveries, issue_counts, recipients
from db.moves import IN_FLIGHT
from db.records import Delivery, Mode, State, SubjectKind, Wish
from scheduler import correction, takedown
from scheduler.app import App
from scheduler.newsroom.calling_off import call_off
from scheduler.newsroom.grounds import MAY_CHANGE, Refused, current
from scheduler.people.actor import needs
from scheduler.people.roles import Permission


class Did(StrEnum):
    """What was done about one delivery."""

    CANCELLED = "cancelled"  # it had not begun and will not
    REMOVING = "being taken down"
    WISHED = "in flight"  # taken down or cancelled as soon as it is known whether it is out
    STOPPED = "stopped"  # an issue of which some readers have their copy: the rest do not get it
    LEFT_OUT = "left out"  # the issue goes without the story
    BEYOND = "cannot be recalled"


@dataclass(frozen=True, slots=True)
class TakenBack:
    """One delivery's row of a result. ``removal`` is the take-down that was ordered; ``accepted`` counts the mails
    that are with readers' servers and stay there."""

    delivery: Delivery
    did: Did
    sentence: str
    removal: Delivery | None = None
    url: str | None = None
    accepted: int = 0


@needs(Permission.TAKE_BACK)
def take_down(app: App, delivery_id: int, *, actor: str, reason: str) -> TakenBack:
    """Takes one post down; asked twice it is one order. What is still in flight is taken down once it is known to be
    out. Raises ``Refused`` without a reason, for what never went out, and for an issue that has gone."""
    ask_why(reason)
    moment = app.clock.now()
    with app.ground.transaction() as tx:
        delivery = deliveries.locked(tx, delivery_id)
        out = attempts.receipts_of(tx, delivery_id)
        if takedown.is_takedown(delivery):
            raise Refused(f"delivery {delivery_id} is a take-down itself; see: pressrun show d{delivery_id}")
        if correction.is_edit(delivery):
            corrected = correction.corrected(delivery)
            raise Refused(f"delivery {delivery_id} changed words in place; take the post itself down: d{corrected}")
        if delivery.state in MAY_CHANGE and not out:
            hint = f'pressrun cancel d{delivery_id} --why "…"'
            raise Refused(f"delivery {delivery_id} is {delivery.state} and not out yet; call it off: {hint}")
        if delivery.state not in (State.SENT, *MAY_CHANGE, *IN_FLIGHT) and not out:
            raise Refused(f"delivery {delivery_id} is {delivery.state}: nothing of it is known to be out")
        done = take_back(app, tx, delivery, actor=actor, reason=reason, moment=moment)
        if done.did is Did.BEYOND:
            raise Refused(done.sentence)
        audit.write(
            tx, "takedown", f"delivery {delivery_id}", actor=actor, now=moment, reason=reason, after=done.sentence
        )
        return done


def take_back(app: App, tx: Connection, delivery: Delivery, *, actor: str, reason: str, moment: datetime) -> TakenBack:
    """Does what can be done about one delivery, whatever state it is in; the caller has locked or just read it.

    A delivery that ended without anything out is given back as cancelled, unchanged.
    """
    if delivery.subject_kind is SubjectKind.ISSUE:
        return _issue(tx, delivery, actor, reason, moment)
    if delivery.state in IN_FLIGHT:
        after = deliveries.wish(tx, delivery.id, Wish.TAKE_DOWN, actor=actor, now=moment, reason=reason)
        return TakenBack(after, Did.WISHED, _when_known(after), url=_url(tx, delivery))
    if delivery.state in MAY_CHANGE:
        after = call_off(tx, delivery, actor, moment, reason)
        orders = takedown.orders_for(tx, after)
        if not orders:
            return TakenBack(after, Did.CANCELLED, "it had not gone out and will not")
        return TakenBack(after, Did.REMOVING, "what is out of it is taken down", orders[-1], _url(tx, delivery))
    if not attempts.receipts_of(tx, delivery.id):
        if delivery.state is State.SENT:  # a person said so, and nobody knows its number
            return _beyond(tx, delivery, "no receipt names the post; remove it by hand")
        if delivery.state is State.UNKNOWN:
            return _beyond(
                tx, delivery, "nobody could say whether it is out; look at the account and remove it by hand"
            )
        return TakenBack(delivery, Did.CANCELLED, f"it was {delivery.state} already; nothing of it is known to be out")
    if not current(app, delivery):
        if delivery.mode is Mode.REHEARSAL:
            return TakenBack(delivery, Did.CANCELLED, "it was a rehearsal; nobody has read it")
        where = f"{delivery.channel} is no longer a live channel in settings.toml; remove the post by hand"
        return _beyond(tx, delivery, where)
    removal = takedown.plan_takedown(tx, delivery, actor=actor, reason=reason, now=moment)
    if removal.state is State.SENT:
        return TakenBack(delivery, Did.CANCELLED, "it was taken down already", removal)
    sentence = f"it is taken down by delivery {removal.id}"
    return TakenBack(delivery, Did.REMOVING, sentence, removal, _url(tx, delivery))


def ask_why(reason: str) -> None:
    """Raises ``Refused`` where no reason is given."""
    if not reason.strip():
        raise Refused("say why: the reason stands in the log and the audit")


def _issue(tx: Connection, delivery: Delivery, actor: str, reason: str, moment: datetime) -> TakenBack:
    """Mail: what no server has accepted is called off, the rest stays where it is."""
    accepted = issue_counts.counts(tx, delivery.subject_id).sent
    gone = (
        f"{accepted} mails were accepted and cannot be recalled"
        if accepted != 1
        else ("1 mail was accepted and cannot be recalled")
    )
    if delivery.state in IN_FLIGHT:
        after = deliveries.wish(tx, delivery.id, Wish.TAKE_DOWN, actor=actor, now=moment, reason=reason)
        sentence = f"{gone} so far; the readers whose mail has not begun get none"
        return TakenBack(after, Did.STOPPED, sentence, accepted=accepted)
    if delivery.state in MAY_CHANGE:
        begun = recipients.in_line(tx, delivery)
        after = call_off(tx, delivery, actor, moment, reason)
        if not begun:
            return TakenBack(after, Did.CANCELLED, "no reader got it and none will")
        return TakenBack(
            after, Did.STOPPED, f"{gone}; the readers whose mail had not begun get none", accepted=accepted
        )
    if accepted or delivery.state is State.SENT:
        stays = "1 mail was accepted and stays with its reader"
        if accepted != 1:
            stays = f"{accepted} mails were accepted and stay with their readers"
        return TakenBack(delivery, Did.BEYOND, stays, accepted=accepted)
    return TakenBack(delivery, Did.CANCELLED, f"it was {delivery.state} already; no mail of it was accepted")


def _beyond(tx: Connection, delivery: Delivery, sentence: str) -> TakenBack:
    url = _url(tx, delivery)
    return TakenBack(delivery, Did.BEYOND, f"{sentence}{f': {url}' if url else ''}", url=url)


def _when_known(delivery: Delivery) -> str:
    if delivery.state is State.UNSETTLED:
        return f"only a person can say whether it is out: pressrun settle d{delivery.id} --out or --not-out"
    return "as soon as it is known: taken down if it is out, cancelled if it is not"


def _url(tx: Connection, delivery: Delivery) -> str | None:
    return next((known.receipt.url for known in attempts.receipts_of(tx, delivery.id) if known.receipt.url), None)
