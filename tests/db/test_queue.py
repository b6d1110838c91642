from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from db import queue
from db.records import Claim, Priority
from db.session import Ground
from scheduler.clock import Instant
from tests.db.samples import ANNA, NOW, stored_article

MINUTE = timedelta(minutes=1)
HERE = Instant(at=NOW, boot=100.0, boot_id="boot-1", machine="press-1")


def _claim(owner: str = "worker-1", seconds: float = 60) -> Claim:
    return Claim(owner, HERE.machine, HERE.boot_id, HERE.boot + seconds, NOW + timedelta(seconds=seconds))


def _story(tx: Connection, headline: str = "One") -> int:
    return stored_article(tx, url=None, headline=headline).id


def test_the_line_is_breaking_then_normal_then_evergreen_and_oldest_first_in_each(ground: Ground) -> None:
    wanted = [Priority.EVERGREEN, Priority.NORMAL, Priority.BREAKING, Priority.NORMAL, Priority.BREAKING]
    with ground.transaction() as tx:
        ids = [_story(tx, str(number)) for number in range(5)]
        for number, (article_id, priority) in enumerate(zip(ids, wanted, strict=True)):
            queue.put(tx, article_id, priority, actor="anna", now=NOW + number * MINUTE)
        assert [place.article_id for place in queue.waiting(tx, 10)] == [ids[2], ids[4], ids[1], ids[3], ids[0]]
        assert [place.article_id for place in queue.waiting(tx, 2)] == [ids[2], ids[4]]


def test_a_story_that_is_done_leaves_the_line_once(ground: Ground) -> None:
    with ground.transaction() as tx:
        story = _story(tx)
        assert queue.place(tx, story) is None
        queue.put(tx, story, Priority.NORMAL, **ANNA)
        assert queue.done(tx, story, **ANNA)
        assert not queue.done(tx, story, **ANNA)
        assert queue.waiting(tx, 10) == []
        place = queue.place(tx, story)
        assert place is not None
        assert place.done_at == NOW


def test_put_again_goes_to_the_end_when_done_and_keeps_its_place_while_waiting(ground: Ground) -> None:
    with ground.transaction() as tx:
        one, two = _story(tx, "1"), _story(tx, "2")
        queue.put(tx, one, Priority.NORMAL, **ANNA)
        queue.put(tx, two, Priority.NORMAL, actor="anna", now=NOW + MINUTE)
        still = queue.put(tx, one, Priority.NORMAL, actor="anna", now=NOW + 2 * MINUTE)
        assert still.put_at == NOW
        assert [place.article_id for place in queue.waiting(tx, 10)] == [one, two]
        queue.done(tx, one, **ANNA)
        back = queue.put(tx, one, Priority.NORMAL, actor="anna", now=NOW + 3 * MINUTE)
        assert (back.put_at, back.done_at) == (NOW + 3 * MINUTE, None)
        assert [place.article_id for place in queue.waiting(tx, 10)] == [two, one]


def test_one_worker_claims_a_story_and_others_do_not_see_it(ground: Ground) -> None:
    with ground.transaction() as tx:
        story = _story(tx)
        assert not queue.claim(tx, story, _claim(), instant=HERE)
        queue.put(tx, story, Priority.NORMAL, **ANNA)
        assert queue.claim(tx, story, _claim("worker-1"), instant=HERE)
        assert not queue.claim(tx, story, _claim("worker-2"), instant=HERE)
        assert queue.claim(tx, story, _claim("worker-1", seconds=120), instant=HERE)
        assert queue.waiting(tx, 10, instant=HERE) == []
        assert [place.article_id for place in queue.waiting(tx, 10)] == [story]
        assert queue.done(tx, story, claim=_claim("worker-1"), **ANNA)
        assert not queue.claim(tx, story, _claim("worker-1"), instant=HERE)


@pytest.mark.parametrize(
    ("instant", "alive"),
    [
        (HERE, True),
        (replace(HERE, at=NOW + timedelta(days=1)), True),  # the wall jumped, the boot clock did not
        (replace(HERE, boot=160.0), False),
        (replace(HERE, boot_id="boot-2", boot=1.0), False),  # this machine started anew: its worker is gone
        (replace(HERE, machine="press-2", boot=9999.0), True),
        (replace(HERE, machine="press-2", at=NOW + MINUTE), False),
    ],
)
def test_a_claim_lives_by_the_boot_clock_at_home_and_by_the_wall_elsewhere(
    ground: Ground, instant: Instant, alive: bool
) -> None:
    with ground.transaction() as tx:
        story = _story(tx)
        queue.put(tx, story, Priority.NORMAL, **ANNA)
        queue.claim(tx, story, _claim(), instant=HERE)
        assert bool(queue.waiting(tx, 10, instant=instant)) is not alive
        assert queue.claim(tx, story, _claim("worker-2"), instant=instant) is not alive


def test_a_story_put_back_while_somebody_works_on_it_is_worked_on_again(ground: Ground) -> None:
    with ground.transaction() as tx:
        story = _story(tx)
        queue.put(tx, story, Priority.NORMAL, **ANNA)
        queue.claim(tx, story, _claim(), instant=HERE)
        queue.put(tx, story, Priority.BREAKING, **ANNA)
        assert not queue.done(tx, story, claim=_claim(), **ANNA)
        assert [place.priority for place in queue.waiting(tx, 10, instant=HERE)] == [Priority.BREAKING]
