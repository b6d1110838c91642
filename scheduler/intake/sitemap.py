"""News sitemaps: which stories a site has, by address, title and date (the text is on the page itself).

Format: developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap and sitemaps.org.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from scheduler.intake.cleaning import clean_line
from scheduler.intake.dates import believable, parse_moment
from scheduler.intake.decoding import MAX_BYTES
from scheduler.intake.draft import web_address
from scheduler.intake.errors import IntakeError

MAX_ENTRIES = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One story's line. ``title`` is "" in a sitemap that is not for news."""

    url: str
    title: str = ""
    outlet: str = ""
    language: str = ""
    keywords: tuple[str, ...] = ()
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sitemap:
    """Stories, newest first, or for an index the sitemaps it names, newest first."""

    entries: tuple[Entry, ...] = ()
    maps: tuple[str, ...] = ()


def read_sitemap(data: bytes, *, now: datetime) -> Sitemap:
    """Raises ``IntakeError`` for what is no sitemap. Document types are not read, so entities cannot grow."""
    if len(data) > MAX_BYTES:
        raise IntakeError("The sitemap is too long: give the one for news, which holds two days only.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, recover=True, load_dtd=False, remove_comments=True
    )
    try:
        root = etree.fromstring(data.lstrip(), parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None or _name(root) not in {"urlset", "sitemapindex"}:
        raise IntakeError("This is not a sitemap: give the address of the news sitemap, as robots.txt names it.")
    if _name(root) == "sitemapindex":
        found = [(_moment(one, "lastmod", now), _child(one, "loc")) for one in root]
        found.sort(key=lambda pair: pair[0].timestamp() if pair[0] else 0.0, reverse=True)
        return Sitemap(maps=tuple(address for _, loc in found if (address := web_address(loc)))[:MAX_ENTRIES])
    entries = [entry for one in root if (entry := _entry(one, now))]
    entries.sort(key=lambda entry: entry.published_at.timestamp() if entry.published_at else 0.0, reverse=True)
    return Sitemap(entries=tuple(entries[:MAX_ENTRIES]))


def _entry(element: etree._Element, now: datetime) -> Entry | None:
    address = web_address(_child(element, "loc"))
    if not address:
        return None
    news = next((one for one in element if _name(one) == "news"), None)
    if news is None:
        return Entry(address, published_at=_moment(element, "lastmod", now))
    publication = next((one for one in news if _name(one) == "publication"), None)
    return Entry(
        url=address,
        title=_child(news, "title"),
        outlet=_child(publication, "name") if publication is not None else "",
        language=_child(publication, "language") if publication is not None else "",
        keywords=tuple(word for one in _child(news, "keywords").split(",") if (word := one.strip())),
        published_at=_moment(news, "publication_date", now),
    )


def _moment(element: etree._Element, name: str, now: datetime) -> datetime | None:
    moment = parse_moment(_child(element, name))
    return moment if believable(moment, now) else None


def _child(element: etree._Element, name: str) -> str:
    for one in element:
        if _name(one) == name:
            return clean_line("".join(map(str, one.itertext())))[:2_000]
    return ""


def _name(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""
