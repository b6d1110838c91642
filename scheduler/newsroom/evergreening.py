"""Marking a story as evergreen: it comes again by rule, until somebody says it no longer does."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from db import articles, audit, deliveries, evergreens, stops
from db.evergreens import Mark
from db.records import Article, Delivery, SubjectKind
from scheduler.app import App
from scheduler.evergreen import Turn, is_evergreen, turns_of
from scheduler.newsroom.calling_off import call_off
from scheduler.newsroom.grounds import MAY_CHANGE, Refused, outlet_named
from scheduler.people.actor import needs
from scheduler.people.roles import Permission
from scheduler.spans import say_span
from scheduler.turns import parse_season

SHORTEST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Evergreen:
    """A marked story with its next turns; ``called_off`` are planned turns that an end took away."""

    article: Article
    mark: Mark
    turns: tuple[Turn, ...]
    called_off: tuple[Delivery, ...] = ()


@needs(Permission.QUEUE)
def mark_evergreen(
    app: App,
    article_id: int,
    *,
    every: timedelta,
    actor: str,
    times: int | None = None,
    until: datetime | None = None,
    season: str = "",
    channels: Collection[str] = (),
    reason: str = "",
) -> Evergreen:
    """Lets a story come again ``every`` so long on its channels, counted from its last post there (or from now).

    ``times`` counts on each channel. Raises ``Refused`` for a rule that cannot be, and for a story that was killed.
    """
    moment = app.clock.now()
    if every < SHORTEST:
        raise Refused(f"every {say_span(every)} is too often: a story comes again after a day at the earliest")
    if times is not None and times < 1:
        raise Refused("it comes again once at least; to end it: --off")
    if until is not None and until <= moment:
        raise Refused(f"{app.told(until)} is past; give a day to come")
    try:
        parsed = parse_season(season)
    except ValueError as error:
        raise Refused(str(error)) from None
    for name in channels:
        if outlet_named(app, name).crowd:
            raise Refused(f"{name} sends issues: a story stands in one of them once, never again")
    with app.ground.transaction() as tx:
        article = articles.get(tx, article_id)
        if stops.killed(tx, article_id):
            raise Refused(f"story {article_id} was killed; to bring it back by name: pressrun revive {article_id}")
        if article.skipped_at is not None:
            raise Refused(f"story {article_id} was skipped: nothing more is made of it")
        wanted = Mark(
            article_id=article_id,
            every=every,
            marked_by=actor,
            marked_at=moment,
            times=times,
            until_at=until,
            season=str(parsed) if parsed is not None else "",
            channels=tuple(channels),
            reason=reason,
        )
        mark = evergreens.mark(tx, wanted)
        after = said(app, mark)
        audit.write(tx, "evergreen", f"story {article_id}", actor=actor, now=moment, reason=reason, after=after)
        return _told(app, tx, article, mark)


@needs(Permission.QUEUE)
def end_evergreen(app: App, article_id: int, *, actor: str, reason: str = "") -> Evergreen:
    """The story comes again no more; a turn that is planned is called off, one that is out stays.

    Raises ``Refused`` where it was not marked.
    """
    moment = app.clock.now()
    with app.ground.transaction() as tx:
        article = articles.get(tx, article_id)
        if not evergreens.end(tx, article_id, actor=actor, now=moment, reason=reason):
            raise Refused(f"story {article_id} is not evergreen; those that are: pressrun evergreen")
        still = [
            one
            for one in deliveries.of_subject(tx, SubjectKind.ARTICLE, article_id, states=MAY_CHANGE)
            if is_evergreen(one)
        ]
        gone = [call_off(tx, one, actor, moment, reason or "it is evergreen no more") for one in still]
        audit.write(tx, "evergreen", f"story {article_id}", actor=actor, now=moment, reason=reason, after="no more")
        mark = evergreens.get(tx, article_id)
        assert mark is not None
        return Evergreen(article, mark, (), tuple(gone))


def evergreen_stories(app: App, *, limit: int | None = None, after: int | None = None) -> list[Evergreen]:
    """Every story that comes again, the one marked first coming first; or ``limit`` of them behind the story ``after``."""
    with app.ground.reading() as tx:
        marks = evergreens.active(tx) if limit is None else evergreens.page(tx, limit, after)
        ids = [mark.article_id for mark in marks]
        stories = {one.id: one for one in articles.several(tx, ids)}
        found = evergreens.deliveries_of_marked(tx, ids)
    return [
        Evergreen(stories[mark.article_id], mark, tuple(turns_of(app, mark, found.get(mark.article_id, []))))
        for mark in marks
    ]


def said(app: App, mark: Mark) -> str:
    """A rule in words: "every 30 days, at most 3 times, until ..., in 11-15..12-24, on x-main"."""
    parts = [f"every {say_span(mark.every)}"]
    parts += [f"at most {mark.times} {'time' if mark.times == 1 else 'times'}"] if mark.times is not None else []
    parts += [f"until {app.told(mark.until_at)}"] if mark.until_at is not None else []
    parts += [f"from {mark.season.replace('..', ' to ')}"] if mark.season else []
    parts += [f"on {', '.join(mark.channels)}"] if mark.channels else []
    return ", ".join(parts)


def _told(app: App, tx: Connection, article: Article, mark: Mark) -> Evergreen:
    found = deliveries.of_subject(tx, SubjectKind.ARTICLE, article.id)
    return Evergreen(article, mark, tuple(turns_of(app, mark, found)))
