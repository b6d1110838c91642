"""How each webhook stands: for the command, the page and the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from db import webhooks
from db.webhooks import Counts
from scheduler.app import App
from scheduler.webhooks.wire import shown


@dataclass(frozen=True, slots=True)
class WebhookStanding:
    """One webhook of the settings. ``word`` is ok, failing, paused, or new where nothing was told yet.

    ``host`` is all of its address that may be shown. ``events`` () are all.
    """

    name: str
    host: str
    word: str
    events: tuple[str, ...]
    counts: Counts
    answered_at: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    next_at: datetime | None = None
    paused_at: datetime | None = None
    sentence: str = ""


def webhook_standings(app: App) -> list[WebhookStanding]:
    """All that the settings name, in their order. Raises ``GroundLost``."""
    with app.ground.reading() as tx:
        known = {one.name: one for one in webhooks.every(tx)}
        counted = webhooks.counts(tx) if known else {}
    found = []
    for name, asked in app.settings.webhooks.items():
        one, counts = known.get(name), counted.get(name, Counts())
        if one is None:
            sentence = "work has not begun with it yet: it hears from the next pressrun serve or run on"
            found.append(WebhookStanding(name, shown(asked.url), "new", tuple(asked.events), counts, sentence=sentence))
            continue
        word = "paused" if one.paused_at else "failing" if one.failures else "ok" if one.answered_at else "new"
        found.append(
            WebhookStanding(
                name=name,
                host=shown(asked.url),
                word=word,
                events=one.events,
                counts=counts,
                answered_at=one.answered_at,
                failures=one.failures,
                failing_since=one.failing_since,
                next_at=one.next_at if one.failures and not one.paused_at else None,
                paused_at=one.paused_at,
                sentence=one.paused_why if one.paused_at else one.said if one.failures else "",
            )
        )
    return found
