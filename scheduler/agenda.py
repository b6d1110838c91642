"""The calendar of all channels: what went and what is to go, hour by hour, with the slots that are still free."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice, takewhile
from typing import NamedTuple

from sqlalchemy import Connection

from db import deliveries
from db.promised import Promised, promised
from db.records import SubjectKind
from scheduler.app import App, Outlet
from scheduler.newsroom.grounds import MAY_CHANGE
from scheduler.slots import end_of_quiet, next_slots, start_of_day, to_instant

MOST = 10_000
"""Deliveries that one calendar counts at most; the last ones are kept."""
_DAY = timedelta(days=1)


class Entry(NamedTuple):
    """One delivery in its place. ``at`` is its wall time; ``movable``: its moment is still a person's to change."""

    post: Promised
    at: datetime
    movable: bool


@dataclass(frozen=True, slots=True)
class FreeSlot:
    """A slot to come that nothing holds; ``at`` is its wall time."""

    channel: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of a day on the wall. ``quiet``: no channel shown speaks when it begins. ``past``: it is over."""

    hour: int
    entries: tuple[Entry, ...]
    free: tuple[FreeSlot, ...]
    quiet: bool
    past: bool


@dataclass(frozen=True, slots=True)
class Day:
    """One day in the newsroom's zone. ``shift``: by how much the clocks change in it, nought on other days.

    ``closed`` are the channels on which nothing goes that day.
    """

    date: date
    hours: tuple[Hour, ...]
    shift: timedelta
    closed: tuple[str, ...]

    @property
    def entries(self) -> list[Entry]:
        """All of the day in order."""
        return [entry for hour in self.hours for entry in hour.entries]

    @property
    def free(self) -> list[FreeSlot]:
        """All of the day's free slots in order."""
        return [slot for hour in self.hours for slot in hour.free]


@dataclass(frozen=True, slots=True)
class Agenda:
    """So many days, one after the other. ``cut``: there were more deliveries than are shown."""

    days: tuple[Day, ...]
    cut: bool


def agenda(app: App, first: date, days: int, *, channel: str | None = None, most: int = MOST) -> Agenda:
    """The calendar from ``first`` on, of all channels or one, in their present modes, with the last so many deliveries.

    Reads only, and what a delivery is called not at all: ``db.log.headlines`` says it of those that are shown.
    """
    zone, now = app.settings.newsroom.zone, app.clock.now()
    dates = [first + number * _DAY for number in range(days)]
    start, end = start_of_day(dates[0], zone), start_of_day(dates[-1] + _DAY, zone)
    outlets = [one for one in app.outlets.values() if channel in (None, one.name)]
    with app.ground.reading() as tx:
        found, cut = promised(tx, start, end, {one.name: one.mode for one in outlets}, most)
        taken = {
            (outlet.name, slot)
            for outlet in outlets
            if end > now
            for slot in deliveries.slots_taken(tx, outlet.mode, outlet.name, max(start, now))
        }
    by_day: dict[date, dict[int, list[Entry]]] = {}
    for post in found:
        wall = post.due_at.astimezone(zone)
        movable = post.state in MAY_CHANGE and post.subject_kind is SubjectKind.ARTICLE
        by_day.setdefault(wall.date(), {}).setdefault(wall.hour, []).append(Entry(post, wall, movable))
    free: dict[date, list[FreeSlot]] = {}
    for outlet in outlets:
        for moment in _slots_between(outlet, max(start, now), end):
            if (outlet.name, moment) not in taken:
                wall = moment.astimezone(zone)
                free.setdefault(wall.date(), []).append(FreeSlot(outlet.name, wall))
    made = tuple(_day(app, one, by_day.get(one, {}), free.get(one, []), outlets, now) for one in dates)
    return Agenda(made, cut=cut)


def next_free(app: App, tx: Connection, outlet: Outlet, most: int = 8) -> list[datetime]:
    """The channel's next slots that nothing holds, within two weeks; none for a channel without slots."""
    now = app.clock.now()
    taken = deliveries.slots_taken(tx, outlet.mode, outlet.name, now)
    free = (one for one in _slots_between(outlet, now, now + timedelta(days=14)) if one not in taken)
    return list(islice(free, most))


def hours_shown(days: Sequence[Day], usual: tuple[int, int] = (7, 20)) -> range:
    """The hours that a week needs: the usual ones, and whatever lies outside them."""
    busy = [hour.hour for day in days for hour in day.hours if hour.entries or hour.free]
    return range(min([usual[0], *busy]), max([usual[1], *busy]) + 1)


def _day(
    app: App,
    day: date,
    entries: dict[int, list[Entry]],
    free: list[FreeSlot],
    outlets: Sequence[Outlet],
    now: datetime,
) -> Day:
    zone = app.settings.newsroom.zone
    speakers = [one for one in outlets if not one.crowd] or list(outlets)
    hours = []
    for hour in range(24):
        begins = to_instant(day, time(hour), zone)
        hours.append(
            Hour(
                hour=hour,
                entries=tuple(entries.get(hour, ())),
                free=tuple(sorted((one for one in free if one.at.hour == hour), key=lambda one: (one.at, one.channel))),
                quiet=bool(speakers) and all(_is_quiet(one, begins) for one in speakers),
                past=begins + timedelta(hours=1) <= now,
            )
        )
    length = start_of_day(day + _DAY, zone) - start_of_day(day, zone)
    closed = tuple(one.name for one in outlets if day in one.rules.except_dates)
    return Day(day, tuple(hours), _DAY - length, closed)


def _is_quiet(outlet: Outlet, at: datetime) -> bool:
    return end_of_quiet(outlet.rules.quiet, outlet.rules.zone, at) > at


def _slots_between(outlet: Outlet, after: datetime, before: datetime) -> Iterator[datetime]:
    rules = outlet.rules
    slots = next_slots(rules.slots, rules.zone, after, except_dates=rules.except_dates)
    return takewhile(lambda moment: moment < before, slots)
