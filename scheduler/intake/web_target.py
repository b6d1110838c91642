"""What lies at a web address that a person names: a story's page, or a feed, a sitemap or a WordPress answer of many."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from scheduler.intake.errors import IntakeError
from scheduler.intake.items import Found, Refused
from scheduler.intake.wanted import Fetch, Fetched, Wanted

AT_ONCE = 10
"""So many stories of one address, the newest, are taken at a person's word; a source in the settings follows the rest."""

_OLDEST = datetime.min.replace(tzinfo=UTC)
XML = (b"<?xml", b"<rss", b"<feed", b"<rdf", b"<urlset", b"<sitemapindex")
"""How what is XML and no page begins, in small letters."""

Shape = Literal["page", "feed", "sitemap", "wordpress"]


def read_address(
    address: str, *, now: datetime, fetch: Fetch, source: str, local: bool = False
) -> tuple[tuple[Found, ...], tuple[Refused, ...]]:
    """The stories at the address, newest first, at most ``AT_ONCE``; that there were more comes back as refused.

    ``local`` lets it lie on loopback or in a private network. Raises ``IntakeError`` where there is no story.
    """
    answer = fetch(Wanted(address, local=local))
    shape = shape_of(answer.body)
    if shape == "page":
        from scheduler.intake.web_page import read_page

        article = read_page(answer.body, source=source, now=now, url=answer.url, label=answer.charset)
        return (Found(address, article),), ()
    found, refused = _read_many(shape, answer, address, now, fetch, source, local)
    if not found and not refused:
        raise IntakeError(f"This {_NAMES[shape]} shows no story now: look at it in a browser, or name a story's page.")
    found = tuple(sorted(found, key=lambda one: one.article.published_at or _OLDEST, reverse=True))
    if len(found) > AT_ONCE:
        more = f"It holds {len(found) - AT_ONCE} more stories, all older, which were left: to follow it, "
        refused = (*refused, Refused(address, f'{more}make it a source with kind = "{shape}" in settings.toml.'))
    return found[:AT_ONCE], refused


def shape_of(body: bytes) -> Shape:
    """What an answer is, by how it begins: sites name their types too carelessly to be believed."""
    start = body[:2_000].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(b"["):
        return "wordpress"
    if start.startswith(b"{"):
        return "wordpress" if b'"rendered"' in body else "feed"
    if start.startswith(XML) and b"<html" not in start:
        return "sitemap" if b"<urlset" in start or b"<sitemapindex" in start else "feed"
    return "page"


_NAMES: dict[Shape, str] = {"feed": "feed", "sitemap": "sitemap", "wordpress": "WordPress site", "page": "page"}


def _read_many(
    shape: Shape, answer: Fetched, address: str, now: datetime, fetch: Fetch, source: str, local: bool
) -> tuple[tuple[Found, ...], tuple[Refused, ...]]:
    if shape == "feed":
        from scheduler.intake.feed import read_feed

        return read_feed(answer.body, source=source, now=now, url=answer.url, label=answer.charset)
    if shape == "wordpress":
        from scheduler.intake.wordpress import read_wordpress

        one = answer.body.lstrip()
        posts = b"[" + one + b"]" if one.startswith(b"{") else answer.body
        return read_wordpress(posts, source=source, now=now, url=answer.url)
    from scheduler.intake.site_pages import read_site
    from scheduler.intake.source_config import SourceConfig

    config = SourceConfig(name=source, kind="sitemap", url=address, local=local)
    return read_site(answer, config, now, fetch, known=lambda _: False)
