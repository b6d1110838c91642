"""Feeds of every flavour, as they are found."""

from __future__ import annotations

import contextlib
import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from db.records import Article, Label
from scheduler.intake.errors import IntakeError
from scheduler.intake.feed import MAX_ITEMS, read_feed
from scheduler.intake.items import Found, Refused
from tests.scheduler.intake.stories import NOW, PARAGRAPHS

URL = "https://courier.example/feed"


def read(text: str | bytes, label: str = "") -> tuple[Found, ...]:
    data = text.encode() if isinstance(text, str) else text
    return read_feed(data, source="site", now=NOW, url=URL, label=label)[0]


def one(text: str | bytes) -> Article:
    (found,) = read(text)
    return found.article


def rss(items: str, head: str = "") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"><channel>'
        f"<title>Westerhaven Courier</title><link>https://courier.example/</link>{head}{items}</channel></rss>"
    )


FULL = f"""<item><title>Bridge &amp;amp; ferry: what changes</title><link>/harbour/bridge?a=1&amp;b=2</link>
<guid isPermaLink="false">courier-17</guid><pubDate>Mon, 21 Sep 2026 10:00:00 +0200</pubDate>
<dc:creator>Jane Doe</dc:creator><category>Harbour</category><category>Ferries</category>
<description><![CDATA[<p>The bridge closes on Monday, and ferries take over.</p>]]></description>
<media:content url="https://courier.example/bridge.jpg" medium="image" width="1200"><media:credit>Coastal Pictures</media:credit></media:content>
<content:encoded><![CDATA[<p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}<img src="https://x.example/pixel.gif" width="1" height="1"></p>
<script>alert(1)</script><div class="sharedaddy">Share this: Facebook</div>
<p>The post <a href="#">Bridge</a> appeared first on <a href="#">Westerhaven Courier</a>.</p>]]></content:encoded></item>"""


def test_an_rss_item_gives_all_that_it_knows() -> None:
    story = one(rss(FULL, "<language>en-GB</language>"))
    assert story.headline == "Bridge & ferry: what changes"
    assert story.url == "https://courier.example/harbour/bridge?a=1&b=2"
    assert story.guid == "courier-17"
    assert story.paragraphs == PARAGRAPHS[:2]
    assert story.summary == "The bridge closes on Monday, and ferries take over."
    assert (story.authors, story.outlet) == (("Jane Doe",), "Westerhaven Courier")
    assert (story.section, story.tags, story.language) == ("Harbour", ("Harbour", "Ferries"), "en-GB")
    assert story.published_at == datetime(2026, 9, 21, 8, tzinfo=UTC)
    assert story.image is not None
    assert (story.image.url, story.image.credit) == ("https://courier.example/bridge.jpg", "Coastal Pictures")
    assert {removed.kind for removed in story.removed} == {"furniture", "read-more"}
    assert story.flags == ()


def test_an_atom_entry_is_read_alike() -> None:
    story = one(
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title>Kurier</title><id>tag:kurier</id>'
        '<entry><id>tag:kurier,2026:1</id><title type="html">Br&amp;uuml;cke zu</title>'
        '<link rel="enclosure" href="https://kurier.example/a.mp3"/><link rel="alternate" href="https://kurier.example/1"/>'
        "<author><name>Ute Groß</name></author><published>2026-09-21T10:00:00Z</published>"
        "<updated>2026-09-21T11:00:00Z</updated><category term='Kommentar'/>"
        "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>Die Brücke ist zu.</p></div></content></entry></feed>"
    )
    assert (story.headline, story.url, story.authors) == ("Brücke zu", "https://kurier.example/1", ("Ute Groß",))
    assert (story.label, story.language) == (Label.OPINION, "de")
    assert story.modified_at == datetime(2026, 9, 21, 11, tzinfo=UTC)


def test_rdf_and_old_rss_are_read_alike() -> None:
    story = one(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        '<channel rdf:about="https://c.example/"><title>C</title><link>https://c.example/</link></channel>'
        '<item rdf:about="https://c.example/1"><title>Bridge closes</title><link>https://c.example/1</link>'
        "<description>The bridge closes.</description></item></rdf:RDF>"
    )
    assert (story.headline, story.url) == ("Bridge closes", "https://c.example/1")
    assert story.paragraphs == ("The bridge closes.",)


def test_a_json_feed_is_read_alike() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Westerhaven Courier",
        "home_page_url": "https://courier.example/",
        "language": "en",
        "items": [
            {
                "id": 17,
                "url": "/harbour/bridge",
                "title": "Bridge closes",
                "content_html": f"<p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p>",
                "summary": "The bridge closes.",
                "image": "/bridge.jpg",
                "date_published": "2026-09-21T10:00:00+02:00",
                "authors": [{"name": "Jane Doe"}, {"name": "Max Roe"}],
                "tags": ["Harbour"],
            },
            {"id": "18", "title": "Plain", "content_text": "One.\n\nTwo."},
            "rubbish",
        ],
    }
    first, second = (found.article for found in read(json.dumps(feed)))
    assert (first.headline, first.url, first.guid) == ("Bridge closes", "https://courier.example/harbour/bridge", "17")
    assert (first.paragraphs, first.authors) == (PARAGRAPHS[:2], ("Jane Doe", "Max Roe"))
    assert first.image is not None
    assert first.image.url == "https://courier.example/bridge.jpg"
    assert second.paragraphs == ("One.", "Two.")


def test_the_feeds_own_encoding_beats_a_wrong_label() -> None:
    text = rss("<item><title>Größere Brücke für Köln</title><link>https://c.example/1</link></item>")
    assert read(text.encode(), "iso-8859-1")[0].article.headline == "Größere Brücke für Köln"
    latin = text.replace("UTF-8", "iso-8859-1").encode("latin-1")
    assert read(latin, "utf-8")[0].article.headline == "Größere Brücke für Köln"
    wrong = text.encode("latin-1")
    assert read(wrong)[0].article.headline == "Größere Brücke für Köln"


def test_guids_that_several_items_share_do_not_make_them_one() -> None:
    items = "".join(
        f"<item><title>Story {n}</title><link>https://c.example/{n}</link><guid>same</guid></item>" for n in (1, 2)
    )
    assert len({found.item_id for found in read(rss(items))}) == 2


def test_feedburner_links_give_way_to_the_original() -> None:
    item = (
        '<item xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"><title>A</title>'
        "<link>http://feedproxy.example/~r/1</link><feedburner:origLink>https://c.example/1</feedburner:origLink></item>"
    )
    assert one(rss(item)).url == "https://c.example/1"


def test_a_summary_that_was_cut_off_is_not_a_teaser_and_ends_with_a_whole_sentence() -> None:
    item = (
        "<item><title>A</title><link>https://c.example/1</link>"
        "<description>The bridge closes. Ferries will stand in until the [&amp;#8230;]</description></item>"
    )
    story = one(rss(item))
    assert story.paragraphs == ("The bridge closes.",)
    assert story.summary == ""


def test_broken_xml_still_gives_the_whole_items_before_the_break() -> None:
    text = rss(FULL + "<item><title>Second & last</title><link>https://c.example/2</link><descr")
    headlines = [found.article.headline for found in read(text[: text.index("<descr") + 6])]
    assert headlines[0] == "Bridge & ferry: what changes"


def test_stray_ampersands_named_letters_and_undeclared_prefixes_are_mended() -> None:
    text = (
        "<rss version='2.0'><channel><title>R & D</title><item><title>Caf&eacute; &bogus; A&B</title>"
        "<link>https://c.example/1?a=1&b=2</link><foo:bar>x</foo:bar><dc:creator>Jane Doe</dc:creator>"
        "<description><![CDATA[Ham & eggs &eacute;]]></description></item></channel></rss>"
    )
    story = one(text)
    assert (story.headline, story.outlet) == ("Café &bogus; A&B", "R & D")
    assert story.url == "https://c.example/1?a=1&b=2"
    assert (story.authors, story.paragraphs) == (("Jane Doe",), ("Ham & eggs é",))


@pytest.mark.usefixtures("no_garbage_collected")
def test_a_broken_feed_of_megabytes_is_read_or_refused_at_once() -> None:
    for rubbish in ("<a ", "<item>", "&amp", "<![CDATA[", "</item>", "<item><title>T", "<item><title>T</title></item>"):
        text = rss("").replace("</channel></rss>", rubbish * (2_000_000 // len(rubbish)))
        begun = time.thread_time()
        with contextlib.suppress(IntakeError):
            read(text)
        assert time.thread_time() - begun < 2


def test_dates_that_cannot_be_right_are_left_out_and_told() -> None:
    for year in ("1899", "2999"):
        item = f"<item><title>A</title><link>https://c.example/1</link><pubDate>Mon, 21 Sep {year} 10:00:00 GMT</pubDate></item>"
        story = one(rss(item))
        assert story.published_at is None
        assert any("cannot be right" in flag for flag in story.flags)


def test_a_date_that_lies_ahead_is_an_embargo_and_is_told() -> None:
    item = (
        "<item><title>A</title><link>https://c.example/1</link><pubDate>Mon, 28 Sep 2026 10:00:00 GMT</pubDate></item>"
    )
    story = one(rss(item))
    assert story.embargo_at == story.published_at == datetime(2026, 9, 28, 10, tzinfo=UTC)
    assert "Its date lies ahead: no word of it leaves before 2026-09-28 10:00 UTC." in story.flags
    soon = item.replace("28 Sep 2026 10:00:00", f"{NOW + timedelta(minutes=5):%d %b %Y %H:%M:%S}")
    assert one(rss(soon)).embargo_at is None  # a clock that is a little ahead


def test_an_item_without_a_headline_is_refused_by_name_and_the_others_stay() -> None:
    items = "<item><guid>x1</guid><description>Only text.</description></item><item><title>Good</title><guid>x2</guid></item>"
    found, refused = read_feed(rss(items).encode(), source="site", now=NOW, url=URL)
    assert [one.item_id for one in found] == ["x2"]
    assert refused == (Refused("x1", refused[0].sentence),)
    assert "no headline" in refused[0].sentence


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"<html><body>Hello</body></html>", "not a feed"),
        (b'{"items": 3}', "no list of items"),
        (b'{"items": [', "broken JSON"),
        (b"[1, 2]", "no list of items"),
        (b"[" * 100_000, "broken JSON"),
        (b"just words", "not a feed"),
    ],
)
def test_what_is_no_feed_is_said_in_a_sentence(data: bytes, says: str) -> None:
    with pytest.raises(IntakeError, match=says):
        read_feed(data, source="site", now=NOW, url=URL)


@pytest.mark.usefixtures("no_garbage_collected")
def test_a_feed_of_five_thousand_is_read_in_under_two_seconds_and_its_newest_stay() -> None:
    items = "".join(
        f"<item><title>Story {n}</title><link>https://c.example/{n}</link><guid>{n}</guid>"
        f"<pubDate>{(NOW - timedelta(minutes=5000 - n)).strftime('%a, %d %b %Y %H:%M:%S GMT')}</pubDate>"
        f"<description>Text of number {n}.</description></item>"
        for n in range(5000)
    )
    begun = time.thread_time()
    found = read(rss(items))
    assert time.thread_time() - begun < 2
    assert len(found) == MAX_ITEMS
    assert found[-1].article.headline == "Story 4999"


@pytest.mark.usefixtures("no_garbage_collected")
def test_entity_bombs_and_outside_entities_stay_inert() -> None:
    bomb = '<!DOCTYPE rss [<!ENTITY a "ha">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' if n else '<!ENTITY a0 "&a;&a;">' for n in range(12)
    )
    text = rss("<item><title>Bomb &a11; here</title><link>https://c.example/1</link></item>")
    begun = time.thread_time()
    story = one(bomb + "]>" + text.split("?>", 1)[1])
    assert time.thread_time() - begun < 2
    assert len(story.headline) < 100
    outside = (
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + text.replace("&a11;", "&x;").split("?>", 1)[1]
    )
    assert "root:" not in one(outside).headline
