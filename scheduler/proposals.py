"""A word in a headline, a tag or a section proposes a story as breaking; only a person declares it.

What proposes stands in ``[rights] propose_breaking``. The desk is told once a story, with the command; a proposal that
nobody took up within an hour is taken down, for breaking news is never late.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sqlalchemy import Connection

from db import notices
from db.records import Article, Priority
from scheduler.app import App

STANDS_FOR = timedelta(hours=1)
_CAUSE = "proposed breaking "


def proposed_by(article: Article, words: tuple[str, ...]) -> str:
    """What proposes the story, in words for the desk; "" where nothing does.

    A word must stand at the headline's beginning, before a colon, a dash or a bar ("BREAKING: …"), for in the middle it
    is news like any other; or it is one of the story's tags, or its section.
    """
    for word in words:
        asked = word.strip().casefold()
        if not asked:
            continue
        if re.match(rf"{re.escape(asked)}\s*[:|–—+-]", article.headline.casefold()):
            return f'"{word}" stands before its headline'
        if asked in (tag.strip().casefold() for tag in article.tags):
            return f'it has the tag "{word}"'
        if asked == article.section.strip().casefold():
            return f'its section is "{word}"'
    return ""


def propose(app: App, tx: Connection, article: Article, now: datetime) -> None:
    """Tells the desk, once, that a new story may be breaking."""
    if article.priority is Priority.BREAKING or article.revision > 1:
        return
    why = proposed_by(article, app.settings.rights.propose_breaking)
    if why:
        sentence = f"story {article.id} may be breaking ({why}): {article.headline}"
        notices.tell_once(tx, _cause(article.id), sentence, f"pressrun breaking {article.id}", now=now)


def take_down(tx: Connection, article_id: int, now: datetime) -> None:
    """The story was declared, skipped or killed: nothing is left to propose."""
    notices.clear(tx, _cause(article_id), now=now)


def forget_old(app: App) -> None:
    """Takes down the proposals that nobody took up in time. Raises ``GroundLost``."""
    now = app.clock.now()
    with app.ground.reading() as tx:
        old = [
            one.cause_key
            for one in notices.standing(tx)
            if one.cause_key.startswith(_CAUSE) and one.since_at <= now - STANDS_FOR
        ]
    if old:
        with app.ground.transaction() as tx:
            for cause in old:
                notices.clear(tx, cause, now=now)


def _cause(article_id: int) -> str:
    return f"{_CAUSE}{article_id}"
