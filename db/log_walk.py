"""Which deliveries stand on a page of the log, and in what order.

A page of a million rows touches few of them. Where a filter leaves few deliveries (``db.log_picks``) they are picked by
number and put in order. Else each order is walked in an index of its own which carries every column that a filter asks
for, from the mark on where the page before ended: an order by state, channel or story group by group, so that no page has
to sort. A walk on which rows are passed over goes so far and no further; the page then says where it ended.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, not_, or_, select, union_all

from db.log_picks import Left, left_by, places, walked
from db.log_view import BY_KIND, BY_NEED, LogFilter, LogOrder, PageMark
from db.records import State
from db.tables import deliveries as t
from db.word_index import numbered

STRETCHES = ((2_000, 1_000), (18_000, 4_000), (100_000, 7_000))
"""How far one page's walk goes, in steps: rows passed in an index, and rows whose texts are read."""


@dataclass(frozen=True, slots=True)
class Walked:
    """The numbers of a page's deliveries, in order. ``further``: the walk ended here with the page not full, and rows
    behind it may belong to it; None: the page is full or nothing comes behind it."""

    ids: list[int]
    further: PageMark | None = None


def ids_of(
    tx: Connection, wanted: LogFilter, limit: int, after: PageMark | None = None, order: LogOrder = LogOrder.NEWEST
) -> list[int]:
    """So many numbers in order, fewer only where there are no more, however far the walk to them is."""
    ids: list[int] = []
    while True:
        found = walk(tx, wanted, limit - len(ids), after, order)
        ids += found.ids
        if found.further is None:
            return ids
        after = found.further


def walk(
    tx: Connection, wanted: LogFilter, limit: int, after: PageMark | None = None, order: LogOrder = LogOrder.NEWEST
) -> Walked:
    """A page, or what of it stands within reach."""
    if wanted.cause and not wanted.states:
        wanted = replace(wanted, states=[state for state in State if state is not State.SENT])
    left = left_by(tx, wanted, _by(wanted, order))
    if left.is_nothing:
        return Walked([])
    if left.numbers is not None:
        return Walked(list(tx.execute(picked_page(tx, wanted, left, limit, after, order)).scalars()))
    ids: list[int] = []
    bounded = bool(_passed_over(wanted, left, order) or left.dear)
    step = 0
    for group in _groups(tx, wanted, after, order):
        begun = after if after is not None and after.group == group else None
        while True:
            stop = _stop(tx, wanted, left, STRETCHES[step], group, begun, order) if bounded else None
            page = page_of_group(wanted, left, limit - len(ids), group, begun, order, stop)
            ids += tx.execute(page).scalars()
            if len(ids) >= limit:
                return Walked(ids)
            step += stop is not None or step > 0  # what is left of a short group costs little
            if step == len(STRETCHES):
                return Walked(ids, stop or _last(tx, wanted, group, order))
            if stop is None:
                break
            begun = stop
    return Walked(ids)


def picked_page(
    tx: Connection,
    wanted: LogFilter,
    left: Left,
    limit: int,
    after: PageMark | None = None,
    order: LogOrder = LogOrder.NEWEST,
) -> Select[int]:
    """The statement for a page of the rows whose numbers are known: those are put in order."""
    keys, ups = _sorted_by(order)
    page = select(t.c.id).where(numbered(tx, t.c.id, left.numbers or ()), *left.read, *left.dear, *places(wanted))
    for bound, beyond in ((wanted.since, False), (wanted.until, True)):
        if bound is not None:
            page = page.where(walked(t.c.due_at) < bound if beyond else walked(t.c.due_at) >= bound)
    if after is not None:
        page = page.where(_behind(keys, _values(after, order), ups))
    return page.order_by(*(key.asc() if up else key.desc() for key, up in zip(keys, ups, strict=True))).limit(limit)


def page_of_group(
    wanted: LogFilter,
    left: Left,
    limit: int,
    group: str,
    begun: PageMark | None,
    order: LogOrder,
    stop: PageMark | None = None,
) -> Select[int]:
    """The statement for what a page shows of one state, channel or kind of subject, from ``begun`` on to ``stop``.

    By time all is one group. States asked for are then walked each in its own part of an index and merged: to look for a
    rare one among all the others would touch every row.
    """
    keys, up = _keys(order)
    conditions = [*_passed_over(wanted, left, order), *left.dear]
    runs = [
        _run(run, left, begun, order).where(*conditions, *_up_to(stop, order)).order_by(*_turned(keys, up)).limit(limit)
        for run in _runs(wanted, order, group)
    ]
    if len(runs) == 1:
        return runs[0].with_only_columns(t.c.id)
    both = union_all(*(select(run.subquery()) for run in runs)).subquery()
    return select(both.c.id).order_by(*_turned((both.c.due_at, both.c.id), up)).limit(limit)


# --- how far -----------------------------------------------------------------------------------


def _stop(
    tx: Connection,
    wanted: LogFilter,
    left: Left,
    stretch: tuple[int, int],
    group: str,
    begun: PageMark | None,
    order: LogOrder,
) -> PageMark | None:
    """Where a stretch of the walk ends, None where all that is left of the group lies within it."""
    passed, read = stretch
    stop = _nth(tx, wanted, left, passed, group, begun, order, [])
    if left.dear:
        conditions = [*_passed_over(wanted, left, order), *_up_to(stop, order)]
        stop = _nth(tx, wanted, left, read, group, begun, order, conditions) or stop
    return stop


def _nth(
    tx: Connection,
    wanted: LogFilter,
    left: Left,
    count: int,
    group: str,
    begun: PageMark | None,
    order: LogOrder,
    conditions: Sequence[ColumnElement[bool]],
) -> PageMark | None:
    """The row so many further on, shared among the runs; of several rows the one that comes first."""
    keys, up = _keys(order)
    found = []
    runs = _runs(wanted, order, group)
    count = max(1, count // len(runs))
    for run in runs:
        query = _run(run, left, begun, order).where(*conditions).order_by(*_turned(keys, up))
        row = tx.execute(query.offset(count - 1).limit(1)).first()
        if row is not None:
            found.append(tuple(row))
    return _mark(min(found) if up else max(found), group) if found else None


def _last(tx: Connection, wanted: LogFilter, group: str, order: LogOrder) -> PageMark | None:
    """The last row of a group: the walk goes on behind it. None by time, where nothing comes behind."""
    if not group:
        return None
    keys, up = _keys(order)
    (run,) = _runs(wanted, order, group)
    row = tx.execute(select(*keys).where(*run).order_by(*_turned(keys, not up)).limit(1)).first()
    return _mark(tuple(row), group) if row is not None else None


def _mark(values: tuple[Any, ...], group: str) -> PageMark:
    return PageMark(values[-2], values[-1], group, values[0] if len(values) > 2 else 0)


# --- runs and keys -----------------------------------------------------------------------------

_COLUMNS: dict[str, ColumnElement[str]] = {"state": t.c.state, "channel": t.c.channel, "story": t.c.subject_kind}


def _by(wanted: LogFilter, order: LogOrder) -> str:
    """The column whose index the walk goes through, "" for the one by time alone."""
    if order.column != "time":
        return order.column
    return "state" if wanted.states else "channel" if wanted.channel is not None else ""


def _runs(wanted: LogFilter, order: LogOrder, group: str) -> list[list[ColumnElement[bool]]]:
    """What each run through an index is entered with."""
    by = _by(wanted, order)
    if order.column != "time":
        return [[_COLUMNS[by] == group]]
    if by == "state":
        return [[t.c.state == state] for state in sorted(set(wanted.states))]
    return [[t.c.channel == wanted.channel]] if by else [[]]


def _passed_over(wanted: LogFilter, left: Left, order: LogOrder) -> list[ColumnElement[bool]]:
    """What is told of a row in the index itself; where stories come first, that is so of the moment too."""
    span = left.span if order.column == "story" else []
    return [*span, *left.read, *places(wanted, _by(wanted, order))]


def _run(run: list[ColumnElement[bool]], left: Left, begun: PageMark | None, order: LogOrder) -> Select[Any]:
    keys, up = _keys(order)
    query = select(*keys).where(*run, *(left.span if order.column != "story" else []))
    return query.where(*_past(keys, _values(begun, order)[-len(keys) :], up)) if begun is not None else query


def _keys(order: LogOrder) -> tuple[tuple[ColumnElement[Any], ...], bool]:
    """What a group's rows are sorted by, and whether upwards."""
    if order.column == "story":
        return (t.c.subject_id, t.c.due_at, t.c.id), order.backwards
    return (t.c.due_at, t.c.id), order is LogOrder.OLDEST


def _sorted_by(order: LogOrder) -> tuple[list[ColumnElement[Any]], list[bool]]:
    """What the whole log is sorted by, groups too, and which of it upwards; for rows that are put in order."""
    keys, up = _keys(order)
    groups: dict[str, tuple[list[ColumnElement[Any]], list[bool]]] = {
        "time": ([], []),
        "state": ([_place(t.c.state, BY_NEED)], [not order.backwards]),
        "channel": ([walked(t.c.channel)], [not order.backwards]),
        "story": ([_place(t.c.subject_kind, BY_KIND)], [not order.backwards]),
    }
    first, ups = groups[order.column]
    return [*first, *map(walked, keys)], [*ups, *(up for _ in keys)]


def _place(column: ColumnElement[str], order: Sequence[str]) -> ColumnElement[int]:
    return case({str(one): place for place, one in enumerate(order)}, value=column, else_=len(order))


def _values(mark: PageMark, order: LogOrder) -> tuple[Any, ...]:
    """A mark's values for ``_sorted_by``."""
    moment = (mark.due_at, mark.delivery_id)
    if order.column == "time":
        return moment
    if order.column == "channel":
        return (mark.group, *moment)
    every: list[str] = list(BY_KIND if order.column == "story" else BY_NEED)
    place = every.index(mark.group) if mark.group in every else -1
    return (place, mark.subject_id, *moment) if order.column == "story" else (place, *moment)


def _behind(keys: Sequence[ColumnElement[Any]], values: Sequence[Any], ups: Sequence[bool]) -> ColumnElement[bool]:
    """True for the rows behind these values, each key in its own way."""
    beyond: ColumnElement[bool] | None = None
    for key, there, up in reversed(list(zip(keys, values, ups, strict=True))):
        further = key > there if up else key < there
        beyond = further if beyond is None else or_(further, and_(key == there, beyond))
    assert beyond is not None
    return beyond


def _up_to(stop: PageMark | None, order: LogOrder) -> list[ColumnElement[bool]]:
    """True for a row at this mark and those before it: the range of an index first."""
    if stop is None:
        return []
    keys, up = _keys(order)
    values = _values(stop, order)[-len(keys) :]
    first, value = keys[0], values[0]
    return [first <= value if up else first >= value, not_(_behind(keys, values, [up] * len(keys)))]


# --- groups ------------------------------------------------------------------------------------


def _groups(tx: Connection, wanted: LogFilter, after: PageMark | None, order: LogOrder) -> Iterator[str]:
    """The groups in their order, from the one on in which the page before ended; by time all is one."""
    if order.column == "time":
        yield ""
        return
    if order.column == "channel":
        yield from _channels(tx, wanted, after, order.backwards)
        return
    every: list[str] = list(BY_KIND if order.column == "story" else BY_NEED)
    if order.backwards:
        every.reverse()
    first = every.index(after.group) if after is not None and after.group in every else 0
    for group in every[first:]:
        if order.column == "story" or not wanted.states or group in wanted.states:
            yield group


def _channels(tx: Connection, wanted: LogFilter, after: PageMark | None, backwards: bool) -> Iterator[str]:
    """Channel by channel as the database sorts their names: a jump in the index each, however many rows they have."""
    if wanted.channel is not None:
        yield wanted.channel
        return
    one = after.group if after is not None else None
    if one is not None:
        yield one
    while True:
        following = select(t.c.channel).order_by(t.c.channel.desc() if backwards else t.c.channel).limit(1)
        if one is not None:
            following = following.where(t.c.channel < one if backwards else t.c.channel > one)
        one = tx.execute(following).scalar()
        if one is None:
            return
        yield one


def _turned(keys: Collection[ColumnElement[Any]], up: bool) -> list[ColumnElement[Any]]:
    return [key.asc() if up else key.desc() for key in keys]


def _past(keys: tuple[ColumnElement[Any], ...], values: tuple[Any, ...], up: bool) -> list[ColumnElement[bool]]:
    """True for the rows behind these values: first the range that an index is entered with, then the rows it cuts off."""
    first, value = keys[0], values[0]
    beyond = keys[-1] > values[-1] if up else keys[-1] < values[-1]
    for key, there in zip(reversed(keys[:-1]), reversed(values[:-1]), strict=True):
        further = key > there if up else key < there
        beyond = or_(further, and_(key == there, beyond))
    return [first >= value if up else first <= value, beyond]
