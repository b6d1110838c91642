"""How fast an issue goes out: slots and pipelining with a log in group commits, beside Postfix's own smtp-source.

Run by ``make bench-mail``. 20,000 personalised multipart messages of 10 kB with all headers go into ``smtp-sink`` over
20 lines; every recipient is logged before and after, SQLite with synchronous FULL on the disk. ``smtp-source -d`` sends
as many messages of that size over as many lines in the same run, in alternating rounds; the ratio of the medians is
what to read, seconds depend on the machine. The same with every mail signed, an alert beside a running digest, and the
naive rule (EmailMessage and smtplib for each reader, a commit before and after) follow.

smtp-sink and smtp-source come with Debian's package postfix, which need not be installed, let alone run:

    apt-get download postfix && dpkg -x postfix_*.deb build/postfix
    make bench-mail ARGS="--postfix build/postfix"
"""

from __future__ import annotations

import argparse
import os
import pwd
import resource
import shutil
import smtplib
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

from channels.email.dkim import Signer
from channels.email.smtp import Deadlines, Relay, RelayConfig
from db import issues, posts, recipients, subscribers, tries
from db.records import Claim, Delivery, Issue, IssueWords, Mode, Priority, State, SubjectKind, Teaser
from db.schema import create_or_check
from db.session import Ground, open_ground
from db.subscribers import ConsentEvent, Entry, Proof
from scheduler import mailing
from scheduler.clock import SystemClock
from scheduler.mail_room import MailRoom
from tests.scheduler.crowd import email_channel

SIZE = 10_240
GOAL = 0.5
HOW_TO_GET = (
    "smtp-sink and smtp-source are not here. They come with Debian's package postfix, which need not be installed:\n"
    "  apt-get download postfix && dpkg -x postfix_*.deb build/postfix\n"
    '  make bench-mail ARGS="--postfix build/postfix"'
)


@dataclass(frozen=True, slots=True)
class Tools:
    """Where Postfix's two programs lie."""

    sink: str
    source: str
    libraries: str

    @property
    def environment(self) -> dict[str, str]:
        """What they need to find their libraries."""
        return {**os.environ, "LD_LIBRARY_PATH": self.libraries} if self.libraries else dict(os.environ)


def find_tools(unpacked: str) -> Tools | None:
    """The programs in an unpacked package, else on the path."""
    if unpacked:
        root = Path(unpacked)
        sink, source = root / "usr/sbin/smtp-sink", root / "usr/sbin/smtp-source"
        return Tools(str(sink), str(source), str(root / "usr/lib/postfix")) if sink.exists() else None
    path = f"{os.environ.get('PATH', '')}:/usr/sbin"
    sink_path, source_path = shutil.which("smtp-sink", path=path), shutil.which("smtp-source", path=path)
    return Tools(sink_path, source_path, "") if sink_path and source_path else None


@contextmanager
def sink(tools: Tools) -> Iterator[int]:
    """A running smtp-sink; its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [tools.sink]
    if os.getuid() == 0:
        command += ["-u", "nobody" if _known("nobody") else pwd.getpwuid(0).pw_name]
    process = subprocess.Popen([*command, f"127.0.0.1:{port}", "1000"], env=tools.environment)
    try:
        _until_listening(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _known(user: str) -> bool:
    try:
        return bool(pwd.getpwnam(user))
    except KeyError:
        return False


def _until_listening(port: int) -> None:
    until = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


def story(size: int) -> Teaser:
    """One story that fills a message of about ``size`` bytes, half of it in each part."""
    line = "The council voted on Tuesday to repair the bridge before the winter, and the work begins next week."
    lines = [line] * (size // 2 // (len(line) + 2) - 5)
    return Teaser(channel="daily-mail", kind="email", text="\n".join(lines), headline="\n".join(lines))


class Newsroom:
    """A newsletter with so many readers on a database of its own."""

    def __init__(self, folder: Path, readers: int, size: int = SIZE, database: str = "") -> None:
        self.clock = SystemClock()
        self.ground: Ground = open_ground(database or f"sqlite:///{folder / 'pressrun.db'}")
        create_or_check(self.ground)
        self.channel = email_channel(public_url="https://news.example.org", feedback_id="harbour")
        self.room = MailRoom(self.ground, self.clock)
        self.story = story(size)
        now = self.clock.now()
        proof = Proof(ConsentEvent.IMPORTED, now, "bench", "yes")
        for start in range(0, readers, 1_000):
            entries = [
                Entry(
                    f"reader{one}@d{one % 97}.example.org", f"reader{one}@d{one % 97}.example.org", f"Zoë Reader {one}"
                )
                for one in range(start, min(start + 1_000, readers))
            ]
            with self.ground.transaction() as tx:
                number = subscribers.put_list(tx, "daily", actor="bench", now=now)
                subscribers.confirm_many(tx, number, entries, proof, actor="bench", now=now)

    @classmethod
    def of(cls, room: Newsroom, readers: int) -> Newsroom:
        """A second newsletter of the same newsroom, to the first so many of its readers."""
        other = cls.__new__(cls)
        other.clock, other.ground, other.room, other.story = room.clock, room.ground, room.room, room.story
        other.channel = email_channel(
            name="alerts", list_name="alerts", public_url="https://news.example.org", feedback_id="harbour"
        )
        now = other.clock.now()
        with room.ground.transaction() as tx:
            number = subscribers.put_list(tx, "alerts", actor="bench", now=now)
            entries = [
                Entry(f"reader{one}@d{one % 97}.example.org", f"reader{one}@d{one % 97}.example.org")
                for one in range(readers)
            ]
            proof = Proof(ConsentEvent.IMPORTED, now, "bench", "yes")
            for start in range(0, readers, 500):
                subscribers.confirm_many(tx, number, entries[start : start + 500], proof, actor="bench", now=now)
        return other

    def over(self, delivery: Delivery) -> None:
        """The issue is sent, to the desk."""
        with self.ground.transaction() as tx:
            tx.exec_driver_sql(f"update deliveries set state = 'sent' where id = {delivery.id}")

    def again(self, delivery: Delivery) -> None:
        """The issue is being sent."""
        with self.ground.transaction() as tx:
            tx.exec_driver_sql(f"update deliveries set state = 'sending' where id = {delivery.id}")

    def issue(self, window: str, **more: object) -> tuple[Issue, Delivery]:
        """An issue cut, promised, claimed and its audience frozen."""
        from db import deliveries

        now = self.clock.now()
        words = IssueWords(self.channel.name, "The Daily", window, f"Bridge opens, {window}", "", (self.story,), "en")
        with self.ground.transaction() as tx:
            post = posts.add(tx, self.channel.compose_issue(words), (), teaser_id=None, actor="bench", now=now)
            issue = issues.add(
                tx, Issue(Mode.REHEARSAL, self.channel.name, window, now, post_id=post.id), [], actor="bench", now=now
            )
            assert issue is not None
            promise = Delivery(
                mode=Mode.REHEARSAL,
                subject_kind=SubjectKind.ISSUE,
                subject_id=issue.id,
                channel=self.channel.name,
                kind="email",
                purpose="digest",
                post_id=post.id,
                fingerprint=post.fingerprint,
                state=State.PLANNED,
                due_at=now,
                next_at=now,
                latest_at=None,
            )
            delivery = deliveries.add(tx, replace(promise, **more), actor="bench", now=now)  # type: ignore[arg-type]
            claim = Claim("bench", self.clock.machine, self.clock.boot_id, self.clock.boot() + 3600, now + _HOUR)
            delivery = deliveries.move(tx, delivery, State.SENDING, actor="bench", now=now, claim=claim)
        mailing.freeze_audience(self.ground, self.clock, issue, delivery, self.channel, actor="bench")
        return issue, delivery

    def send(self, issue: Issue, delivery: Delivery, port: int, connections: int) -> float:
        """Seconds from the prepared issue to the last answer on disk."""
        deadlines = Deadlines(timedelta(seconds=10), timedelta(seconds=60), timedelta(seconds=60))
        config = RelayConfig(
            "127.0.0.1", port, tls="none", hello="bench.example.org", deadlines=deadlines, per_connection=1_000_000
        )
        began = time.perf_counter()
        progress = mailing.send_to_recipients(
            self.room,
            self.ground,
            self.clock,
            delivery,
            issue,
            self.channel,
            [Relay(config)],
            "bench",
            self.clock.now() + _HOUR,
            connections=connections,
            renew=lambda: True,
            is_dead=lambda claim: False,
        )
        took = time.perf_counter() - began
        if progress.counts.sent != progress.counts.candidates:
            raise SystemExit(f"not everybody was sent the issue: {progress}")
        return took

    def sign(self) -> None:
        """From now on every mail is signed here."""
        from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

        signer = Signer("news.example.org", "bench", generate_private_key(public_exponent=65_537, key_size=2048))
        self.channel = email_channel(public_url="https://news.example.org", feedback_id="harbour", signer=signer)

    def close(self) -> None:
        """Lets the database go."""
        self.ground.close()


_HOUR = timedelta(hours=1)


def alert_beside_digest(room: Newsroom, port: int, lines: int, readers: int) -> tuple[float, float]:
    """Seconds until the last reader of an alert was answered for: alone, and while a digest to all is under way."""
    few = Newsroom.of(room, readers)
    issue, delivery = few.issue("alone", priority=Priority.BREAKING, purpose="alert")
    alone = few.send(issue, delivery, port, lines)
    few.over(delivery)
    digest = room.issue("long")
    long = threading.Thread(target=room.send, args=(*digest, port, lines))
    issue, delivery = few.issue("beside", priority=Priority.BREAKING, purpose="alert")
    few.over(delivery)  # in line, not begun: the digest must not wait for it yet
    long.start()
    time.sleep(1.0)  # the digest is in full swing
    few.again(delivery)
    beside = few.send(issue, delivery, port, lines)
    few.over(delivery)
    long.join()
    return alone, beside


def source(tools: Tools, port: int, messages: int, connections: int) -> float:
    """Seconds that smtp-source takes."""
    command = [tools.source, "-d", "-s", str(connections), "-m", str(messages), "-l", str(SIZE)]
    began = time.perf_counter()
    subprocess.run(
        [*command, "-f", "daily@news.example.org", "-t", "reader@example.org", f"127.0.0.1:{port}"],
        env=tools.environment,
        check=True,
    )
    return time.perf_counter() - began


def naive(room: Newsroom, issue: Issue, delivery: Delivery, port: int) -> float:
    """The rule one would write first: for each reader build an EmailMessage, smtplib, one row, two commits."""
    with room.ground.reading() as tx:
        (part,) = posts.get(tx, delivery.post_id).parts
        copies = recipients.of_issue(tx, issue.id)
        people = {one.subscriber.id: one.subscriber for one in subscribers.candidates(tx, "daily")}
    claim = delivery.claim
    assert claim is not None
    began = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as line:
        for copy in copies:
            with room.ground.transaction() as tx:
                (tried,) = tries.open_tries(tx, [copy], claim, now=room.clock.now())
            reader = room.channel.reader(people[copy.subscriber_id])
            message = EmailMessage()
            message["From"] = "The Daily <daily@news.example.org>"
            message["To"] = f"{reader.name} <{reader.address.wire}>"
            message["Subject"] = part.subject
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
            values = {"%%UNSUBSCRIBE%%": reader.unsubscribe, "%%NAME%%": reader.name}
            text, page = part.text, part.html
            for slot, value in values.items():
                text, page = text.replace(slot, value), page.replace(slot, value)
            message.set_content(text)
            message.add_alternative(page, subtype="html")
            line.send_message(message)
            with room.ground.transaction() as tx:
                from db.records import Receipt

                tries.close_sent(tx, [(tried, Receipt(id="x"))], actor="bench", now=room.clock.now())
    return time.perf_counter() - began


def main() -> int:
    """Prints the table; 1 when the goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.mail", description=__doc__)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--connections", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--postfix", default="", help="a folder into which the package postfix was unpacked")
    parser.add_argument("--folder", default=None, help="where the database lies; a folder on the disk")
    asked = parser.parse_args()
    tools = find_tools(asked.postfix)
    if tools is None:
        sys.stderr.write(f"{HOW_TO_GET}\n")
        return 3
    n, lines = asked.messages, asked.connections
    ours, theirs = [], []
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder, sink(tools) as port:
        room = Newsroom(Path(folder), n)
        for number in range(asked.rounds):
            issue, delivery = room.issue(f"round {number}")
            took = room.send(issue, delivery, port, lines)
            reference = source(tools, port, n, lines)
            ours.append(n / took)
            theirs.append(n / reference)
            sys.stdout.write(f"round {number + 1}: Pressrun {n / took:7,.0f}/s   smtp-source {n / reference:7,.0f}/s\n")
            sys.stdout.flush()
        alone, beside = alert_beside_digest(room, port, lines, min(1_000, n // 10))
        room.sign()
        issue, delivery = room.issue("signed")
        signed = n / room.send(issue, delivery, port, lines)
        few = max(200, n // 40)
        small = Path(folder) / "naive"
        small.mkdir()
        other = Newsroom(small, few)
        issue, delivery = other.issue("naive")
        slow = few / naive(other, issue, delivery, port)
        other.close()
        room.close()
    ratio = statistics.median(ours) / statistics.median(theirs)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(
        f"\n{n:,} messages of {SIZE:,} bytes, {lines} lines, median of {asked.rounds}\n"
        f"  smtp-source -d                          {statistics.median(theirs):8,.0f}/s\n"
        f"  Pressrun, logged before and after       {statistics.median(ours):8,.0f}/s\n"
        f"  Pressrun, each mail signed (DKIM)       {signed:8,.0f}/s\n"
        f"  EmailMessage and smtplib, {few:,} readers  {slow:8,.0f}/s\n"
        f"  ratio to smtp-source                    {ratio:8.2f}   (goal {GOAL})\n"
        f"  alert to {min(1_000, n // 10):,}: alone {alone:.2f} s, beside a digest {beside:.2f} s, "
        f"{beside / alone:.2f} times (goal 1.5)\n"
        f"  memory                                  {memory:8,.0f} MB\n"
    )
    return 0 if ratio >= GOAL else 1


if __name__ == "__main__":
    raise SystemExit(main())
