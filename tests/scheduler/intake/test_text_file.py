"""The plain-text form newspapers send, and the shapes it really comes in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from db.records import Article, Label
from scheduler.intake.draft import NO_ADDRESS, NO_DATE
from scheduler.intake.errors import IntakeError
from scheduler.intake.text_file import read_text_file
from tests.scheduler.intake.stories import FOOTER, GERMAN, JAPANESE, NEWSPAPER_FORM, NOW, PARAGRAPHS


def read(text: str) -> Article:
    return read_text_file(text.encode(), source="inbox", now=NOW)


def removed(article: Article, kind: str) -> list[str]:
    return [one.text for one in article.removed if one.kind == kind]


def test_the_newspaper_form_is_told_apart() -> None:
    story = read(NEWSPAPER_FORM)
    assert story.headline == "Old Swing Bridge in Westerhaven to Close for Eleven Weeks"
    assert story.authors == ("Marta Lindqvist", "Jon Aker", "Pia Maria Holm")
    assert story.outlet == "Westerhaven Courier"
    assert story.paragraphs == PARAGRAPHS
    assert story.language == "en"


def test_every_line_of_head_and_footer_is_kept_as_removed() -> None:
    story = read(NEWSPAPER_FORM)
    kept = {one.text for one in story.removed}
    assert {*FOOTER, "Westerhaven Courier", "Marta Lindqvist, Jon Aker, and Pia Maria Holm"} == kept
    assert removed(story, "footer") == [FOOTER[0]]
    assert removed(story, "link") == [FOOTER[1], FOOTER[3]]


def test_a_url_is_never_taken_out_of_the_text_and_its_lack_is_flagged() -> None:
    story = read(NEWSPAPER_FORM)
    assert story.url is None
    assert story.flags == (NO_ADDRESS, NO_DATE)


@pytest.mark.parametrize(
    ("head", "authors", "outlet"),
    [
        ("By Jane Doe", ("Jane Doe",), ""),
        ("BY JANE DOE AND MAX ROE", ("JANE DOE", "MAX ROE"), ""),
        ("By Jane Doe, Political Correspondent", ("Jane Doe",), ""),
        ("By Jane Doe | 21 September 2026", ("Jane Doe",), ""),
        ("Jane Doe\nIsland Gazette", ("Jane Doe",), "Island Gazette"),
        ("Island Gazette\nBy Jane Doe", ("Jane Doe",), "Island Gazette"),
        ("Island Gazette", (), "Island Gazette"),
        ("Von Jürgen Groß und Ute van der Berg", ("Jürgen Groß", "Ute van der Berg"), ""),
        ("Par Hélène d'Arcy et Luc Le Goff", ("Hélène d'Arcy", "Luc Le Goff"), ""),
        ("J. K. Moss and Ana O’Neill-Ruiz", ("J. K. Moss", "Ana O’Neill-Ruiz"), ""),
        ("", (), ""),
    ],
)
def test_bylines_and_outlets_in_their_usual_forms(head: str, authors: tuple[str, ...], outlet: str) -> None:
    story = read("\n".join(["Bridge closes", *head.split("\n"), "", *PARAGRAPHS]))
    assert (story.authors, story.outlet) == (authors, outlet)
    assert story.paragraphs == PARAGRAPHS


def test_a_story_without_blank_lines_or_byline_is_headline_and_body() -> None:
    story = read("\n".join(["Bridge closes", *PARAGRAPHS]))
    assert story.headline == "Bridge closes"
    assert story.paragraphs == PARAGRAPHS


def test_a_dek_between_headline_and_byline_is_the_dek() -> None:
    story = read("\n".join(["Bridge closes", "Ferries will stand in until winter", "By Jane Doe", "", *PARAGRAPHS]))
    assert story.dek == "Ferries will stand in until winter"
    assert story.paragraphs == PARAGRAPHS


def test_a_name_that_the_story_speaks_of_is_no_byline() -> None:
    text = "\n".join(["Bridge closes", "", "Ingrid Solheim", "", *PARAGRAPHS])
    story = read(text)
    assert story.authors == ()
    assert story.paragraphs == ("Ingrid Solheim", *PARAGRAPHS)


def test_a_first_paragraph_before_a_lonely_name_is_no_dek() -> None:
    story = read("\n".join(["Bridge closes", "", PARAGRAPHS[0], "Pia Holm", *PARAGRAPHS[2:]]))
    assert story.dek == ""
    assert story.paragraphs[0] == PARAGRAPHS[0]


@pytest.mark.parametrize(
    ("text", "label", "headline"),
    [
        ("ANALYSIS\nBridge closes", Label.ANALYSIS, "Bridge closes"),
        ("Opinion: Why the bridge must go", Label.OPINION, "Why the bridge must go"),
        ("Kommentar: Die Brücke muss weg", Label.OPINION, "Die Brücke muss weg"),
        ("Bridge closes\nSponsored content", Label.SPONSORED, "Bridge closes"),
        ("社説\n橋の未来", Label.OPINION, "橋の未来"),
        ("Live music returns to the quay", Label.NEWS, "Live music returns to the quay"),
    ],
)
def test_a_label_is_recognised_and_leaves_the_headline(text: str, label: Label, headline: str) -> None:
    story = read("\n".join([text, "", *PARAGRAPHS]))
    assert (story.label, story.headline) == (label, headline)


@pytest.mark.parametrize(
    "line", ["Published 20 September 2026", "September 20, 2026", "20. September 2026", "2026-09-20"]
)
def test_a_date_line_under_the_headline_is_the_day_of_publication(line: str) -> None:
    story = read("\n".join(["Bridge closes", line, "", *PARAGRAPHS]))
    assert story.published_at == datetime(2026, 9, 20, tzinfo=UTC)
    assert NO_DATE not in story.flags


@pytest.mark.parametrize("line", ["1899-12-30", "Published 1 January 2999"])
def test_a_date_that_cannot_be_right_is_left_out_and_told(line: str) -> None:
    story = read("\n".join(["Bridge closes", line, "", *PARAGRAPHS]))
    assert story.published_at is None
    assert any("cannot be right" in flag for flag in story.flags)


def test_text_wrapped_at_a_fixed_width_is_joined_to_paragraphs() -> None:
    wrapped = (
        "Bridge closes\nBy Jane Doe\n\n"
        "The harbour council of Westerhaven will close the old swing bridge for\n"
        "eleven weeks from Monday to replace its bearings, and ferries will car-\n"
        "ry the passengers in the meantime, the harbour master said on Friday.\n\n"
        "Shopkeepers on the north bank fear for their autumn trade and have asked\n"
        "the council for a rebate on their rents until the bridge is open again.\n"
    )
    story = read(wrapped)
    assert len(story.paragraphs) == 2
    assert story.paragraphs[0].startswith("The harbour council")
    assert "will carry the passengers" in story.paragraphs[0]


def test_german_and_japanese_stories_are_told_apart_too() -> None:
    german, japanese = read(GERMAN), read_text_file(JAPANESE.encode("shift_jis"), source="inbox", now=NOW)
    assert (german.authors, german.language, len(german.paragraphs)) == (("Jürgen Großmann",), "de", 1)
    assert (japanese.authors, japanese.language, len(japanese.paragraphs)) == (("山田太郎",), "ja", 2)
    assert japanese.headline == "港の橋、十一週間の通行止めへ"


def test_a_text_without_a_headline_says_what_to_do() -> None:
    with pytest.raises(IntakeError, match="headline on a line of its own"):
        read(" ".join(PARAGRAPHS))


def test_markup_in_a_plain_text_never_reaches_the_story() -> None:
    story = read(
        "Bridge <b>closes</b> &amp; ferries run\n\n<script>alert(1)</script>\n" + "\n".join(PARAGRAPHS) + "\n5 < 7 <3"
    )
    assert story.headline == "Bridge closes & ferries run"
    assert story.paragraphs[-1] == "5 < 7 <3"
    assert "script" not in " ".join(story.paragraphs)
