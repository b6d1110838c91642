"""Pages as real sites mark them up."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from db.records import Article, Label
from scheduler.intake.errors import IntakeError
from scheduler.intake.markup import read_html, read_line
from scheduler.intake.web_page import PAYWALL, read_page
from tests.scheduler.intake.stories import NOW, PARAGRAPHS

URL = "https://www.courier.example/harbour/bridge?utm_source=x"
LONG = [f"{text} Paragraph number {n} of the story goes on for a while." for n, text in enumerate(PARAGRAPHS * 2)]
BODY = "".join(f"<p>{text}</p>" for text in LONG)


def page(head: str = "", body: str = BODY, title: str = "Bridge closes - Courier", lang: str = "en") -> str:
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>{head}</head><body>'
        f"<nav><a href='/'>Home</a> Menu</nav><article><h1>Bridge closes</h1>{body}</article>"
        "<footer>All rights reserved</footer></body></html>"
    )


def ld(**facts: Any) -> str:
    data = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": "Bridge closes for weeks"} | facts
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def read(text: str | bytes, url: str = URL, label: str = "") -> Article:
    data = text.encode() if isinstance(text, str) else text
    return read_page(data, source="desk", now=NOW, url=url, label=label)


OPEN_GRAPH = (
    '<meta property="og:title" content="Bridge closes"><meta property="og:description" content="Ferries stand in.">'
    '<meta property="og:image" content="/bridge.jpg"><meta property="og:image:alt" content="The bridge at dusk">'
    '<meta property="og:site_name" content="Westerhaven Courier"><meta property="og:type" content="article">'
    '<meta property="article:published_time" content="2026-09-21T08:00:00+02:00"><meta property="article:tag" content="Harbour">'
    '<meta property="article:tag" content="Ferries"><meta property="article:section" content="Harbour">'
    '<meta name="author" content="Jane Doe and Max Roe"><link rel="canonical" href="https://courier.example/harbour/bridge">'
)


def test_json_ld_is_believed_first() -> None:
    graph = {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "WebSite", "name": "Courier"},
            {
                "@type": ["ReportageNewsArticle", "NewsArticle"],
                "headline": "Bridge closes for eleven weeks",
                "author": [{"@type": "Person", "name": "Jane Doe"}, {"@type": "Person", "name": "Max Roe"}],
                "publisher": {"@type": "Organization", "name": "Westerhaven Courier"},
                "datePublished": "2026-09-21T08:00:00+02:00",
                "dateModified": "2026-09-21T09:30:00+02:00",
                "articleSection": ["Harbour", "News"],
                "keywords": "Harbour, Ferries",
                "inLanguage": "en-GB",
                "image": [
                    {"@type": "ImageObject", "url": "https://courier.example/b.jpg", "creditText": "Coastal Pictures"}
                ],
                "url": "https://courier.example/harbour/bridge",
            },
        ],
    }
    story = read(page(f'<script type="application/ld+json">\n//<![CDATA[\n{json.dumps(graph)}\n//]]></script>'))
    assert story.headline == "Bridge closes for eleven weeks"
    assert (story.authors, story.outlet) == (("Jane Doe", "Max Roe"), "Westerhaven Courier")
    assert story.published_at == datetime(2026, 9, 21, 6, tzinfo=UTC)
    assert story.modified_at == datetime(2026, 9, 21, 7, 30, tzinfo=UTC)
    assert (story.section, story.tags, story.language) == ("Harbour", ("Harbour", "Ferries"), "en-GB")
    assert story.url == "https://courier.example/harbour/bridge"
    assert story.image is not None
    assert (story.image.url, story.image.credit) == ("https://courier.example/b.jpg", "Coastal Pictures")
    assert len(story.paragraphs) == len(LONG)
    assert "Menu" not in " ".join(story.paragraphs)


def test_open_graph_fills_in_where_there_is_no_json_ld() -> None:
    story = read(page(OPEN_GRAPH))
    assert (story.headline, story.summary) == ("Bridge closes", "Ferries stand in.")
    assert (story.authors, story.outlet) == (("Jane Doe", "Max Roe"), "Westerhaven Courier")
    assert (story.url, story.tags) == ("https://courier.example/harbour/bridge", ("Harbour", "Ferries"))
    assert story.image is not None
    assert (story.image.url, story.image.alt) == ("https://www.courier.example/bridge.jpg", "The bridge at dusk")
    assert dict(story.card) == {
        "title": "Bridge closes",
        "description": "Ferries stand in.",
        "image": "https://www.courier.example/bridge.jpg",
    }
    assert story.flags == ()


def test_a_bare_page_gives_headline_and_text_and_tells_what_its_card_lacks() -> None:
    story = read(page())
    assert (story.headline, len(story.paragraphs)) == ("Bridge closes", len(LONG))
    assert story.url == URL
    assert any("no title and no picture for link cards" in flag for flag in story.flags)


def test_a_canonical_address_of_another_site_or_of_the_front_page_is_not_followed() -> None:
    for href in ("https://evil.example/x", "https://www.courier.example/", "javascript:alert(1)", "http://[broken"):
        assert read(page(f'<link rel="canonical" href="{href}">')).url == URL


@pytest.mark.parametrize(
    ("kind", "label"),
    [
        ("AnalysisNewsArticle", Label.ANALYSIS),
        ("OpinionNewsArticle", Label.OPINION),
        ("LiveBlogPosting", Label.LIVE),
        ("AdvertiserContentArticle", Label.SPONSORED),
        ("NewsArticle", Label.NEWS),
    ],
)
def test_the_kind_of_article_is_its_label(kind: str, label: Label) -> None:
    assert read(page(ld(**{"@type": kind}))).label is label


def test_a_paywalls_stub_is_a_story_with_a_flag() -> None:
    stub = read(page(ld(isAccessibleForFree=False), body=f"<p>{PARAGRAPHS[0]}</p>"))
    said = read(page(body=f"<p>{PARAGRAPHS[0]}</p><p>Subscribe to continue reading this story.</p>"))
    assert PAYWALL in stub.flags
    assert PAYWALL in said.flags
    assert PAYWALL not in read(page(ld(isAccessibleForFree=True))).flags


@pytest.mark.parametrize(
    ("title", "says"),
    [
        ("Page not found - Courier", "does not exist"),
        ("404", "does not exist"),
        ("Error 404 | Courier", "does not exist"),
        ("Seite nicht gefunden", "does not exist"),
        ("ページが見つかりません", "does not exist"),
        ("Just a moment...", "robot check"),
        ("Access Denied", "robot check"),
    ],
)
def test_missing_pages_and_robot_checks_that_answer_200_are_recognised(title: str, says: str) -> None:
    with pytest.raises(IntakeError, match=says):
        read(page(title=title, body="<p>Sorry.</p>"))


@pytest.mark.parametrize(
    "title", ["Flight 404 lands safely", "Missing page of the Bible found", "Oops, said the mayor"]
)
def test_a_story_about_something_missing_is_a_story(title: str) -> None:
    assert read(page(ld(headline=title), title=title)).headline == title


def test_a_front_page_and_an_empty_page_are_no_stories() -> None:
    with pytest.raises(IntakeError, match="front page"):
        read(page(), url="https://courier.example/")
    with pytest.raises(IntakeError, match=r"no story|empty"):
        read("<html></html>", url="https://courier.example/x")


def test_the_pages_encoding_is_found_in_header_or_page() -> None:
    text = page(title="Größe").replace("Bridge closes", "Brücke für Köln gesperrt – „heute“")
    for encoding, label in (("utf-8", "iso-8859-1"), ("cp1252", ""), ("cp1252", "utf-8")):
        assert read(text.encode(encoding), label=label).headline == "Brücke für Köln gesperrt – „heute“"
    japanese = page(lang="ja").replace("Bridge closes", "橋は月曜日から通行止めになる").encode("shift_jis")
    assert read(japanese).headline == "橋は月曜日から通行止めになる"


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "{",
        "[[[",
        '{"@type": "NewsArticle", "headline": ["a"]}',
        '{"@type": {"a": 1}}',
        "null",
        '"x"',
        '{"@graph": 3}',
        "[" * 5000,
    ],
)
def test_broken_json_ld_is_passed_over(broken: str) -> None:
    assert read(page(f'<script type="application/ld+json">{broken}</script>')).headline in {"Bridge closes", "a"}


def test_what_browsers_run_or_hide_is_not_read() -> None:
    text = read_html(
        "<p>One<script>x()</script> two</p><style>p{}</style><p hidden>no</p><p style='display:none'>no</p>"
        "<noscript>no</noscript><iframe>no</iframe><!-- no --><p aria-hidden='true'>no</p><p>Three<br>four<br><br>five</p>"
    )
    assert text.paragraphs == ("One two", "Three four", "five")


def test_captions_and_share_bars_are_removed_and_the_first_picture_kept() -> None:
    text = read_html(
        '<figure><img src="/b.jpg" alt="A bridge"><figcaption>Dusk. Photo: Jane Doe</figcaption></figure>'
        '<div class="social-share">Tweet</div><p>Body.</p>',
        "https://c.example/x/",
    )
    assert text.paragraphs == ("Body.",)
    assert [one.kind for one in text.removed] == ["credit", "furniture"]
    assert text.image is not None
    assert (text.image.url, text.image.alt, text.image.credit) == ("https://c.example/b.jpg", "A bridge", "Jane Doe")


@pytest.mark.usefixtures("no_garbage_collected")
def test_deep_and_huge_markup_is_read_at_once() -> None:
    import time

    begun = time.thread_time()
    read_html("<div>" * 50_000 + "deep" + "</div>" * 50_000)
    read_html("<p>word</p>" * 20_000)
    read_html("<" * 100_000)
    read_line("&amp;" * 50_000)
    assert time.thread_time() - begun < 2
