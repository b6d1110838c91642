"""Counting what the log holds, for reports: by day and channel, by lateness, by cause, by month.

Spans are given as moments, so that no zone and no clock is needed here; each question is one statement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Float,
    Integer,
    String,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from db import hits
from db.hit_totals import HitTally
from db.records import KnownBy, Mode, Money, Outcome, State, SubjectKind, Verb
from db.subscribers import ConsentEvent
from db.tables import (
    UtcDateTime,
    attempts,
    bounces,
    consents,
    deliveries,
    exclusions,
    issues,
    lists,
    recipients,
)

_FREE = (Outcome.REJECTED, Outcome.UNAUTHORIZED, Outcome.RATE_LIMITED, Outcome.UNREACHABLE, Outcome.NOT_THERE)
_BOUNCES, _COMPLAINT = ("hard bounce", "soft bounce"), "complaint"  # words of channels.email.returned.What
_FAILED = (Outcome.REJECTED, Outcome.UNAUTHORIZED, Outcome.RATE_LIMITED, Outcome.UNREACHABLE, Outcome.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class Span:
    """From ``start`` on, up to but without ``end``."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class DayTally:
    """How many deliveries promised in one of the spans stand in one state, and how the sent ones are known."""

    span: int
    channel: str
    state: State
    known_by: KnownBy | None
    count: int


@dataclass(frozen=True, slots=True)
class Lateness:
    """How many posts of a channel began so late: ``steps[n]`` is within the n-th limit, the last is beyond them."""

    channel: str
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CauseTally:
    """One cause of tries that did not end well: the platform's code, our sentence, on which channel, how often."""

    channel: str
    outcome: Outcome
    code: str
    sentence: str
    count: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class IssueTally:
    """One issue's four numbers (``open`` apart), the newest first. Of its readers: from how many it ``bounced`` for good or
    for now, how many ``complained``, and how many ``left`` by it. ``hits`` is None where none were counted."""

    delivery_id: int
    channel: str
    window: str
    cut_at: datetime
    sent: int
    refused: int
    unknown: int
    excluded: int
    open: int
    bounced: int = 0
    complained: int = 0
    left: int = 0
    hits: HitTally | None = None


def by_day(tx: Connection, mode: Mode, spans: Sequence[Span]) -> list[DayTally]:
    """Deliveries by span, channel and state; what was promised in none of the spans is left out."""
    days = _spans_table(spans)
    t = deliveries
    query = (
        select(days.c.number, t.c.channel, t.c.state, t.c.known_by, func.count())
        .select_from(days.join(t, and_(t.c.due_at >= days.c.start_at, t.c.due_at < days.c.end_at)))
        .where(_by_the_way(t.c.mode) == mode)
        .group_by(days.c.number, t.c.channel, t.c.state, t.c.known_by)
        .order_by(days.c.number, t.c.channel)
    )
    return [
        DayTally(row[0], row[1], State(row[2]), KnownBy(row[3]) if row[3] else None, row[4])
        for row in tx.execute(query)
    ]


def lateness(tx: Connection, mode: Mode, span: Span, limits: Sequence[timedelta]) -> list[Lateness]:
    """How long after its due moment the call that sent each post began, by channel, in steps of ``limits``."""
    t = attempts
    late = _seconds(t.c.opened_at, deliveries.c.due_at)
    step = case(*((late <= limit.total_seconds(), number) for number, limit in enumerate(limits)), else_=len(limits))
    query = (
        select(t.c.channel, step.label("step"), func.count())
        .join(deliveries, deliveries.c.id == t.c.delivery_id)
        .where(
            _by_the_way(t.c.mode) == mode,
            t.c.opened_at >= span.start,
            t.c.opened_at < span.end,
            t.c.verb == Verb.SEND,
            t.c.part == 0,
            t.c.outcome == Outcome.SENT,
        )
        .group_by(t.c.channel, "step")
    )
    found: dict[str, list[int]] = {}
    for channel, number, count in tx.execute(query):
        found.setdefault(channel, [0] * (len(limits) + 1))[number] += count
    return [Lateness(channel, tuple(steps)) for channel, steps in sorted(found.items())]


def causes(tx: Connection, mode: Mode, span: Span, limit: int = 12) -> list[CauseTally]:
    """Why tries did not end well, the most frequent cause first."""
    t = attempts
    query = (
        select(t.c.channel, t.c.outcome, t.c.code, func.max(t.c.sentence), func.count(), func.max(t.c.opened_at))
        .where(
            _by_the_way(t.c.mode) == mode,
            t.c.opened_at >= span.start,
            t.c.opened_at < span.end,
            t.c.outcome.in_(_FAILED),
        )
        .group_by(t.c.channel, t.c.outcome, t.c.code)
        .order_by(func.count().desc(), func.max(t.c.id).desc())
        .limit(limit)
    )
    return [CauseTally(row[0], Outcome(row[1]), *row[2:]) for row in tx.execute(query)]


def spent(tx: Connection, mode: Mode, spans: Sequence[Span]) -> dict[tuple[int, str], Money]:
    """What tries cost or may have cost, by span and channel; a clear refusal costs nothing."""
    t = attempts
    rows = [
        (name, number, span.start, span.end) for number, span in enumerate(spans) for name in _channels_tried(tx, mode)
    ]
    if not rows:
        return {}
    months = _said("months", {"channel": String(), **_SPAN}, rows)
    within = and_(
        t.c.mode == mode,  # what the index is by: mode, channel, moment
        t.c.channel == months.c.channel,
        t.c.opened_at >= months.c.start_at,
        t.c.opened_at < months.c.end_at,
    )
    query = (
        select(months.c.number, t.c.channel, func.sum(t.c.cost_micros))
        .select_from(months.join(t, within))
        .where(t.c.cost_micros > 0, or_(t.c.outcome.is_(None), t.c.outcome.not_in(_FREE)))
        .group_by(months.c.number, t.c.channel)
    )
    return {(row[0], row[1]): Money(int(row[2])) for row in tx.execute(query)}


def _channels_tried(tx: Connection, mode: Mode) -> list[str]:
    """Every channel with a try in this mode, hopping from one to the next in the index."""
    found: list[str] = []
    after = ""
    while True:
        query = select(func.min(attempts.c.channel)).where(attempts.c.mode == mode, attempts.c.channel > after)
        name: str | None = tx.execute(query).scalar()
        if name is None:
            return found
        found.append(name)
        after = name


def readers(tx: Connection, spans: Sequence[Span], list_name: str | None = None) -> list[tuple[int, int]]:
    """How many subscriptions were confirmed and how many ended, span by span; of one list or all."""
    weeks = _spans_table(spans)
    came = func.sum(case((consents.c.event == ConsentEvent.ENDED, 0), else_=1))
    went = func.sum(case((consents.c.event == ConsentEvent.ENDED, 1), else_=0))
    query = (
        select(weeks.c.number, came, went)
        .select_from(weeks.join(consents, and_(consents.c.at >= weeks.c.start_at, consents.c.at < weeks.c.end_at)))
        .where(consents.c.event.in_((ConsentEvent.CONFIRMED, ConsentEvent.IMPORTED, ConsentEvent.ENDED)))
        .group_by(weeks.c.number)
    )
    if list_name is not None:
        query = query.where(consents.c.list_id == select(lists.c.id).where(lists.c.name == list_name).scalar_subquery())
    found = {row[0]: (int(row[1]), int(row[2])) for row in tx.execute(query)}
    return [found.get(number, (0, 0)) for number in range(len(spans))]


def latest_issues(tx: Connection, mode: Mode, limit: int = 12) -> list[IssueTally]:
    """The newest issues with what became of their readers' copies."""
    newest = (
        select(issues.c.id, issues.c.channel, issues.c.window, issues.c.cut_at)
        .where(issues.c.mode == mode)
        .order_by(issues.c.cut_at.desc(), issues.c.id.desc())
        .limit(limit)
        .subquery()
    )
    rows = list(
        tx.execute(
            select(newest, deliveries.c.id.label("delivery_id"))
            .join(
                deliveries,
                and_(deliveries.c.subject_kind == SubjectKind.ISSUE, deliveries.c.subject_id == newest.c.id),
            )
            .order_by(newest.c.cut_at.desc(), newest.c.id.desc(), deliveries.c.id)
        )
    )
    ids = {row.id for row in rows}
    states: dict[int, dict[State, int]] = {}
    copies = select(recipients.c.issue_id, recipients.c.state, func.count()).where(recipients.c.issue_id.in_(ids))
    for issue_id, state, count in tx.execute(copies.group_by(recipients.c.issue_id, recipients.c.state)):
        states.setdefault(issue_id, {})[State(state)] = count
    left_out = select(exclusions.c.issue_id, func.count()).where(exclusions.c.issue_id.in_(ids))
    excluded = {row[0]: row[1] for row in tx.execute(left_out.group_by(exclusions.c.issue_id))}
    counted = hits.tallies(tx, ids)
    came_back = _came_back(tx, rows)
    left = _left(tx, rows)
    tallies: dict[int, IssueTally] = {}
    for row in rows:
        if row.id not in tallies:
            tally = _issue_tally(row, states.get(row.id, {}), excluded.get(row.id, 0))
            bounced, complained = came_back.get(row.id, (0, 0))
            tallies[row.id] = replace(
                tally, bounced=bounced, complained=complained, left=left.get(row.id, 0), hits=counted.get(row.id)
            )
    return list(tallies.values())


def _came_back(tx: Connection, rows: Sequence[Any]) -> dict[int, tuple[int, int]]:
    """From how many readers each issue bounced, and how many complained of it."""
    if not rows:
        return {}
    t = bounces
    bounced, complained = (
        func.count(func.distinct(case((t.c.what.in_(words), t.c.subscriber_id)))) for words in (_BOUNCES, (_COMPLAINT,))
    )
    query = (
        select(t.c.issue_id, bounced, complained)
        .where(
            t.c.channel.in_({row.channel for row in rows}),  # with the moment, what the index is by
            t.c.at >= min(row.cut_at for row in rows),
            t.c.issue_id.in_({row.id for row in rows}),
        )
        .group_by(t.c.issue_id)
    )
    return {row[0]: (row[1], row[2]) for row in tx.execute(query)}


def _left(tx: Connection, rows: Sequence[Any]) -> dict[int, int]:
    """How many readers left by each issue."""
    if not rows:
        return {}
    t = consents
    query = (
        select(t.c.issue_id, func.count(func.distinct(t.c.subscriber_id)))
        .where(
            t.c.list_id.in_(select(lists.c.id)),  # with the moment, what the index is by
            t.c.at >= min(row.cut_at for row in rows),
            t.c.event == ConsentEvent.ENDED,
            t.c.issue_id.in_({row.id for row in rows}),
        )
        .group_by(t.c.issue_id)
    )
    return {row[0]: row[1] for row in tx.execute(query)}


def _issue_tally(row: Any, states: dict[State, int], excluded: int) -> IssueTally:
    def total(*wanted: State) -> int:
        return sum(states.get(state, 0) for state in wanted)

    return IssueTally(
        delivery_id=row.delivery_id,
        channel=row.channel,
        window=row.window,
        cut_at=row.cut_at,
        sent=total(State.SENT),
        refused=total(State.FAILED),
        unknown=total(State.UNCERTAIN, State.UNSETTLED, State.UNKNOWN),
        excluded=excluded,
        open=total(State.WAITING, State.PLANNED, State.SENDING),
    )


def _by_the_way(col: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column that narrows little: so written no index begins with it, and the one by moments is taken."""
    return func.coalesce(col, "")


_SPAN: Mapping[str, TypeEngine[Any]] = {"number": Integer(), "start_at": UtcDateTime(), "end_at": UtcDateTime()}


def _spans_table(spans: Sequence[Span]) -> CTE:
    return _said("spans", _SPAN, [(number, span.start, span.end) for number, span in enumerate(spans)])


def _said(name: str, columns: Mapping[str, TypeEngine[Any]], rows: Sequence[Sequence[object]]) -> CTE:
    """These rows as a table. ``values()`` would do, but SQLAlchemy compiles such a statement anew each time it runs."""
    selects = [", ".join(f":{column}_{number} AS {column}" for column in columns) for number in range(len(rows))]
    bound = [
        bindparam(f"{column}_{number}", value, kind)
        for number, row in enumerate(rows)
        for (column, kind), value in zip(columns.items(), row, strict=True)
    ]
    said = text(" UNION ALL ".join(f"SELECT {one}" for one in selects)).bindparams(*bound)
    return said.columns(**columns).cte(name)


class _seconds(FunctionElement[float]):
    """The seconds from the second moment to the first."""

    type = Float()
    inherit_cache = True


@compiles(_seconds)
def _on_postgresql(element: _seconds, compiler: SQLCompiler, **options: Any) -> str:
    later, earlier = element.clauses
    return f"extract(epoch from ({compiler.process(later, **options)} - {compiler.process(earlier, **options)}))"


@compiles(_seconds, "sqlite")
def _on_sqlite(element: _seconds, compiler: SQLCompiler, **options: Any) -> str:
    later, earlier = element.clauses
    days = f"julianday({compiler.process(later, **options)}) - julianday({compiler.process(earlier, **options)})"
    return f"(({days}) * 86400.0)"
