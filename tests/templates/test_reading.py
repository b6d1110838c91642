"""Reading the body: whole sentences, however the page broke them, and the dek above them."""

from __future__ import annotations

import pytest

from templates.reading import read_dek, read_sentences
from tests.templates.articles import story

DEK = "Drivers and walkers in Northwick must do without their iron bridge until the end of summer"
FIRST = "The county council closes the bridge on 4 June."


def texts(*paragraphs: str) -> list[str]:
    return [sentence.text for sentence in read_sentences(story(*paragraphs))]


def test_a_line_without_a_full_stop_above_the_prose_is_the_dek_with_one() -> None:
    assert read_dek(story(DEK, FIRST)) == f"{DEK}."
    assert read_dek(story("By Ada Lind", DEK, FIRST)) == f"{DEK}."


@pytest.mark.parametrize(
    "line",
    [
        "Bridge closed for repairs and more of what the headline has said before",
        "Photo: the iron bridge in Northwick as it stood before the winter and the storms",
        "The iron bridge in Northwick as it stood before the winter | Ada Lind",
        "The Iron Bridge In Northwick Closes For Repairs And Traders Fear Summer",
        "GETTY Ada Lind looks at the iron bridge in Northwick before the storm came",
        "The county council looked at the bridge and at the bolts of the",
        "Too short to say anything",
    ],
)
def test_headings_captions_menus_and_repeats_are_no_dek(line: str) -> None:
    assert read_dek(story(line, FIRST)) == ""


def test_no_dek_is_looked_for_below_the_prose() -> None:
    assert read_dek(story(FIRST, DEK)) == ""


def test_whole_sentences_of_a_paragraph_that_breaks_off_are_read_and_its_rest_is_not() -> None:
    assert texts(f"{FIRST} Buses go round by Hatherley. Monday, 6 January 2026") == [
        FIRST,
        "Buses go round by Hatherley.",
    ]


def test_a_line_broken_after_a_small_word_goes_on_in_the_next_paragraph() -> None:
    broken = "Nobody in the county has counted the rusted bolts of the old iron bridge in the"
    assert texts(broken, "Northwick town hall.") == [f"{broken} Northwick town hall."]


def test_a_sentence_in_brackets_stands_alone_and_bullets_fall() -> None:
    bracket = "(Nobody has counted the bolts yet.)"
    assert texts(f"- {FIRST} {bracket} Buses go round.") == [FIRST, bracket, "Buses go round."]
