"""A process that dies in the middle of a verb has done all of it or nothing, and the verb given again ends the same.

Every statement and commit of the verb is died at, one after the other, until it gets through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, text

from db import deliveries, stops
from db.records import Scope, State, SubjectKind
from scheduler import newsroom
from scheduler.newsroom import Reach, Refused
from tests.scheduler.house import MAIL, SETTINGS, House, house

TABLES = ("deliveries", "stops", "audit", "articles", "queue", "teasers", "posts", "issues", "recipients", "notices")
REPOST = SETTINGS + MAIL + '[corrections]\nx = "repost"\n'


class Died(BaseException):
    """The end of the process, as the database sees it: what was not committed is gone."""


@contextmanager
def dying(h: House, at: int) -> Iterator[None]:
    """Dies at the ``at``-th statement or commit."""
    left = [at]

    def one_more(*_: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Died

    names = ("before_cursor_execute", "commit")
    for name in names:
        event.listen(h.app.ground.engine, name, one_more)
    try:
        yield
    finally:
        for name in names:
            event.remove(h.app.ground.engine, name, one_more)


def tables(h: House) -> dict[str, list[tuple[object, ...]]]:
    """Every row that a verb could touch."""
    with h.app.ground.reading() as tx:
        return {name: [tuple(row) for row in tx.execute(text(f"select * from {name} order by id"))] for name in TABLES}


def through_every_death(h: House, verb: Callable[[], object]) -> int:
    """Gives the verb again after each death until it gets through; at how many places it died."""
    before, at = tables(h), 0
    while True:
        at += 1
        try:
            with dying(h, at):
                verb()
        except Died:
            assert tables(h) == before, f"something was left of the verb that died at {at}"
            continue
        return at - 1


def out(h: House) -> int:
    """A story that is out everywhere: on X, on Facebook and with three readers."""
    h.readers(3)
    story = h.take()
    h.work()
    return story


def standing(h: House, kind: str) -> list[str]:
    return [one.text for one in h.platforms.published(kind) if one.deleted_at is None]


def test_kill(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        story = out(h)
        died = through_every_death(h, lambda: newsroom.kill(h.app, story, actor="ben", reason="withdrawn"))
        assert died > 20
    with house(tmp_path, SETTINGS + MAIL) as h:  # the process died before it carried anything out: the next one does
        again = newsroom.kill(h.app, story, actor="ben", reason="withdrawn")
        assert len(again.removals) == 2
        h.work()
        assert standing(h, "x") == standing(h, "facebook") == []
        with h.app.ground.reading() as tx:
            removals = [
                one
                for one in deliveries.of_subject(tx, SubjectKind.ARTICLE, story)
                if one.purpose.startswith("takedown-")
            ]
        assert [one.state for one in removals] == [State.SENT, State.SENT]


def test_correct(tmp_path: Path) -> None:
    with house(tmp_path, REPOST) as h:
        story = out(h)
        right = "Right words."
        died = through_every_death(
            h, lambda: newsroom.correct(h.app, story, "x-main", right, actor="ben", reason="wrong vote")
        )
        assert died > 8
    with house(tmp_path, REPOST) as h:
        with pytest.raises(Refused, match="corrects it already"):
            newsroom.correct(h.app, story, "x-main", right, actor="ben", reason="wrong vote")
        h.work()
        h.work()
        assert standing(h, "x") == [right]
        assert len(h.platforms.published("x")) == 2


def test_correct_on_a_newsletter(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        story = out(h)
        died = through_every_death(
            h, lambda: newsroom.correct_mail(h.app, story, "mail", "Right words.", actor="ben", reason="wrong vote")
        )
        assert died > 15
    with house(tmp_path, SETTINGS + MAIL) as h:
        h.work()
        corrections = [one for one in h.platforms.published("email") if "Right words." in one.text]
        assert len(corrections) == len({one.to for one in corrections}) == 3


def test_resume(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS) as h:
        newsroom.hold(h.app, Reach(Scope.EVERYTHING), actor="ada", reason="the accident")
        for number in range(3):
            h.take(f"Story {number} of the held")
        h.work()
        h.clock.advance(timedelta(minutes=20))
        died = through_every_death(h, lambda: newsroom.resume(h.app, Reach(Scope.EVERYTHING), actor="ada"))
        assert died > 10
        with h.app.ground.reading() as tx:
            assert stops.active(tx, h.clock.now()) == []
        with pytest.raises(Refused, match="is not paused"):
            newsroom.resume(h.app, Reach(Scope.EVERYTHING), actor="ada")
        for _ in range(6):
            h.work()
            h.clock.advance(timedelta(minutes=1))
        assert len(h.platforms.published("x")) == len(set(standing(h, "x"))) == 3
