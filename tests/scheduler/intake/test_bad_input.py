"""Whatever is handed in: a story without markup, or a sentence. Never a crash, never a hang."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.records import Article
from scheduler.intake.csv_file import read_csv_file
from scheduler.intake.docx_file import read_docx_file
from scheduler.intake.errors import IntakeError
from scheduler.intake.feed import read_feed
from scheduler.intake.html_file import read_html_file
from scheduler.intake.markdown_file import read_markdown_file
from scheduler.intake.sitemap import read_sitemap
from scheduler.intake.text_file import read_text_file
from scheduler.intake.web_page import read_page
from scheduler.intake.webhook import read_webhook
from scheduler.intake.wordpress import read_wordpress
from tests.scheduler.intake.stories import FOOTER, NOW, PARAGRAPHS
from tests.scheduler.intake.test_files import MARKDOWN, docx
from tests.scheduler.intake.test_sites import SITEMAP, post

URL = "https://courier.example/story"
Reader = Callable[[bytes], Iterable[Article]]


def _sitemap(data: bytes) -> Iterable[Article]:
    read_sitemap(data, now=NOW)
    return ()


def _webhook(data: bytes) -> Iterable[Article]:
    signature = hmac.new(b"harbour", data, hashlib.sha256).hexdigest()
    call = read_webhook(data, {"X-Signature": signature}, "harbour", source="s", now=NOW)
    return [one.article for one in call.found]


READERS: dict[str, Reader] = {
    "webhook": _webhook,
    "text": lambda data: [read_text_file(data, source="s", now=NOW)],
    "markdown": lambda data: [read_markdown_file(data, source="s", now=NOW)],
    "html": lambda data: [read_html_file(data, source="s", now=NOW)],
    "page": lambda data: [read_page(data, source="s", now=NOW, url=URL)],
    "docx": lambda data: [read_docx_file(data, source="s", now=NOW)],
    "csv": lambda data: [one.article for one in read_csv_file(data, source="s", now=NOW)[0]],
    "feed": lambda data: [one.article for one in read_feed(data, source="s", now=NOW, url=URL)[0]],
    "wordpress": lambda data: [one.article for one in read_wordpress(data, source="s", now=NOW)[0]],
    "sitemap": _sitemap,
}
MARKUP = re.compile(r"</?(?:script|p|b|img|div|a|style|iframe|svg|br|object)\b[^<>]*>", re.IGNORECASE)
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
)


def check(reader: Reader, data: bytes) -> None:
    """A story whose every field is clean, or one sentence, in under two seconds of work."""
    begun = time.thread_time()
    try:
        stories = list(reader(data))
    except IntakeError as refusal:
        stories = []
        said = str(refusal)
        assert re.fullmatch(r"[A-Z\"'\d][^\n]{5,400}[.]", said), said
    assert time.thread_time() - begun < 2
    for story in stories:
        texts = [story.headline, story.dek, story.summary, story.outlet, story.section, *story.paragraphs]
        texts += [*story.authors, *story.tags, *story.card.values()]
        texts += [story.image.alt, story.image.credit] if story.image else []
        for text in texts:
            assert not MARKUP.search(text), text
            assert not UNSEEN.search(text), text
            assert text == text.strip()
        assert story.headline
        assert story.url is None or story.url.lower().startswith(("http://", "https://"))
        for moment in (story.published_at, story.modified_at):
            assert moment is None or moment.year in range(1970, 2028)


@pytest.mark.parametrize("kind", READERS)
@settings(max_examples=40)
@given(data=st.binary(max_size=400))
def test_any_bytes(kind: str, data: bytes) -> None:
    check(READERS[kind], data)


PIECES = [
    *PARAGRAPHS,
    *FOOTER,
    "By Jane Doe",
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&amp;lt;b&amp;gt;bold&amp;lt;/b&amp;gt;",
    "<img src=x onerror=alert(1)>",
    "</script&gt;>",
    "<b!>bold</b&x>",
    "<s<b>cript>alert(1)</s</b>cript>",
    "<p title='",
    "]]>",
    "<![CDATA[",
    "<!--",
    "-->",
    "<b>b</b>",
    "\u202eevil\u202c",
    "\ud83d",
    "\x00",
    "{{ 7*7 }}",
    "%s%n",
    "'; DROP TABLE articles; --",
    "﷽" * 20,
    "Z̡̖a̖l͎g̫o͕" * 5,
    "👩‍👩‍👧‍👦" * 3,
    "Ω≈ç√∫",
    "ﾊﾝｶｸ",
    "---\ntitle: x\n---",
    "http://a.b/\u202e",
    "javascript:alert(1)",
    "a" * 500,
    "1899-12-30",
    "2999-01-01T00:00:00Z",
    "\r",
    "\u2028",
    "\t",
    ",",
    '"',
    "=cmd|' /C calc'!A0",
    "",
]
naughty = st.lists(st.sampled_from(PIECES) | st.text(max_size=20), max_size=12).map("\n".join)


def wrapped(kind: str, text: str) -> bytes:
    """The text in every field that the kind has."""
    if kind == "webhook":
        keys = ("headline", "html", "text", "url", "guid", "dek", "summary", "section", "author", "image", "image_alt")
        call = dict.fromkeys((*keys, "image_credit", "published_at", "modified_at", "language", "label"), text)
        return json.dumps(call | {"tags": [text], "authors": [text]}).encode("utf-8", "surrogatepass")
    if kind == "wordpress":
        fields = ("title", "content", "excerpt", "guid")
        odd = post(**{name: {"rendered": text} for name in fields}, link=text, date_gmt=text, lang=text)
        return json.dumps([odd]).encode("utf-8", "surrogatepass")
    if kind == "feed":
        escaped = text.replace("&", "&amp;").replace("<", "&lt;")
        names = ("title", "link", "guid", "description", "author", "category", "pubDate")
        item = "".join(f"<{name}>{escaped}</{name}>" for name in names)
        return f"<rss version='2.0'><channel><title>{escaped}</title><item>{item}</item></channel></rss>".encode(
            "utf-8", "replace"
        )
    if kind in ("html", "page"):
        data = json.dumps(
            {"@type": "NewsArticle", "headline": text, "author": text, "articleBody": text, "datePublished": text}
        )
        attribute = text.replace('"', "&quot;")
        head = f'<meta property="og:title" content="{attribute}"><meta property="og:image" content="{attribute}">'
        page = f'<html><head>{head}<script type="application/ld+json">{data}</script></head><body><h1>T</h1><p>{text}</p></body></html>'
        return page.encode("utf-8", "replace")
    if kind == "sitemap":
        return f"<urlset><url><loc>{text}</loc></url></urlset>".encode("utf-8", "replace")
    if kind == "csv":
        cell = text.replace('"', '""')
        return f'headline,text,url,authors,date,image\n"{cell}","{cell}","{cell}","{cell}","{cell}","{cell}"\n'.encode(
            "utf-8", "replace"
        )
    if kind == "docx":
        safe = re.sub("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]", "", text)
        escaped = safe.replace("&", "&amp;").replace("<", "&lt;")
        return docx([("Title", "Bridge closes"), ("Normal", "xxxx" + escaped)]) if ";" not in escaped[:8] else b"x"
    return f"Bridge closes\n{text}\n{text}".encode("utf-8", "replace")


@pytest.mark.parametrize("kind", READERS)
@settings(max_examples=60)
@given(text=naughty)
def test_every_kind_of_naughty_string_in_every_field(kind: str, text: str) -> None:
    check(READERS[kind], wrapped(kind, text))


WHOLE = {
    "markdown": MARKDOWN.encode(),
    "sitemap": SITEMAP.encode(),
    "docx": docx([("Title", "Bridge closes"), ("Normal", PARAGRAPHS[0])]),
}


def good_file(kind: str) -> bytes:
    """A file that the kind's reader takes."""
    return WHOLE.get(kind) or wrapped(kind, "\n".join(PARAGRAPHS))


@pytest.mark.parametrize("kind", READERS)
@settings(max_examples=40)
@given(data=st.data())
def test_a_good_file_cut_or_damaged_anywhere(kind: str, data: st.DataObject) -> None:
    good = good_file(kind)
    place = data.draw(st.integers(0, len(good)))
    damage = data.draw(st.binary(max_size=6))
    check(READERS[kind], good[:place] + damage + good[place + len(damage) :])
    check(READERS[kind], good[:place])


HUGE = {
    "one endless line": b"word " * 1_500_000,
    "one endless word": b"a" * 7_500_000,
    "ten thousand paragraphs": b"Bridge closes\n\n" + b"The bridge was closed again on this day.\n\n" * 10_000,
    "a hundred thousand blank lines": b"Bridge closes" + b"\n" * 1_000_000 + b"The end of the bridge is near.",
    "brackets": b"Bridge\n\n" + b"[" * 400_000,
    "open tags": b"Bridge\n\n" + b"<a " * 300_000,
    "ampersands": b"Bridge\n\n" + b"&" * 400_000,
    "nested lists": b"Bridge\n\n" + b"> " * 200_000,
    "stars": b"Bridge\n\n" + b"*a " * 200_000,
    "dashes": b"Bridge\n\n" + b"- " * 300_000,
    "commas": b"Bridge\n" + b"Jane Doe, " * 200_000,
    "marks": b"Bridge\n\n" + "a\u0301\u0323".encode() * 300_000,
    "fifty megabytes": b"x" * 50_000_000,
    "quotes": b"headline,text\n" + b'"' * 400_000,
    "braces": b"{" * 200_000,
    "entities": b"Bridge\n\n" + b"&amp;lt;" * 200_000,
    "front matter": b"---\n" + b"a: b\n" * 200_000,
    "divs": b"<html><body>" + b"<div>" * 100_000 + b"x",
}


SHAPED = {"braces", "divs", "open tags", "fifty megabytes", "entities"}
"""The sizes that readers of JSON and XML, who refuse all others at the first letter, are tried with."""


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        *((kind, size) for kind in ("text", "markdown", "page", "csv") for size in HUGE),
        *((kind, size) for kind in ("feed", "wordpress", "sitemap") for size in HUGE if size in SHAPED),
    ],
)
def test_huge_and_hostile_input_is_over_in_two_seconds(kind: str, size: str) -> None:
    check(READERS[kind], HUGE[size])
