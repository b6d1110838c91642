"""Where the readers of an issue stand, in numbers: sent, refused, unknown, excluded, open."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from db.records import Mode, State
from db.tables import exclusions, issues, subscribers
from db.tables import recipients as t


@dataclass(frozen=True, slots=True)
class Counts:
    """Where an issue's candidates stand; they add up to all there were."""

    sent: int = 0
    refused: int = 0  # failed
    unknown: int = 0  # uncertain, unsettled, or nobody could say
    excluded: int = 0
    open: int = 0  # planned or being sent
    expired: int = 0
    cancelled: int = 0

    @property
    def candidates(self) -> int:
        """Everybody who was considered."""
        return self.sent + self.refused + self.unknown + self.excluded + self.open + self.expired + self.cancelled


_COLUMN = {
    State.WAITING: "open",
    State.PLANNED: "open",
    State.SENDING: "open",
    State.SENT: "sent",
    State.FAILED: "refused",
    State.UNCERTAIN: "unknown",
    State.UNSETTLED: "unknown",
    State.UNKNOWN: "unknown",
    State.EXPIRED: "expired",
    State.CANCELLED: "cancelled",
}


def counts(tx: Connection, issue_id: int) -> Counts:
    """Where the candidates of an issue stand."""
    numbers: dict[str, int] = {}
    query = select(t.c.state, func.count()).where(t.c.issue_id == issue_id).group_by(t.c.state)
    for state, number in tx.execute(query):
        column = _COLUMN[State(state)]
        numbers[column] = numbers.get(column, 0) + number
    left_out = select(func.count()).select_from(exclusions).where(exclusions.c.issue_id == issue_id)
    return Counts(**numbers, excluded=tx.execute(left_out).scalar_one())


def state_reasons(
    tx: Connection, issue_id: int, states: Collection[State] | None = None
) -> list[tuple[State, str, str, int]]:
    """Copies that were not plainly sent, by state, code and sentence, with how many; the most frequent first.

    ``states``: only those. The copies still to go of a long list are many, and say little.
    """
    number = func.count().label("number")
    wanted = t.c.state != State.SENT if states is None else t.c.state.in_(states)
    query = (
        select(t.c.state, t.c.code, t.c.detail, number)
        .where(t.c.issue_id == issue_id, wanted)
        .group_by(t.c.state, t.c.code, t.c.detail)
    )
    return [(State(row.state), row.code, row.detail, row.number) for row in tx.execute(query.order_by(number.desc()))]


def sent_by_domain(tx: Connection, mode: Mode, since: datetime) -> dict[str, int]:
    """How many copies were accepted from ``since`` on, by the readers' domains; erased readers are left out."""
    key = subscribers.c.address_key
    if tx.dialect.name == "sqlite":
        domain = func.substr(key, func.instr(key, "@") + 1)
    else:
        domain = func.split_part(key, "@", 2)
    query = (
        select(domain.label("domain"), func.count().label("number"))
        .select_from(t)
        .join(subscribers, subscribers.c.id == t.c.subscriber_id)
        .join(issues, issues.c.id == t.c.issue_id)
        .where(t.c.state == State.SENT, t.c.closed_at >= since, issues.c.mode == mode)
        .group_by(domain)
    )
    return {row.domain: row.number for row in tx.execute(query)}
