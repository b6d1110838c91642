"""How fast an issue's audience is frozen: pages of 1,000 beside one transaction a reader, and in how much memory.

Run by ``make bench-audience``: real SQLite with synchronous FULL, readers who chose sections in four ways, so that
the issue has variants; pages leave 5 ms to others. 1,000,000 readers, which takes some minutes with the making of them;
``READERS=100000`` asks for fewer. The naive rule is timed on 2,000.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from sqlalchemy import insert, select

from channels.email.channel import EmailChannel
from channels.email.smtp import Deadlines, Relay, RelayConfig
from db import deliveries, issue_counts, issue_variants, issues, subscribers
from db.records import Claim, Delivery, Mode, State, SubjectKind
from db.tables import lists, section_choices, subscriptions
from db.tables import subscribers as people
from db.writing import signed
from scheduler import audience, cutting, mailing
from scheduler.audience import freeze_audience
from scheduler.clock import HeldClock, SystemClock
from scheduler.mail_room import MailRoom
from tests.channels.email.scripted_server import Script, ScriptedServer
from tests.scheduler.house import House, house
from tests.scheduler.readers import LETTERS

READERS = int(os.environ.get("READERS", "1000000"))
NAIVE = 2_000
NOW = datetime(2026, 9, 21, 6, 30, tzinfo=UTC)
SECTIONS = ("politics", "sport", "culture")


def crowd(h: House, number: int) -> None:
    """So many confirmed readers; three of four chose some sections, each in another way."""
    mark = signed("bench", NOW, "")
    with h.app.ground.transaction() as tx:
        subscribers.put_list(tx, "morning", actor="bench", now=NOW)
        to_list = tx.execute(select(lists.c.id).where(lists.c.name == "morning")).scalar_one()
    for begin in range(1, number + 1, 10_000):
        some = range(begin, min(begin + 10_000, number + 1))
        with h.app.ground.transaction() as tx:
            names = [(one, f"r{one}@readers.example.org") for one in some]
            tx.execute(
                insert(people),
                [{"id": n, "address": a, "address_key": a, "token_seed": f"{n:032x}", **mark} for n, a in names],
            )
            tie = {"list_id": to_list, "state": "confirmed", **mark}
            tx.execute(insert(subscriptions), [{**tie, "subscriber_id": one} for one in some])
            chosen = [
                {"list_id": to_list, "subscriber_id": one, "section": section, "frequency": "daily", **mark}
                for one in some
                for section in SECTIONS[: one % 4]
            ] + [
                {"list_id": to_list, "subscriber_id": one, "section": "", "frequency": "never", **mark}
                for one in some
                if one % 4
            ]
            tx.execute(insert(section_choices), chosen)


def promised(h: House) -> Delivery:
    """An issue of three stories, cut and not frozen."""
    for section in SECTIONS:
        h.take(f"A story of {section} for today", section=section)
    from scheduler import prepare

    prepare.prepare_waiting(h.app)
    cutting.walk_issues(h.app)
    with h.app.ground.reading() as tx:
        issue = issues.latest(tx, Mode.REHEARSAL, "morning")
        assert issue is not None
        return deliveries.of_subject(tx, SubjectKind.ISSUE, issue.id)[0]


def frozen(h: House, delivery: Delivery, most: int | None = None) -> tuple[int, float, float]:
    """How many candidates were decided, in how many seconds, and how many of them this process worked."""
    outlet = h.app.outlets["morning"]
    channel = h.app.silent(outlet)
    assert isinstance(channel, EmailChannel)
    with h.app.ground.reading() as tx:
        issue = issues.get(tx, delivery.subject_id)
    done = 0

    def go_on(candidates: int) -> bool:
        nonlocal done
        done = candidates
        return most is None or candidates < most

    began, busy = time.monotonic(), time.process_time()
    freeze_audience(
        h.app.ground, SystemClock(), issue, delivery, channel, actor="bench", letter=outlet.letter, go_on=go_on
    )
    took, worked = time.monotonic() - began, time.process_time() - busy
    with h.app.ground.reading() as tx:
        counts = issue_counts.counts(tx, issue.id)
    return counts.candidates, took, worked


class FromThen(SystemClock):
    """Runs as the machine's own, but from the moment of the issue."""

    def __init__(self) -> None:
        self._ahead = SystemClock().now() - NOW

    def now(self) -> datetime:
        """The wall, so much earlier."""
        return SystemClock().now() - self._ahead


def first_mail(h: House, delivery: Delivery) -> float:
    """Seconds from "send" to the first whole mail at the server, the line's own opening in it."""
    taken = threading.Event()
    clock, span, channel = FromThen(), timedelta(minutes=5), h.app.silent(h.app.outlets["morning"])
    assert isinstance(channel, EmailChannel)
    now = clock.now()
    claim = Claim("bench", clock.machine, clock.boot_id, clock.boot() + span.total_seconds(), now + span)
    with h.app.ground.transaction() as tx:
        issue = issues.get(tx, delivery.subject_id)
        row = deliveries.get(tx, delivery.id)
        sending = deliveries.move(tx, row, State.SENDING, actor="bench", now=now, claim=claim)
    at = float("nan")

    def note(verb: str, argument: str) -> None:
        nonlocal at
        if verb == "dot" and not taken.is_set():
            at = time.monotonic()
            taken.set()

    with ScriptedServer(Script(rule=note)) as server:
        config = RelayConfig(
            "127.0.0.1", server.port, tls="none", hello="bench.example.org", deadlines=Deadlines(span, span, span)
        )
        began = time.monotonic()
        mailing.send_to_recipients(
            MailRoom(h.app.ground, clock),
            h.app.ground,
            clock,
            sending,
            issue,
            channel,
            [Relay(config)],
            "bench",
            now + span,
            connections=20,
            renew=lambda: not taken.is_set(),
            is_dead=lambda claim: False,
        )
    return at - began


def main() -> int:
    """Measures and tells."""
    with tempfile.TemporaryDirectory() as folder, house(Path(folder), LETTERS, clock=HeldClock(NOW)) as h:
        crowd(h, READERS)
        delivery = promised(h)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with patch.object(audience, "PAGE", 1), patch.object(audience, "ROOM_FOR_OTHERS", 0.0):
            slow, slow_took, _ = frozen(h, delivery, NAIVE)
        many, took, worked = frozen(h, delivery)
        grew = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        with h.app.ground.reading() as tx:
            kinds = len(issue_variants.of_issue(tx, delivery.subject_id))
            rows = issue_counts.counts(tx, delivery.subject_id)
        first = first_mail(h, delivery)
    rate = (many - slow) / took
    alone = 1_000_000 * worked / (many - slow) + 1_000_000 / audience.PAGE * audience.ROOM_FOR_OTHERS
    print(f"rows                       {rows.candidates:>9,}  ({rows.open:,} recipients, {rows.excluded:,} exclusions)")
    print(f"one transaction a reader   {slow / slow_took:>9,.0f} candidates/s")
    print(f"pages of {audience.PAGE:,}             {rate:>9,.0f} candidates/s  ({took:.1f} s, {kinds} variants)")
    print(
        f"1,000,000 in               {1_000_000 / rate:>9,.0f} s here, {alone:,.0f} s where this process has a core alone"
        f"   (goal 60)"
    )
    print(f"first mail of it after     {first:>9.2f} s   (goal 2)")
    print(f"peak memory                {peak:>9,.0f} MB, {grew:,.0f} MB of it while freezing   (goal 250)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
