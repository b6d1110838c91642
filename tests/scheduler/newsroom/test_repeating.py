"""What failed is tried once more or left as it is: its notice ends either way, and never do two posts stand for one."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from channels.rehearsal.faults import Fault
from db import audit
from db.records import Delivery, State
from scheduler import newsroom
from scheduler.needs import needs_of
from scheduler.newsroom import Refused
from tests.scheduler.house import House, house


def failed(h: House) -> Delivery:
    """A story whose post X refused for good, and no look is to come."""
    story = h.take()
    h.platforms.faults.add(Fault("x", "send", "x-too-long", times=1))
    h.work()
    for _ in range(5):
        if h.of(story, "x-main").look_at is not None:
            h.clock.advance(timedelta(minutes=10))
            h.work()
    post = h.of(story, "x-main")
    assert (post.state, post.look_at) == (State.FAILED, None)
    return post


def told(h: House) -> list[tuple[str, int | None]]:
    """What needs a person: of which kind, about which delivery."""
    return [(one.kind, one.delivery.id if one.delivery else None) for one in needs_of(h.app)]


def test_a_failed_post_names_its_story_and_both_ways_out(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        post = failed(h)
        (need,) = (one for one in needs_of(h.app) if one.kind == "failed")
        assert need.delivery == post
        assert need.sentence.startswith(f"“Ferry to run until midnight”, delivery {post.id} on x-main: ")
        assert need.remedy == (
            f"pressrun show d{post.id}, then: pressrun retry d{post.id}, or pressrun settle d{post.id} --leave"
        )


def test_tried_once_more_it_needs_nobody_and_is_not_tried_a_second_time(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        post = failed(h)
        again = newsroom.retry(h.app, post.id, actor="ben").delivery
        assert ("failed", post.id) not in told(h)
        h.work()
        assert h.see(again).state is State.SENT
        with pytest.raises(Refused, match=f"tried once more already: delivery {again.id}, which is sent"):
            newsroom.retry(h.app, post.id, actor="ben")
        h.clock.advance(timedelta(days=1))
        h.work()
        assert len(h.platforms.published("x")) == 1
        assert ("failed", post.id) not in told(h)


def test_one_that_fails_again_stands_for_both(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        post = failed(h)
        h.platforms.faults.add(Fault("x", "send", "x-too-long", times=1))
        again = newsroom.retry(h.app, post.id, actor="ben").delivery
        h.work()
        assert [one for one in told(h) if one[0] == "failed"] == [("failed", again.id)]


def test_left_as_it_is_it_needs_nobody_and_nothing_goes(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        post = failed(h)
        done = newsroom.leave(h.app, post.id, actor="ben", reason="the web page is enough")
        assert done.state is State.FAILED
        assert told(h) == []
        h.clock.advance(timedelta(days=1))
        h.work()
        assert not h.platforms.published("x")
        with h.app.ground.reading() as tx:
            (row,) = audit.rows(tx, subject=f"delivery {post.id}")
        assert (row.verb, row.actor, row.reason) == ("leave", "ben", "the web page is enough")


def test_only_what_failed_is_left(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        story = h.take()
        h.work()
        post = h.of(story, "x-main")
        with pytest.raises(Refused, match=f"delivery {post.id} is sent; only a failed one is left as it is"):
            newsroom.leave(h.app, post.id, actor="ben")


def test_what_is_tried_once_more_is_the_post_that_failed_whatever_the_story_has_become(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        post = failed(h)
        newsroom.give_address(h.app, post.subject_id, "https://news.example.org/elsewhere", actor="ben")
        h.work()
        again = newsroom.retry(h.app, post.id, actor="ben").delivery
        assert again.fingerprint == post.fingerprint
        h.work()
        (out,) = h.platforms.published("x")
        assert "elsewhere" not in out.text
