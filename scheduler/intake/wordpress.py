"""A WordPress site's stories over its REST interface (``/wp-json/wp/v2/posts?_embed``).

Shapes: developer.wordpress.org/rest-api/reference/posts. Only published posts without a password are stories.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from db.records import Image
from scheduler.intake.cleaning import clean_line
from scheduler.intake.dates import parse_moment
from scheduler.intake.decoding import decode
from scheduler.intake.draft import Draft, finish
from scheduler.intake.errors import IntakeError
from scheduler.intake.items import Found, Refused
from scheduler.intake.markup import read_html, read_line

PER_LOOK = 50


def posts_address(site: str) -> str:
    """Where the newest posts of a site are; ``site`` is its front page, or the REST address itself."""
    query = urlencode({"per_page": PER_LOOK, "orderby": "modified", "_embed": "author,wp:featuredmedia,wp:term"})
    if "/wp-json/" in site or "rest_route=" in site:
        return site if "per_page=" in site else f"{site}{'&' if '?' in site else '?'}{query}"
    return f"{urljoin(site if urlsplit(site).path.endswith('/') else site + '/', 'wp-json/wp/v2/posts')}?{query}"


def read_wordpress(
    data: bytes, *, source: str, now: datetime, url: str = "", outlet: str = ""
) -> tuple[tuple[Found, ...], tuple[Refused, ...]]:
    """The published posts in one answer, and those that could not be read. Raises ``IntakeError``."""
    try:
        posts = json.loads(decode(data))
    except (ValueError, RecursionError):
        raise IntakeError("This is not a WordPress site's REST answer: check the address, or use its feed.") from None
    if isinstance(posts, dict) and posts.get("code"):
        raise IntakeError(f"WordPress refused ({_text(posts['code'])[:60]}): open its REST interface, or use its feed.")
    if not isinstance(posts, list):
        raise IntakeError("This is not a WordPress site's list of posts: check the address, or use its feed.")
    found: list[Found] = []
    refused: list[Refused] = []
    for post in posts:
        if not isinstance(post, dict) or _text(post.get("status") or "publish") != "publish":
            continue
        item_id = clean_line(_rendered(post.get("guid")) or _text(post.get("link")) or _text(post.get("id")))
        if _part(post, "content").get("protected") is True:
            continue
        try:
            found.append(Found(item_id, finish(_draft(post, url, outlet), source=source, now=now)))
        except IntakeError as error:
            refused.append(Refused(item_id, str(error)))
    return tuple(found), tuple(refused)


def _draft(post: dict[str, Any], url: str, outlet: str) -> Draft:
    address = _text(post.get("link"))
    text = read_html(_rendered(post.get("content")), address or url)
    categories, tags = _terms(post, "category"), _terms(post, "post_tag")
    categories = [name for name in categories if name.casefold() not in {"uncategorized", "allgemein", "non classé"}]
    return Draft(
        headline=read_line(_rendered(post.get("title"))),
        paragraphs=text.paragraphs,
        guid=_rendered(post.get("guid")),
        url=address,
        outlet=outlet,
        summary=read_line(_rendered(post.get("excerpt"))),
        authors=[_text(one.get("name")) for one in _embedded(post, "author")],
        section=categories[0] if categories else "",
        tags=tags,
        kickers=[*categories, *tags],
        language=_text(post.get("lang")),
        image=_image(post) or text.image,
        published_at=parse_moment(_text(post.get("date_gmt")) or _text(post.get("date"))),
        modified_at=parse_moment(_text(post.get("modified_gmt")) or _text(post.get("modified"))),
        removed=text.removed,
    )


def _embedded(post: dict[str, Any], name: str) -> list[dict[str, Any]]:
    values = _part(post, "_embedded").get(name)
    return [one for one in values if isinstance(one, dict)] if isinstance(values, list) else []


def _terms(post: dict[str, Any], taxonomy: str) -> list[str]:
    groups = _part(post, "_embedded").get("wp:term")
    names = [
        read_line(_text(term.get("name")))
        for group in (groups if isinstance(groups, list) else [])
        for term in (group if isinstance(group, list) else [])
        if isinstance(term, dict) and term.get("taxonomy") == taxonomy
    ]
    return [name for name in names if name]


def _image(post: dict[str, Any]) -> Image | None:
    for media in _embedded(post, "wp:featuredmedia"):
        address = _text(media.get("source_url"))
        if address and _text(media.get("media_type") or "image") == "image":
            caption = read_line(_rendered(media.get("caption")))
            credit = re.search(r"(?:photo|foto|credit|image|bild|©)\s*[:：by/]*\s*(.{2,80})$", caption, re.IGNORECASE)
            return Image(url=address, alt=_text(media.get("alt_text")), credit=credit[1] if credit else "")
    return None


def _part(post: dict[str, Any], name: str) -> dict[str, Any]:
    value = post.get(name)
    return value if isinstance(value, dict) else {}


def _rendered(value: Any) -> str:
    return _text(value.get("rendered")) if isinstance(value, dict) else _text(value)


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
