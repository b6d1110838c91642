"""A channel's slots as people set them at the desk: they count instead of those in settings.toml, at once, for all.

The row in the database is read at each tick and before each page that plans, so every process has the same week
without a new start. What is planned already keeps its moment: a person may have said yes to it. See ADR 0013.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time

from db import audit, channel_slots
from scheduler.app import App, Outlet
from scheduler.newsroom.grounds import Refused, outlet_named
from scheduler.people.actor import needs
from scheduler.people.roles import Permission
from scheduler.settings import AnyChannel
from scheduler.slots import WEEKDAYS, Slot, Slots, parse_slots

MOST_SLOTS = 7 * 48
"""So many places in a week: one every half hour."""


@dataclass(frozen=True, slots=True)
class Week:
    """A channel's week: the slots that count, those of the settings, and who set others and when, if anybody did."""

    slots: Slots
    settings: Slots
    set_by: str = ""
    set_at: datetime | None = None

    @property
    def is_set_here(self) -> bool:
        """Whether the desk's slots count, not those of the settings."""
        return self.set_at is not None


def follow_slots(app: App) -> None:
    """Gives every outlet the slots that count now. Raises ``GroundLost``."""
    with app.ground.reading() as tx:
        found = channel_slots.every(tx)
    changed = {
        name: outlet for name, outlet in app.outlets.items() if _slots_of(app, outlet, found) != outlet.rules.slots
    }
    if changed:
        app.outlets = {name: _with(app, outlet, found) for name, outlet in app.outlets.items()}


def week_of(app: App, channel: str) -> Week:
    """The week of a channel that takes slots. Raises ``Refused``."""
    outlet = outlet_named(app, channel)
    asked = _settings_of(app, outlet)
    with app.ground.reading() as tx:
        found = channel_slots.every(tx).get(channel)
    if found is None:
        return Week(asked.slots, asked.slots)
    return Week(_read(found.lines), asked.slots, found.by, found.at)


@needs(Permission.CHANNELS)
def set_slots(app: App, channel: str, lines: Sequence[str], *, actor: str, reason: str = "") -> Week:
    """Sets a channel's week, from lines as in settings.toml; none at all: immediately. It counts from now on.

    Raises ``Refused`` for a line that is no slot, for a slot within quiet hours, for too many.
    """
    outlet = outlet_named(app, channel)
    asked = _settings_of(app, outlet)
    try:
        slots = parse_slots(list(lines)) if lines else Slots()
    except ValueError as error:
        raise Refused(f"{error}.") from None
    _check(asked, slots)
    now, told = app.clock.now(), lines_of(slots)
    with app.ground.transaction() as tx:
        before = channel_slots.every(tx).get(channel)
        was = before.lines if before is not None else lines_of(asked.slots)
        channel_slots.put(tx, channel, told, actor=actor, now=now, reason=reason)
        audit.write(
            tx,
            "set slots",
            f"channel {channel}",
            actor=actor,
            now=now,
            reason=reason,
            before=_told(was),
            after=_told(told),
        )
    follow_slots(app)
    return week_of(app, channel)


@needs(Permission.CHANNELS)
def use_settings_slots(app: App, channel: str, *, actor: str, reason: str = "") -> Week:
    """Lets the slots of settings.toml count again. Raises ``Refused`` where they do."""
    outlet = outlet_named(app, channel)
    asked, now = _settings_of(app, outlet), app.clock.now()
    with app.ground.transaction() as tx:
        before = channel_slots.every(tx).get(channel)
        if before is None or not channel_slots.remove(tx, channel):
            raise Refused(f"The slots of {channel} are those of settings.toml already.")
        after = _told(lines_of(asked.slots))
        audit.write(
            tx,
            "use settings' slots",
            f"channel {channel}",
            actor=actor,
            now=now,
            reason=reason,
            before=_told(before.lines),
            after=after,
        )
    follow_slots(app)
    return week_of(app, channel)


def lines_of(slots: Slots) -> tuple[str, ...]:
    """Slots as lines of settings.toml: a time and its days, days in a row as a range; by time of day."""
    by_time: dict[time, set[int]] = {}
    for slot in slots.places:
        by_time.setdefault(slot.at, set()).add(slot.weekday)
    return tuple(f"{_days(days)} {at:%H:%M}" for at, days in sorted(by_time.items()))


def _days(days: Collection[int]) -> str:
    if len(days) == len(WEEKDAYS):
        return "daily"
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(
        f"{WEEKDAYS[run[0]]}-{WEEKDAYS[run[-1]]}" if len(run) > 2 else ",".join(WEEKDAYS[one] for one in run)
        for run in runs
    )


def _check(asked: AnyChannel, slots: Slots) -> None:
    if len(slots.places) > MOST_SLOTS:
        raise Refused(f"These are {len(slots.places)} slots, a week takes {MOST_SLOTS}. Take some out.")
    quiet = asked.quiet
    lost: list[Slot] = [slot for slot in slots.places if quiet is not None and quiet.holds(slot.at)]
    if lost and quiet is not None:
        first = f"{WEEKDAYS[lost[0].weekday]} {lost[0].at:%H:%M}"
        raise Refused(
            f"The slot {first} lies in the quiet hours ({quiet.start:%H:%M} to {quiet.end:%H:%M}) and would never be "
            "used. Move it, or change quiet in settings.toml."
        )


def _settings_of(app: App, outlet: Outlet) -> AnyChannel:
    if outlet.crowd or outlet.name not in app.settings.channels:
        raise Refused(
            f"{outlet.name} is a newsletter: its hours stand under [newsletters.{outlet.name}] in settings.toml."
        )
    return app.settings.channels[outlet.name]


def _slots_of(app: App, outlet: Outlet, found: dict[str, channel_slots.SetSlots]) -> Slots:
    if outlet.crowd or outlet.name not in app.settings.channels:
        return outlet.rules.slots
    one = found.get(outlet.name)
    return _read(one.lines) if one is not None else app.settings.channels[outlet.name].slots


def _with(app: App, outlet: Outlet, found: dict[str, channel_slots.SetSlots]) -> Outlet:
    return replace(outlet, rules=replace(outlet.rules, slots=_slots_of(app, outlet, found)))


def _read(lines: Sequence[str]) -> Slots:
    return parse_slots(list(lines)) if lines else Slots()


def _told(lines: Sequence[str]) -> str:
    return ", ".join(lines) or "immediately"
