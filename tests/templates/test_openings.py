"""Openings that point to something before them, and those that only look as if they did."""

from __future__ import annotations

import pytest

from templates.clauses import trimmed
from templates.openings import dangles, is_impersonal, without_connective
from templates.reading import read_sentences
from templates.teaser import summarise
from tests.templates.articles import story


@pytest.mark.parametrize(
    "text",
    [
        "It is clear that the iron bridge of Northwick must close.",
        "It was no secret that the bolts of the bridge were rusted.",
        "It seems Northwick will be without its bridge until the autumn.",
        "It seems as though nobody in Northwick had looked at the bolts.",
        "It turns out that the bolts were made in 1912.",
        "It took eleven weeks to replace 212 bolts.",
        "It’s been over two years since Northwick last closed its bridge.",
        "It has been a busy summer for the engineers of Northwick.",
        "It might be hard to believe, but the bolts are from 1912.",
        "It rained on the first day of the works in Northwick.",
        "There's nothing quite as loud as a rivet hammer.",
        "Now that the iron bridge is closed, buses go round by Hatherley.",
        "Because the iron bridge is closed, buses go round by Hatherley.",
        "While her brother, Tom Lind, counts the buses, Ada Lind counts the bolts of the bridge.",
    ],
)
def test_an_opening_that_points_to_nothing_before_it_stands(text: str) -> None:
    assert not dangles(text, "en")


@pytest.mark.parametrize(
    "text",
    [
        "It will close for eleven weeks.",
        "It seems like a sound bridge.",
        "It is expected to open in the autumn.",
        "It was designed to carry lorries.",
        "It is hard to find on a map.",
        "It’s off the map.",
        "It happens a lot.",
        "Because of that.",
        "Because nobody looked, and nobody asked.",
        "Now it is closed.",
        "While his brother counts the buses, nobody counts the bolts.",
        "Her brother counts the buses.",
        "This comes after a long winter.",
        "He closed the bridge.",
        "It seems he closed the bridge.",
    ],
)
def test_an_opening_that_points_back_dangles(text: str) -> None:
    assert dangles(text, "en")


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("Es gibt in Nordwick keine zweite Brücke über den Fluss.", True),
        ("Es bleibt offen, wann die Brücke von Nordwick wieder öffnet.", True),
        ("Es wurde im Juni für elf Wochen geschlossen.", False),
        ("Es führt über den Fluss und ist rostig.", False),
    ],
)
def test_a_german_es_dangles_only_where_it_points_back(text: str, stands: bool) -> None:
    assert dangles(text, "de") is not stands


def test_who_announced_it_must_be_named_even_where_it_points_to_nothing() -> None:
    assert is_impersonal("It was announced on Monday that the bridge closes.") is False
    text = "It was recently announced that the iron bridge of Northwick closes for eleven weeks from 4 June."
    assert summarise(story(text)) == ""


def test_a_short_opening_may_lead_into_the_news_and_never_stands_alone() -> None:
    article = story(
        "Northwick has had enough!",
        "The county council voted on Thursday to replace all 212 rusted bolts of its iron bridge from 4 June.",
    )
    assert summarise(article).startswith("Northwick has had enough! The county council voted")
    assert summarise(story("Northwick has had enough!")) == ""


def test_a_place_before_a_bar_is_a_dateline() -> None:
    article = story("Northwick, NY | The iron bridge closes for eleven weeks from 4 June for 212 new bolts.")
    assert read_sentences(article)[0].text.startswith("The iron bridge")


def test_an_agencys_caption_is_not_the_news() -> None:
    caption = "Jun 4, 2026; Northwick, ENG; Engineer Ada Lind looks at a bolt of the iron bridge during the works."
    news = "The iron bridge of Northwick closes for eleven weeks, and buses go round by Hatherley until the autumn."
    assert summarise(story(caption, news)) == news


def test_a_companys_name_with_a_dot_is_no_address() -> None:
    text = "Bridgewatch.com will pay for 212 new bolts of the iron bridge in Northwick, the county council said."
    assert summarise(story(text)) == text
    assert summarise(story(text.replace("Bridgewatch.com", "The page bridgewatch.com"))) == ""


def test_today_with_its_date_is_known_without_the_articles() -> None:
    text = "Voting on the new bolts of the iron bridge in Northwick closes at five today (June 4), says the council."
    assert summarise(story(text)) == text


def test_a_connective_at_the_head_is_taken_off() -> None:
    assert without_connective("Well, it seems that all is well in Northwick.", "en").startswith("It seems")


@pytest.mark.parametrize(
    "furniture",
    [
        "Soldiers drive along a dusty road in a village near Northwick, Ostmark November 1, 2007.",
        "Northwick in pictures Sat, July 28, 2018 The iron bridge of Northwick in pictures for everybody.",
        "The below letter will be appearing in the next issue of the magazine of the people of Northwick.",
        "You may request permission to reprint this content of Northwick in a book or on a site of your own.",
        "Chief Education Officer Dr Ada Lind of Northwick.",
    ],
)
def test_captions_and_talk_about_the_page_are_never_the_summary(furniture: str) -> None:
    news = "The iron bridge of Northwick closes for eleven weeks, and buses go round by Hatherley until the autumn."
    assert summarise(story(furniture, news)) == news


def test_a_noun_that_an_earlier_sentence_named_opens_no_summary() -> None:
    first = "He came from far away and looked at it for a very long time without a word."
    known = "The city, along with parts of two other counties, was without a bridge for the whole of the summer."
    named = "The city of Northwick was without a bridge for the whole of the summer, and buses went by Hatherley."
    assert summarise(story(first, known)) == ""
    assert summarise(story(first, named)) == named


def test_a_sentence_cut_between_words_ends_where_a_phrase_ends() -> None:
    whole = "The county council of Northwick wants a second footbridge over the river for heavy lorries and buses."
    assert trimmed(whole, whole.index(" lorries") + 1, "en") == whole[: whole.index(" for")] + "…"
    assert trimmed(whole, whole.index(" and") + 1, "en") == whole[: whole.index(" and")] + "…"


def test_a_whole_sentence_in_brackets_may_follow_and_never_opens() -> None:
    first = "Nobody in Northwick knows who was more pleased with the bridge: the mayor or the ferryman."
    aside = "(Probably the mayor, who had promised it in March.)"
    assert summarise(story(f"{first} {aside}")) in (first, f"{first} {aside}")
    assert not summarise(story(aside))
