"""What needs a person now, each with the command that settles it: for ``pressrun doctor`` and the desk."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from db import deliveries, embargoes, notices, stops, waiting
from db.moves import OPEN
from db.notices import Notice
from db.records import Cause, Delivery, Scope, State, Stop, SubjectKind
from scheduler.app import App
from scheduler.rule_guard import kept_by_rule

_ABOUT = re.compile(r"delivery (\d+) (?:failed|unsettled)")
_A_PERSONS = (State.FAILED, State.UNSETTLED)


@dataclass(frozen=True, slots=True)
class Need:
    """What is wrong or waits (``sentence``), the command or step that settles it, and since when it stands.

    ``delivery`` is what it is about, ``stop`` the stop that lies, where it is about one; ``cause`` is a notice's key.
    """

    kind: str  # safety, notice, failed, unsettled, waiting, stop
    sentence: str
    remedy: str
    since_at: datetime | None = None
    delivery: Delivery | None = None
    stop: Stop | None = None
    cause: str = ""


def count_needs(app: App) -> int:
    """How many things wait for a person: safety, unsettled posts, notices, and stories with a post that waits."""
    with app.ground.reading() as tx:
        found = waiting.count(tx)
    return found.subjects + found.unsettled + found.notices + (app.safeguard.refusal() is not None)


def needs_of(app: App) -> list[Need]:
    """Everything that needs a person, the most urgent first: what keeps all from going, what may be out, what waits."""
    now = app.clock.now()
    refusal = app.safeguard.refusal()
    found = [Need("safety", refusal.sentence, _after_colon(refusal.sentence))] if refusal is not None else []
    with app.ground.reading() as tx:
        standing = notices.standing(tx)
        unsettled = [one for one in deliveries.in_states(tx, (State.UNSETTLED,)) if not _has_notice(one, standing)]
        in_line = deliveries.in_states(tx, (State.WAITING,))
        lying = [stop for stop in stops.active(tx, now) if stop.cause is Cause.PERSON]
        about = _deliveries_of(tx, standing)
    found += [_unsettled(one) for one in unsettled]
    found += [_told(one, about.get(one.id)) for one in standing]
    found += [_waiting(app, one) for one in in_line]
    return found + [_stop(app, one) for one in lying]


def planned_but_stopped(app: App, tx: Connection, delivery: Delivery) -> str:
    """Why a planned delivery would not go at its moment, "" where nothing keeps it, or it has gone or ended."""
    if delivery.state not in OPEN:
        return ""
    now = app.clock.now()
    kept = [stop.reason or f"stopped by {stop.by}" for stop in stops.over(tx, delivery, now)]
    outlet = app.outlets.get(delivery.channel)
    if outlet is not None and delivery.state is State.PLANNED:
        rule = kept_by_rule(app, tx, outlet, delivery, max(now, delivery.next_at))
        kept += [rule.reason] if rule is not None else []
    if until := embargoes.ends_at(tx, delivery, max(now, delivery.next_at)):
        kept.append(f"under embargo until {app.told(until)}")
    return "; ".join(kept)


def _deliveries_of(tx: Connection, standing: list[Notice]) -> dict[int, Delivery]:
    """The deliveries that notices are about, by the notice's number."""
    about = [(one.id, found) for one in standing if (found := _ABOUT.fullmatch(one.cause_key))]
    return {number: deliveries.get(tx, int(found[1])) for number, found in about}


def _told(one: Notice, delivery: Delivery | None) -> Need:
    kind = str(delivery.state) if delivery is not None and delivery.state in _A_PERSONS else "notice"
    return Need(kind, one.sentence, one.remedy, one.since_at, delivery, cause=one.cause_key)


def _unsettled(one: Delivery) -> Need:
    remedy = f"pressrun settle d{one.id} --out, --not-out or --nobody-knows"
    return Need("unsettled", f"delivery d{one.id} on {one.channel}: {one.reason}", remedy, one.updated_at, one)


def _waiting(app: App, one: Delivery) -> Need:
    if one.subject_kind is SubjectKind.ARTICLE:
        what, name = f"story {one.subject_id}", f"{one.subject_id} --channel {one.channel}"
        remedy = f"pressrun preview {name}, then: pressrun approve {name}"
    else:
        what = f"{one.subject_kind} {one.subject_id}"
        remedy = f"pressrun show d{one.id}, then: pressrun approve d{one.id}"
    stale = f" It goes stale {app.told(one.latest_at)}." if one.latest_at is not None else ""
    reason = one.reason if one.reason.endswith((".", "!", "?")) else f"{one.reason}."
    return Need("waiting", f"{what} waits on {one.channel}: {reason}{stale}", remedy, one.updated_at, one)


def _stop(app: App, stop: Stop) -> Need:
    what = f"{stop.scope} {stop.target}".strip()
    until = f" until {app.told(stop.until_at)}" if stop.until_at is not None else ""
    return Need(
        "stop", f"{what} is stopped{until} by {stop.by}: {stop.reason}", release_of(stop), stop.since_at, stop=stop
    )


def release_of(stop: Stop) -> str:
    """The command that ends a person's stop."""
    match stop.scope:
        case Scope.EVERYTHING:
            return "pressrun resume everything"
        case Scope.DELIVERY:
            return f"pressrun release d{stop.target}"
        case Scope.STORY:
            return f"pressrun release {stop.target}"
    return f'pressrun resume --{stop.scope} "{stop.target}"'


def _has_notice(one: Delivery, standing: list[Notice]) -> bool:
    return any(notice.cause_key == f"delivery {one.id} {one.state}" for notice in standing)


def _after_colon(sentence: str) -> str:
    """The command at the end of a safeguard's sentence."""
    return sentence.rpartition(": ")[2]
