from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db import articles
from db.deliveries import Taken
from db.errors import NotThere
from db.json_forms import article_form, article_of
from db.records import Article, Image, Label, Priority, Publish, Removed
from db.session import Ground
from tests.db.samples import ANNA, ARTICLE, NOW, stored_article

LATER = NOW + timedelta(hours=2)

FULL = Article(
    headline="Über die Brücke",
    paragraphs=("Erster Absatz.", "„Zweiter“"),
    source="feed",
    guid="tag:1",
    url="https://example.org/a",
    outlet="The Mill Post",
    dek="A dek",
    summary="A summary",
    authors=("Anna", "Ben"),
    section="City",
    tags=("bread", "mill"),
    label=Label.OPINION,
    language="de",
    image=Image(
        url="https://example.org/i.jpg",
        path="/tmp/i.jpg",
        sha256="ab",
        alt="A loaf",
        credit="C",
        media_type="image/jpeg",
    ),
    published_at=NOW,
    modified_at=LATER,
    embargo_at=LATER,
    priority=Priority.BREAKING,
    no_link=True,
    wants_yes=True,
    publish=Publish.APPROVE,
    removed=(Removed("byline", "By Anna"),),
    flags=("no date",),
    card={"title": "T"},
    skipped_at=NOW,
)


def test_a_story_comes_back_as_it_was_taken_in(ground: Ground) -> None:
    with ground.transaction() as tx:
        stored = articles.add(tx, FULL, url_key="example.org/a", **ANNA)
    with ground.reading() as tx:
        again = articles.get(tx, stored.id)
    assert again == stored == replace(FULL, id=stored.id, revision=1, taken_in_at=NOW)
    assert stored.id > 0


def test_a_story_is_found_by_its_address_before_its_content(ground: Ground) -> None:
    with ground.transaction() as tx:
        by_url = stored_article(tx, url="a", headline="One")
        by_content = stored_article(tx, url="b", headline="Two")
        found = articles.find(tx, url_key="a", content_hash=by_content.content_hash())
        other = articles.find(tx, url_key="elsewhere", content_hash=by_content.content_hash())
        nothing = articles.find(tx, url_key=None, content_hash="0" * 64)
    assert found == by_url
    assert other == by_content
    assert nothing is None


def test_a_story_without_address_that_returns_to_earlier_words_is_still_that_story(ground: Ground) -> None:
    with ground.transaction() as tx:
        first = stored_article(tx, url=None)
        articles.revise(tx, first.id, replace(ARTICLE, url=None, headline="Mended"), **ANNA)
        found = articles.find(tx, url_key=None, content_hash=first.content_hash())
        now_so = stored_article(tx, url=None)
        nearer = articles.find(tx, url_key=None, content_hash=first.content_hash())
    assert found is not None
    assert found.id == first.id
    assert nearer == now_so


def test_an_address_of_any_length_names_one_story(ground: Ground) -> None:
    long = "example.org/" + "a" * 3000
    with ground.transaction() as tx:
        one = stored_article(tx, url=long + "1")
        two = stored_article(tx, url=long + "2", headline="Another")
        assert articles.find(tx, url_key=long + "1", content_hash="") == one
        assert articles.find(tx, url_key=long + "2", content_hash="") == two


def test_the_same_address_is_not_taken_in_twice(ground: Ground) -> None:
    with ground.transaction() as tx:
        stored_article(tx, url="a")
        with pytest.raises(Taken, match="already belongs to another story"):
            stored_article(tx, url="a", headline="Other")
        assert len(articles.search(tx, "bakery")) == 1


def test_a_revision_replaces_the_content_and_keeps_the_one_before(ground: Ground) -> None:
    with ground.transaction() as tx:
        first = stored_article(tx)
        second = articles.revise(tx, first.id, replace(ARTICLE, headline="It opens at six", source="other"), **ANNA)
        assert second.revision == 2
        assert second.headline == "It opens at six"
        assert second.source == ARTICLE.source
        assert articles.get(tx, first.id) == second
        assert articles.revision(tx, first.id, 1).headline == ARTICLE.headline
        assert articles.find(tx, url_key=None, content_hash=second.content_hash()) == second
        with pytest.raises(NotThere, match="has no revision 3"):
            articles.revision(tx, first.id, 3)


def test_what_the_desk_set_survives_a_revision_that_says_nothing_new_of_it(ground: Ground) -> None:
    with ground.transaction() as tx:
        story = stored_article(tx, embargo_at=LATER)
        articles.set_embargo(tx, story.id, None, **ANNA)
        articles.set_priority(tx, story.id, Priority.BREAKING, **ANNA)
        articles.set_no_link(tx, story.id, **ANNA)
        articles.skip(tx, story.id, **ANNA)
        revised = articles.revise(tx, story.id, replace(ARTICLE, embargo_at=LATER, headline="Mended"), **ANNA)
    assert revised.embargo_at is None
    assert revised.priority is Priority.BREAKING
    assert revised.no_link
    assert revised.skipped_at == NOW


def test_a_source_that_changes_its_embargo_is_followed(ground: Ground) -> None:
    with ground.transaction() as tx:
        story = stored_article(tx, embargo_at=LATER)
        articles.set_embargo(tx, story.id, None, **ANNA)
        longer = replace(ARTICLE, embargo_at=LATER + timedelta(hours=1))
        assert articles.revise(tx, story.id, longer, **ANNA).embargo_at == LATER + timedelta(hours=1)


def test_a_story_may_get_its_address_later_but_never_anothers(ground: Ground) -> None:
    with ground.transaction() as tx:
        stored_article(tx, url="taken", headline="Other")
        story = stored_article(tx, url=None)
        articles.revise(tx, story.id, ARTICLE, url_key="new", **ANNA)
        found = articles.find(tx, url_key="new", content_hash="")
        assert found is not None
        assert found.id == story.id
        with pytest.raises(Taken):
            articles.revise(tx, story.id, ARTICLE, url_key="taken", **ANNA)


def test_skip_is_taken_back(ground: Ground) -> None:
    with ground.transaction() as tx:
        story = stored_article(tx)
        assert articles.skip(tx, story.id, **ANNA).skipped_at == NOW
        assert articles.unskip(tx, story.id, **ANNA).skipped_at is None


@pytest.mark.parametrize(
    "act",
    [
        lambda tx: articles.get(tx, 99),
        lambda tx: articles.skip(tx, 99, **ANNA),
        lambda tx: articles.revise(tx, 99, ARTICLE, **ANNA),
    ],
)
def test_an_unknown_number_is_answered_with_a_sentence(ground: Ground, act: Callable[..., object]) -> None:
    with ground.transaction() as tx, pytest.raises(NotThere) as told:
        act(tx)
    assert str(told.value).startswith("there is no story 99; ")


def test_search_wants_every_word_whatever_its_case_and_the_newest_first(ground: Ground) -> None:
    with ground.transaction() as tx:
        one = stored_article(tx, url=None, headline="Über die Brücke: 100% Brot")
        two = stored_article(tx, url=None, headline="ÜBER DIE BRÜCKE")
        three = stored_article(tx, url=None, headline="A\u0308pfel")
        for words, found in {
            "brücke": [two, one],
            "über BRÜCKE": [two, one],
            "brot über": [one],
            "100%": [one],
            "1_0": [],
            "%": [one],
            "äpfel": [three],
            "Mars": [],
            "  ": [],
        }.items():
            assert articles.search(tx, words) == found, words
        assert articles.search(tx, "brücke", limit=1) == [two]
        assert articles.search(tx, "brücke", limit=0) == []


def test_newest_is_the_one_taken_in_last_and_several_keeps_the_order_asked(ground: Ground) -> None:
    with ground.transaction() as tx:
        assert articles.newest(tx) is None
        one, two = stored_article(tx, url="1"), stored_article(tx, url="2", headline="Two")
        assert articles.newest(tx) == two
        assert articles.several(tx, [two.id, 99, one.id]) == [two, one]
        assert articles.several(tx, []) == []


def test_a_character_no_database_holds_does_not_stop_a_story(ground: Ground) -> None:
    with ground.transaction() as tx:
        dirty = replace(ARTICLE, headline="A\x00B", paragraphs=("C\x00",), card={"t\x00": "v\x00"})
        stored = articles.add(tx, dirty, url_key=None, **ANNA)
        assert (stored.headline, stored.paragraphs, dict(stored.card)) == ("AB", ("C",), {"t": "v"})
        assert articles.find(tx, url_key=None, content_hash=dirty.content_hash()) == stored


def test_a_section_of_any_length_is_one_value_everywhere(ground: Ground) -> None:
    with ground.transaction() as tx:
        assert stored_article(tx, section="s" * 400).section == "s" * articles.SECTION_LENGTH


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="naive time"):
        article_form(replace(ARTICLE, modified_at=datetime(2026, 9, 21)))  # noqa: DTZ001


_words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
_moments = st.none() | st.datetimes(timezones=st.just(UTC))


@given(
    st.builds(
        Article,
        headline=_words,
        paragraphs=st.lists(_words).map(tuple),
        source=_words,
        authors=st.lists(_words).map(tuple),
        label=st.sampled_from(Label),
        priority=st.sampled_from(Priority),
        publish=st.none() | st.sampled_from(Publish),
        image=st.none() | st.builds(Image, url=st.none() | _words, alt=_words),
        removed=st.lists(st.builds(Removed, _words, _words)).map(tuple),
        published_at=_moments,
        embargo_at=_moments,
        card=st.dictionaries(_words, _words),
    )
)
def test_a_storys_form_loses_nothing(article: Article) -> None:
    again = article_of(article_form(article))
    assert again == article
    assert again.content_hash() == article.content_hash()
