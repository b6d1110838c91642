"""What lies at an address that a person names is told by how it begins, and read as what it is."""

from __future__ import annotations

import json

import pytest

from scheduler.intake.errors import IntakeError
from scheduler.intake.fetching import Fetcher
from scheduler.intake.web_target import Shape, read_address, shape_of
from tests.scheduler.intake.stories import NOW
from tests.scheduler.intake.test_sites import SITEMAP, post
from tests.scheduler.intake.web import Web


@pytest.mark.parametrize(
    ("body", "shape"),
    [
        (b"<!doctype html><html>", "page"),
        (b'<?xml version="1.0"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml">', "page"),
        (b"", "page"),
        (b"\xef\xbb\xbf\n<?xml version='1.0'?><rss version='2.0'>", "feed"),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'>", "feed"),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": []}', "feed"),
        (b"<urlset>", "sitemap"),
        (b"<?xml version='1.0'?><!-- made by a plug-in --><sitemapindex>", "sitemap"),
        (b'[{"id": 1}]', "wordpress"),
        (b'{"id": 1, "title": {"rendered": "T"}}', "wordpress"),
    ],
)
def test_an_answer_is_known_by_its_beginning(body: bytes, shape: Shape) -> None:
    assert shape_of(body) == shape


def test_one_post_of_wordpress_is_one_story(web: Web, fetch: Fetcher) -> None:
    address = web.put("/wp-json/wp/v2/posts/17", json.dumps(post()), "text/html")
    (found,), refused = read_address(address, now=NOW, fetch=fetch, source="desk", local=True)
    assert (found.article.headline, refused) == ("Bridge “closes” & ferries run", ())


@pytest.mark.parametrize("body", ["<rss version='2.0'><channel><title>T</title></channel></rss>", "[]", "<urlset/>"])
def test_an_address_that_shows_no_story_says_so(body: str, web: Web, fetch: Fetcher) -> None:
    address = web.put("/empty", body)
    with pytest.raises(IntakeError, match="shows no story now"):
        read_address(address, now=NOW, fetch=fetch, source="desk", local=True)


def test_a_page_of_a_sitemap_that_cannot_be_read_keeps_none_of_the_others(web: Web, fetch: Fetcher) -> None:
    good = "<html><body><article><h1>New bridge opens</h1>" + "<p>The new bridge opened on Monday.</p>" * 9
    web.put("/new", f"{good}</article></body></html>")
    address = web.put("/news.xml", SITEMAP.replace("https://c.example", web.address), "application/xml")
    found, refused = read_address(address, now=NOW, fetch=fetch, source="desk", local=True)
    assert [one.item_id for one in found] == [f"{web.address}/new"]
    assert [one.item_id for one in refused] == [f"{web.address}/old"]
