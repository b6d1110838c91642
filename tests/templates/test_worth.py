"""What stands alone and yet is no post of ours: another's voice, leftovers of the page, openings without news."""

from __future__ import annotations

import pytest

from channels.x_length import weighted_length
from db.records import Article, Label
from templates.teaser import write_teaser
from templates.voice import judges, speaks_as_writer
from templates.worth import answers_a_box, is_leftover, names_only, without_drop_cap
from tests.templates.articles import FACEBOOK, LINK, X, story, style

NEWS = "The council of Northwick will replace 212 rusted bolts of the iron bridge before the winter."


def post(article: Article) -> str:
    return write_teaser(article, FACEBOOK, len, style("facebook")).text


@pytest.mark.parametrize(
    ("text", "speaks"),
    [
        ("As I stood on the bridge, nobody spoke.", True),
        ("Then we’ll see what the council does.", True),
        ("Our bridge is closed.", True),
        ("My bridge is closed, and the ferry is full.", True),
        ("Nobody asked me about the bridge.", True),
        ("“I saw the bolts,” said Ada Lind of Northwick.", False),
        ("The bridge was built after World War I by the county.", False),
        ("The US sold This Is Us to a broadcaster in Northwick.", False),
    ],
)
def test_the_first_person_counts_outside_quotation_marks(text: str, speaks: bool) -> None:
    assert speaks_as_writer(text, "en") is speaks


def test_german_speaks_as_writer_too_and_an_unknown_language_never_does() -> None:
    assert speaks_as_writer("Wir haben die Brücke gesehen.", "de")
    assert not speaks_as_writer("„Ich sah die Bolzen“, sagte Ada Lind.", "de")
    assert not speaks_as_writer("Io vedo il ponte.", "it")


def test_a_sentence_in_the_first_person_gives_way_unless_the_story_is_an_opinion() -> None:
    first = "I think the iron bridge of Northwick needs 212 new bolts, and my neighbours in Mill Street agree."
    rest = (
        "The ferry at Hatherley carries 3,800 commuters.",
        "The toll house opens in May.",
        "Rain fell on the county.",
    )
    assert first not in post(story(first, NEWS, *rest))
    assert first in post(story(first, label=Label.OPINION))


def test_a_story_told_in_the_first_person_keeps_its_voice_for_a_person_to_see() -> None:
    first = "I crossed the iron bridge of Northwick every morning for eleven years, and I counted its 212 bolts."
    told = post(story(first, "We never spoke of the rust.", "My father painted it.", NEWS))
    assert speaks_as_writer(told, "en")


@pytest.mark.parametrize(
    "leftover",
    [
        "Length of the iron bridge in metres [ Time Frame: up to 12 months ] in the county of Northwick.",
        "For leave to print the map of Northwick please call the county at 800-555-0142 for its prices.",
        "Harbour Nation: Ada Lind will open the iron bridge of Northwick with a ribbon and a brass band.",
    ],
)
def test_a_leftover_of_the_page_never_goes(leftover: str) -> None:
    assert is_leftover(leftover)
    assert post(story(leftover, NEWS)).startswith(NEWS)
    alone = story(leftover)
    assert write_teaser(alone, X, weighted_length, style()).text == f"{alone.headline}\n{LINK}"


@pytest.mark.parametrize(
    "weak",
    [
        "It’s no secret that the iron bridge in Northwick has seen many better days than the present ones.",
        "Is the iron bridge in Northwick really as safe as the county's engineers have always told everybody?",
        "Maybe the iron bridge in Northwick, with its tall red arches and the toll house at its foot.",
    ],
)
def test_the_news_opens_a_post_and_not_what_leads_up_to_it(weak: str) -> None:
    assert post(story(weak, NEWS)).startswith(NEWS)


def test_drop_caps_are_written_as_the_story_writes_the_name() -> None:
    body = "ADA Lind opened the bridge. Later Ada went home. NATO sent nobody."
    assert without_drop_cap("ADA Lind opened the bridge.", body) == "Ada Lind opened the bridge."
    assert without_drop_cap("NATO sent nobody.", body) == "NATO sent nobody."
    assert without_drop_cap("THE bridge opened.", body) == "The bridge opened."
    assert without_drop_cap("A FERRY sank off Hatherley.", "The ferry was old.") == "A ferry sank off Hatherley."
    assert without_drop_cap("A NATO ship sank today.", "NATO") == "A NATO ship sank today."
    assert without_drop_cap("BRIDGE OPEN AGAIN.", "Bridge") == "BRIDGE OPEN AGAIN."


def test_the_answer_in_a_box_is_known() -> None:
    assert answers_a_box("A game about bridges.", "What is it? A game about bridges.")
    assert not answers_a_box("A game about bridges.", "It is out. A game about bridges.")


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("The first bolt may have from the county, not from Northwick.", True),
        ("The bridge is closed.Buses go round by Hatherley.", True),
        ("The council of of Northwick closed the bridge.", True),
        ("The first bolt may have come from the county, not from Northwick.", False),
        ("The U.S. council paid $3,800 in Northwick, N.Y., for bolts.", False),
    ],
)
def test_a_sentence_that_came_broken_is_left_over(text: str, broken: bool) -> None:
    assert is_leftover(text) is broken


def test_a_caption_names_only() -> None:
    assert names_only("The Iron Bridge (or Toll Bridge) of Northwick.", "en")
    assert not names_only("The Iron Bridge of Northwick closed.", "en")
    assert not names_only("Die Eisenbrücke in Northwick.", "de")


def test_a_report_judges_in_quotation_marks_only() -> None:
    assert judges("The hypocrites of the council closed the bridge.", "en")
    assert not judges("“They are hypocrites and worse than that,” said Ada Lind of Northwick.", "en")


def test_a_sentence_that_names_whom_the_headline_names_goes_before_one_that_does_not() -> None:
    scene = "The town hall of the county was full on Tuesday night, and 212 people stood in the cold outside its doors."
    news = (
        "The new mayor, Ada Lind, will reopen the bridge within 30 days, the council of the county decided by 19 votes."
    )
    told = story(
        scene, news, "Ada Lind was a smith.", "Rain fell.", headline="Ada Lind reopens the bridge within 30 days"
    )
    assert news in post(told)


@pytest.mark.parametrize(
    "text",
    [
        "The singer showed off her sensational body on the bridge.",
        "The mayor arrived with his stunning girlfriend at the toll house.",
        "The show’s stans want more of ’em.",
        "Bolt Works is a leading provider of state-of-the-art bolts.",
        "The channel delivers premium celebrity lifestyle content to Northwick.",
    ],
)
def test_leering_slang_and_the_words_of_advertising_judge(text: str) -> None:
    assert judges(text, "en")
    assert not judges(f"“{text}” said Ada Lind of Northwick.", "en")


@pytest.mark.parametrize(
    "first",
    [
        "“The bolts of the old iron bridge at Northwick were as soft as cheese on that day,” Lind added.",
        "The following Monday the council of Northwick met in the toll house beside the iron bridge.",
        "Every week reporters of the Gazette meet in Northwick to talk about the iron bridge and its bolts.",
        "The iron bridge of Northwick has its roots in a wooden one of a few hundred years earlier.",
    ],
)
def test_what_goes_on_from_a_sentence_before_or_says_the_same_each_week_gives_way(first: str) -> None:
    assert first not in post(story(first, NEWS, headline="Northwick bridge gets new bolts"))
