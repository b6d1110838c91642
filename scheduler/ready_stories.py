"""Which stories a newsletter may carry: not carried yet, its sections, not stopped, and with every yes they need."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from db import articles, issues, teasers
from db.records import Article, Frequency, Publish, Teaser
from scheduler import story_rules
from scheduler.outlet import Outlet
from scheduler.plan import asked_by
from scheduler.readers_asked import asks_to_be_read


def ready_stories(
    tx: Connection, outlet: Outlet, frequency: Frequency, now: datetime
) -> tuple[list[Teaser], Mapping[int, Article]]:
    """The stories that issues of this frequency may still carry: no rule is silent about them, and those that ask
    for a person have their yes."""
    letter = outlet.letter
    assert letter is not None, f"{outlet.name} is no newsletter"
    waiting = issues.waiting_stories(tx, outlet.mode, outlet.name, now, frequency)
    known = {one.id: one for one in articles.several(tx, [one.article_id for one in waiting])}
    yes = teasers.approved(tx, [one.id for one in waiting])
    ready = [
        one
        for one in waiting
        if letter.takes(known[one.article_id].section)
        and (one.id in yes or not asks_for_a_person(outlet, known[one.article_id], one))
        and not _is_silent(outlet, known[one.article_id], now)
    ]
    return ready, known


def asks_for_a_person(outlet: Outlet, article: Article, words: Teaser | None) -> bool:
    """Whether a story's source, its section or a rule wants a yes to its words, or their voice does; the channel's own
    word is for whole issues."""
    return bool(asked_by(article, outlet.rules, Publish.AUTO) or asks_to_be_read(article, words))


def _is_silent(outlet: Outlet, article: Article, now: datetime) -> bool:
    """Whether a silence lies over the story now; hours and waits are for posts, an issue has its slot."""
    found = story_rules.fits([one for one in outlet.rules.stories if one.silence], article, outlet.name)
    return story_rules.opens(found, now, article.priority, by_person=True).by is not None
