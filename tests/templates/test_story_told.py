"""Whether words say what the headline is about, or something true beside it."""

from __future__ import annotations

import pytest

from channels.x_length import weighted_length
from scheduler.readers_asked import asks_to_be_read
from templates.story_told import headline_names, misses_story
from templates.teaser import write_teaser
from tests.templates.articles import EMAIL, FACEBOOK, X, story, style

BODY = (
    "The ferry at Hatherley carries 3,800 commuters a day, the county said.",
    "On Monday Marguerite Oyelaran showed the bolts, and reporters asked Marguerite Oyelaran why they had rusted.",
    "The toll house at Northwick opens in May, and visitors to Northwick may see it.",
)


@pytest.mark.parametrize(
    ("headline", "text"),
    [
        ("Marguerite Oyelaran leaves the county’s office", BODY[0]),
        ("Northwick closes its iron bridge for weeks", "Rust is what iron becomes in wet air."),
        ("Engineers replace rusted bolts before winter", "Many people like old things and take walks on Sundays."),
        (
            "Walker dies after fall from Northwick bridge",
            "A walker fell from the bridge at Northwick and was found below it.",
        ),
    ],
)
def test_words_without_the_headline_s_person_name_subject_or_death_miss_the_story(headline: str, text: str) -> None:
    assert misses_story(text, story(*BODY, headline=headline))


@pytest.mark.parametrize(
    ("headline", "text"),
    [
        ("Marguerite Oyelaran leaves the county’s office", "Ms Oyelaran has resigned."),
        ("Northwick closes its iron bridge for weeks", "Nobody will cross at Northwick."),
        ("Engineers replace rusted bolts before winter", "The council will replace 212 bolts."),
        ("Walker dies after fall from Northwick bridge", "A walker was killed at Northwick."),
        ("Bridge closed", "Rust is what iron becomes in wet air."),
    ],
)
def test_a_name_or_enough_words_in_common_tell_it(headline: str, text: str) -> None:
    assert not misses_story(text, story(*BODY, headline=headline))


def test_names_are_what_the_body_writes_with_a_capital_inside_a_sentence_and_never_small() -> None:
    headline = "Ferry Stops As Marguerite Oyelaran Leaves Northwick"
    assert headline_names(story(*BODY, headline=headline)) == ("Marguerite", "Oyelaran", "Northwick")


def test_other_languages_are_never_found_to_miss_anything() -> None:
    assert not misses_story("Rost.", story(*BODY, headline="Marguerite Oyelaran geht aus dem Amt", language="de"))


def test_a_post_without_a_headline_beside_it_that_misses_its_story_waits() -> None:
    article = story(
        BODY[0],
        "He asked Marguerite Oyelaran.",
        headline="You never guess why Marguerite Oyelaran leaves her old ferry",
    )
    alone = write_teaser(article, FACEBOOK, len, style("facebook", link=None))
    assert BODY[0] in alone.text
    assert "headline is about" in asks_to_be_read(article, alone)
    assert "headline is about" in asks_to_be_read(article, write_teaser(article, X, weighted_length, style("x")))
    for limits, kind in ((FACEBOOK, "facebook"), (EMAIL, "email")):
        assert asks_to_be_read(article, write_teaser(article, limits, len, style(kind))) == ""


def test_a_story_that_names_a_minor_waits() -> None:
    young = story(
        "Ada Lind, 16, swam across the river at Hatherley on Monday.", headline="Ada Lind swims across the river"
    )
    grown = story(
        "Ada Lind, 61, swam across the river at Hatherley on Monday.", headline="Ada Lind swims across the river"
    )
    said = story(
        "The 16-year-old swam across the river at Hatherley on Monday.", headline="Girl swims across the river"
    )
    waits = [asks_to_be_read(one, write_teaser(one, X, weighted_length, style())) for one in (young, grown, said)]
    assert "under eighteen" in waits[0]
    assert waits[1:] == ["", ""]


def test_a_page_whose_headline_tells_no_event_waits() -> None:
    body = ("The ferry at Hatherley carries 3,800 commuters.", "The pilots saw Ada Lind there.")
    for headline in ("Commuters", "Ada Lind"):
        page = story(*body, headline=headline)
        assert "no event" in asks_to_be_read(page, write_teaser(page, FACEBOOK, len, style("facebook")))
    news = story(*body, headline="Ferry carries commuters")
    assert asks_to_be_read(news, write_teaser(news, FACEBOOK, len, style("facebook"))) == ""


def test_words_that_share_nothing_with_the_headline_beside_them_wait() -> None:
    page = story(
        "Councillors in Hatherley approved £2.4 million on Thursday.", headline="Ada Lind swims across the river"
    )
    for limits, kind in ((FACEBOOK, "facebook"), (EMAIL, "email")):
        assert "headline is about" in asks_to_be_read(page, write_teaser(page, limits, len, style(kind)))
