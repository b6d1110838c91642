"""Where readers find a story is said later than it came: its words get the link, and nothing seen before goes unseen."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from db import articles, audit
from db.records import State
from scheduler import newsroom
from scheduler.newsroom import Refused
from tests.scheduler.house import SETTINGS, house

LATER = SETTINGS.replace('kind = "x"', 'kind = "x"\nslots = ["daily 20:00"]')
FERRY = "https://news.example.org/ferry"


def test_a_planned_post_gets_the_link_and_goes_with_it(tmp_path: Path) -> None:
    with house(tmp_path, LATER) as h:
        story = h.take(url=None)
        h.work()
        before = h.of(story, "x-main")
        done = newsroom.give_address(h.app, story, f" {FERRY}?utm_source=feed ", actor="ben", reason="it is up now")
        assert done.url is not None
        assert done.url.startswith(FERRY)
        assert not any("No address" in flag for flag in done.flags)
        after = h.of(story, "x-main")
        assert (after.id, after.state) == (before.id, State.PLANNED)
        assert after.fingerprint != before.fingerprint
        newsroom.now(h.app, story, actor="ben", channels=["x-main"])
        h.work()
        (post,) = h.platforms.published("x")
        assert FERRY in post.text
        with h.app.ground.reading() as tx:
            (row,) = (one for one in audit.rows(tx, subject=f"story {story}") if one.verb == "address")
        assert (row.actor, row.reason) == ("ben", "it is up now")


def test_words_that_a_person_approved_without_it_wait_for_a_new_yes(tmp_path: Path) -> None:
    asks = LATER.replace('kind = "x"', 'kind = "x"\npublish = "approve"')
    with house(tmp_path, asks) as h:
        story = h.take(url=None)
        h.work()
        newsroom.approve(h.app, story, actor="ann", channels=["x-main"])
        newsroom.give_address(h.app, story, FERRY, actor="ben")
        waits = h.of(story, "x-main")
        assert waits.state is State.WAITING
        assert "changed" in waits.reason


def test_what_is_no_address_and_what_another_story_has_is_refused(tmp_path: Path) -> None:
    with house(tmp_path, LATER) as h:
        h.take("Library opens on Sundays", url="https://news.example.org/library")
        story = h.take(url=None)
        h.work()
        for address, why in (
            ("ferry", "is not a web address"),
            ("https://news.example.org/library/", "is the address of story 1"),
        ):
            with pytest.raises(Refused, match=why):
                newsroom.give_address(h.app, story, address, actor="ben")
        newsroom.give_address(h.app, story, FERRY, actor="ben")
        with pytest.raises(Refused, match="has that already"):
            newsroom.give_address(h.app, story, FERRY, actor="ben")
        with pytest.raises(Refused, match="has an address"):
            newsroom.go_without_link(h.app, story, actor="ben")


def test_a_story_may_go_without_a_link(tmp_path: Path) -> None:
    with house(tmp_path, LATER) as h:
        story = h.take(url=None)
        h.work()
        done = newsroom.go_without_link(h.app, story, actor="ben")
        assert done.no_link
        assert not any("No address" in flag for flag in done.flags)
        with pytest.raises(Refused, match="has that already"):
            newsroom.go_without_link(h.app, story, actor="ben")


def test_a_story_that_was_to_ask_first_asks_on_every_channel_and_still_after_a_change(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        story = h.take(url=None, wants_yes=True)
        h.work()
        assert not h.platforms.published("x")
        waits = h.of(story, "x-main")
        assert waits.state is State.WAITING
        assert "asked for when it was taken in" in waits.reason
        newsroom.give_address(h.app, story, FERRY, actor="ben")
        h.work()
        assert h.of(story, "x-main").state is State.WAITING
        with h.app.ground.reading() as tx:
            assert articles.get(tx, story).wants_yes
        newsroom.approve(h.app, story, actor="ben")
        h.work()
        assert len(h.platforms.published("x")) == 1


def test_who_asks_to_be_asked_first_is_asked_even_at_the_moment_a_post_is_due(tmp_path: Path) -> None:
    with house(tmp_path, LATER) as h:
        story = h.take()
        h.work()
        planned = h.of(story, "x-main")
        assert planned.state is State.PLANNED
        h.clock.advance(planned.due_at - h.clock.now())
        h.take(wants_yes=True)
        h.work()
        assert not h.platforms.published("x")
        assert h.of(story, "x-main").state is State.WAITING
        newsroom.approve(h.app, story, actor="ben")
        h.work()
        h.clock.advance(timedelta(days=1))
        h.work()
        assert len(h.platforms.published("x")) == 1
