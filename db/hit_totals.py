"""What stays of an issue's opens and clicks once the rows of its copies are deleted: numbers, for good.

An issue's totals are written whole, once; from then on they alone are what was counted of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, select

from db.records import HitKind
from db.tables import hit_totals as t
from db.writing import insert_into, signed


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


@dataclass(frozen=True, slots=True)
class HitTotals:
    """All that was counted of one issue. ``signs`` are (what, sign, copies) of the machines, most first."""

    tally: HitTally = field(default_factory=HitTally)
    links: tuple[LinkTally, ...] = ()
    signs: tuple[tuple[str, str, int], ...] = ()


class _Slice(StrEnum):
    ALL = "all"
    LINK = "link"
    SIGN = "sign"


def keep(tx: Connection, issue_id: int, totals: HitTotals, *, actor: str, now: datetime) -> None:
    """Writes an issue's totals; where they stand already nothing changes."""
    all_of = totals.tally
    rows = [
        (HitKind.OPEN.value, _Slice.ALL, "", all_of.opened, all_of.opened_by_machine),
        (HitKind.CLICK.value, _Slice.ALL, "", all_of.clicked, all_of.clicked_by_machine),
        *((HitKind.CLICK.value, _Slice.LINK, one.link, one.clicked, one.clicked_by_machine) for one in totals.links),
        *((what, _Slice.SIGN, sign, 0, copies) for what, sign, copies in totals.signs),
    ]
    for what, part, name, people, machines in rows:
        values = {"issue_id": issue_id, "what": what, "slice": part, "name": name, **signed(actor, now)}
        statement = insert_into(tx, t).values(people=people, machines=machines, **values)
        tx.execute(statement.on_conflict_do_nothing(index_elements=["issue_id", "what", "slice", "name"]))


def of_issues(tx: Connection, issue_ids: Collection[int]) -> Mapping[int, HitTotals]:
    """The totals of these issues; an issue whose copies' rows still stand is not in it."""
    rows = tx.execute(select(t).where(t.c.issue_id.in_(issue_ids)).order_by(t.c.issue_id, t.c.id)).all()
    alls: dict[int, dict[str, tuple[int, int]]] = {}
    links: dict[int, list[LinkTally]] = {}
    signs: dict[int, list[tuple[str, str, int]]] = {}
    for row in rows:
        match row.slice:
            case _Slice.ALL:
                alls.setdefault(row.issue_id, {})[row.what] = (row.people, row.machines)
            case _Slice.LINK:
                links.setdefault(row.issue_id, []).append(LinkTally(row.name, row.people, row.machines))
            case _Slice.SIGN:
                signs.setdefault(row.issue_id, []).append((row.what, row.name, row.machines))
    return {
        number: HitTotals(
            HitTally(*said.get(HitKind.OPEN, (0, 0)), *said.get(HitKind.CLICK, (0, 0))),
            tuple(links.get(number, ())),
            tuple(signs.get(number, ())),
        )
        for number, said in alls.items()
    }
