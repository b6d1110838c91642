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
