"""A made-up newspaper's site, marked up as real ones are: WordPress REST, feeds, a news sitemap, pages."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

OUTLET = "Port Selwyn Gazette"


@dataclass(frozen=True, slots=True)
class Piece:
    """One story of the site."""

    number: int
    slug: str
    headline: str
    dek: str
    authors: tuple[str, ...]
    section: str
    tags: tuple[str, ...]
    paragraphs: tuple[str, ...]
    published_at: datetime

    @property
    def markup(self) -> str:
        """The body as HTML."""
        return "\n".join(f"<p>{escape(text)}</p>" for text in self.paragraphs)


DREDGER = Piece(
    number=4711,
    slug="dredger-clears-channel",
    headline="Dredger clears harbour channel two weeks early",
    dek="The channel into Port Selwyn is nine metres deep again, and the first grain ship is due on Thursday.",
    authors=("Ada Example", "Ben Sample"),
    section="Harbour",
    tags=("Port Selwyn", "Shipping"),
    paragraphs=(
        "The dredger Marigold has cleared the harbour channel of Port Selwyn two weeks before its contract ends, the "
        "port authority said on Monday.",
        "The channel is nine metres deep again along its whole length of 2.4 kilometres, according to a survey that "
        "the authority made on Sunday.",
        "“We can take grain ships again from Thursday,” harbour master Eva Sample told the Gazette.",
        "Since the January storms ships of more than 8,000 tonnes had to unload at Norby, 60 kilometres up the coast, "
        "which cost the mills about 90,000 pounds a month.",
        "The work cost 1.7 million pounds, of which the county pays a third.",
    ),
    published_at=datetime(2026, 9, 21, 5, 40, tzinfo=UTC),
)
ORCHARD = Piece(
    number=4712,
    slug="orchard-school-reopens",
    headline="Orchard Lane school reopens after roof repair",
    dek="All 312 pupils of Orchard Lane are back in their own classrooms after a year in the sports hall.",
    authors=("Cleo Muster",),
    section="Education",
    tags=("Schools",),
    paragraphs=(
        "Orchard Lane primary school reopened on Monday with a new roof, and its 312 pupils moved back into their own "
        "classrooms after a year in the sports hall.",
        "The repair took 14 months and cost 2.1 million pounds, the council said in a statement.",
        "Head teacher Jo Smith said parents had carried furniture across the yard all weekend.",
    ),
    published_at=datetime(2026, 9, 21, 4, 10, tzinfo=UTC),
)
PIECES = (DREDGER, ORCHARD)


def wordpress_posts(base: str) -> bytes:
    """``/wp-json/wp/v2/posts?_embed`` with every field that the REST handbook documents for a post."""
    return json.dumps([_wordpress_post(base, piece) for piece in PIECES]).encode()


def _wordpress_post(base: str, piece: Piece) -> dict[str, Any]:
    local, gmt = f"{piece.published_at:%Y-%m-%dT%H:%M:%S}", f"{piece.published_at:%Y-%m-%dT%H:%M:%S}"
    return {
        "id": piece.number,
        "date": local,
        "date_gmt": gmt,
        "guid": {"rendered": f"{base}/?p={piece.number}"},
        "modified": local,
        "modified_gmt": gmt,
        "slug": piece.slug,
        "status": "publish",
        "type": "post",
        "link": f"{base}/{piece.slug}/",
        "title": {"rendered": escape(piece.headline)},
        "content": {
            "rendered": f'{piece.markup}\n<figure class="wp-block-image"><img src="{base}/d.jpg" alt="" /></figure>\n'
            '<div class="sharedaddy"><h3>Share this:</h3><ul><li><a href="#">Tweet</a></li></ul></div>',
            "protected": False,
        },
        "excerpt": {"rendered": f"<p>{escape(piece.dek)}</p>\n", "protected": False},
        "author": 3,
        "featured_media": 9,
        "comment_status": "closed",
        "ping_status": "closed",
        "sticky": False,
        "template": "",
        "format": "standard",
        "meta": [],
        "categories": [5],
        "tags": [6],
        "class_list": [f"post-{piece.number}", "post", "type-post", "status-publish"],
        "_links": {"self": [{"href": f"{base}/wp-json/wp/v2/posts/{piece.number}"}]},
        "_embedded": {
            "author": [{"id": 3, "name": name, "slug": name.lower()} for name in piece.authors],
            "wp:featuredmedia": [
                {"id": 9, "media_type": "image", "source_url": f"{base}/d.jpg", "alt_text": "The dredger at work"}
            ],
            "wp:term": [
                [{"id": 5, "name": piece.section, "taxonomy": "category"}],
                [{"id": 6, "name": tag, "taxonomy": "post_tag"} for tag in piece.tags],
            ],
        },
    }


def rss(base: str) -> str:
    """RSS 2.0 with the modules that newspapers use."""
    items = "".join(
        f"<item><title>{escape(one.headline)}</title><link>{base}/{one.slug}?utm_source=rss</link>"
        f'<guid isPermaLink="false">gazette-{one.number}</guid><pubDate>{one.published_at:%a, %d %b %Y %H:%M:%S} GMT</pubDate>'
        f"<description>{escape(one.dek)}</description><category>{one.section}</category>"
        f"<dc:creator>{escape(', '.join(one.authors))}</dc:creator>"
        f"<content:encoded><![CDATA[{one.markup}]]></content:encoded></item>"
        for one in PIECES
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>{OUTLET}</title><link>{base}</link><description>News</description><language>en-GB</language>{items}"
        "</channel></rss>"
    )


def atom(base: str) -> str:
    """Atom, RFC 4287."""
    entries = "".join(
        f"<entry><id>tag:gazette,2026:{one.number}</id><title>{escape(one.headline)}</title>"
        f'<link rel="alternate" href="{base}/{one.slug}"/><published>{one.published_at:%Y-%m-%dT%H:%M:%SZ}</published>'
        f"<updated>{one.published_at:%Y-%m-%dT%H:%M:%SZ}</updated><summary>{escape(one.dek)}</summary>"
        + "".join(f"<author><name>{name}</name></author>" for name in one.authors)
        + f'<category term="{one.section}"/><content type="html">{escape(one.markup)}</content></entry>'
        for one in PIECES
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">'
        f"<id>tag:gazette,2026:all</id><title>{OUTLET}</title><updated>2026-09-21T06:00:00Z</updated>{entries}</feed>"
    )


def json_feed(base: str) -> str:
    """JSON Feed 1.1."""
    items = [
        {
            "id": str(one.number),
            "url": f"{base}/{one.slug}",
            "title": one.headline,
            "summary": one.dek,
            "content_html": one.markup,
            "date_published": one.published_at.isoformat(),
            "authors": [{"name": name} for name in one.authors],
            "tags": [one.section, *one.tags],
        }
        for one in PIECES
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": OUTLET, "language": "en", "items": items}
    return json.dumps(feed)


def sitemap(base: str) -> str:
    """A Google News sitemap of the site's pages."""
    urls = "".join(
        f"<url><loc>{base}/{one.slug}</loc><news:news><news:publication><news:name>{OUTLET}</news:name>"
        f"<news:language>en</news:language></news:publication>"
        f"<news:publication_date>{one.published_at:%Y-%m-%dT%H:%M:%SZ}</news:publication_date>"
        f"<news:title>{escape(one.headline)}</news:title></news:news></url>"
        for one in PIECES
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{urls}</urlset>'
    )


def json_ld_page(base: str, piece: Piece) -> str:
    """A page with a schema.org graph, as the larger publishers write it."""
    graph = {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "WebSite", "@id": f"{base}/#site", "name": OUTLET, "url": base},
            {
                "@type": "NewsArticle",
                "headline": piece.headline,
                "description": piece.dek,
                "datePublished": piece.published_at.isoformat(),
                "dateModified": piece.published_at.isoformat(),
                "author": [{"@type": "Person", "name": name, "url": f"{base}/by"} for name in piece.authors],
                "publisher": {"@type": "NewsMediaOrganization", "name": OUTLET},
                "image": {"@type": "ImageObject", "url": f"{base}/d.jpg", "width": 1200, "height": 675},
                "articleSection": piece.section,
                "keywords": list(piece.tags),
                "inLanguage": "en-GB",
                "isAccessibleForFree": True,
                "mainEntityOfPage": f"{base}/{piece.slug}",
            },
        ],
    }
    head = f'<script type="application/ld+json">{json.dumps(graph)}</script>'
    return _page(base, piece, head)


def open_graph_page(base: str, piece: Piece) -> str:
    """A page with nothing but OpenGraph, as the smaller ones write it."""
    facts = {
        "og:type": "article",
        "og:site_name": OUTLET,
        "og:title": piece.headline,
        "og:description": piece.dek,
        "og:image": f"{base}/d.jpg",
        "og:url": f"{base}/{piece.slug}",
        "article:published_time": piece.published_at.isoformat(),
        "article:section": piece.section,
    }
    tags = [f'<meta property="{name}" content="{escape(fact)}">' for name, fact in facts.items()]
    tags.append(f'<meta name="author" content="{" and ".join(piece.authors)}">')
    return _page(base, piece, "".join(tags))


def _page(base: str, piece: Piece, head: str) -> str:
    byline = " and ".join(piece.authors)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{piece.headline} | {OUTLET}</title>'
        f'<link rel="canonical" href="{base}/{piece.slug}">{head}</head><body>'
        '<header><nav><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li></ul></nav></header>'
        '<div class="cookie-banner">We use cookies. <button>Accept all</button></div>'
        f'<main><article><h1>{piece.headline}</h1><p class="byline">By {byline}</p>{piece.markup}'
        '<aside class="newsletter"><p>Sign up for our newsletter and never miss a story.</p></aside></article></main>'
        '<section class="related"><h2>Read more</h2><ul><li><a href="/x">Ten walks along the pier</a></li></ul></section>'
        f"<footer><p>© 2026 {OUTLET}. All rights reserved. Follow us on X and Facebook.</p></footer></body></html>"
    )
