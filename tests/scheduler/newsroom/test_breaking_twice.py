"""Breaking: proposed by a word, declared by a person, and told once although two stories tell it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from db import audit
from db.records import Article, Priority, State
from scheduler import newsroom
from scheduler.proposals import proposed_by
from tests.scheduler.house import SETTINGS, House, house

LATER = SETTINGS.replace('kind = "x"', 'kind = "x"\nslots = ["daily 18:15"]').replace(
    'kind = "facebook"', 'kind = "facebook"\nslots = ["daily 18:30", "daily 19:30"]'
)
WIRE = ("Fire at the harbour of Port Selwyn", "A fire broke out at the harbour of Port Selwyn on Monday morning.")
OWN = (
    "Harbour fire in Port Selwyn",
    "Fire broke out on Monday morning at the harbour, the brigade of Port Selwyn said.",
)


@pytest.fixture
def h(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, LATER) as made:
        yield made


def fire(h: House, words: tuple[str, str]) -> int:
    return h.take(words[0], paragraphs=(words[1],))


def test_two_breaking_stories_that_tell_the_same_go_out_once(h: House) -> None:
    wire, own = fire(h, WIRE), fire(h, OWN)
    h.work()
    newsroom.declare_breaking(h.app, wire, actor="ada")
    done = newsroom.declare_breaking(h.app, own, actor="ben")
    assert done.leads is not None
    assert (done.leads.id, done.moved) == (wire, ())
    assert {one.state for one in done.called_off} == {State.CANCELLED}
    h.work()
    assert len(h.platforms.published("x")) == len(h.platforms.published("facebook")) == 1
    with h.app.ground.reading() as tx:
        assert {row.actor for row in audit.rows(tx, verb="merge")} == {"ben"}


def test_where_the_first_has_no_post_the_second_goes(h: House) -> None:
    wire, own = fire(h, WIRE), fire(h, OWN)
    h.work()
    newsroom.cancel(h.app, h.of(wire, "fb-main").id, actor="ada", reason="not for Facebook")
    newsroom.declare_breaking(h.app, wire, actor="ada")
    done = newsroom.declare_breaking(h.app, own, actor="ben")
    assert [one.channel for one in done.called_off] == ["x-main"]
    assert [one.channel for one in done.moved] == ["fb-main"]


def test_apart_and_other_stories_and_old_ones_are_not_merged(h: House) -> None:
    wire, own, ferry = fire(h, WIRE), fire(h, OWN), h.take()
    h.work()
    newsroom.declare_breaking(h.app, wire, actor="ada")
    assert newsroom.declare_breaking(h.app, ferry, actor="ada").leads is None
    other = fire(h, ("Fire at the harbour of Port Selwyn: 3 hurt", WIRE[1]))
    assert newsroom.declare_breaking(h.app, other, actor="ada").leads is None, "another number may be another fire"
    assert newsroom.declare_breaking(h.app, own, actor="ada", apart=True).leads is None
    newsroom.undo_breaking(h.app, own, actor="ada")
    h.clock.advance(timedelta(hours=6, minutes=1))
    assert newsroom.declare_breaking(h.app, own, actor="ada").leads is None


def test_a_word_before_the_headline_proposes_and_does_not_declare(h: House) -> None:
    story = h.take("BREAKING: Bridge closed", url="https://news.example.org/bridge")
    h.work()
    told = [one for one in h.notices() if "may be breaking" in one]
    assert told == [f'story {story} may be breaking ("breaking" stands before its headline): BREAKING: Bridge closed']
    assert h.of(story, "x-main").priority is Priority.NORMAL
    newsroom.declare_breaking(h.app, story, actor="ada")
    assert not [one for one in h.notices() if "may be breaking" in one]


def test_a_proposal_that_nobody_took_up_is_gone_after_an_hour(h: House) -> None:
    h.take("Bridge closed", tags=("Breaking",))
    h.work()
    assert [one for one in h.notices() if 'it has the tag "breaking"' in one]
    h.clock.advance(timedelta(hours=1))
    h.work()
    assert not [one for one in h.notices() if "may be breaking" in one]


@pytest.mark.parametrize(
    ("headline", "proposes"),
    [
        ("Breaking: bridge closed", True),
        ("BREAKING – bridge closed", True),
        ("Breaking news | bridge closed", True),
        ("Breaking the silence", False),
        ("Record-breaking heat", False),
        ("Bridge closed", False),
    ],
)
def test_only_a_word_that_stands_before_the_headline_counts(headline: str, proposes: bool) -> None:
    article = Article(headline=headline, paragraphs=("x",), source="desk")
    words = ("breaking", "breaking news")
    assert bool(proposed_by(article, words)) is proposes
    assert proposed_by(replace(article, section="Breaking"), words)
    assert not proposed_by(article, ())
