"""A newsroom on a held clock before rehearsal platforms that outlive it: what every torture plays on."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from channels.base import Channel
from channels.email.channel import EmailChannel
from channels.email.session import Session
from channels.email.smtp import Relay
from channels.rehearsal.platforms import RehearsalPlatforms
from channels.rehearsal.published import Published
from channels.rehearsal.rules import Rules
from db import audit, deliveries, free_posts, issues, posts, stops, subscribers, teasers
from db.moves import OPEN
from db.records import Delivery, Failure, Issue, IssueWords, Part, Post, Priority, Receipt, State, SubjectKind, Teaser
from db.subscribers import ConsentEvent, Entry, Proof
from scheduler.app import App, build
from scheduler.approval import approval
from scheduler.clock import Clock, HeldClock
from scheduler.deliver import deliver_next, settle_abandoned
from scheduler.expiry import expire
from scheduler.mail_room import MailRoom
from scheduler.newsroom.issuing import ANYWAY
from scheduler.outlet import Outlet
from scheduler.reconcile import reconcile_next
from scheduler.settings_load import load_settings
from scheduler.standing import CHECK_AGAIN, recheck_stopped

MORNING = datetime(2026, 9, 21, 6, 30, tzinfo=UTC)
CHANNELS = {"x": "x-main", "facebook": "fb-main", "email": "daily-mail"}
READERS = ("ann", "bob")

SETTINGS = """
[newsroom]
name = "The Test Times"
site = "https://news.example.org"
timezone = "Europe/Berlin"

[database]
url = "{database}"

[channels.x-main]
kind = "x"
deadline = "{deadline}"

[channels.fb-main]
kind = "facebook"
deadline = "{deadline}"

[channels.daily-mail]
kind = "email"
newsletter = "The Daily"
list = "daily"
from = "The Daily <daily@news.example.org>"
deadline = "{deadline}"
connections = 1
"""

_SYLLABLES = "ba be bi bo da de di do fa fe fi ga ge ka ke ko la le li lo ma me mi mo na ne ra re ri ro sa se ta te to va".split()


def words(chance: random.Random, number: int = 9) -> str:
    """Words that nobody else says: two posts of one account must never look like each other."""
    return " ".join("".join(chance.choices(_SYLLABLES, k=4)) for _ in range(number)).capitalize()


class Meddling:
    """A channel in whose calls something else happens: a person acts, or the machine dies.

    ``after`` comes whether the call brought an answer or not.
    """

    def __init__(self, channel: Channel, before: Callable[[], None], after: Callable[[], None]) -> None:
        self._channel, self._before, self._after = channel, before, after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)

    def _around(self, call: Callable[[], Any]) -> Any:
        self._before()
        try:
            return call()
        finally:
            self._after()

    def send(self, part: Part, key: str, before: Receipt | None) -> Receipt:
        receipt: Receipt = self._around(lambda: self._channel.send(part, key, before))
        return receipt

    def delete(self, receipt: Receipt) -> None:
        self._around(lambda: self._channel.delete(receipt))


def meddled(channel: Channel, before: Callable[[], None], after: Callable[[], None]) -> Channel:
    """The channel, with something that happens before and after each of its calls, or mails."""
    if isinstance(channel, EmailChannel):
        channel.relay = partial(_meddled_relay, channel.relay, before, after)  # type: ignore[method-assign]
        return channel
    return Meddling(channel, before, after)


def _meddled_relay(build: Callable[[], Relay], before: Callable[[], None], after: Callable[[], None]) -> Relay:
    relay = build()
    relay.session = partial(_meddled_session, relay.session, before, after)  # type: ignore[method-assign]
    return relay


def _meddled_session(build: Callable[[], Session], before: Callable[[], None], after: Callable[[], None]) -> Session:
    session = build()
    begin, advance = session.begin, session.advance

    def begun(*said: Any) -> Failure | None:
        before()
        return begin(*said)

    def advanced() -> Receipt | Failure | None:
        answer = advance()
        if answer is not None:
            after()
        return answer

    session.begin, session.advance = begun, advanced  # type: ignore[method-assign, assignment]
    return session


def _nothing() -> None:
    return None


class RestingClock(HeldClock):
    """A held clock that moves only while the platforms rest.

    A request whose caller has given up may still be under way on a busy machine; it must not land hours later.
    """

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self.rest: Callable[[], None] = _nothing

    def advance(self, span: timedelta) -> None:
        """Moves on, once nothing is under way."""
        self.rest()
        super().advance(span)

    def jump(self, span: timedelta) -> None:
        """Moves the wall alone, once nothing is under way."""
        self.rest()
        super().jump(span)


PATIENT, QUICK = "20s", "0.3s"
"""Deadlines of a call: one that no busy machine misses, and one for scripts in which platforms hang."""


class Stage:
    """An app on a database, beside platforms that go on when the app is abandoned for a new one."""

    def __init__(
        self,
        folder: Path,
        *,
        database: str = "sqlite:///pressrun.db",
        deadline: str = PATIENT,
        settings: str = SETTINGS,
    ) -> None:
        self.folder, self.clock = folder, RestingClock(MORNING)
        self.platforms = RehearsalPlatforms(folder / "rehearsal.db", now=self.clock.now, rules=rules())
        self.platforms.start()
        self.clock.rest = self.platforms.rest
        text = settings.format(database=database, deadline=deadline)
        (folder / "settings.toml").write_text(text, encoding="utf-8")
        self.before_call: Callable[[], None] = _nothing
        self.after_call: Callable[[], None] = _nothing
        self.troubles: list[str] = []
        self.working = False
        self._windows = itertools.count()
        self.app = self.open()
        self._list_of_readers()

    def open(self, clock: Clock | None = None) -> App:
        """An app on this database and these platforms."""
        return open_app(self.folder, clock or self.clock, self.platforms, self.troubles.append, self._meddle)

    def reopen(self) -> None:
        """Lets the old app go as a dead process does, and starts a new one."""
        self.app.ground.close()
        self.app = self.open()

    def close(self) -> None:
        self.clock.rest = _nothing
        self.app.close()
        self.platforms.stop()

    def fresh(self, *, lag: float = 0.0) -> None:
        """Platforms that have never been asked, channels without a past, receiving domains that never complained."""
        self.platforms.reset()
        self.platforms.rules = rules(lag)
        self.app.held_until.clear()
        self.app.mail_room = MailRoom(self.app.ground, self.clock)
        with self.app.ground.transaction() as tx:
            for table in ("stops", "quota", "channel_states", "notices"):
                tx.exec_driver_sql(f"delete from {table}")

    def _meddle(self, channel: Channel) -> Channel:
        def before() -> None:
            self.before_call()

        def after() -> None:
            self.after_call()

        return meddled(channel, before, after)

    # --- promises ------------------------------------------------------------------------------

    def promise(
        self,
        kind: str,
        texts: list[str],
        *,
        due_at: datetime | None = None,
        latest_at: datetime | None = None,
        priority: Priority = Priority.NORMAL,
    ) -> Delivery:
        """A free post of so many parts, approved and planned."""
        return promise_post(self.app, kind, texts, due_at=due_at, latest_at=latest_at, priority=priority)

    def promise_issue(self, headline: str, *, latest_at: datetime | None = None) -> Delivery:
        """An issue of one story to every reader."""
        return promise_issue(self.app, f"window {next(self._windows)}", headline, latest_at=latest_at)

    def edit(self, delivery: Delivery, texts: list[str]) -> Delivery:
        """Other words under a promise that waits for its next try, with a person's yes to them."""
        app, now = self.app, self.clock.now()
        post = _post(delivery.kind, texts)
        with app.ground.transaction() as tx:
            stored = posts.add(tx, post, (), teaser_id=None, actor="bea", now=now)
            return deliveries.move(
                tx,
                deliveries.get(tx, delivery.id),
                State.PLANNED,
                actor="bea",
                now=now,
                post_id=stored.id,
                fingerprint=stored.fingerprint,
                **approval("bea", stored, now, given=True),
            )

    def _list_of_readers(self) -> None:
        entries = [Entry(f"{name}@example.org", f"{name}@example.org", name.title()) for name in READERS]
        proof = Proof(ConsentEvent.IMPORTED, MORNING, "fair", "yes")
        with self.app.ground.transaction() as tx:
            number = subscribers.put_list(tx, "daily", actor="ada", now=MORNING)
            subscribers.confirm_many(tx, number, entries, proof, actor="ada", now=MORNING)

    # --- work ----------------------------------------------------------------------------------

    def outlet(self, kind: str) -> Outlet:
        return self.app.outlets[CHANNELS[kind]]

    def see(self, delivery: Delivery) -> Delivery:
        with self.app.ground.reading() as tx:
            return deliveries.get(tx, delivery.id)

    def owed(self, since: int = 0) -> list[Delivery]:
        """What still wants a worker: open and not a person's matter, or refused and not looked at yet."""
        return owed(self.app, since)

    def settle(
        self,
        since: int = 0,
        *,
        step: Callable[[App, Outlet], Any] = deliver_next,
        look: Callable[[App, Outlet], Any] = reconcile_next,
        rounds: int = 400,
    ) -> None:
        """Works and lets the time pass until nothing is owed to anybody but a person.

        Raises ``AssertionError`` when the house stands still although something is owed.
        """
        for _ in range(rounds):
            self.working = True
            work_once(self.app, step=step, look=look)
            self.working = False
            rest = self.owed(since)
            if not rest:
                return
            self.clock.advance(self._until_next(rest))
        raise AssertionError(f"after {rounds} rounds still owed: {[(one.id, one.state, one.reason) for one in rest]}")

    def _until_next(self, rest: list[Delivery]) -> timedelta:
        """How long nothing can happen: the next due moment, look, end of a claim, of a wait, or of a stop."""
        now, app = self.clock.now(), self.app
        moments: list[datetime] = []
        for one in rest:
            if one.claim is not None:
                moments.append(one.claim.until_at + timedelta(seconds=1))
            elif one.state in (State.PLANNED, State.WAITING):
                held = app.held_until.get(one.channel)
                moments.append(max(one.next_at, held) if held is not None else one.next_at)
                if one.latest_at is not None:
                    moments.append(one.latest_at)
            elif one.look_at is not None:
                moments.append(one.look_at)
        with app.ground.reading() as tx:
            lying = stops.active(tx, now)
        moments += [stop.until_at for stop in lying if stop.until_at is not None]
        if any(stop.until_at is None for stop in lying) or app.safeguard.refusal() is not None:
            moments.append(now + CHECK_AGAIN)
        later = [moment for moment in moments if moment > now]
        return max(min(later, default=now) - now, timedelta(seconds=1))

    def published(self, kind: str) -> list[Published]:
        """All that a platform ever accepted, what was taken down included, oldest first."""
        return list(reversed(self.platforms.published(kind)))


def rules(lag: float = 0.0) -> Rules:
    """Platforms without limits, that show a new post so late, and that take the same words twice."""
    return Rules.unlimited().changed({"x": {"lag_seconds": lag, "duplicate_hours": 0.0}, "graph": {"lag_seconds": lag}})


def open_app(
    folder: Path,
    clock: Clock | None,
    platforms: RehearsalPlatforms,
    on_trouble: Callable[[str], None],
    meddle: Callable[[Channel], Channel] = lambda channel: channel,
) -> App:
    """An app on the settings in ``folder`` that speaks to platforms which live elsewhere."""
    loaded = load_settings(folder / "settings.toml", {})
    app = build(loaded.settings, folder, clock=clock, on_trouble=on_trouble, jitter=lambda: 0.5)
    app.rehearsal._addresses = platforms.addresses
    app.outlets = {name: replace(outlet, build=partial(_built, outlet, meddle)) for name, outlet in app.outlets.items()}
    return app


def promise_post(
    app: App,
    kind: str,
    texts: list[str],
    *,
    due_at: datetime | None = None,
    latest_at: datetime | None = None,
    priority: Priority = Priority.NORMAL,
) -> Delivery:
    """A free post of so many parts, approved and planned."""
    now, channel = app.clock.now(), CHANNELS[kind]
    outlet = app.outlets[channel]
    post = _post(kind, texts)
    teaser = Teaser(channel=channel, kind=kind, text=texts[0], writer="ada")
    with app.ground.transaction() as tx:
        free = free_posts.add(tx, texts[0], None, actor="ada", now=now)
        kept = teasers.add(tx, SubjectKind.POST, free.id, teaser, actor="ada", now=now)
        stored = posts.add(tx, post, (), teaser_id=kept.id, actor="ada", now=now)
        promise = Delivery(
            mode=outlet.mode,
            subject_kind=SubjectKind.POST,
            subject_id=free.id,
            channel=channel,
            kind=kind,
            purpose="first",
            post_id=stored.id,
            fingerprint=stored.fingerprint,
            state=State.PLANNED,
            due_at=due_at or now,
            next_at=due_at or now,
            latest_at=latest_at,
            priority=priority,
            ordered_by="ada",
            cost=app.silent(outlet).price(post),
            **approval("ada", stored, now, given=True),
        )
        return deliveries.add(tx, promise, actor="ada", now=now)


def _post(kind: str, texts: list[str]) -> Post:
    """A thread, or on Facebook a post with the Page's own comment under it."""
    parts = tuple(Part(text=text, comment=kind == "facebook" and number > 0) for number, text in enumerate(texts))
    return Post(channel=CHANNELS[kind], kind=kind, parts=parts)


def promise_issue(app: App, window: str, headline: str, *, latest_at: datetime | None = None) -> Delivery:
    """An issue of one story to every reader of the list."""
    now = app.clock.now()
    outlet = app.outlets[CHANNELS["email"]]
    channel: Any = app.silent(outlet)
    story = Teaser(channel=outlet.name, kind="email", text=headline, headline=headline)
    said = IssueWords(outlet.name, "The Daily", "2026-09-21", headline, "", (story,), "en")
    with app.ground.transaction() as tx:
        tx.exec_driver_sql("delete from suppressions")  # what one script's "no such mailbox" laid is none of the next's
        post = posts.add(tx, channel.compose_issue(said), (), teaser_id=None, actor="ada", now=now)
        wanted = Issue(outlet.mode, outlet.name, window, now, post_id=post.id)
        issue = issues.add(tx, wanted, [], actor="ada", now=now)
        assert issue is not None
        promise = Delivery(
            mode=outlet.mode,
            subject_kind=SubjectKind.ISSUE,
            subject_id=issue.id,
            channel=outlet.name,
            kind="email",
            purpose="digest",
            post_id=post.id,
            fingerprint=post.fingerprint,
            state=State.PLANNED,
            due_at=now,
            next_at=now,
            latest_at=latest_at,
            **approval("ada", post, now, given=True),
        )
        stored = deliveries.add(tx, promise, actor="ada", now=now)
        # Its story is kept nowhere but in the post, so the pre-flight has nothing to look at: a person lets it pass.
        subject, passed = f"delivery {stored.id}", stored.fingerprint
        audit.write(tx, ANYWAY, subject, actor="ada", now=now, reason="torture", after=passed)
        return stored


def _built(outlet: Outlet, meddle: Callable[[Channel], Channel]) -> Channel:
    return meddle(outlet.build())


def work_once(
    app: App,
    *,
    step: Callable[[App, Outlet], Any] = deliver_next,
    look: Callable[[App, Outlet], Any] = reconcile_next,
) -> None:
    """All that the journey does for deliveries at this moment, in this thread."""
    settle_abandoned(app)
    expire(app, app.clock.now())
    for outlet in app.outlets.values():
        while True:
            done = step(app, outlet)
            app.held_until.pop(outlet.name, None)
            if isinstance(done, Delivery):
                continue
            if done is not None and done.until is not None:
                app.held_until[outlet.name] = done.until
            if not look(app, outlet):
                break
    recheck_stopped(app)


def owed(app: App, since: int = 0) -> list[Delivery]:
    """What still wants a worker: open and not a person's matter, or refused and not looked at yet."""
    states = (OPEN | {State.FAILED}) - {State.UNSETTLED}
    with app.ground.reading() as tx:
        rows = deliveries.in_states(tx, states)
    return [one for one in rows if one.id >= since and (one.state is not State.FAILED or one.look_at is not None)]
