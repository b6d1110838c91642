"""Issues: one a window, each story once a channel, exactly the words it was cut from."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection

from db import articles, issues, teasers
from db.errors import NotThere
from db.records import Issue, Mode, SubjectKind, Teaser
from db.session import Ground
from tests.db.samples import ANNA, NOW, stored_article, stored_post


def story(tx: Connection, headline: str, *, channel: str = "daily", **changes: object) -> Teaser:
    article = stored_article(tx, headline=headline, url=f"https://example.org/{headline}", **changes)
    words = Teaser(channel=channel, kind="email", text="Words.", headline=headline, article_id=article.id)
    return teasers.add(tx, SubjectKind.ARTICLE, article.id, words, **ANNA)


def cut(tx: Connection, window: str, *stories: Teaser, at: datetime = NOW) -> Issue | None:
    issue = Issue(Mode.REHEARSAL, "daily", window, cut_at=at, post_id=stored_post(tx, channel="daily").id)
    return issues.add(tx, issue, stories, **ANNA)


def waiting(tx: Connection, *, mode: Mode = Mode.REHEARSAL, channel: str = "daily") -> list[str]:
    return [teaser.headline for teaser in issues.waiting_stories(tx, mode, channel, NOW)]


def test_an_issue_holds_its_stories_in_order_with_their_very_words(ground: Ground) -> None:
    with ground.transaction() as tx:
        first, second = story(tx, "One"), story(tx, "Two")
        issue = cut(tx, "2026-09-21", second, first)
        assert issue is not None
        assert issues.get(tx, issue.id) == issue
        assert issue.article_ids == (second.article_id, first.article_id)
        assert issues.stories(tx, issue.id) == [second, first]
        assert issues.of_article(tx, first.article_id) == [issue]
        assert issues.find(tx, Mode.REHEARSAL, "daily", "2026-09-21") == issue
        assert issues.find(tx, Mode.LIVE, "daily", "2026-09-21") is None


def test_a_window_is_cut_once(ground: Ground) -> None:
    with ground.transaction() as tx:
        first = cut(tx, "2026-09-21", story(tx, "One"))
        assert cut(tx, "2026-09-21", story(tx, "Two")) is None
        assert waiting(tx) == ["Two"]
        assert issues.latest(tx, Mode.REHEARSAL, "daily") == first


def test_a_story_is_carried_once_and_a_cut_that_would_repeat_it_writes_nothing(ground: Ground) -> None:
    with ground.transaction() as tx:
        one = story(tx, "One")
        cut(tx, "2026-09-21", one)
        two = story(tx, "Two")
        assert cut(tx, "2026-09-22", two, one) is None
        assert issues.find(tx, Mode.REHEARSAL, "daily", "2026-09-22") is None
        assert waiting(tx) == ["Two"]
        assert cut(tx, "2026-09-22", two) is not None


def test_rehearsal_does_not_use_up_a_story(ground: Ground) -> None:
    with ground.transaction() as tx:
        cut(tx, "2026-09-21", story(tx, "One"))
        assert waiting(tx) == []
        assert waiting(tx, mode=Mode.LIVE) == ["One"]


def test_the_newest_words_wait_and_only_for_their_channel(ground: Ground) -> None:
    with ground.transaction() as tx:
        words = story(tx, "One")
        edited = replace(words, headline="One, edited", writer="anna")
        teasers.add(tx, SubjectKind.ARTICLE, words.article_id, edited, **ANNA)
        story(tx, "Elsewhere", channel="weekly")
        assert waiting(tx) == ["One, edited"]


def test_what_is_skipped_or_under_embargo_does_not_wait(ground: Ground) -> None:
    with ground.transaction() as tx:
        story(tx, "Later", embargo_at=NOW + timedelta(minutes=1))
        story(tx, "Now", embargo_at=NOW)
        skipped = story(tx, "Skipped")
        articles.skip(tx, skipped.article_id, **ANNA)
        assert waiting(tx) == ["Now"]


def test_the_latest_issue_is_the_one_cut_last(ground: Ground) -> None:
    with ground.transaction() as tx:
        assert issues.latest(tx, Mode.REHEARSAL, "daily") is None
        cut(tx, "b", story(tx, "One"), at=NOW + timedelta(hours=1))
        cut(tx, "a", story(tx, "Two"))
        latest = issues.latest(tx, Mode.REHEARSAL, "daily")
    assert latest is not None
    assert latest.window == "b"


def test_the_audience_is_frozen_once(ground: Ground) -> None:
    with ground.transaction() as tx:
        issue = cut(tx, "2026-09-21", story(tx, "One"))
        assert issue is not None
        assert issues.prepared_at(tx, issue.id) is None
        issues.note_prepared(tx, issue.id, **ANNA)
        issues.note_prepared(tx, issue.id, actor="bob", now=NOW + timedelta(hours=1))
        assert issues.prepared_at(tx, issue.id) == NOW


def test_an_issue_that_is_not_there_is_told_in_a_sentence(ground: Ground) -> None:
    with ground.reading() as tx, pytest.raises(NotThere, match="no issue 99"):
        issues.get(tx, 99)
