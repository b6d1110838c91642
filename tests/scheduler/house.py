"""A whole house in a temporary folder: settings, database, rehearsal platforms, a clock that is held."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from channels.rehearsal.platforms import RehearsalPlatforms
from db import attempts, deliveries, free_posts, notices, posts, teasers
from db.records import Article, Attempt, Delivery, Failure, Priority, Receipt, State, SubjectKind, Teaser
from scheduler import journey
from scheduler.app import App, build
from scheduler.clock import Clock, HeldClock
from scheduler.intake.taking import take_article
from scheduler.keys import keys_in
from scheduler.mail_lines import Line
from scheduler.mail_loop import MailLoop
from scheduler.settings_load import load_settings
from scheduler.subscribing import Statement, import_csv

MORNING = datetime(2026, 9, 21, 6, 30, tzinfo=UTC)

SETTINGS = """
[newsroom]
name = "The Test Times"
site = "https://news.example.org"
timezone = "Europe/Berlin"

[channels.x-main]
kind = "x"
deadline = "10s"

[channels.fb-main]
kind = "facebook"
deadline = "10s"
"""

PATIENT = SETTINGS.replace('deadline = "10s"', 'deadline = "20s"')
"""The same for tests that try nothing slow: a busy machine may take its time."""


class House:
    """An app and what tests ask of it."""

    def __init__(self, app: App, clock: HeldClock, troubles: list[str]) -> None:
        self.app, self.clock, self.troubles = app, clock, troubles

    @property
    def platforms(self) -> RehearsalPlatforms:
        """The rehearsal platforms, started."""
        return self.app.rehearsal.platforms

    def promise(
        self,
        text: str,
        channel: str = "x-main",
        *,
        due_at: datetime | None = None,
        latest_at: datetime | None = None,
        priority: Priority = Priority.NORMAL,
        approved: bool = True,
        purpose: str = "first",
    ) -> Delivery:
        """A free post promised to one channel, straight through the stores."""
        app, now = self.app, self.clock.now()
        outlet = app.outlets[channel]
        post = app.silent(outlet).compose(Teaser(channel=channel, kind=outlet.kind, text=text, writer="ada"))
        with app.ground.transaction() as tx:
            free = free_posts.add(tx, text, None, actor="ada", now=now)
            teaser = teasers.add(
                tx,
                SubjectKind.POST,
                free.id,
                Teaser(channel=channel, kind=outlet.kind, text=text),
                actor="ada",
                now=now,
            )
            stored = posts.add(tx, post, (), teaser_id=teaser.id, actor="ada", now=now)
            delivery = Delivery(
                mode=outlet.mode,
                subject_kind=SubjectKind.POST,
                subject_id=free.id,
                channel=channel,
                kind=outlet.kind,
                purpose=purpose,
                post_id=stored.id,
                fingerprint=stored.fingerprint,
                state=State.PLANNED if approved else State.WAITING,
                due_at=due_at or now,
                next_at=due_at or now,
                latest_at=latest_at,
                priority=priority,
                ordered_by="ada",
                approved_by="ada" if approved else None,
                approved_at=now if approved else None,
                approved_fingerprint=stored.fingerprint if approved else None,
                cost=app.silent(outlet).price(post),
            )
            return deliveries.add(tx, delivery, actor="ada", now=now)

    def take(self, headline: str = "Ferry to run until midnight", *, url: str | None = "", **said: object) -> int:
        """Takes a story in as a person would; ``url`` "" makes one up, None leaves it without. Returns its number."""
        slug = headline.lower().replace(" ", "-")
        article = Article(
            headline=headline,
            paragraphs=(
                f"{headline} from 2 May, the council of Port Selwyn decided on Tuesday by 19 votes to 12.",
                "The service will cost 340,000 pounds a year and adds six late sailings.",
            ),
            source="desk",
            url=f"https://news.example.org/{slug}" if url == "" else url,
            language="en",
            published_at=self.clock.now(),
        )
        article = replace(article, **said)  # type: ignore[arg-type]
        with self.app.ground.transaction() as tx:
            taken = take_article(tx, article, slug, actor="ada", now=self.clock.now())
        assert taken.article_id is not None
        return taken.article_id

    def readers(self, number: int, list_name: str = "morning") -> None:
        """Subscribes made-up readers to a list."""
        file = self.app.folder / "readers.csv"
        file.write_text("email\n" + "".join(f"r{one}@readers.example.org\n" for one in range(number)))
        self.take_in_readers(file, list_name)

    def take_in_readers(self, file: Path, list_name: str) -> None:
        """Subscribes everybody in a file of made-up readers."""
        import_csv(
            self.app.ground,
            list_name,
            file,
            actor="ada",
            now=self.clock.now(),
            statement=Statement("a test", self.clock.now().date(), "Made-up readers."),
            suppression_key=keys_in(self.app.folder).suppression,
            pause=lambda seconds: None,
        )

    def work(self, *, every_source: bool = False) -> None:
        """One tick, and everything it woke."""
        journey.tick(self.app, self.clock.now(), every_source=every_source)
        assert self.app.engine.wait(120), "the lanes did not come to rest"

    def of(self, story: int, channel: str) -> Delivery:
        """The newest delivery of a story on a channel."""
        with self.app.ground.reading() as tx:
            return deliveries.of_subject(tx, SubjectKind.ARTICLE, story, channel=channel)[-1]

    def notices(self) -> list[str]:
        """What the desk is told now."""
        with self.app.ground.reading() as tx:
            return [one.sentence for one in notices.standing(tx)]

    def attempts(self, delivery: Delivery | int) -> list[Attempt]:
        """The log of one delivery."""
        number = delivery if isinstance(delivery, int) else delivery.id
        with self.app.ground.reading() as tx:
            return attempts.of_delivery(tx, number)

    def see(self, delivery: Delivery | int) -> Delivery:
        """The delivery as it stands now."""
        number = delivery if isinstance(delivery, int) else delivery.id
        with self.app.ground.reading() as tx:
            return deliveries.get(tx, number)


MAIL = """
[channels.mail]
kind = "email"
newsletter = "Morning briefing"
list = "morning"
from = "The Test Times <news@news.example.org>"
connections = 1
"""
"""Settings of a newsletter, to be added to others: one reader at a time, so that "in the middle" is a moment."""


def after_answers(monkeypatch: pytest.MonkeyPatch, number: int, then: Callable[[], object]) -> None:
    """Does ``then`` once the mail server has answered for so many readers, before the next one's turn."""
    heard: list[object] = []
    note = MailLoop._after_words

    def noted(loop: MailLoop, line: Line, answer: Receipt | Failure | None) -> None:
        note(loop, line, answer)
        if answer is not None:
            heard.append(answer)
            if len(heard) == number:
                then()

    monkeypatch.setattr(MailLoop, "_after_words", noted)


@contextmanager
def house(folder: Path, settings: str = SETTINGS, *, clock: Clock | None = None) -> Iterator[House]:
    """Builds a house and takes it down; any trouble a lane met fails the test that did not ask for it."""
    held = clock or HeldClock(MORNING)
    (folder / "settings.toml").write_text(settings, encoding="utf-8")
    loaded = load_settings(folder / "settings.toml", {})
    troubles: list[str] = []
    app = build(loaded.settings, folder, clock=held, on_trouble=troubles.append, jitter=lambda: 0.5)
    try:
        yield House(app, held, troubles)  # type: ignore[arg-type]
    finally:
        app.close()
