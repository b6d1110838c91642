"""A newsletter with readers, an issue cut and promised, and a worker that sends it to a scripted mail server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from channels.email.channel import EmailChannel, EmailConfig
from channels.email.smtp import Deadlines, Relay, RelayConfig
from db import deliveries, issues, posts, subscribers
from db.records import Claim, Delivery, Issue, IssueWords, Mode, State, SubjectKind, Teaser
from db.session import Ground
from db.subscribers import ConsentEvent, Entry, Proof
from scheduler import mailing
from scheduler.clock import HeldClock
from scheduler.mail_room import MailRoom
from tests.channels.email.scripted_server import ScriptedServer

START = datetime(2026, 9, 21, 6, 30, tzinfo=UTC)
QUICK = Deadlines(timedelta(seconds=30), timedelta(seconds=30), timedelta(seconds=30))
PROOF = Proof(ConsentEvent.IMPORTED, START, "fair", "yes")
SHORT = Deadlines(timedelta(seconds=0.3), timedelta(seconds=0.3), timedelta(seconds=0.3))


def plain_issue(words: IssueWords, *, newsroom: str, postal_address: str) -> tuple[str, str]:
    """The least a template may make of an issue."""
    text = "\n".join(story.headline for story in words.stories)
    return f"<p>{text}</p><a href='%%UNSUBSCRIBE%%'>off</a>", f"{text}\n%%NAME%%\n%%UNSUBSCRIBE%%\n"


def email_channel(**changes: object) -> EmailChannel:
    config = EmailConfig(
        name="daily-mail",
        mode=Mode.REHEARSAL,
        list_name="daily",
        newsletter="The Daily",
        sender="The Daily <daily@news.example.org>",
        host="127.0.0.1",
        port=9,
        public_url="https://news.example.org",
        link_key=b"link",
        suppression_key=b"suppression",
        render=plain_issue,
        tls="none",
    )
    return EmailChannel(replace(config, **changes))  # type: ignore[arg-type]


class Crowd:
    """The desk of one newsletter: a database, a held clock, a channel, an issue, a worker."""

    def __init__(self, ground: Ground, server: ScriptedServer, deadlines: Deadlines = QUICK) -> None:
        self.ground, self.server, self.clock = ground, server, HeldClock(START)
        self.channel = email_channel()
        self.room = MailRoom(ground, self.clock)
        self.deadlines = deadlines
        self.is_dead: Callable[[Claim], bool] = lambda claim: self.clock.boot() > claim.until_boot

    def subscribe(self, *names: str) -> None:
        entries = [Entry(f"{name}@example.org", f"{name}@example.org", name.title()) for name in names]
        with self.ground.transaction() as tx:
            number = subscribers.put_list(tx, "daily", actor="ann", now=START)
            subscribers.confirm_many(tx, number, entries, PROOF, actor="ann", now=START)

    def promise(
        self, latest_at: datetime | None = None, window: str = "2026-09-21", **more: object
    ) -> tuple[Issue, Delivery]:
        """An issue of one story, its delivery planned for now."""
        story = Teaser(channel="daily-mail", kind="email", text="Words", headline="Bridge opens")
        words = IssueWords("daily-mail", "The Daily", window, "Bridge opens", "", (story,), "en")
        with self.ground.transaction() as tx:
            post = posts.add(tx, self.channel.compose_issue(words), (), teaser_id=None, actor="ann", now=START)
            issue = issues.add(
                tx,
                Issue(Mode.REHEARSAL, "daily-mail", window, START, post_id=post.id),
                [],
                actor="ann",
                now=START,
            )
            assert issue is not None
            delivery = Delivery(
                mode=Mode.REHEARSAL,
                subject_kind=SubjectKind.ISSUE,
                subject_id=issue.id,
                channel="daily-mail",
                kind="email",
                purpose="digest",
                post_id=post.id,
                fingerprint=post.fingerprint,
                state=State.PLANNED,
                due_at=START,
                next_at=START,
                latest_at=latest_at,
            )
            promised = replace(delivery, **more)  # type: ignore[arg-type]
            return issue, deliveries.add(tx, promised, actor="ann", now=START)

    def claim(self, delivery: Delivery, worker: str = "worker-1") -> Delivery:
        """The delivery in the worker's hands."""
        with self.ground.transaction() as tx:
            row = deliveries.get(tx, delivery.id)
            if row.state is State.SENDING:
                row = deliveries.move(tx, row, State.PLANNED, actor=worker, now=self.clock.now())
            claim = Claim(worker, "held", "held", self.clock.boot() + 60, self.clock.now() + timedelta(seconds=60))
            return deliveries.move(tx, row, State.SENDING, actor=worker, now=self.clock.now(), claim=claim)

    def freeze(self, issue: Issue, delivery: Delivery) -> None:
        mailing.freeze_audience(self.ground, self.clock, issue, delivery, self.channel, actor="worker-1")

    def relay(self) -> Relay:
        return Relay(
            RelayConfig("127.0.0.1", self.server.port, tls="none", hello="client.example.org", deadlines=self.deadlines)
        )

    def send(
        self,
        issue: Issue,
        delivery: Delivery,
        *,
        worker: str = "worker-1",
        until: datetime | None = None,
        renew: Callable[[], bool] = lambda: True,
        relay: Relay | None = None,
        connections: int = 1,
    ) -> mailing.Progress:
        """One pass of the worker over the issue."""
        return mailing.send_to_recipients(
            self.room,
            self.ground,
            self.clock,
            self.claim(delivery, worker),
            issue,
            self.channel,
            [relay or self.relay()],
            worker,
            until or START + timedelta(days=30),
            connections=connections,
            renew=renew,
            is_dead=self.is_dead,
        )
