"""The headline opens a post only where the words leave its news out, and only a headline that tells some."""

from __future__ import annotations

import pytest

from channels.x_length import weighted_length
from templates.hook import bare_headline, hook_of
from templates.teaser import write_teaser
from tests.templates.articles import EMAIL, FACEBOOK, LINK, X, story, style

BACKGROUND = (
    "Marguerite Oyelaran trained as an engineer in Hatherley and has run the county's workshops for eleven years."
)
HEADLINE = "Iron bridge of Northwick closes for repairs"


def test_a_post_that_leaves_the_news_out_opens_with_the_headline() -> None:
    text = write_teaser(story(BACKGROUND, headline=HEADLINE), X, weighted_length, style()).text
    assert text == f"{HEADLINE}\n\n{BACKGROUND}\n{LINK}"


def test_where_both_do_not_fit_the_headline_goes_alone() -> None:
    long = f"{BACKGROUND[:-1]}, most of them beside the river, where her mother had built the ferries that the whole valley used until the first of its bridges stood."
    text = write_teaser(story(long, headline=HEADLINE), X, weighted_length, style()).text
    assert text == f"{HEADLINE}\n{LINK}"


def test_a_headline_that_asks_opens_words_and_stands_for_none() -> None:
    asks = "Why the old ferry and all its pilots left the workshops of Hatherley"
    text = write_teaser(story(BACKGROUND, headline=asks), X, weighted_length, style()).text
    assert text == f"{asks}\n\n{BACKGROUND}\n{LINK}"
    long = f"{BACKGROUND[:-1]}, most of them beside the river, where her mother had built the ferries that the whole valley used until the first of its bridges."
    text = write_teaser(story(long, headline=asks), X, weighted_length, style()).text
    assert text.startswith(BACKGROUND[:-1])


def test_readers_who_see_the_headline_beside_the_words_do_not_get_it_twice() -> None:
    told = story(BACKGROUND, headline=HEADLINE)
    assert HEADLINE not in write_teaser(told, FACEBOOK, len, style("facebook")).text
    assert HEADLINE not in write_teaser(told, EMAIL, len, style("email")).text
    assert write_teaser(told, FACEBOOK, len, style("facebook", link=None)).text.startswith(HEADLINE), "no link, no card"


@pytest.mark.parametrize(
    "headline",
    [
        "You will never believe what holds this bridge together",
        "These bridges close for repairs",
        "Our bridge is closing for good",
        "Bridge closed",
        "IRON BRIDGE CLOSES FOR REPAIRS",
        'Lind: "The iron bridge is closed for good',
    ],
)
def test_a_headline_that_teases_or_says_nothing_opens_no_post(headline: str) -> None:
    assert hook_of(story(BACKGROUND, headline=headline), BACKGROUND) is None


def test_words_that_tell_little_of_the_headline_stand_under_it() -> None:
    headline = "Iron bridge of Northwick closes for eleven weeks while engineers mend bolts"
    found = hook_of(story(BACKGROUND, headline=headline), "The iron bridge of Northwick is the oldest in the county.")
    assert found is not None
    assert found.needed


def test_words_that_tell_the_news_need_no_headline() -> None:
    words = "Northwick's iron bridge will be closed for eleven weeks while engineers repair it."
    assert hook_of(story(words, headline=HEADLINE), words) is None


def test_words_that_leave_most_names_out_need_their_headline() -> None:
    body = "Northwick's iron bridge closes for repairs, and Ada Lind and Marguerite Oyelaran told Hatherley so."
    told = story(body, headline="Ada Lind and Marguerite Oyelaran close iron bridge for repairs")
    found = hook_of(told, "The iron bridge will close for its repairs, Lind told the county.")
    assert found is not None
    assert found.needed


def test_words_are_no_firmer_than_their_headline() -> None:
    firm = "The iron bridge of Northwick closes for repairs in June."
    found = hook_of(story(firm, headline="Iron bridge of Northwick may close for repairs"), firm)
    assert found is not None
    assert found.needed
    assert write_teaser(
        story(firm, headline="Iron bridge of Northwick may close for repairs"), X, weighted_length, style()
    ).text == (f"Iron bridge of Northwick may close for repairs\n{LINK}")
    for hedged in ("The iron bridge of Northwick may close for repairs.", f"The mayor said: {firm}"):
        assert hook_of(story(hedged, headline="Iron bridge of Northwick may close for repairs"), hedged) is None


@pytest.mark.parametrize(
    ("headline", "bare"),
    [
        ("Iron bridge closes [VIDEO]", "Iron bridge closes"),
        ("Iron bridge closes (Photos)", "Iron bridge closes"),
        ("Iron bridge closes - The Valley Post", "Iron bridge closes"),
        ("Iron bridge closes | Valley", "Iron bridge closes"),
        ("Update | Iron bridge closes", "Update | Iron bridge closes"),
        ("Iron bridge closes - for good", "Iron bridge closes - for good"),
    ],
)
def test_a_headline_loses_its_outlet_and_its_tags(headline: str, bare: str) -> None:
    assert bare_headline(story(BACKGROUND, headline=headline, outlet="valleypost.example.org The Valley Post")) == bare


def test_scripts_without_spaces_keep_their_words() -> None:
    assert (
        hook_of(
            story("橋は五月から閉鎖される。", headline="市長が辞任を表明した", language="ja"),
            "橋は五月から閉鎖される。",
        )
        is None
    )
