"""An issue's page and text: the same stories in both, safe, readable in the dark and from right to left."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from lxml import html as lxml_html

from db.records import CorrectionBox, Image, IssueWords, Label, Teaser
from templates.issue import IssueTemplates, owner_lines
from templates.newsletter_words import FOLDER, BrokenTemplate

LINK = "https://news.example.org/bridge?utm_source=daily&utm_content=12"
BRIDGE = Teaser(
    channel="daily",
    kind="email",
    headline="Bridge opens <early> & dry",
    text="Bridge opens <early> & dry\n\nThe last bolt went in at noon.\nCars follow on Monday.\n" + LINK,
    link=LINK,
    article_id=1,
)
COMMENT = Teaser(
    channel="daily",
    kind="email",
    headline="Why we wait",
    text="Patience pays.",
    label=Label.OPINION,
    article_id=2,
)
WORDS = IssueWords("daily", "The Daily", "2026-09-21", "Bridge opens", "The last bolt went in", (BRIDGE, COMMENT), "en")


def rendered(words: IssueWords = WORDS, templates: IssueTemplates | None = None) -> tuple[str, str]:
    return (templates or IssueTemplates()).render(
        words, newsroom="The Harbour Post & Co", postal_address="1 Quay Street\n20457 Harbour"
    )


def visible(page: str) -> str:
    (body,) = found(page, "//body")
    return " ".join(str(body.text_content()).split())


def found(page: str, path: str) -> list[Any]:
    """What an XPath finds in a page."""
    return list(cast("Iterable[Any]", lxml_html.document_fromstring(page).xpath(path)))


def links(page: str) -> list[str]:
    return [str(link) for link in found(page, "//a/@href")]


def test_page_and_text_say_the_same_in_the_same_order() -> None:
    page, text = rendered()
    wanted = [
        "The Daily",
        "Monday, 21 September 2026",
        "Bridge opens <early> & dry",
        "The last bolt went in at noon.",
        "Cars follow on Monday.",
        "Opinion",
        "Why we wait",
        "Patience pays.",
        "You get this because you subscribed to The Daily.",
        "The Harbour Post & Co",
        "1 Quay Street",
        "20457 Harbour",
    ]
    for seen in (visible(page).partition("\u00a0\u00a0")[2] or visible(page), " ".join(text.split())):
        at = 0
        for words in wanted:
            assert words in seen[at:], words
            at = seen.index(words, at)


def test_the_headline_and_the_link_stand_once_in_each_story() -> None:
    page, text = rendered()
    assert text.count("Bridge opens <early> & dry") == 1
    assert text.count(LINK) == 1
    assert links(page).count(LINK) == 2  # the headline, and "Read on"
    assert LINK not in visible(page)


def test_each_part_has_one_visible_unsubscribe_link_for_the_reader() -> None:
    page, text = rendered()
    assert links(page).count("%%UNSUBSCRIBE%%") == 1
    assert page.count("%%UNSUBSCRIBE%%") == 1
    assert text.count("Unsubscribe: %%UNSUBSCRIBE%%") == 1


def test_a_story_cannot_hide_markup_or_a_slot_in_its_words() -> None:
    evil = replace(
        BRIDGE, headline="%%UNSUBSCRIBE%% <script>alert(1)</script>", text="{{ 7 * 7 }} %%NAME%% <mj-raw>x</mj-raw>"
    )
    page, text = rendered(replace(WORDS, stories=(evil,), newsletter="%%ADDRESS%% Daily"))
    assert "<script" not in page
    assert "{{ 7 * 7 }}" in visible(page)
    for part in (page, text):
        assert part.count("%%UNSUBSCRIBE%%") == 1
        assert "%%NAME%%" not in part
        assert "%%ADDRESS%%" not in part
    assert "<script>alert(1)</script>" in text


def test_the_inbox_shows_the_preheader_first_and_nothing_behind_it() -> None:
    page, _ = rendered()
    first = visible(page)
    assert first.startswith("The last bolt went in")
    assert first.index("The Daily") > 100


def test_what_runs_the_other_way_keeps_its_own_direction() -> None:
    arabic, english = rendered(replace(WORDS, language="ar"))[0], rendered()[0]
    assert '<span dir="auto">Bridge opens &lt;early&gt; &amp; dry</span>' in arabic
    assert '<span dir="auto">1 Quay Street</span>' in arabic
    assert 'dir="auto"' in rendered(replace(WORDS, stories=(BRIDGE, replace(COMMENT, language="he"))))[0]
    assert 'dir="auto"' not in english


def test_the_page_says_its_language_and_direction() -> None:
    page, text = rendered(replace(WORDS, language="ar"))
    root = lxml_html.document_fromstring(page)
    assert (root.get("lang"), root.get("dir")) == ("ar", "rtl")
    assert "direction:rtl" in page.replace(" ", "")
    assert "direction:ltr" not in page.replace(" ", "")
    assert "إلغاء الاشتراك: %%UNSUBSCRIBE%%" in text
    english = lxml_html.document_fromstring(rendered()[0])
    assert (english.get("lang"), english.get("dir")) == ("en", "ltr")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", ["Montag, 21. September 2026", "Abbestellen", "Weiterlesen", "Meinung"]),
        ("de-AT", ["Montag, 21. September 2026"]),
        ("fr", ["lundi 21 septembre 2026", "Se désabonner"]),
        ("es", ["lunes, 21 de septiembre de 2026", "Darse de baja"]),
        ("ja", ["2026年9月21日（月）", "配信停止"]),
        ("eo", ["Monday, 21 September 2026", "Unsubscribe"]),
        ("", ["Monday, 21 September 2026"]),
    ],
)
def test_the_words_around_the_stories_are_in_the_issues_language(language: str, words: list[str]) -> None:
    page, _ = rendered(replace(WORDS, language=language))
    for one in words:
        assert one in visible(page)


def test_dark_mode_and_phones_keep_their_rules() -> None:
    page, _ = rendered()
    assert "prefers-color-scheme: dark" in page
    assert 'name="color-scheme" content="light dark"' in page
    assert "@media only screen" in page
    assert "<!--[if mso" in page


def test_every_text_has_a_colour_of_its_own() -> None:
    for link in found(rendered()[0], "//a"):
        assert "color" in link.get("style", ""), link.text


def test_a_picture_comes_with_its_description_and_credit() -> None:
    image = Image(url="https://news.example.org/b.jpg", alt='The bridge, "half" open', credit="J. Roe")
    page, _ = rendered(replace(WORDS, stories=(replace(BRIDGE, image=image),)))
    (picture,) = found(page, "//img")
    assert (picture.get("src"), picture.get("alt")) == (image.url, image.alt)
    assert "Photo: J. Roe" in visible(page)


def test_a_picture_without_a_description_says_where_it_leads() -> None:
    image = Image(url="https://news.example.org/b.jpg", alt=" ")
    page, _ = rendered(replace(WORDS, stories=(replace(BRIDGE, image=image),)))
    (picture,) = lxml_html.document_fromstring(page).iter("img")
    assert picture.get("alt") == BRIDGE.headline


def test_no_story_can_have_a_readers_own_put_into_its_link_or_picture() -> None:
    image = Image(url="https://evil.example/%%ADDRESS%%.png", alt="%%NAME%%", credit="%%ADDRESS%%")
    sly = replace(BRIDGE, link="https://evil.example/?who=%%ADDRESS%%", image=image)
    box = CorrectionBox("Bridge", "It was dry.", "https://evil.example/%%NAME%%")
    for said in rendered(replace(WORDS, stories=(sly,), corrections=(box,))):
        assert set(re.findall("%%[A-Z]+%%", said)) == {"%%UNSUBSCRIBE%%", "%%CHOICES%%"}
    assert "who=%25%25ADDRESS%%" in rendered(replace(WORDS, stories=(sly,)))[0]


def test_a_picture_that_only_lies_on_our_disk_is_left_out() -> None:
    page, _ = rendered(replace(WORDS, stories=(replace(BRIDGE, image=Image(path="/tmp/b.jpg")),)))
    assert "<img" not in page


def test_a_story_without_a_link_has_none() -> None:
    page, text = rendered(replace(WORDS, stories=(COMMENT,)))
    assert links(page) == ["%%CHOICES%%", "%%UNSUBSCRIBE%%"]
    assert "Read on" not in page + text


@pytest.mark.parametrize(
    ("text", "language"), [("Opinion: Patience pays.", "en"), ("【オピニオン】Patience pays.", "ja")]
)
def test_a_label_stands_above_its_story_once(text: str, language: str) -> None:
    page, plain = rendered(replace(WORDS, stories=(replace(COMMENT, text=text, language=language),)))
    for seen in (visible(page), plain):
        assert "Patience pays." in seen
        assert len(re.findall("Opinion|オピニオン", seen)) == 1


def test_a_preview_has_no_date() -> None:
    assert "2026" not in visible(rendered(replace(WORDS, window=""))[0])


def test_text_lines_are_short_but_links_stay_whole() -> None:
    story = replace(BRIDGE, text="word " * 100)
    _, text = rendered(replace(WORDS, stories=(story,)))
    assert all(len(line) <= 72 or line.startswith("https://") for line in text.splitlines())


def test_the_same_words_make_the_same_bytes() -> None:
    assert rendered() == rendered(templates=IssueTemplates())


def test_a_newsrooms_own_files_win(tmp_path: Path) -> None:
    (tmp_path / "issue.txt.j2").write_text("Ours: {{ newsletter }} %%UNSUBSCRIBE%%\n", encoding="utf-8")
    (tmp_path / "words.toml").write_text('[eo]\nunsubscribe = "Malaboni"\n', encoding="utf-8")
    page, text = rendered(replace(WORDS, language="eo"), IssueTemplates([tmp_path]))
    assert text == "Ours: The Daily %%UNSUBSCRIBE%%\n"
    assert "Malaboni" in visible(page)


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("issue.mjml.j2", lambda text: text.replace("</mj-body>", ""), "issue.mjml.j2"),
        ("issue.mjml.j2", lambda text: text + "{% if %}", "issue.mjml.j2, line"),
        ("issue.txt.j2", lambda text: text + "{{ headlin }}", "headlin"),
        ("words.toml", lambda text: text + "= broken", "words.toml"),
    ],
)
def test_a_broken_template_is_told_by_name(tmp_path: Path, name: str, change: Callable[[str], str], told: str) -> None:
    (tmp_path / name).write_text(change((FOLDER / name).read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(BrokenTemplate, match=told):
        rendered(templates=IssueTemplates([tmp_path]))


def test_every_language_says_everything() -> None:
    words = tomllib.loads((FOLDER / "words.toml").read_text(encoding="utf-8"))
    for language, said in words.items():
        assert said.keys() == words["en"].keys(), language
        assert (len(said["weekdays"]), len(said["months"])) == (7, 12), language


def test_a_heading_stands_once_before_the_stories_of_its_section() -> None:
    stories = tuple(replace(WORDS.stories[0], headline=f"Headline {one}") for one in "abc")
    page, text = rendered(replace(WORDS, stories=stories, sections=("Local <b>", "Local <b>", "Sport")))
    for said, local in ((page, "Local &lt;b&gt;"), (text, "Local <b>")):
        assert said.count(local) == said.count("Sport") == 1
        assert said.index(local) < said.index("Headline a") < said.index("Headline b") < said.index("Sport")
        assert said.index("Sport") < said.index("Headline c")


def test_a_correction_stands_in_a_box_before_the_first_story() -> None:
    box = CorrectionBox("Bridge opens in June", "We said May. %%NAME%% <i>", "https://news.example.org/bridge")
    short = replace(WORDS, stories=(replace(BRIDGE, headline="Short headline"),))
    for said in rendered(replace(short, corrections=(box,))):
        assert said.index("Correction") < said.index("Bridge opens in June") < said.index("Short headline")
        assert "https://news.example.org/bridge" in said
        assert "%%NAME%%" not in said
    assert all("Correction" not in said for said in rendered(WORDS))


def test_breaking_news_says_so_above_its_headline() -> None:
    short = replace(WORDS, stories=(replace(BRIDGE, headline="Short headline"),))
    for said in rendered(replace(short, breaking=True)):
        assert said.count("Breaking news") == 1
        assert said.index("Breaking news") < said.rindex("Short headline")


@pytest.mark.parametrize(
    ("window", "told"),
    [
        ("2026-09-21", "Monday, 21 September 2026"),
        ("2026-09-21 correction 1", "Monday, 21 September 2026"),
        ("2026-W39", "Week 39, 2026"),
        ("alert-12", ""),
    ],
)
def test_the_window_is_told_as_a_day_or_a_week(window: str, told: str) -> None:
    for said in rendered(replace(WORDS, window=window)):
        assert told in said
        assert window == told or window not in said


def test_a_newsletters_own_template_is_found_by_its_name(tmp_path: Path) -> None:
    for ending in ("mjml", "txt"):
        own = (FOLDER / f"issue.{ending}.j2").read_text(encoding="utf-8").replace("{{ words.unsubscribe }}", "Bye")
        (tmp_path / f"evening.{ending}.j2").write_text(own, encoding="utf-8")
    templates = IssueTemplates([tmp_path])
    for said in templates.render(replace(WORDS, template="evening"), newsroom="N", postal_address="A"):
        assert "Bye" in said


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "Correction: "), ("fr", "Rectificatif\u00a0: "), ("ja", "訂正："), ("ar", "تصحيح: ")],
)
def test_a_corrections_subject_says_so_in_its_language_and_is_never_too_long(language: str, told: str) -> None:
    templates = IssueTemplates()
    words = replace(WORDS, language=language, corrected=True)
    assert templates.subject(words) == f"{told}Bridge opens"
    assert templates.subject(replace(words, corrected=False)) == "Bridge opens"
    long = templates.subject(replace(words, subject="Bridge opens " * 20))
    assert long.startswith(told)
    assert len(long) <= 150


@pytest.mark.parametrize(
    ("newsroom", "address", "lines"),
    [
        ("The Post", "1 Quay\n20457 Harbour", ["The Post", "1 Quay", "20457 Harbour"]),
        ("The Post", " The Post, 1 Quay", ["The Post, 1 Quay"]),
        ("The Post", "The Post\n1 Quay", ["The Post", "1 Quay"]),
        ("The Post", "The Posting House, 1 Quay", ["The Post", "The Posting House, 1 Quay"]),
        ("The Post", "", ["The Post"]),
        ("", "1 Quay", ["1 Quay"]),
    ],
)
def test_a_mail_names_its_owner_once(newsroom: str, address: str, lines: list[str]) -> None:
    assert owner_lines(newsroom, address) == lines
