"""A site calls us: the stories that a webhook source sends are checked, taken in and counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from db import articles, notices, sources
from db.records import MACHINE, Article, SourceState
from scheduler.app import App
from scheduler.hand_in import with_picture
from scheduler.intake.draft import web_address
from scheduler.intake.errors import IntakeError
from scheduler.intake.items import Found
from scheduler.intake.taking import take_article
from scheduler.intake.webhook import NotSigned, Withdrawal, read_webhook
from scheduler.secrets import read_secrets
from scheduler.settings import WebhookSource
from scheduler.withdrawing import bring_back, withdraw
from templates.links import url_key


class NoSuchSource(Exception):
    """No source of this name takes calls."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class CallTaken:
    """One story of a call and what became of it: ``what`` is ``new``, ``revision``, ``same`` or ``withdrawn``."""

    article_id: int | None
    what: str
    headline: str


def take_call(app: App, name: str, body: bytes, headers: Mapping[str, str]) -> tuple[CallTaken, ...]:
    """Takes in what a call to the source ``name`` holds, and holds at once what it takes back.

    A draft or a deletion of a story that was never taken in is nothing.

    An unsigned call leaves no trace. A signed one that holds no story is told at the desk, until the next good one.
    Raises ``NoSuchSource``, ``NotSigned``, ``IntakeError``, ``SecretError``, ``GroundLost``.
    """
    asked = app.settings.sources.get(name)
    if not isinstance(asked, WebhookSource):
        raise NoSuchSource("No source of this name takes calls.")
    secret = read_secrets(asked)["WEBHOOK_SECRET"].reveal()
    now = app.clock.now()
    try:
        call = read_webhook(body, headers, secret, source=name, now=now)
    except NotSigned:
        raise
    except IntakeError as error:
        _note_failure(app, name, error, now)
        raise
    stories = [replace(one, article=with_picture(app, _of_source(one.article, asked))) for one in call.found]
    return _store(app, name, stories, call.withdrawn, now)


def _of_source(article: Article, asked: WebhookSource) -> Article:
    return replace(article, publish=asked.publish, section=article.section or asked.section)


def _store(
    app: App, name: str, stories: list[Found], withdrawn: Sequence[Withdrawal], now: datetime
) -> tuple[CallTaken, ...]:
    with app.ground.transaction() as tx:
        kept = [_take(tx, one, name, now) for one in stories]
        kept += [one for order in withdrawn if (one := _withdraw(tx, order, name, now)) is not None]
        state = sources.get(tx, name) or SourceState(name, first_seen_at=now)
        new = sum(one.what == "new" for one in kept)
        state = replace(state, fetched_at=now, failures=0, error="", new_count=state.new_count + new)
        if new:
            state = replace(state, new_at=now)
        sources.save(tx, state, actor=MACHINE, now=now)
        notices.clear(tx, f"source {name}", now=now)
    return tuple(kept)


def _take(tx: Connection, one: Found, name: str, now: datetime) -> CallTaken:
    taken = take_article(tx, one.article, one.item_id, actor=MACHINE, now=now)
    if taken.article_id is not None:
        bring_back(tx, taken.article_id, name, now=now)
    return CallTaken(taken.article_id, taken.what, one.article.headline)


def _withdraw(tx: Connection, order: Withdrawal, name: str, now: datetime) -> CallTaken | None:
    """Holds the story that the source took back; None for one that we never had, or had from elsewhere."""
    items = (sources.item(tx, name, one) for one in order.names)
    article_id = next((one.article_id for one in items if one is not None and one.article_id is not None), None)
    if article_id is None and (address := web_address(order.address)) is not None:
        found = articles.find(tx, url_key=url_key(address), content_hash="")
        article_id = found.id if found is not None and found.source == name else None
    if article_id is None:
        return None
    withdraw(tx, article_id, name, now=now)
    return CallTaken(article_id, "withdrawn", articles.get(tx, article_id).headline)


def _note_failure(app: App, name: str, error: IntakeError, now: datetime) -> None:
    with app.ground.transaction() as tx:
        state = sources.get(tx, name) or SourceState(name, first_seen_at=now)
        state = replace(state, failures=state.failures + 1, error=str(error))
        sources.save(tx, state, actor=MACHINE, now=now)
        remedy = f"look at what calls /intake/{name}: the next good call clears this"
        notices.tell_once(tx, f"source {name}", f"Source {name}: {error}", remedy, now=now)
