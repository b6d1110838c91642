"""Markdown, HTML, Word and CSV files, and files told apart by what is in them."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from db.records import Article, Label
from scheduler.intake.csv_file import read_csv_file
from scheduler.intake.documents import read_document, read_path
from scheduler.intake.errors import IntakeError
from tests.scheduler.intake.stories import NEWSPAPER_FORM, NOW, PARAGRAPHS
from tests.scheduler.intake.test_sites import post

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


def read(data: bytes | str, name: str) -> Article:
    found, _ = read_document(data.encode() if isinstance(data, str) else data, name, source="inbox", now=NOW)
    return found[0].article


MARKDOWN = f"""---
title: "Bridge closes"
author: [Jane Doe, Max Roe]
date: 2026-09-21 10:00:00 +02:00
url: https://courier.example/harbour/bridge
tags:
  - Harbour
  - "Ferries"
section: Harbour
label: analysis
description: Ferries stand in.
image: https://courier.example/b.jpg
image_alt: The bridge at dusk
---

# Bridge closes

{PARAGRAPHS[0]}

> **“The steel is tired,”** said [Ingrid Solheim](https://courier.example/people/solheim), who _really_ likes snake_case_names.

* one
* two

![Dusk](dusk.jpg)
"""


def test_markdown_with_front_matter() -> None:
    story = read(MARKDOWN, "bridge.md")
    assert (story.headline, story.authors) == ("Bridge closes", ("Jane Doe", "Max Roe"))
    assert (story.url, story.tags, story.section) == (
        "https://courier.example/harbour/bridge",
        ("Harbour", "Ferries"),
        "Harbour",
    )
    assert (story.label, story.summary) == (Label.ANALYSIS, "Ferries stand in.")
    assert story.published_at == datetime(2026, 9, 21, 8, tzinfo=UTC)
    assert story.paragraphs == (
        PARAGRAPHS[0],
        "“The steel is tired,” said Ingrid Solheim, who really likes snake_case_names.",
        "one",
        "two",
    )
    assert story.image is not None
    assert (story.image.url, story.image.alt) == ("https://courier.example/b.jpg", "The bridge at dusk")


def test_markdown_without_front_matter_takes_its_first_heading_and_its_byline() -> None:
    story = read(
        f"Bridge closes\n===\n\nBy Jane Doe\n\n{PARAGRAPHS[0]}\n\n## Fares\n\n{PARAGRAPHS[2]}\n", "bridge.markdown"
    )
    assert (story.headline, story.authors) == ("Bridge closes", ("Jane Doe",))
    assert story.paragraphs == (PARAGRAPHS[0], "Fares", PARAGRAPHS[2])
    assert story.url is None


def test_toml_front_matter_is_read_and_broken_toml_named() -> None:
    story = read(f'+++\ntitle = "Bridge"\ndate = 2026-09-21\ntags = ["a", "b"]\n+++\n{PARAGRAPHS[0]}\n', "b.md")
    assert (story.headline, story.tags) == ("Bridge", ("a", "b"))
    assert story.published_at == datetime(2026, 9, 21, tzinfo=UTC)
    with pytest.raises(IntakeError, match="TOML"):
        read("+++\ntitle = \n+++\nText", "b.md")


def test_markdown_that_is_a_plain_story_is_read_as_one() -> None:
    assert read(NEWSPAPER_FORM, "story.md").headline == "Old Swing Bridge in Westerhaven to Close for Eleven Weeks"


def test_an_html_file_is_read_as_a_page_without_address() -> None:
    body = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    text = f"<html lang=en><head><title>Bridge closes</title><link rel=canonical href='https://courier.example/b'></head><body><h1>Bridge closes</h1>{body}</body></html>"
    story = read(text, "bridge.htm")
    assert (story.headline, story.url) == ("Bridge closes", "https://courier.example/b")
    assert story.paragraphs == PARAGRAPHS
    assert not any("link cards" in flag for flag in story.flags)
    assert read(text, "bridge.txt").headline == "Bridge closes"


def docx(paragraphs: list[tuple[str, str]], name: str = "word/document.xml") -> bytes:
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    rows = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{text[:4]}</w:t></w:r>'
        f"<w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:t xml:space='preserve'>{text[4:]}</w:t></w:r></w:p>"
        for style, text in paragraphs
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, f"<w:document {space}><w:body>{rows}</w:body></w:document>")
    return packed.getvalue()


def test_a_word_document_is_read_by_its_styles() -> None:
    data = docx([("Normal", "By Jane Doe"), ("Title", "Bridge closes"), *(("Normal", text) for text in PARAGRAPHS)])
    story = read(data, "bridge.docx")
    assert (story.headline, story.authors) == ("Bridge closes", ("Jane Doe",))
    assert story.paragraphs == PARAGRAPHS
    assert read(data, "wrong-name.txt").headline == "Bridge closes"


def test_word_documents_that_are_none_are_refused() -> None:
    for data, says in (
        (b"PK\x03\x04rubbish", "broken"),
        (docx([("Normal", "x" * 50)], "other.xml"), "not a Word document"),
        (docx([("Normal", "a" * 9_000_000)]), "more text"),
    ):
        with pytest.raises(IntakeError, match=says):
            read(data, "b.docx")


def test_a_table_gives_one_story_a_row_and_names_the_rows_that_are_none() -> None:
    table = (
        "Title;Text;URL;Author;Date;Tags\n"
        f'Bridge closes;"{PARAGRAPHS[0]}\n{PARAGRAPHS[2]}";https://c.example/1;Jane Doe;21.9.2026;Harbour,Ferries\n'
        ";no headline;;;;\n\n"
        "Second;Text.;;;2026-09-20T10:00:00Z;\n"
    )
    found, refused = read_csv_file(table.encode("cp1252"), source="inbox", now=NOW, name="bulk.csv")
    first, second = (one.article for one in found)
    assert (first.headline, first.paragraphs, first.tags) == (
        "Bridge closes",
        (PARAGRAPHS[0], PARAGRAPHS[2]),
        ("Harbour", "Ferries"),
    )
    assert first.published_at == datetime(2026, 9, 21, tzinfo=UTC)
    assert [one.item_id for one in found] == ["https://c.example/1", "bulk.csv row 5"]
    assert [one.item_id for one in refused] == ["bulk.csv row 3"]
    assert second.url is None


def test_a_table_without_a_headline_column_says_so() -> None:
    with pytest.raises(IntakeError, match="headline"):
        read_csv_file(b"a,b\n1,2\n", source="inbox", now=NOW)


def test_a_picture_beside_the_story_is_its_picture(tmp_path: Path) -> None:
    (tmp_path / "bridge.txt").write_text(NEWSPAPER_FORM)
    (tmp_path / "bridge.PNG").write_bytes(PNG)
    found, _ = read_path(tmp_path / "bridge.txt", source="inbox", now=NOW)
    assert found[0].article.image is not None
    assert found[0].article.image.path == str(tmp_path / "bridge.PNG")


def test_files_that_are_not_there_or_too_long_are_refused(tmp_path: Path) -> None:
    long = tmp_path / "long.txt"
    with long.open("wb") as file:
        file.truncate(50_000_000)
    for path, says in ((tmp_path / "none.txt", "no file"), (tmp_path, "no file"), (long, "more than 8 MB")):
        with pytest.raises(IntakeError, match=says):
            read_path(path, source="inbox", now=NOW)


RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>The Courier</title>
<item><title>Bridge closes</title><link>https://courier.example/1</link><guid>1</guid><description>It is closed.</description></item>
<item><title>Ferry runs late</title><link>https://courier.example/2</link><guid>2</guid></item></channel></rss>"""


@pytest.mark.parametrize("name", ["feed.xml", "feed.rss", "saved.txt", "saved"])
def test_a_feed_saved_as_a_file_is_its_stories_and_never_a_text_with_markup(name: str) -> None:
    found, refused = read_document(RSS, name, source="desk", now=NOW)
    assert [one.article.headline for one in found] == ["Bridge closes", "Ferry runs late"]
    assert refused == ()


def test_a_json_feed_and_a_wordpress_answer_saved_as_files_are_their_stories() -> None:
    feed = json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "T",
            "items": [{"id": "1", "title": "A", "content_text": "B."}],
        }
    )
    assert [one.article.headline for one in read_document(feed.encode(), "f.json", source="desk", now=NOW)[0]] == ["A"]
    posts = json.dumps([post()]).encode()
    assert len(read_document(posts, "posts.json", source="desk", now=NOW)[0]) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'></urlset>",
        b"<?xml version='1.0'?><note><to>You</to></note>",
        b"<rss version='2.0'><channel><title>T</title></channel></rss>",
        b'{"hello": 1}',
        b"[]",
        b"",
    ],
)
def test_other_xml_and_json_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(IntakeError, match=r"[.]$"):
        read_document(data, "x.xml", source="desk", now=NOW)


def test_a_script_inside_a_heading_is_no_part_of_it() -> None:
    page = b"<html><body><h1>Bridge <script>alert(1)</script><b>closes</b> on <i>Monday</i></h1><p>It was closed.</p></body></html>"
    (found,) = read_document(page, "a.html", source="desk", now=NOW)[0]
    assert found.article.headline == "Bridge closes on Monday"
