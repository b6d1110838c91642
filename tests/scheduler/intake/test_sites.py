"""WordPress over REST and news sitemaps, in their documented shapes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scheduler.intake.errors import IntakeError
from scheduler.intake.sitemap import read_sitemap
from scheduler.intake.wordpress import posts_address, read_wordpress
from tests.scheduler.intake.stories import NOW, PARAGRAPHS


def post(**changes: Any) -> dict[str, Any]:
    return {
        "id": 17,
        "date": "2026-09-21T12:00:00",
        "date_gmt": "2026-09-21T10:00:00",
        "modified_gmt": "2026-09-21T11:00:00",
        "guid": {"rendered": "https://courier.example/?p=17"},
        "status": "publish",
        "type": "post",
        "link": "https://courier.example/harbour/bridge/",
        "title": {"rendered": "Bridge &#8220;closes&#8221; &amp; ferries run"},
        "content": {"rendered": f"<p>{PARAGRAPHS[0]}</p>\n<p>{PARAGRAPHS[1]}</p>", "protected": False},
        "excerpt": {"rendered": "<p>Ferries stand in for the bridge.</p>\n", "protected": False},
        "_embedded": {
            "author": [{"id": 1, "name": "Jane Doe"}],
            "wp:featuredmedia": [
                {
                    "media_type": "image",
                    "source_url": "https://courier.example/b.jpg",
                    "alt_text": "The bridge at dusk",
                    "caption": {"rendered": "<p>Dusk. Photo: Coastal Pictures</p>"},
                }
            ],
            "wp:term": [
                [{"taxonomy": "category", "name": "Harbour &amp; Sea"}],
                [{"taxonomy": "post_tag", "name": "Ferries"}],
            ],
        },
    } | changes


def test_a_wordpress_post_gives_all_that_it_knows() -> None:
    ((found,), _) = read_wordpress(
        json.dumps([post()]).encode(), source="site", now=NOW, url="https://courier.example/"
    )
    story = found.article
    assert found.item_id == "https://courier.example/?p=17"
    assert (story.headline, story.paragraphs) == ("Bridge “closes” & ferries run", PARAGRAPHS[:2])
    assert (story.summary, story.authors) == ("Ferries stand in for the bridge.", ("Jane Doe",))
    assert (story.section, story.tags) == ("Harbour & Sea", ("Ferries",))
    assert story.published_at == datetime(2026, 9, 21, 10, tzinfo=UTC)
    assert story.modified_at == datetime(2026, 9, 21, 11, tzinfo=UTC)
    assert story.image is not None
    assert (story.image.alt, story.image.credit) == ("The bridge at dusk", "Coastal Pictures")


def test_drafts_and_posts_with_a_password_stay_in_the_house() -> None:
    posts = [
        post(status="draft"),
        post(status="future"),
        post(status="private"),
        post(content={"rendered": "", "protected": True}),
    ]
    assert read_wordpress(json.dumps(posts).encode(), source="site", now=NOW) == ((), ())


def test_odd_posts_and_a_cut_excerpt_do_no_harm() -> None:
    posts = [
        post(excerpt={"rendered": "<p>Ferries stand in for the [&hellip;]</p>"}, _embedded=[]),
        post(title=3, guid=None),
        "x",
        None,
    ]
    found, refused = read_wordpress(json.dumps(posts).encode(), source="site", now=NOW)
    assert found[0].article.summary == ""
    assert len(found) + len(refused) == 2


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"<html>", "REST"), (b'{"code": "rest_disabled", "message": "no"}', "rest_disabled"), (b"{}", "list of posts")],
)
def test_what_is_no_list_of_posts_is_said(data: bytes, says: str) -> None:
    with pytest.raises(IntakeError, match=says):
        read_wordpress(data, source="site", now=NOW)


def test_the_rest_address_is_made_from_the_sites() -> None:
    assert posts_address("https://courier.example").startswith("https://courier.example/wp-json/wp/v2/posts?per_page=")
    assert posts_address("https://c.example/blog/").startswith("https://c.example/blog/wp-json/wp/v2/posts?")
    assert "categories=3&per_page=" in posts_address("https://c.example/wp-json/wp/v2/posts?categories=3")


SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>https://c.example/old</loc><news:news><news:publication><news:name>Courier</news:name><news:language>en</news:language></news:publication>
<news:publication_date>2026-09-20T10:00:00Z</news:publication_date><news:title>Old &amp; gone</news:title></news:news></url>
<url><loc>https://c.example/new</loc><news:news><news:publication_date>2026-09-21T10:00:00Z</news:publication_date>
<news:title>New</news:title><news:keywords>Harbour, Sea</news:keywords></news:news></url>
<url><loc>javascript:alert(1)</loc></url></urlset>"""


def test_a_news_sitemap_gives_its_stories_newest_first() -> None:
    new, old = read_sitemap(SITEMAP.encode(), now=NOW).entries
    assert (new.url, new.title, new.keywords) == ("https://c.example/new", "New", ("Harbour", "Sea"))
    assert (old.title, old.outlet, old.language) == ("Old & gone", "Courier", "en")
    assert new.published_at == NOW - timedelta(hours=2)


def test_an_index_names_its_sitemaps_newest_first() -> None:
    index = (
        '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        "<sitemap><loc>https://c.example/a.xml</loc><lastmod>2026-09-01</lastmod></sitemap>"
        "<sitemap><loc>https://c.example/b.xml</loc><lastmod>2026-09-20</lastmod></sitemap></sitemapindex>"
    )
    assert read_sitemap(index.encode(), now=NOW).maps == ("https://c.example/b.xml", "https://c.example/a.xml")


def test_what_is_no_sitemap_is_said_and_bombs_stay_inert() -> None:
    for data in (b"", b"<html/>", b"rubbish"):
        with pytest.raises(IntakeError, match="sitemap"):
            read_sitemap(data, now=NOW)
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    entries = read_sitemap(bomb + b"<urlset><url><loc>https://c.example/&b;</loc></url></urlset>", now=NOW).entries
    assert all(len(entry.url) < 60 for entry in entries)
