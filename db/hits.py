"""Calls of issues' pixels and counted links: one row for each copy, link and sign, never a reader, address or program.

Machine and person are told apart by whoever counts; a copy that both opened counts as opened by a person. After a
while an issue's rows are added up and deleted; ``db.hit_totals`` keeps what they came to, and every question here is
answered from there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, delete, exists, func, select, update

from db import hit_totals
from db.hit_totals import HitTally, HitTotals, LinkTally
from db.records import HitKind
from db.tables import hits as t
from db.tables import issues
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
    kept = {number: totals.tally for number, totals in hit_totals.of_issues(tx, issue_ids).items()}
    return {**_tallies(tx, [number for number in issue_ids if number not in kept]), **kept}


def machine_signs(tx: Connection, issue_id: int) -> list[tuple[str, str, int]]:
    """(what, sign, copies) of the machines, most first."""
    kept = hit_totals.of_issues(tx, [issue_id]).get(issue_id)
    return list(kept.signs) if kept is not None else _machine_signs(tx, issue_id)


def by_link(tx: Connection, issue_id: int) -> list[LinkTally]:
    """An issue's links that were followed, those most followed by people first."""
    kept = hit_totals.of_issues(tx, [issue_id]).get(issue_id)
    return list(kept.links) if kept is not None else _by_link(tx, issue_id)


# --- what stays ------------------------------------------------------------------------------------


def issues_with_rows(tx: Connection, cut_before: datetime) -> list[int]:
    """The issues cut before that moment of whose copies rows are kept, oldest first."""
    query = select(issues.c.id).where(issues.c.cut_at < cut_before, exists().where(t.c.issue_id == issues.c.id))
    return list(tx.execute(query.order_by(issues.c.id)).scalars())


def totals_of(tx: Connection, issue_id: int) -> HitTotals:
    """What the rows of an issue's copies add up to."""
    tally = _tallies(tx, [issue_id]).get(issue_id, HitTally())
    return HitTotals(tally, tuple(_by_link(tx, issue_id)), tuple(_machine_signs(tx, issue_id)))


def forget(tx: Connection, issue_id: int, most: int) -> int:
    """Deletes at most so many rows of an issue's copies, whose totals are kept by now; how many there were."""
    some = select(t.c.id).where(t.c.issue_id == issue_id).limit(most)
    return tx.execute(delete(t).where(t.c.id.in_(some))).rowcount


def _tallies(tx: Connection, issue_ids: Collection[int]) -> dict[int, HitTally]:
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


def _machine_signs(tx: Connection, issue_id: int) -> list[tuple[str, str, int]]:
    copies = func.count(t.c.copy.distinct())
    query = select(t.c.what, t.c.sign, copies).where(t.c.issue_id == issue_id, t.c.machine.is_(True))
    rows = tx.execute(query.group_by(t.c.what, t.c.sign).order_by(copies.desc(), t.c.what, t.c.sign))
    return [(row[0], row[1], row[2]) for row in rows]


def _by_link(tx: Connection, issue_id: int) -> list[LinkTally]:
    everybody = func.count(t.c.copy.distinct())
    people = func.count(case((t.c.machine.is_(False), t.c.copy)).distinct())
    query = select(t.c.link, people, everybody).where(t.c.issue_id == issue_id, t.c.what == HitKind.CLICK)
    rows = tx.execute(query.group_by(t.c.link).order_by(people.desc(), everybody.desc(), t.c.link))
    return [LinkTally(row[0], row[1], row[2] - row[1]) for row in rows]
