"""A whole house in a temporary folder: settings, database, rehearsal platforms, a clock that is held."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from channels.rehearsal.platforms import RehearsalPlatforms
from db import deliveries, free_posts, posts, teasers
from db.records import Delivery, Priority, State, SubjectKind, Teaser
from scheduler.app import App, build
from scheduler.clock import Clock, HeldClock
from scheduler.settings import Settings

MORNING = datetime(2026, 9, 21, 6, 30, tzinfo=UTC)

SETTINGS = """
[newsroom]
name = "The Test Times"
site = "https://news.example.org"
timezone = "Europe/Berlin"

[channels.x-main]
kind = "x"
deadline = "2s"

[channels.fb-main]
kind = "facebook"
deadline = "2s"
"""


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
                tx, SubjectKind.POST, free.id, Teaser(channel=channel, kind=outlet.kind, text=text), actor="ada", now=now
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

    def see(self, delivery: Delivery | int) -> Delivery:
        """The delivery as it stands now."""
        number = delivery if isinstance(delivery, int) else delivery.id
        with self.app.ground.reading() as tx:
            return deliveries.get(tx, number)


@contextmanager
def house(folder: Path, settings: str = SETTINGS, *, clock: Clock | None = None) -> Iterator[House]:
    """Builds a house and takes it down; any trouble a lane met fails the test that did not ask for it."""
    held = clock or HeldClock(MORNING)
    (folder / "settings.toml").write_text(settings, encoding="utf-8")
    loaded = Settings.load(folder / "settings.toml", {})
    troubles: list[str] = []
    app = build(loaded.settings, folder, clock=held, on_trouble=troubles.append, jitter=lambda: 0.5)
    try:
        yield House(app, held, troubles)  # type: ignore[arg-type]
    finally:
        app.close()
