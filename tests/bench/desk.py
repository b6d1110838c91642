"""make bench-desk: how long the server takes for each page of the desk, over many stories and deliveries.

The newest story has 100 deliveries of its own, as one has that was corrected and sent again all year. Beside the log
stands the rule one would write first (``OFFSET``), deep in the same table in the same run.
Usage: make bench-desk ARGS="--stories 10000 --deliveries 100000 --rounds 20"
With --log 1000000 the log is as long as that and it alone is measured, in each of its orders. With --postgresql all stands
in a PostgreSQL, whose work counts by the clock.
"""

from __future__ import annotations

import argparse
import http.client
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from db import people, tables, visits
from db.session import Ground
from desk.web.app import web_app
from desk.web.serving import WebServer
from scheduler.app import App
from scheduler.clock import HeldClock
from scheduler.people.entering import VISIT
from scheduler.people.roles import Role
from scheduler.people.tokens import hash_of, new_token
from tests.bench.desk_log import compare, fill_log, log_pages, settled
from tests.bench.desk_wire import first_load
from tests.desk.web.ground import NAMES, make_sample, open_app
from tests.postgres import postgres_url

LIMIT_MS = 50
LOG_LIMIT_MS = 100
LIMIT_BYTES = 100_000
_AT_ONCE = 2_000
_SENT_SHARE = 97
_PLANNED, _WAITING = 200, 60
_ON_THE_NEWEST = 100


def main() -> int:
    """Fills a newsroom, asks for each page, prints a table; 1 where a page costs more than its limit.

    The limit is held against the processor's time that the server's threads took: on a machine that is busy with other
    things the clock on the wall says little.
    """
    asked = _arguments()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        elsewhere = {"PRESSRUN_DATABASE__URL": postgres_url()} if asked.postgresql else {}
        clock = make_sample(folder, elsewhere)
        app = open_app(folder, clock, elsewhere)
        began = time.perf_counter()
        fill(app.ground, clock, asked.stories, asked.deliveries)
        print(
            f"{asked.stories:,} stories, {asked.deliveries:,} deliveries ({time.perf_counter() - began:.0f} s to fill)"
        )
        if asked.log:
            began = time.perf_counter()
            fill_log(app.ground, asked.log)
            print(f"a log of {asked.log:,} deliveries ({time.perf_counter() - began:.0f} s to fill)")
        if asked.postgresql:
            settled(app.ground)
        server = WebServer(web_app(app), "127.0.0.1", 0)
        server.start()
        try:
            return measure(app, server.address, asked.rounds, long_log=bool(asked.log))
        finally:
            app.stop()
            server.stop()
            app.close()


def measure(app: App, address: str, rounds: int, *, long_log: bool = False) -> int:
    """Asks for every page ``rounds`` times over one connection; the first answer warms up and does not count.

    The limit is held against the processor's time that the server's threads took, packing the page included: on a
    machine that is busy with other things the clock on the wall says little. The first load is measured for whoever
    gets pages unpacked.
    """
    with app.ground.reading() as tx:
        newest = tx.execute(select(tables.articles.c.id).order_by(tables.articles.c.id.desc()).limit(1)).scalar_one()
        deep = tx.execute(select(tables.deliveries.c.due_at).order_by(tables.deliveries.c.due_at).limit(1)).scalar_one()
    pages = {
        "Today": ("/", LIMIT_MS),
        "Queue": ("/queue", LIMIT_MS),
        "Queue, words": ("/queue?text=boat+9999", LIMIT_MS),
        "Sign-off": (f"/signoff/{newest}", LIMIT_MS),
        "Story": ("/story/5", LIMIT_MS),
        "Story, 100 deliveries": (f"/story/{newest}", LIMIT_MS),
        "Story's mail": (f"/story/{newest}/mail/mail", LIMIT_MS),
        "Own post": ("/post", LIMIT_MS),
        "Sources": ("/sources", LIMIT_MS),
        "Evergreens": ("/evergreens", LIMIT_MS),
        "Calendar": ("/calendar", LIMIT_MS),
        "Log": ("/log", LIMIT_MS),
        "Log, failed": ("/log?state=failed", LOG_LIMIT_MS),
        "Log, words": ("/log?text=ferry", LOG_LIMIT_MS),
        "Log, a person": ("/log?by=ann", LOG_LIMIT_MS),
        "Log, oldest first": ("/log?order=oldest", LOG_LIMIT_MS),
        "Log, its deep end": (f"/log?until={deep + timedelta(days=2):%Y-%m-%d}", LOG_LIMIT_MS),
        "Delivery": ("/log/1", LIMIT_MS),
        "Reports": ("/reports", LIMIT_MS),
        "Newsletters": ("/newsletters", LIMIT_MS),
        "Issue": ("/newsletters/issues/1", LIMIT_MS),
        "Issue, its mail": ("/newsletters/issues/1/mail", LIMIT_MS),
        "Issue, correcting": ("/newsletters/issues/1/correct", LIMIT_MS),
        "Issue, the next": ("/newsletters/mail/next", LIMIT_MS),
        "Lists": ("/newsletters/lists", LIMIT_MS),
        "Subscribers": ("/newsletters/subscribers", LIMIT_MS),
        "Reader": ("/newsletters/subscribers/1", LIMIT_MS),
        "Suppressions": ("/newsletters/suppressions", LIMIT_MS),
        "Imports": ("/newsletters/imports", LIMIT_MS),
        "Import": ("/newsletters/imports/1", LIMIT_MS),
        "Channels": ("/channels", LIMIT_MS),
        "Week": ("/channels/x-main/slots", LIMIT_MS),
        "Connect": ("/channels/x-main/connect", LIMIT_MS),
        "Webhooks": ("/webhooks", LIMIT_MS),
        "People": ("/people", LIMIT_MS),
        "Audit": ("/audit", LIMIT_MS),
        "Account": ("/account", LIMIT_MS),
    }
    if long_log:
        pages = {f"Log, {name}": (path, LOG_LIMIT_MS) for name, path in log_pages(app.ground).items()}
    client = _client(app, address)
    over = 0
    print(
        f"{'page':<28}{'median ms':>10}{'worst ms':>10}{'CPU ms':>10}{'limit':>8}{'packed KB':>12}{'first load KB':>16}"
    )
    for name, (path, limit) in pages.items():
        times, work, size = [], [], 0
        for _ in range(rounds + 1):
            began, busy = time.perf_counter(), _server_time()
            client.request("GET", path, headers={**client_headers(client), **_AS_A_BROWSER})
            answer = client.getresponse()
            size = len(answer.read())
            times.append((time.perf_counter() - began) * 1000)
            work.append((_server_time() - busy) * 1000)
            if answer.status != 200:
                print(f"{path}: status {answer.status}", file=sys.stderr)
                return 1
        median, worked = statistics.median(times[1:]), statistics.median(work[1:])
        first = first_load(client, path, client_headers(client))
        cost = worked if app.ground.is_sqlite else median  # PostgreSQL works in processes of its own
        too_much = cost > limit or first > LIMIT_BYTES
        over += too_much
        told = f"{name:<28}{median:>10.1f}{max(times[1:]):>10.1f}{worked:>10.1f}{limit:>8}{size / 1000:>12.1f}"
        print(f"{told}{first / 1000:>16.1f}" + "  over" * too_much, flush=True)
    client.close()
    if long_log:
        compare(app.ground)
    else:
        _naive(app.ground)
    return int(over > 0)


def _server_time() -> float:
    """Seconds of processor time that every thread but the client's, which is this one, has taken."""
    return time.process_time() - time.thread_time()


def fill(ground: Ground, clock: HeldClock, stories: int, deliveries: int) -> None:
    """Copies the sample's stories and deliveries until there are so many, spread over a year behind and a day ahead.

    The newest story gets 100 of them, one of which waits."""
    with ground.reading() as tx:
        kept: dict[str, list[dict[str, Any]]] = {
            table.name: [dict(row._mapping) for row in tx.execute(select(table).order_by(table.c.id))]
            for table in (tables.articles, tables.revisions, tables.deliveries, tables.attempts)
        }
    first = max(row["id"] for row in kept["articles"]) + 1
    for rows in _runs(first, stories):
        with ground.transaction() as tx:
            _stories(tx, rows, kept)
    own = [row for row in kept["deliveries"] if row["subject_kind"] == "article" and row["state"] == "sent"]
    begin = max(row["id"] for row in kept["deliveries"]) + 1
    for rows in _runs(begin, deliveries):
        with ground.transaction() as tx:
            _deliveries(tx, rows, own, kept["attempts"], clock, first, stories, deliveries)


def _runs(first: int, last: int) -> Iterator[range]:
    for start in range(first, last + 1, _AT_ONCE):
        yield range(start, min(start + _AT_ONCE, last + 1))


def _stories(tx: Connection, numbers: range, kept: dict[str, list[dict[str, Any]]]) -> None:
    made, states = [], []
    for number in numbers:
        article = kept["articles"][number % len(kept["articles"])]
        content = next(row for row in kept["revisions"] if row["article_id"] == article["id"])
        headline = f"{article['headline']}, boat {number}"
        own = {
            "id": number,
            "headline": headline,
            "url_key": f"news.example.org/{number}",
            "content_hash": f"{number:064}",
        }
        made.append({**article, **own, "revision": 1})
        state = {name: value for name, value in content.items() if name != "id"}
        states.append({**state, "article_id": number, "revision": 1, "content_hash": f"{number:064}"})
    tx.execute(tables.articles.insert(), made)
    tx.execute(tables.revisions.insert(), states)


def _deliveries(
    tx: Connection,
    numbers: range,
    own: list[dict[str, Any]],
    tries: list[dict[str, Any]],
    clock: HeldClock,
    first: int,
    stories: int,
    deliveries: int,
) -> None:
    now, made, tried = clock.now(), [], []
    span = timedelta(days=365) / deliveries
    for number in numbers:
        like = own[number % len(own)]
        left = deliveries - number
        state = "sent" if number % 100 < _SENT_SHARE else "failed"
        moment = now - span * left
        if left < _PLANNED:
            state, moment = "planned", now + timedelta(minutes=5 * (left + 1))
        elif left < _PLANNED + _WAITING:
            state, moment = "waiting", now + timedelta(minutes=left)
        story = first + number % max(1, stories - first)
        if number % max(1, deliveries // _ON_THE_NEWEST) == 0 or left == _PLANNED:
            story = stories
        row = {
            **like,
            "id": number,
            "subject_id": story,
            "purpose": f"again-{number}",
            "state": state,
            "due_at": moment,
            "next_at": moment,
            "slot_at": None,
            "ordered_by": "ann" if number % 50 == 0 else like["ordered_by"],
            "updated_at": min(moment, now),
        }
        if state == "waiting":
            row |= {"approved_by": None, "approved_at": None, "approved_fingerprint": None, "latest_at": moment}
        made.append(row)
        if state in ("sent", "failed"):
            attempt = next(one for one in tries if one["delivery_id"] == like["id"])
            tried.append(
                {name: value for name, value in attempt.items() if name != "id"}
                | {"delivery_id": number, "number": 1, "opened_at": moment, "closed_at": moment}
            )
    tx.execute(tables.deliveries.insert(), made)
    if tried:
        tx.execute(tables.attempts.insert(), tried)


def _naive(ground: Ground) -> None:
    """A page deep in the log by ``OFFSET``, as one would write it first, beside the same page by its mark."""
    t = tables.deliveries
    with ground.reading() as tx:
        for name, query in {
            "by OFFSET": select(t).order_by(t.c.due_at.desc(), t.c.id.desc()).limit(50).offset(90_000),
            "by its mark": select(t).order_by(t.c.due_at, t.c.id).limit(50),
        }.items():
            times = []
            for _ in range(5):
                began = time.perf_counter()
                tx.execute(query).all()
                times.append((time.perf_counter() - began) * 1000)
            print(f"a deep page {name:<12}{statistics.median(times):>6.1f} ms in the database")


_AS_A_BROWSER = {"Accept-Encoding": "gzip", "Sec-Fetch-Site": "same-origin"}
_COOKIES: dict[int, str] = {}


def client_headers(client: http.client.HTTPConnection) -> dict[str, str]:
    """The headers of somebody who is in."""
    return {"Cookie": _COOKIES[id(client)], "Accept": "text/html"}


def _client(app: App, address: str) -> http.client.HTTPConnection:
    host, _, port = address.removeprefix("http://").rpartition(":")
    token, now = new_token(), app.clock.now()
    with app.ground.transaction() as tx:
        person = people.by_name(tx, NAMES[Role.ADMIN])
        assert person is not None
        visits.begin(tx, hash_of(token), person, browser="bench", now=now, until=now + VISIT)
    client = http.client.HTTPConnection(host, int(port), timeout=120)
    _COOKIES[id(client)] = f"pressrun-{port}-visit={token}"
    return client


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", type=int, default=10_000)
    parser.add_argument("--deliveries", type=int, default=100_000)
    parser.add_argument("--log", type=int, default=0, help="so many rows in the log, copied inside SQLite")
    parser.add_argument("--postgresql", action="store_true", help="over a PostgreSQL of its own, by the clock")
    parser.add_argument("--rounds", type=int, default=20)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
