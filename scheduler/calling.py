"""A site calls us: the stories that a webhook source sends are checked, taken in and counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from db import notices, sources
from db.records import MACHINE, Article, SourceState
from scheduler.app import App
from scheduler.hand_in import with_picture
from scheduler.intake.errors import IntakeError
from scheduler.intake.items import Found
from scheduler.intake.taking import Taken, take_article
from scheduler.intake.webhook import NotSigned, read_webhook
from scheduler.secrets import read_secrets
from scheduler.settings import WebhookSource


class NoSuchSource(Exception):
    """No source of this name takes calls."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class CallTaken:
    """One story of a call and what became of it."""

    taken: Taken
    headline: str


def take_call(app: App, name: str, body: bytes, headers: Mapping[str, str]) -> tuple[CallTaken, ...]:
    """Takes in what a call to the source ``name`` holds; nothing for a draft or a deletion.

    An unsigned call leaves no trace. A signed one that holds no story is told at the desk, until the next good one.
    Raises ``NoSuchSource``, ``NotSigned``, ``IntakeError``, ``SecretError``, ``GroundLost``.
    """
    asked = app.settings.sources.get(name)
    if not isinstance(asked, WebhookSource):
        raise NoSuchSource("No source of this name takes calls.")
    secret = read_secrets(asked)["WEBHOOK_SECRET"].reveal()
    now = app.clock.now()
    try:
        found = read_webhook(body, headers, secret, source=name, now=now)
    except NotSigned:
        raise
    except IntakeError as error:
        _note_failure(app, name, error, now)
        raise
    stories = [replace(one, article=with_picture(app, _of_source(one.article, asked))) for one in found]
    return _store(app, name, stories, now)


def _of_source(article: Article, asked: WebhookSource) -> Article:
    return replace(article, publish=asked.publish, section=article.section or asked.section)


def _store(app: App, name: str, stories: list[Found], now: datetime) -> tuple[CallTaken, ...]:
    with app.ground.transaction() as tx:
        kept = tuple(
            CallTaken(take_article(tx, one.article, one.item_id, actor=MACHINE, now=now), one.article.headline)
            for one in stories
        )
        state = sources.get(tx, name) or SourceState(name, first_seen_at=now)
        new = sum(one.taken.what == "new" for one in kept)
        state = replace(state, fetched_at=now, failures=0, error="", new_count=state.new_count + new)
        if new:
            state = replace(state, new_at=now)
        sources.save(tx, state, actor=MACHINE, now=now)
        notices.clear(tx, f"source {name}", now=now)
    return kept


def _note_failure(app: App, name: str, error: IntakeError, now: datetime) -> None:
    with app.ground.transaction() as tx:
        state = sources.get(tx, name) or SourceState(name, first_seen_at=now)
        state = replace(state, failures=state.failures + 1, error=str(error))
        sources.save(tx, state, actor=MACHINE, now=now)
        remedy = f"look at what calls /intake/{name}: the next good call clears this"
        notices.tell_once(tx, f"source {name}", f"Source {name}: {error}", remedy, now=now)
