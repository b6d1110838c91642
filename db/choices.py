"""What each subscription asks for: sections by frequency, a pause, a zone with quiet hours, a cap of alerts a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from db.records import EVERY_OTHER, Choices, Frequency, section_key
from db.tables import lists, subscriptions
from db.tables import section_choices as t
from db.writing import resigned, signed

COLUMNS = (
    subscriptions.c.paused_until,
    subscriptions.c.zone,
    subscriptions.c.quiet_start,
    subscriptions.c.quiet_end,
    subscriptions.c.alerts_a_day,
    subscriptions.c.in_language,
)
"""What a row needs for ``read``."""

MOST_SECTIONS = 200
_IN_ONE_QUESTION = 1_000
_NONE: frozenset[Frequency] = frozenset()


def choose(
    tx: Connection,
    list_id: int,
    subscriber_id: int,
    chosen: Choices,
    *,
    actor: str,
    now: datetime,
    reason: str = "",
) -> bool:
    """Replaces all that a subscription asks for. False when there is none, or it has ended: nothing is written then.

    Raises ``ValueError`` for choices that contradict themselves.
    """
    _check(chosen)
    changed = tx.execute(
        update(subscriptions)
        .where(
            subscriptions.c.list_id == list_id,
            subscriptions.c.subscriber_id == subscriber_id,
            subscriptions.c.state != "ended",
        )
        .values(
            paused_until=chosen.paused_until,
            zone=chosen.zone,
            quiet_start=chosen.quiet_start,
            quiet_end=chosen.quiet_end,
            alerts_a_day=chosen.alerts_a_day,
            in_language=chosen.language,
            **resigned(subscriptions, actor, now, reason),
        )
    )
    if changed.rowcount != 1:
        return False
    tx.execute(delete(t).where(t.c.list_id == list_id, t.c.subscriber_id == subscriber_id))
    cells = [
        {
            "list_id": list_id,
            "subscriber_id": subscriber_id,
            "section": section_key(section),
            "frequency": frequency,
            **signed(actor, now, reason),
        }
        for section, frequencies in sorted(chosen.sections.items())
        for frequency in sorted(frequencies)
    ]
    if cells:
        tx.execute(insert(t), cells)
    return True


def of(tx: Connection, list_id: int, subscriber_id: int) -> Choices:
    """What one subscription asks for; the default where there is none."""
    query: Any = select(*COLUMNS).where(
        subscriptions.c.list_id == list_id, subscriptions.c.subscriber_id == subscriber_id
    )
    row = tx.execute(query).one_or_none()
    if row is None:
        return Choices()
    key = (list_id, subscriber_id)
    return read(tx, {key: row})[key]


def read(tx: Connection, rows: Mapping[tuple[int, int], Any]) -> dict[tuple[int, int], Choices]:
    """The choices behind rows that hold ``COLUMNS``, by (list, subscriber)."""
    cells: dict[tuple[int, int], dict[str, frozenset[Frequency]]] = {}
    keys = list(rows)
    for begin in range(0, len(keys), _IN_ONE_QUESTION):
        some = keys[begin : begin + _IN_ONE_QUESTION]
        query = select(t.c.list_id, t.c.subscriber_id, t.c.section, t.c.frequency).where(
            t.c.list_id.in_({key[0] for key in some}), t.c.subscriber_id.in_([key[1] for key in some])
        )
        for to_list, subscriber, section, frequency in tx.execute(query):
            sections = cells.setdefault((to_list, subscriber), {})
            sections[section] = _with(sections.get(section, _NONE), frequency)
    return {
        key: Choices(
            sections=cells.get(key, {}),
            paused_until=row.paused_until,
            zone=row.zone,
            quiet_start=row.quiet_start,
            quiet_end=row.quiet_end,
            alerts_a_day=row.alerts_a_day,
            language=row.in_language,
        )
        for key, row in rows.items()
    }


@cache
def _with(some: frozenset[Frequency], one: str) -> frozenset[Frequency]:
    """One frequency more. There are few sets of them, so that a million readers share these."""
    return some | {Frequency(one)}


def who_chose(
    tx: Connection, list_name: str, section: str, frequency: Frequency, *, after: int, limit: int
) -> list[int]:
    """At most ``limit`` subscribers of a list, by number from behind ``after``.

    They named this frequency for ``section`` or for every other. Their index alone is read.
    """
    to_list = tx.execute(select(lists.c.id).where(lists.c.name == list_name)).scalar_one_or_none()
    query = (
        select(t.c.subscriber_id)
        .distinct()
        .where(
            t.c.list_id == (to_list if to_list is not None else 0),
            t.c.frequency == frequency,
            t.c.section.in_((section_key(section), EVERY_OTHER)),
            t.c.subscriber_id > after,
        )
        .order_by(t.c.subscriber_id)
        .limit(limit)
    )
    return list(tx.execute(query).scalars())


def _check(chosen: Choices) -> None:
    if (chosen.quiet_start is None) != (chosen.quiet_end is None):
        raise ValueError("quiet hours need a beginning and an end")
    if chosen.quiet_start is not None and chosen.quiet_start == chosen.quiet_end:
        raise ValueError("quiet hours that begin when they end would be all day; pause the subscription instead")
    if chosen.alerts_a_day is not None and chosen.alerts_a_day < 0:
        raise ValueError("a cap of alerts is 0 or more")
    if len(chosen.sections) > MOST_SECTIONS:
        raise ValueError(f"one subscription names at most {MOST_SECTIONS} sections")
    if len({section_key(section) for section in chosen.sections}) < len(chosen.sections):
        raise ValueError("a section is named twice")
    for section, frequencies in chosen.sections.items():
        if not frequencies:
            raise ValueError(f'"{section}" has no frequency; say never where none is wanted')
        if Frequency.NEVER in frequencies and len(frequencies) > 1:
            raise ValueError(
                f'"{section}" cannot come both never and {", ".join(sorted(frequencies - {Frequency.NEVER}))}'
            )
