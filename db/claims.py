"""The claim: every guard and the move to ``sending`` in one transaction, under the channel's lock (design rule 3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, not_, or_, select, update

from db import attempts, channel_states, happenings, quota
from db.breaking import breaking_runs
from db.channel_states import ChannelState
from db.deliveries import claim_values, from_row
from db.embargoes import under_embargo
from db.records import MACHINE, Claim, Delivery, Mode, Money, Priority, State, SubjectKind
from db.stops import not_stopped
from db.tables import articles, deliveries

t = deliveries


@dataclass(frozen=True, slots=True)
class Guards:
    """What a channel's settings ask of a claim. Moments are given, so that the rule needs no clock and no zone."""

    spacing: timedelta
    daily_cap: int | None
    day_began_at: datetime
    day_ends_at: datetime
    budget: Money | None
    reserve: Money  # the end of the budget that only breaking news may use
    month_began_at: datetime
    hold_until: datetime | None = None  # nothing goes before: a limit of the platform is all but used up


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing was claimed although something is due; ``until`` is when to ask again, if that is known."""

    why: str  # rate, spacing, cap, budget, in flight, held
    sentence: str
    until: datetime | None = None


def claim_next(
    tx: Connection,
    mode: Mode,
    channel: str,
    guards: Guards,
    claim: Claim,
    *,
    now: datetime,
    urgent: bool | None = None,
) -> Delivery | Refusal | None:
    """Moves the channel's best due delivery to ``sending`` under ``claim``.

    Breaking first, then the newest due. None: nothing is due. A ``Refusal`` says which guard kept what is due.
    The caller opens the attempt in the same transaction. ``urgent`` parts a channel into two lines, one delivery in
    flight in each: True takes alerts and what is breaking, False all others, None all in one line.
    """
    state = channel_states.lock(tx, mode, channel, now=now)
    line: list[ColumnElement[bool]] = []
    if urgent is not None:
        line.append(_is_urgent() if urgent else not_(_is_urgent()))
    due = and_(t.c.mode == mode, t.c.channel == channel, t.c.state == State.PLANNED, t.c.next_at <= now, *line)
    best = tx.execute(select(t.c.id, t.c.priority).where(due).order_by(*_order()).limit(1)).first()
    if best is None:
        return None
    if tx.execute(
        select(t.c.id).where(t.c.mode == mode, t.c.channel == channel, t.c.state == State.SENDING, *line).limit(1)
    ).first():
        return Refusal("in flight", f"{channel} has a post in flight; one goes at a time")
    waits = (quota.wait_until(tx, mode, channel, now), guards.hold_until)
    until = max((moment for moment in waits if moment is not None and moment > now), default=None)
    if until is not None:
        return Refusal("rate", f"{channel} was told to wait by the platform", until)
    pace = _pace(tx, state, mode, channel, guards, now)
    if pace is not None and best.priority != Priority.BREAKING:
        return pace
    free = [due, *_row_guards(mode, now)]
    if pace is not None:
        free.append(t.c.priority == Priority.BREAKING)  # what jumps the pace takes nobody with it
    if guards.budget is not None:
        free.append(_affordable(attempts.spent(tx, mode, channel, guards.month_began_at), guards))
    chosen = select(t.c.id).where(*free).order_by(*_order()).limit(1).scalar_subquery()
    row = tx.execute(
        update(t)
        .where(t.c.id == chosen, t.c.state == State.PLANNED)
        .values(
            state=State.SENDING,
            version=t.c.version + 1,
            actor=claim.owner,
            updated_at=now,
            **claim_values(claim),
        )
        .returning(*t.c)
    ).one_or_none()
    if row is None:
        return pace or _why_held(tx, due, mode, channel, guards, now)
    channel_states.save(tx, mode, channel, now=now, begun_at=now)
    begun = from_row(row)
    happenings.note(tx, begun, State.PLANNED, actor=claim.owner, now=now)
    return begun


def kept_by_budget(tx: Connection, mode: Mode, channel: str, guards: Guards, now: datetime) -> set[int]:
    """The numbers of the deliveries that are due on a channel and that its monthly budget does not allow."""
    if guards.budget is None:
        return set()
    due = and_(t.c.mode == mode, t.c.channel == channel, t.c.state == State.PLANNED, t.c.next_at <= now)
    spent = attempts.spent(tx, mode, channel, guards.month_began_at)
    return set(tx.execute(select(t.c.id).where(due, ~_affordable(spent, guards))).scalars())


def claim_look(tx: Connection, delivery: Delivery, claim: Claim, *, now: datetime) -> bool:
    """Takes the right to look for an uncertain (or failed) delivery. False: somebody else has it."""
    result = tx.execute(
        update(t)
        .where(
            t.c.id == delivery.id,
            t.c.state == delivery.state,
            t.c.version == delivery.version,
            t.c.claim_owner.is_(None),
        )
        .values(updated_at=now, **claim_values(claim))
    )
    return result.rowcount == 1


def _pace(
    tx: Connection, state: ChannelState, mode: Mode, channel: str, guards: Guards, now: datetime
) -> Refusal | None:
    """Spacing and daily cap: what holds everything but breaking news."""
    if state.begun_at is not None:
        free_at = state.begun_at + guards.spacing
        if state.begun_at <= now < free_at:  # a wall that was set back must not hold the channel
            return Refusal("spacing", f"{channel} keeps its spacing", free_at)
    if guards.daily_cap is not None:
        begun = attempts.begun_since(tx, mode, channel, guards.day_began_at)
        if begun >= guards.daily_cap:
            return Refusal("cap", f"{channel} has reached its daily cap of {guards.daily_cap}", guards.day_ends_at)
    return None


def _is_urgent() -> ColumnElement[bool]:
    return or_(t.c.purpose == "alert", t.c.priority == Priority.BREAKING)


def _order() -> tuple[Any, ...]:
    rank = case({Priority.BREAKING: 0, Priority.NORMAL: 1, Priority.EVERGREEN: 2}, value=t.c.priority, else_=1)
    return rank, t.c.due_at.desc(), t.c.id


def _row_guards(mode: Mode, now: datetime) -> list[ColumnElement[bool]]:
    """What a single row must satisfy: the post approved byte for byte, in time, not stopped, not embargoed.

    What is evergreen waits while something breaking runs.
    """
    return [
        t.c.approved_fingerprint == t.c.fingerprint,
        ~_wants_a_persons_yes(),
        or_(t.c.latest_at.is_(None), t.c.latest_at > now),
        not_stopped(now),
        ~under_embargo(now),
        or_(t.c.priority != Priority.EVERGREEN, ~breaking_runs(mode, now)),
    ]


def _wants_a_persons_yes() -> ColumnElement[bool]:
    """A person asked to be asked, and the yes is still the machine's: the story's plan has not been gone through yet."""
    mends = or_(t.c.purpose.like("takedown-%"), t.c.purpose.like("correction-%"))
    asked = exists().where(
        t.c.subject_kind == SubjectKind.ARTICLE, articles.c.id == t.c.subject_id, articles.c.wants_yes
    )
    return and_(func.coalesce(t.c.approved_by, "") == MACHINE, ~mends, asked)


def _affordable(spent: Money, guards: Guards) -> ColumnElement[bool]:
    assert guards.budget is not None
    left = guards.budget.micros - spent.micros
    return or_(
        t.c.cost_micros <= left - guards.reserve.micros,
        and_(t.c.priority == Priority.BREAKING, t.c.cost_micros <= left),
        t.c.cost_micros == 0,
    )


def _why_held(
    tx: Connection, due: ColumnElement[bool], mode: Mode, channel: str, guards: Guards, now: datetime
) -> Refusal:
    if guards.budget is not None:
        without_budget = select(t.c.id).where(due, *_row_guards(mode, now)).limit(1)
        if tx.execute(without_budget).first() is not None:
            return Refusal(
                "budget",
                f"{channel} has used its monthly budget of {guards.budget}; raise monthly_budget in settings.toml "
                "or wait for the next month",
            )
    return Refusal("held", f"what is due on {channel} is stopped, under embargo or not approved")
