"""Calls of issues' pixels and counted links: one row for each copy, link and sign, never a reader, address or program.

Machine and person are told apart by whoever counts; a copy that both opened counts as opened by a person.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, func, select, update

from db.records import HitKind
from db.tables import hits as t
from db.writing import insert_into, resigned, signed


@dataclass(frozen=True, slots=True)
class Hit:
    """One call, or several of the same kind. ``copy`` is the mark of one copy, ``sign`` what gave the caller away."""

    issue_id: int
    copy: str
    what: HitKind
    link: str
    sign: str
    machine: bool
    first_at: datetime
    times: int = 1
    id: int = 0


@dataclass(frozen=True, slots=True)
class HitTally:
    """Copies of one issue that were opened or followed: by a person, and by machines alone."""

    opened: int = 0
    opened_by_machine: int = 0
    clicked: int = 0
    clicked_by_machine: int = 0


@dataclass(frozen=True, slots=True)
class LinkTally:
    """Copies in which one link was followed: by a person, and by machines alone."""

    link: str
    clicked: int
    clicked_by_machine: int


def add(tx: Connection, several: Iterable[Hit], *, actor: str, now: datetime) -> None:
    """Counts these calls; one of a kind that is here already counts up. A row's judgement stands until ``judge``."""
    for one in several:
        values = {
            "issue_id": one.issue_id,
            "copy": one.copy,
            "what": one.what,
            "link": one.link,
            "sign": one.sign,
            "machine": one.machine,
            "first_at": one.first_at,
            "times": one.times,
            **signed(actor, now),
        }
        again = {"times": t.c.times + one.times, **resigned(t, actor, now)}
        where = ["issue_id", "copy", "what", "link", "sign"]
        tx.execute(insert_into(tx, t).values(**values).on_conflict_do_update(index_elements=where, set_=again))


def clicks_of(tx: Connection, issue_id: int, copies: Collection[str]) -> dict[str, list[Hit]]:
    """Every kept click of these copies of an issue, by copy, oldest first."""
    query = select(t).where(t.c.issue_id == issue_id, t.c.copy.in_(copies), t.c.what == HitKind.CLICK)
    found: dict[str, list[Hit]] = {}
    for row in tx.execute(query.order_by(t.c.copy, t.c.first_at, t.c.id)):
        hit = Hit(
            row.issue_id, row.copy, HitKind(row.what), row.link, row.sign, row.machine, row.first_at, row.times, row.id
        )
        found.setdefault(row.copy, []).append(hit)
    return found


def judge(tx: Connection, ids: Collection[int], *, actor: str, now: datetime) -> None:
    """These calls were a machine's after all."""
    if ids:
        tx.execute(update(t).where(t.c.id.in_(ids)).values(machine=True, **resigned(t, actor, now)))


def tallies(tx: Connection, issue_ids: Collection[int]) -> Mapping[int, HitTally]:
    """What was opened and followed of these issues; an issue of which nothing was counted is not in it."""
    everybody = func.count(t.c.copy.distinct())
    people = func.count(case((t.c.machine.is_(False), t.c.copy)).distinct())
    query = select(t.c.issue_id, t.c.what, everybody, people).where(t.c.issue_id.in_(issue_ids))
    found: dict[int, dict[str, tuple[int, int]]] = {}
    for issue_id, what, every, some in tx.execute(query.group_by(t.c.issue_id, t.c.what)):
        found.setdefault(issue_id, {})[what] = (some, every - some)
    return {
        issue_id: HitTally(*kinds.get(HitKind.OPEN, (0, 0)), *kinds.get(HitKind.CLICK, (0, 0)))
        for issue_id, kinds in found.items()
    }


def machine_signs(tx: Connection, issue_id: int) -> list[tuple[str, str, int]]:
    """(what, sign, copies) of the machines, most first."""
    copies = func.count(t.c.copy.distinct())
    query = select(t.c.what, t.c.sign, copies).where(t.c.issue_id == issue_id, t.c.machine.is_(True))
    rows = tx.execute(query.group_by(t.c.what, t.c.sign).order_by(copies.desc(), t.c.what, t.c.sign))
    return [(row[0], row[1], row[2]) for row in rows]


def by_link(tx: Connection, issue_id: int) -> list[LinkTally]:
    """An issue's links that were followed, those most followed by people first."""
    everybody = func.count(t.c.copy.distinct())
    people = func.count(case((t.c.machine.is_(False), t.c.copy)).distinct())
    query = select(t.c.link, people, everybody).where(t.c.issue_id == issue_id, t.c.what == HitKind.CLICK)
    rows = tx.execute(query.group_by(t.c.link).order_by(people.desc(), everybody.desc(), t.c.link))
    return [LinkTally(row[0], row[1], row[2] - row[1]) for row in rows]
