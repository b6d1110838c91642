"""What changed, in one line; and the notice about it goes when the matter is settled."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from db import articles, queue
from db.records import Article, State
from scheduler import newsroom
from scheduler.difference import difference
from tests.scheduler.house import PATIENT, house

STORY = Article("Ferry to run until midnight", ("One.", "Two is a long paragraph that goes on.", "Three."), "s")


def test_the_first_change_is_shown_with_both_states() -> None:
    assert difference(STORY, STORY) == ""
    assert (
        difference(STORY, replace(STORY, headline="Ferry plan dropped"))
        == 'headline was "Ferry to run until midnight", is "Ferry plan dropped"'
    )
    assert (
        difference(STORY, replace(STORY, headline="X", paragraphs=("One.", "Two.", "Three.", "Four.")))
        == 'headline was "Ferry to run until midnight", is "X", and 2 more'
    )
    assert difference(STORY, replace(STORY, paragraphs=STORY.paragraphs[:2])) == 'paragraph 3 is gone: "Three."'
    assert difference(STORY, replace(STORY, dek="New dek")) == 'dek is new: "New dek"'


def test_a_change_far_inside_a_long_text_is_shown_around_its_place() -> None:
    long = "word " * 400
    told = difference(replace(STORY, paragraphs=(long + "19 votes",)), replace(STORY, paragraphs=(long + "21 votes",)))
    assert '19 votes"' in told
    assert '21 votes"' in told
    assert len(told) < 260


def test_a_held_change_shows_the_difference_and_its_notice_ends_with_a_new_yes(tmp_path: Path) -> None:
    settings = PATIENT.replace('kind = "x"', 'kind = "x"\nslots = ["daily 18:15"]\npublish = "approve"')
    with house(tmp_path, settings) as h:
        story = h.take()
        h.work()
        newsroom.approve(h.app, story, actor="ada", channels=["x-main"])
        with h.app.ground.transaction() as tx:
            changed = replace(articles.get(tx, story), headline="Ferry plan is dropped by the council")
            articles.revise(tx, story, changed, actor="pressrun", now=h.clock.now())
            queue.put(tx, story, changed.priority, actor="pressrun", now=h.clock.now())
        h.work()
        held = h.of(story, "x-main")
        assert held.state is State.WAITING
        assert 'headline was "Ferry to run until midnight", is "Ferry plan is dropped by the council"' in held.reason
        assert any("the article changed" in one for one in h.notices())
        newsroom.approve(h.app, story, actor="ada", channels=["x-main"])
        h.clock.advance(timedelta(minutes=1))
        h.work()
        assert not any("the article changed" in one for one in h.notices())
