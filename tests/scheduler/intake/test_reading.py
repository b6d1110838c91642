"""Furniture around a story is recognised, kept on the article, and nothing of the story goes with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.intake.bylines import bare_authors, is_house, marked_authors
from scheduler.intake.reading import furniture_kind, read_body
from tests.scheduler.intake.stories import FOOTER, PARAGRAPHS


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("read-more", "READ MORE: Ferry timetable for October"),
        ("read-more", "Related: How the bridge was built"),
        ("read-more", "Related articles"),
        ("read-more", "Lesen Sie auch: So fahren die Fähren"),
        ("read-more", "À lire aussi : Le pont ferme"),
        ("read-more", "関連記事：橋の歴史"),
        ("read-more", "The post Bridge closes appeared first on Westerhaven Courier."),
        ("read-more", "Continue reading"),
        ("follow", "Follow us on Instagram and Facebook"),
        ("follow", "Follow Jane Doe on Twitter"),
        ("follow", "Sign up for our daily newsletter"),
        ("follow", "@courier_news"),
        ("follow", "Folgen Sie uns auf Instagram!"),
        ("follow", "Share this article"),
        ("credit", "Photo: Jane Doe/Coastal Pictures"),
        ("credit", "The ferry pilots training ahead of the race. (FILE)"),
        ("credit", "(Photo by Jane Doe)"),
        ("credit", "© Coastal Pictures 2026"),
        ("credit", "Foto: dpa"),
        ("credit", "写真：山田太郎"),
        ("stamp", "Updated 14:05 GMT, 21 September 2026"),
        ("stamp", "5 min read"),
        ("stamp", "10:42 Uhr"),
        ("stamp", "Monday, September 21, 2026"),
        ("agency", "(Reuters)"),
        ("agency", "AP"),
        ("correction", "Correction: An earlier version of this story misspelt the harbour master's name."),
        ("correction", "This article was amended on 3 May 2026 to correct a figure."),
        ("correction", "Editor's note: The fare was given wrongly at first."),
        ("correction", "Anmerkung der Redaktion: Wir haben den Preis berichtigt."),
        ("advertisement", "ADVERTISEMENT"),
        ("link", "https://courier.example/harbour"),
        ("end", "* * *"),
        ("end", "-30-"),
    ],
)
def test_each_kind_of_furniture_is_called_by_its_name(kind: str, line: str) -> None:
    assert furniture_kind(line) == kind
    kept, removed = read_body([PARAGRAPHS[0], line, PARAGRAPHS[1]])
    assert kept == PARAGRAPHS[:2]
    assert [(one.kind, one.text) for one in removed] == [(kind, line)]


@pytest.mark.parametrize(
    "line",
    [
        *PARAGRAPHS,
        "Like many people on Facebook, she had read the story before breakfast.",
        "Follow the money, he said, and you will find the harbour.",
        "Photographs of the bridge show rust on every bearing.",
        "Updates to the timetable will be printed on Friday.",
        "Read my lips: no new fares.",
        "Related costs rose by 4 per cent.",
        "Corrections officers guarded the quay.",
        "Join the queue early, the council advised.",
        "Share prices fell by a third.",
        "By the time the bridge opens, winter will be here.",
        "Reuters reported the closure first, citing the council.",
        "The site https://courier.example was down for an hour.",
        "At 10:42 the bridge was raised for the last time.",
        "12 people were hurt.",
        "橋は月曜日から通行止めになる。",
    ],
)
def test_sentences_of_the_story_are_never_taken_for_furniture(line: str) -> None:
    assert read_body([PARAGRAPHS[0], line, PARAGRAPHS[1]])[0] == (PARAGRAPHS[0], line, PARAGRAPHS[1])


@pytest.mark.parametrize(
    ("dateline", "rest"),
    [
        ("LONDON (Reuters) -", "The bridge will close on Monday."),
        ("NEW YORK, May 3 (AP) —", "The bridge will close on Monday."),
        ("BEVERLY HILLS, Calif. (AP) –", "The bridge will close on Monday."),
        ("Berlin (dpa/lno) -", "Die Brücke wird am Montag gesperrt."),
        ("WESTERHAVEN —", "The bridge will close on Monday."),
        ("【ロンドン＝山田太郎】", "橋は月曜日から通行止めになる。"),
        ("新华社北京5月3日电（记者 李明）", "旧桥星期一关闭。"),
    ],
)
def test_a_dateline_is_cut_from_the_first_paragraph_and_kept(dateline: str, rest: str) -> None:
    kept, removed = read_body([f"{dateline} {rest}", PARAGRAPHS[0]])
    assert kept == (rest, PARAGRAPHS[0])
    assert [(one.kind, one.text) for one in removed] == [("dateline", dateline)]


@pytest.mark.parametrize(
    "line",
    [
        "Washington — the city, not the state — will pay.",
        "The bridge (built in 1911) - a landmark - will close.",
        "Anna Berg (52) - she is a nurse.",
    ],
)
def test_a_dash_in_the_first_sentence_is_not_a_dateline(line: str) -> None:
    assert read_body([line])[0] == (line,)


def test_a_live_blogs_stamp_is_cut_from_its_paragraph() -> None:
    kept, removed = read_body(["14:05 GMT – The bridge is closed.", "13.40 Uhr: Erste Fähre legt ab."])
    assert kept == ("The bridge is closed.", "Erste Fähre legt ab.")
    assert [one.kind for one in removed] == ["stamp", "stamp"]


def test_headline_byline_and_outlet_repeated_at_the_top_go() -> None:
    body = ["Bridge Closes!", "By Jane Doe", "Island Gazette", *PARAGRAPHS]
    kept, removed = read_body(body, headline="Bridge closes", authors=("Jane Doe",), outlet="Island Gazette")
    assert kept == PARAGRAPHS
    assert [one.kind for one in removed] == ["headline", "byline", "outlet"]


def test_a_footer_is_taken_whole_and_the_last_paragraph_stays() -> None:
    kept, removed = read_body([*PARAGRAPHS, *FOOTER, "Reporting by Jane Doe; Editing by Max Roe"])
    assert kept == PARAGRAPHS
    assert len(removed) == 5


def test_a_list_at_the_end_of_a_story_is_not_swallowed_by_the_footer_below_it() -> None:
    days = ("Monday: bearings", "Tuesday: cables", "Wednesday: paint", "Thursday: trial run")
    kept, _ = read_body([*PARAGRAPHS, "Photo: Jane Doe", *days, "https://courier.example"])
    assert kept == (*PARAGRAPHS, *days)


def test_a_label_between_two_links_goes_with_them() -> None:
    kept, removed = read_body([*PARAGRAPHS, "https://courier.example", "Our sister paper", "https://islands.example"])
    assert kept == PARAGRAPHS
    assert [one.kind for one in removed] == ["link", "footer", "link"]


def test_the_sign_off_of_an_agency_is_cut_from_the_last_sentence() -> None:
    assert read_body(["The bridge closes, she said. — Reuters"])[0] == ("The bridge closes, she said.",)


def test_scotland_stays_in_the_story_though_it_is_part_of_something() -> None:
    line = "Scotland is part of the United Kingdom."
    assert read_body([*PARAGRAPHS, line])[0][-1] == line


@given(st.lists(st.text(max_size=80) | st.sampled_from([*PARAGRAPHS, *FOOTER, "By Jane Doe", "AP"]), max_size=14))
def test_every_character_given_is_kept_or_removed(lines: list[str]) -> None:
    kept, removed = read_body(lines)
    given_letters = sorted(letter for line in lines for letter in line if not letter.isspace())
    found = sorted(
        letter for line in [*kept, *(one.text for one in removed)] for letter in line if not letter.isspace()
    )
    assert found == given_letters


@pytest.mark.parametrize(
    "line", ["x " * 200, "(" * 399, "by " * 130, "http://" * 55, "a." * 199, "LONDON " * 57, "- " * 200]
)
@pytest.mark.usefixtures("no_garbage_collected")
def test_hostile_lines_are_judged_at_once(line: str) -> None:
    import time

    begun = time.thread_time()
    read_body([line[:400]] * 50)
    assert time.thread_time() - begun < 1


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("By Jane Doe", ("Jane Doe",)),
        ("By Ben Doe and Jane Roe", ("Ben Doe", "Jane Roe")),
        ("By Van Doe", ("Van Doe",)),
        ("Reporting by Jane Doe", None),
        ("By the river", None),
        ("By Monday the bridge will be closed", None),
        ("Von Berlin nach Hamburg", None),
        ("Words by Jane Doe and photographs", None),
        ("文・山田太郎", ("山田太郎",)),
        ("（ロンドン特派員）", None),
    ],
)
def test_a_marked_byline_holds_names_and_nothing_else(line: str, names: tuple[str, ...] | None) -> None:
    assert marked_authors(line) == names


def test_a_papers_name_is_not_a_persons() -> None:
    assert bare_authors("Modern Island Times") is None
    assert is_house("Hafenzeitung")
    assert not is_house("Jane Doe")
