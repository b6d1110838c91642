"""Alerts: one story at once, as an issue of its own, to those who asked for its section that way.

An alert is cut while its story is fresh and somebody wants it, and goes through a lane of its own that no running
issue delays. A reader who has it does not get the story again in the daily or weekly issue.
"""

from __future__ import annotations

from datetime import datetime

from db import articles, issues, subscribers, teasers
from db.records import Article, Frequency, Priority, SubjectKind, Teaser
from db.subscribers import Tie
from scheduler.app import App, Outlet
from scheduler.issue_promise import Cut, promise_issue
from scheduler.lineup import Lineup
from scheduler.periodical import Periodical
from scheduler.ready_stories import ready_stories

PURPOSE = "alert"


def cut_alerts(app: App, outlet: Outlet, letter: Periodical, now: datetime) -> int:
    """Cuts an alert for each fresh story that the newsletter alerts to and a reader waits for; returns how many."""
    if letter.alerts == "off":
        return 0
    with app.ground.reading() as tx:
        ready, known = ready_stories(tx, outlet, Frequency.IMMEDIATE, now)
    return sum(
        _alert(app, outlet, letter, story, known[story.article_id], now)
        for story in ready
        if _is_fresh(letter, known[story.article_id], now) and _wanted(app, letter, known[story.article_id])
    )


def alert(app: App, outlet: Outlet, article_id: int, *, actor: str) -> str:
    """A person orders one story's alert by name, fresh or not; "" when it is cut, else the reason why not."""
    now, letter = app.clock.now(), outlet.letter
    assert letter is not None, f"{outlet.name} is no newsletter"
    with app.ground.reading() as tx:
        article = articles.get(tx, article_id)
        story = teasers.newest(tx, SubjectKind.ARTICLE, article_id, outlet.name)
        ready, _ = ready_stories(tx, outlet, Frequency.IMMEDIATE, now)
        cut = issues.find(tx, outlet.mode, outlet.name, window_of(article_id))
    if story is None:
        return f"story {article_id} has no words for {outlet.name} yet; write them with: pressrun tick"
    if cut is not None:
        return f"story {article_id} went out as an alert already, as issue {cut.id}"
    if article_id not in {one.article_id for one in ready}:
        return f"story {article_id} may not go: it is stopped, under embargo, skipped, or waits for a yes"
    if not _wanted(app, letter, article):
        return f"no reader of {outlet.name} asked for {article.section or 'stories without a section'} at once"
    if not _alert(app, outlet, letter, story, article, now, actor=actor):
        return f"somebody else is alerting to story {article_id} in this moment"
    return ""


def _alert(
    app: App,
    outlet: Outlet,
    letter: Periodical,
    story: Teaser,
    article: Article,
    now: datetime,
    *,
    actor: str | None = None,
) -> bool:
    lineup = Lineup(window_of(article.id), Frequency.IMMEDIATE, (story,), {article.id: article})
    cut = Cut(
        lineup,
        purpose=PURPOSE,
        due_at=now,
        latest=letter.alert_latest,
        priority=article.priority if article.priority is Priority.BREAKING else Priority.NORMAL,
        approved_by=actor,
    )
    return promise_issue(app, outlet, cut, now) is not None


def window_of(article_id: int) -> str:
    """What a story's alert stands for: one alert a story."""
    return f"alert-{article_id}"


def _is_fresh(letter: Periodical, article: Article, now: datetime) -> bool:
    if letter.alerts == "breaking" and article.priority is not Priority.BREAKING:
        return False
    return article.taken_in_at is not None and now - article.taken_in_at < letter.alert_latest


def _wanted(app: App, letter: Periodical, article: Article) -> bool:
    """Whether somebody who confirmed asked for the story's section at once."""
    with app.ground.reading() as tx:
        people = subscribers.candidates_at_once(tx, letter.list_name, article.section, page=100)
        return any(one.tie is Tie.CONFIRMED for one in people)
