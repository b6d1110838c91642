"""What each mail server with a limit has had today, and until when it asked us to wait: both outlive a restart."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, case, select, tuple_

from db.records import MACHINE, Mode
from db.tables import server_days as t
from db.writing import insert_into, resigned, signed


@dataclass(frozen=True, slots=True)
class ServerDay:
    """``begun``: mails begun on the day asked for. ``waits_until``: no mail goes there before that moment."""

    begun: int = 0
    waits_until: datetime | None = None


def add_missing(tx: Connection, mode: Mode, servers: Collection[str], day: date, *, now: datetime) -> None:
    """Makes sure that each of these servers has its row, without which there would be nothing to lock."""
    there = set(tx.execute(select(t.c.server).where(t.c.mode == mode, t.c.server.in_(servers))).scalars())
    for server in sorted(set(servers) - there):
        fresh = insert_into(tx, t).values(
            mode=mode, server=server, day=day.isoformat(), begun=0, **signed(MACHINE, now)
        )
        tx.execute(fresh.on_conflict_do_nothing(index_elements=["mode", "server"]))


def lock(tx: Connection, servers: Collection[tuple[Mode, str]]) -> None:
    """Keeps others from these servers' rows until the transaction ends: two workers cannot both take a day's last mail.

    To be called before any of them is written. Everybody locks in the order of the names, so that no two workers wait
    for each other. On SQLite who writes has the whole database.
    """
    if servers and tx.dialect.name != "sqlite":
        mine = tuple_(t.c.mode, t.c.server).in_(sorted(servers))
        tx.execute(select(t.c.id).where(mine).order_by(t.c.mode, t.c.server).with_for_update()).all()


def of_servers(tx: Connection, mode: Mode, servers: Collection[str], day: date) -> Mapping[str, ServerDay]:
    """Where these servers stand on ``day``; one that was never written down is not in it."""
    query = select(t).where(t.c.mode == mode, t.c.server.in_(servers))
    return {
        row.server: ServerDay(row.begun if row.day == day.isoformat() else 0, row.waits_until)
        for row in tx.execute(query)
    }


def count(tx: Connection, mode: Mode, server: str, day: date, number: int, *, now: datetime) -> None:
    """So many further mails are begun through this server, in the transaction that opens their attempts."""
    again = case((t.c.day == day.isoformat(), t.c.begun + number), else_=number)
    _write(tx, mode, server, {"day": day.isoformat(), "begun": number}, {"begun": again}, now)


def wait(tx: Connection, mode: Mode, server: str, day: date, until: datetime, *, now: datetime) -> None:
    """The server asked for no more mail until then."""
    begun = case((t.c.day == day.isoformat(), t.c.begun), else_=0)
    _write(tx, mode, server, {"day": day.isoformat(), "begun": 0, "waits_until": until}, {"begun": begun}, now)


def _write(tx: Connection, mode: Mode, server: str, said: dict[str, Any], again: dict[str, Any], now: datetime) -> None:
    statement = insert_into(tx, t).values(mode=mode, server=server, **said, **signed(MACHINE, now))
    changed = {**said, **again, **resigned(t, MACHINE, now)}
    tx.execute(statement.on_conflict_do_update(index_elements=["mode", "server"], set_=changed))
