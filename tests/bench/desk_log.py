"""make bench-desk ARGS="--log 1000000": the pages of a long log in each order, beside the rule one would write first.

The rows are copied inside the database from those that the newsroom has, further and further back, so that a million of them
takes a minute. ``OFFSET`` stands beside each order, at the same depth of the same table in the same run.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection, Select, Table, func, select, text

from db import log
from db.log_view import LogFilter, LogOrder, PageMark
from db.log_walk import walk
from db.session import Ground
from db.tables import attempts, deliveries
from desk.web.page_marks import mark_text
from desk.web.pages.log import ROWS

_AT_ONCE = 50_000
_DEPTH = 0.9
_NAIVE_ROUNDS = 3
_SECONDS_APART = 90
_STATES = """case when n % 1000 < 950 then 'sent' when n % 1000 < 970 then 'failed' when n % 1000 < 985 then 'expired'
    when n % 1000 < 999 then 'cancelled' else 'unknown' end"""
_TEXT = """l.text || ' no ' || n || case when n % 5000 = 0 then ' 東京' else '' end ||
    case when n < :rows / 2 then '' when n % 15 = 0 then ' harbourmaster' when n % 70 = 0 then ' lighthouse' else '' end"""
_MOMENT_SQLITE = (
    f"strftime('%Y-%m-%d %H:%M:%f', :oldest, '-' || ((n - :start) * {_SECONDS_APART}) || ' seconds') || '000'"
)
_MOMENT_POSTGRESQL = (
    f"cast(:oldest as timestamp) at time zone 'UTC' - (n - :start) * interval '{_SECONDS_APART} seconds'"
)


def fill_log(ground: Ground, rows: int) -> None:
    """Copies sent deliveries with their attempts, a minute and a half further back each, until there are ``rows``."""
    with ground.reading() as tx:
        last, oldest = tx.execute(select(func.max(deliveries.c.id), func.min(deliveries.c.due_at))).one()
        tried = select(attempts.c.delivery_id, func.min(attempts.c.id)).where(attempts.c.outcome == "sent")
        pairs = tx.execute(tried.group_by(attempts.c.delivery_id).limit(500)).all()
        stories = tx.execute(text("select min(id), count(*) from articles")).one()
    for start in range(last + 1, rows + 1, _AT_ONCE):
        with ground.transaction() as tx:
            given = {
                "start": last,
                "rows": rows,
                "first": start,
                "end": min(start + _AT_ONCE - 1, rows),
                "oldest": str(oldest)[:19],
            }
            _copy(tx, [tuple(pair) for pair in pairs], {**given, "story": stories[0], "stories": stories[1]})


def _copy(tx: Connection, pairs: list[tuple[int, int]], given: dict[str, Any]) -> None:
    moment = _MOMENT_SQLITE if tx.dialect.name == "sqlite" else _MOMENT_POSTGRESQL
    likes = ", ".join(f"({place}, {delivery}, {attempt})" for place, (delivery, attempt) in enumerate(pairs))
    numbers = (
        "with recursive numbers(n) as (select cast(:first as bigint) union all select n + 1 from numbers where n < :end), "
        f"likes(place, delivery, attempt) as (values {likes}) "
    )
    source = f"from numbers join likes on likes.place = n % {len(pairs)} "
    own = {
        "id": "n",
        "subject_kind": "'article'",
        "subject_id": ":story + n % :stories",
        "purpose": "'long-ago-' || n",
        "state": _STATES,
        "due_at": moment,
        "next_at": moment,
        "slot_at": "null",
        "ordered_by": "case when n % 50 = 0 then 'ann' else l.ordered_by end",
    }
    join = "join deliveries l on l.id = likes.delivery"
    tx.execute(text(f"{_insert(deliveries, own, numbers)} {source} {join}"), given)
    tried = {"delivery_id": "n", "number": "1", "opened_at": moment, "closed_at": moment, "text": _TEXT}
    join = "join attempts l on l.id = likes.attempt"
    tx.execute(text(f"{_insert(attempts, tried, numbers)} {source} {join}"), given)


def _insert(table: Table, own: dict[str, str], numbers: str) -> str:
    names = [column.name for column in table.columns if column.name != "id" or "id" in own]
    return f"insert into {table.name} ({', '.join(names)}) {numbers} select " + ", ".join(
        own.get(name, f"l.{name}") for name in names
    )


def settled(ground: Ground) -> None:
    """Lets PostgreSQL know what it holds, as its own housekeeping does within minutes."""
    with ground.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))


def log_pages(ground: Ground) -> dict[str, str]:
    """What is asked of a long log: its first and a deep page in each order, and what narrows it. Name -> address."""
    with ground.reading() as tx:
        rows = tx.execute(select(func.max(deliveries.c.id))).scalar_one()
    pages = {
        "one state": "/log?state=failed",
        "a state nobody is in": "/log?state=unsettled",
        "went wrong": "/log?state=wrong",
        "one channel": "/log?channel=x-main",
        "state, channel, story": "/log?state=sent&channel=x-main&order=story",
        "a person": "/log?by=ann",
        "nobody's": "/log?by=nobody",
        "words": "/log?text=ferry",
        "words nobody wrote": "/log?text=xylophones",
        "words of one row": f"/log?text={rows - 7}",
        "words of old rows": "/log?text=lighthouse",
        "words of many old rows": "/log?text=harbourmaster",
        "the same, oldest first": "/log?text=harbourmaster&order=oldest",
        "two letters": "/log?text=%E6%9D%B1%E4%BA%AC",
        "two letters nobody wrote": "/log?text=%E5%90%8D%E5%8F%A4",
        "words, channel, time": "/log?text=ferry&channel=x-main&since=2026-03-01&until=2026-05-01",
        "words, a person": "/log?text=harbourmaster&by=ann",
        "a person, a state": "/log?by=ann&state=failed",
        "the same, oldest first ": "/log?by=ann&state=failed&order=oldest",
        "live ones, none are": "/log?mode=live",
    }
    orders = {}
    for order in LogOrder:
        orders[f"{order}"] = f"/log?{urlencode({'order': order})}"
        orders[f"{order}, deep"] = f"/log?{urlencode({'order': order, 'after': mark_text(_deep(ground, order))})}"
    return {**orders, **pages}


def compare(ground: Ground) -> None:
    """For each order a page at the same depth, in the database alone.

    ``OFFSET`` fetches the deliveries only; by its mark the page is fetched whole, with headlines, attempts and links.
    """
    t = deliveries.c
    naive = {
        LogOrder.NEWEST: (t.due_at.desc(), t.id.desc()),
        LogOrder.STATE: (t.state, t.due_at.desc(), t.id.desc()),
        LogOrder.CHANNEL: (t.channel, t.due_at.desc(), t.id.desc()),
        LogOrder.STORY: (t.subject_kind, t.subject_id.desc(), t.due_at.desc(), t.id.desc()),
    }
    print(f"{'a deep page, ms in the database':<34}{'OFFSET':>10}{'its mark':>10}")
    for order, keys in naive.items():
        mark = _deep(ground, order)
        with ground.reading() as tx:
            depth = int(tx.execute(select(func.count()).select_from(deliveries)).scalar_one() * _DEPTH)
            query = select(deliveries).order_by(*keys).limit(ROWS + 1).offset(depth)
            by_offset = _median(partial(_all, tx, query))
            by_mark = _median(partial(log.deliveries, tx, LogFilter(), ROWS + 1, mark, order))
        print(f"{order:<34}{by_offset:>10.1f}{by_mark:>10.1f}", flush=True)


def _deep(ground: Ground, order: LogOrder) -> PageMark:
    with ground.reading() as tx:
        depth = int(tx.execute(select(func.count()).select_from(deliveries)).scalar_one() * _DEPTH)
        number = walk(tx, LogFilter(), depth, None, order).ids[-1]
        return log.row_of(tx, number).mark(order)


def _all(tx: Connection, query: Select[Any]) -> None:
    tx.execute(query).all()


def _median(work: Callable[[], object]) -> float:
    times = []
    for _ in range(_NAIVE_ROUNDS):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)
