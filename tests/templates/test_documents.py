"""Which stories are no report, so that a person reads their words before they go."""

from __future__ import annotations

import pytest

from db.records import Label
from templates.documents import Document, document_of
from tests.templates.articles import story

BRIDGE = "The council of Northwick will replace 212 rusted bolts of the iron bridge before the winter."
FERRY = "The ferry at Hatherley carries 3,800 commuters a day, the county said."
REPORT = (
    BRIDGE,
    FERRY,
    "The toll house opens in May.",
    "“You will see it from the ferry,” said Ada Lind of Northwick.",
)


def test_a_report_is_no_document() -> None:
    assert document_of(story(*REPORT)) is None


@pytest.mark.parametrize(
    ("paragraphs", "kind"),
    [
        (
            ("LIND: The bolts are old.", "MARSH: How old?", "LIND: As old as the bridge.", "MARSH: I see."),
            Document.TRANSCRIPT,
        ),
        (("Background:", BRIDGE, "Methods:", "Bolts were counted.", "Results:", "There were 212."), Document.PAPER),
        (("Study Type: a count", "Enrollment: 212 bolts", "Bolts will be counted."), Document.FORM),
        (("By the authority vested in me as mayor, the bridge is closed.", BRIDGE), Document.ORDER),
        (("FOR IMMEDIATE RELEASE", BRIDGE, FERRY), Document.RELEASE),
        (("You need bolts.", "Ask your council.", "You will be glad.", "The bridge is old."), Document.ADVICE),
        (("We must act.", "We should paint the bridge.", "Our bridge must stay.", FERRY), Document.CALL),
    ],
)
def test_what_speaks_in_another_s_voice_is_told_by_its_form(paragraphs: tuple[str, ...], kind: Document) -> None:
    assert document_of(story(*paragraphs)) is kind


def test_a_label_of_opinion_says_already_whose_voice_it_is() -> None:
    assert document_of(story("FOR IMMEDIATE RELEASE", BRIDGE, label=Label.OPINION)) is None


def test_pointers_in_capitals_are_nobody_s_turn_to_speak() -> None:
    turns = ("RELATED: The ferry.", "WATCH: The bridge.", "RELATED: The toll.", "WATCH: The bolts.")
    assert document_of(story(*REPORT, *turns)) is None


@pytest.mark.parametrize(
    "headline",
    [
        "Rail fans queue for the old bridge - Bridge Lovers",
        "Rail fans queue for the old bridge – Bridge Lovers",
        "Rail fans queue for the old bridge • Bridge Lovers",
        "Rail fans queue for the old bridge | Culture | Bridge Lovers",
        "Why the county loves bridge lovers",
    ],
)
def test_the_name_of_the_page_at_the_end_of_a_headline_is_no_release(headline: str) -> None:
    assert document_of(story(*REPORT, headline=headline, outlet="Bridge Lovers")) is None


@pytest.mark.parametrize(
    "headline", ["Bridge Lovers names Ada Lind its first chair", "Bolts: Bridge Lovers’ list of 2026"]
)
def test_a_publisher_that_reports_on_itself_is_one(headline: str) -> None:
    assert document_of(story(*REPORT, headline=headline, outlet="Bridge Lovers")) is Document.RELEASE


def test_a_report_on_a_speech_is_no_transcript_and_the_speech_is() -> None:
    headline = "Crowd boos the mayor’s speech at the bridge"
    assert document_of(story(*REPORT, headline=headline)) is None
    spoken = ("Thank you all for coming.", "I am glad to be here.", "We have waited for years.", BRIDGE)
    assert document_of(story(*spoken, headline="The mayor’s speech at the bridge")) is Document.TRANSCRIPT


def test_news_that_explains_itself_to_a_you_is_still_news() -> None:
    paragraphs = (BRIDGE, "You can cross on foot.", "Your ticket is valid.", "You pay at the toll house.", FERRY)
    assert document_of(story(*paragraphs)) is None
    assert document_of(story(*paragraphs, headline="How to cross the bridge")) is Document.ADVICE


def test_a_piece_that_its_writer_tells_is_one_whatever_its_sentences_say() -> None:
    told = ("I went to the bridge.", "We counted the bolts.", "My boots were wet.", "I saw the ferry.")
    assert document_of(story(*told, *REPORT)) is Document.TOLD
    assert document_of(story(*told[:1], *REPORT, *REPORT)) is None


def test_a_governments_own_page_waits() -> None:
    text = ("Payroll employment rose by 528,000 in July.",)
    for url in ("https://www.bls.gov/ces/", "https://bases.example.mil/news", "https://www.example.gov.uk/news"):
        assert document_of(story(*text, url=url)) is Document.RELEASE
    assert document_of(story(*text, url="https://news.example.org/www.bls.gov/")) is None
