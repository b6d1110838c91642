"""Rows to work on: an article, a post and a delivery, as little as the tables ask for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypedDict

from sqlalchemy import Connection

from db import articles, attempts, deliveries, posts
from db.records import (
    Article,
    Attempt,
    Delivery,
    KnownBy,
    Mode,
    Part,
    Post,
    Receipt,
    State,
    SubjectKind,
    Verb,
)

NOW = datetime(2026, 9, 21, 8, 30, tzinfo=UTC)


class Signature(TypedDict):
    """Who writes, and when."""

    actor: str
    now: datetime


ANNA = Signature(actor="anna", now=NOW)

ARTICLE = Article(
    headline="The bakery on Mill Street opens at five",
    paragraphs=("The ovens are lit at two.", "Bread is sold from five."),
    source="folder",
    url="https://example.org/bakery",
)


def stored_article(tx: Connection, **changes: Any) -> Article:
    """A story taken in; each one has a headline, and so an address, of its own."""
    article = replace(ARTICLE, **changes)
    return articles.add(tx, article, url_key=changes.get("url"), **ANNA)


def stored_post(tx: Connection, text: str = "Bread from five.", channel: str = "x-main") -> Post:
    return posts.add(tx, Post(channel=channel, kind="x", parts=(Part(text=text),)), (), teaser_id=None, **ANNA)


def stored_delivery(tx: Connection, subject_id: int, **changes: Any) -> Delivery:
    """A delivery of a post of its own, planned for now unless told otherwise, whatever state is wanted."""
    post = stored_post(tx, channel=changes.get("channel", "x-main"))
    delivery = Delivery(
        mode=Mode.REHEARSAL,
        subject_kind=SubjectKind.ARTICLE,
        subject_id=subject_id,
        channel=post.channel,
        kind=post.kind,
        purpose="first",
        post_id=post.id,
        fingerprint=post.fingerprint,
        state=State.PLANNED,
        due_at=NOW,
        next_at=NOW,
        latest_at=NOW + timedelta(hours=6),
    )
    return deliveries.add(tx, replace(delivery, **changes), **ANNA)


def opened(tx: Connection, delivery: Delivery, text: str = "Bread from five.") -> Attempt:
    attempt = Attempt(
        delivery_id=delivery.id,
        number=0,
        verb=Verb.SEND,
        part=0,
        mode=delivery.mode,
        channel=delivery.channel,
        text=text,
        fingerprint=delivery.fingerprint,
        ordered_by="anna",
        approved_by=None,
        teaser_version=1,
        teaser_writer="anna",
        article_revision=1,
        opened_at=NOW,
        worker="worker-1",
    )
    return attempts.open_attempt(tx, attempt, **ANNA)


def sent(tx: Connection, delivery: Delivery, text: str = "Bread from five.") -> Attempt:
    attempt = opened(tx, delivery, text)
    receipt = Receipt(id=f"p{attempt.id}", url=f"https://example.org/p/{attempt.id}")
    attempts.close_sent(tx, attempt, receipt, known_by=KnownBy.ANSWERED, now=NOW)
    return attempts.get(tx, attempt.id)
