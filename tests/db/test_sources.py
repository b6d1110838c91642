from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from db import sources
from db.records import SourceState
from db.session import Ground
from tests.db.samples import ANNA, NOW, stored_article

STATE = SourceState(
    name="city-desk",
    first_seen_at=NOW,
    fetched_at=NOW,
    next_at=NOW,
    etag='"x"',
    last_modified="yesterday",
    failures=2,
    error="not found",
    new_at=NOW,
    new_count=3,
)


def test_a_source_is_unknown_until_it_was_fetched(ground: Ground) -> None:
    with ground.reading() as tx:
        assert sources.get(tx, "city-desk") is None
        assert sources.every(tx) == []


def test_saving_again_writes_over_all_that_was_remembered(ground: Ground) -> None:
    with ground.transaction() as tx:
        assert sources.save(tx, STATE, **ANNA) == STATE
        well = replace(STATE, failures=0, error="", etag=None)
        assert sources.save(tx, well, **ANNA) == well
        other = sources.save(tx, SourceState(name="agency"), **ANNA)
        assert sources.get(tx, "city-desk") == well
        assert sources.every(tx) == [other, well]


def test_a_thing_seen_is_remembered_with_what_became_of_it(ground: Ground) -> None:
    with ground.transaction() as tx:
        story = stored_article(tx)
        assert sources.item(tx, "feed", "tag:1") is None
        left_out = sources.remember(
            tx, "feed", "tag:1", article_id=None, content_hash="a" * 64, reason="too old", **ANNA
        )
        assert sources.item(tx, "feed", "tag:1") == left_out
        assert (left_out.article_id, left_out.reason) == (None, "too old")
        taken = sources.remember(tx, "feed", "tag:1", article_id=story.id, content_hash="b" * 64, **ANNA)
        assert sources.item(tx, "feed", "tag:1") == taken
        assert (taken.article_id, taken.content_hash, taken.reason) == (story.id, "b" * 64, "")
        assert sources.item(tx, "other feed", "tag:1") is None


def test_a_thing_whose_name_has_no_end_is_still_one_thing(ground: Ground) -> None:
    long = "https://example.org/" + "x" * 5000
    with ground.transaction() as tx:
        one = sources.remember(tx, "feed", long + "1", article_id=None, content_hash="", **ANNA)
        sources.remember(tx, "feed", long + "2", article_id=None, content_hash="c" * 64, **ANNA)
        assert sources.item(tx, "feed", long + "1") == one


def test_what_each_source_has_brought_since_a_moment_is_counted(ground: Ground) -> None:
    with ground.transaction() as tx:
        for n, source in enumerate(("feed", "feed", "city-desk")):
            stored_article(tx, headline=f"Story {n}", source=source, url=f"https://example.org/{n}")
        assert sources.new_since(tx, NOW) == {"feed": 2, "city-desk": 1}
        assert sources.new_since(tx, NOW + timedelta(seconds=1)) == {}
