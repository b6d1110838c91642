"""Two workers, or a worker and the desk, write the same thing at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import Connection

from db import articles, notices, queue, server_days, sources, stops, suppressions, teasers
from db.deliveries import Stale, Taken
from db.records import Cause, Claim, Mode, Priority, Scope, SourceState, Stop, SubjectKind
from db.session import Ground, GroundLost, open_ground
from scheduler.clock import Instant
from tests.db.samples import ANNA, ARTICLE, NOW, stored_article
from tests.db.test_teasers import WORDS
from tests.postgres import postgres_url

WORKERS = 4
Given = TypeVar("Given")


def _together(ground: Ground, act: Callable[[Connection, int], Given]) -> list[Given | Exception]:
    """What each worker got, one transaction each, all begun at once."""
    ready = threading.Barrier(WORKERS)

    def work(number: int) -> Given | Exception:
        if ground.is_sqlite:  # where one transaction waits for the other to end before it begins
            ready.wait(timeout=30)
        try:
            with ground.transaction() as tx:
                if not ground.is_sqlite:
                    ready.wait(timeout=30)
                return act(tx, number)
        except (Taken, Stale) as refused:
            return refused

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(work, range(WORKERS)))


def test_a_notice_is_new_to_one_of_them(own_ground: Ground) -> None:
    told = _together(own_ground, lambda tx, n: notices.tell_once(tx, "late", f"{n} posts are late.", "", now=NOW))
    assert sorted(map(bool, told)) == [False] * (WORKERS - 1) + [True]
    with own_ground.reading() as tx:
        assert len(notices.standing(tx)) == 1


def test_a_stop_laid_by_all_lies_once_and_reaches_as_far_as_the_furthest(own_ground: Ground) -> None:
    stop = Stop(Scope.CHANNEL, "x-main", None, Cause.RATE, "", "x", NOW)

    def lay(tx: Connection, number: int) -> Stop:
        return stops.lay(tx, replace(stop, until_at=NOW + timedelta(minutes=1 + number)), **ANNA)

    _together(own_ground, lay)
    with own_ground.reading() as tx:
        assert [lying.until_at for lying in stops.active(tx, NOW)] == [NOW + timedelta(minutes=WORKERS)]


def test_one_of_them_takes_a_story_in_and_the_others_are_told(own_ground: Ground) -> None:
    got = _together(own_ground, lambda tx, n: articles.add(tx, ARTICLE, url_key="a", **ANNA))
    assert sorted(type(one).__name__ for one in got) == ["Article"] + ["Taken"] * (WORKERS - 1)
    with own_ground.reading() as tx:
        assert len(articles.search(tx, "bakery")) == 1


def test_one_of_them_revises_a_story_and_none_is_lost_silently(own_ground: Ground) -> None:
    with own_ground.transaction() as tx:
        story = stored_article(tx)
    got = _together(
        own_ground, lambda tx, n: articles.revise(tx, story.id, replace(ARTICLE, headline=f"Version {n}"), **ANNA)
    )
    kept = [one for one in got if not isinstance(one, Exception)]
    with own_ground.reading() as tx:
        assert articles.get(tx, story.id).revision == 1 + len(kept)
        for one in kept:
            assert articles.revision(tx, story.id, one.revision).headline == one.headline


def test_one_edit_is_kept_and_the_others_are_refused(own_ground: Ground) -> None:
    with own_ground.transaction() as tx:
        seen = teasers.add(tx, SubjectKind.ARTICLE, 1, WORDS, **ANNA)
    got = _together(
        own_ground, lambda tx, n: teasers.add(tx, SubjectKind.ARTICLE, 1, replace(seen, text=str(n)), **ANNA)
    )
    assert sorted(type(one).__name__ for one in got) == ["Stale"] * (WORKERS - 1) + ["Teaser"]
    with own_ground.reading() as tx:
        assert len(teasers.history(tx, SubjectKind.ARTICLE, 1, "x-main")) == 2


def test_one_of_them_claims_a_place_in_the_line(own_ground: Ground) -> None:
    here = Instant(at=NOW, boot=1.0, boot_id="b", machine="m")
    with own_ground.transaction() as tx:
        story = stored_article(tx)
        queue.put(tx, story.id, Priority.NORMAL, **ANNA)
    got = _together(
        own_ground,
        lambda tx, n: queue.claim(
            tx, story.id, Claim(f"worker-{n}", "m", "b", 60.0, NOW + timedelta(minutes=1)), instant=here
        ),
    )
    assert sorted(map(bool, got)) == [False] * (WORKERS - 1) + [True]


def test_a_source_and_its_things_are_remembered_once(own_ground: Ground) -> None:
    def remember(tx: Connection, number: int) -> None:
        sources.save(tx, SourceState("feed", failures=number), **ANNA)
        sources.remember(tx, "feed", "tag:1", article_id=None, content_hash="", **ANNA)

    assert _together(own_ground, remember) == [None] * WORKERS
    with own_ground.reading() as tx:
        assert len(sources.every(tx)) == 1
        assert sources.item(tx, "feed", "tag:1") is not None


def test_of_two_mail_servers_each_gives_its_last_mails_of_the_day_once_in_whatever_order_they_are_named(
    own_ground: Ground,
) -> None:
    names, limit, today = ["relays.a", "relays.b"], 6, NOW.date()
    with own_ground.transaction() as tx:
        server_days.add_missing(tx, Mode.LIVE, names, today, now=NOW)
        server_days.add_missing(tx, Mode.LIVE, names, today, now=NOW)

    def take(tx: Connection, number: int) -> int:
        server_days.lock(tx, [(Mode.LIVE, name) for name in names])
        mine, taken = names if number % 2 else names[::-1], 0
        for name in mine:
            left = limit - server_days.of_servers(tx, Mode.LIVE, names, today)[name].begun
            if left:
                server_days.count(tx, Mode.LIVE, name, today, min(2, left), now=NOW)
                taken += min(2, left)
            server_days.wait(tx, Mode.LIVE, name, today, NOW + timedelta(hours=1), now=NOW)
        return taken

    assert sorted(map(str, _together(own_ground, take))) == ["0", "4", "4", "4"]


def test_of_two_who_wait_for_each_other_one_is_told_to_try_again() -> None:
    ground = open_ground(postgres_url())
    both_hold_one = threading.Barrier(2)

    def suppress(*hashes: str) -> str:
        try:
            with ground.transaction() as tx:
                suppressions.add(tx, hashes[0], suppressions.HARD_BOUNCE, **ANNA)
                both_hold_one.wait(timeout=30)
                suppressions.add(tx, hashes[1], suppressions.HARD_BOUNCE, **ANNA)
        except GroundLost as lost:
            return str(lost)
        return ""

    with closing(ground), ThreadPoolExecutor(2) as pool:
        told = [one.result(60) for one in (pool.submit(suppress, "a", "b"), pool.submit(suppress, "b", "a"))]
    assert [one.endswith("at the same moment; try again") for one in sorted(told)] == [False, True]
