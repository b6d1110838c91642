"""RSS, Atom, RDF and JSON Feed to stories, in any of the states that feeds are found in."""

from __future__ import annotations

import heapq
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from time import struct_time
from typing import Any, TypeVar
from urllib.parse import urljoin

from db.records import Image
from scheduler.intake.cleaning import clean_line
from scheduler.intake.dates import parse_moment
from scheduler.intake.decoding import MAX_BYTES, decode
from scheduler.intake.draft import Draft, finish
from scheduler.intake.errors import IntakeError
from scheduler.intake.feed_xml import NOT_A_FEED, mended_feed
from scheduler.intake.items import Found, Refused
from scheduler.intake.markup import read_html, read_line

MAX_ITEMS = 500
"""Of a longer feed, the newest are read: by date where all have one, else the first."""

_Item = TypeVar("_Item")
_PIXEL = re.compile(
    r"feeds?\.feedburner|/~r/|doubleclick|pixel|1x1|stats\.wordpress|feedsportal|gravatar", re.IGNORECASE
)
_PICTURE = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)(?:$|\?)", re.IGNORECASE)


def read_feed(
    data: bytes, *, source: str, now: datetime, url: str = "", label: str = ""
) -> tuple[tuple[Found, ...], tuple[Refused, ...]]:
    """The stories of a feed in its order, and the items that could not be read, each with a sentence.

    ``url`` is where it came from: relative addresses are joined to it. Raises ``IntakeError`` for what is no feed.
    """
    if len(data) > MAX_BYTES:
        raise IntakeError(f"The feed has {len(data) / 1e6:.0f} MB: ask for a feed of the newest stories only.")
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    drafts = _json_drafts(data, url) if start in (b"{", b"[") else _xml_drafts(data, url, label)
    found: list[Found] = []
    refused: list[Refused] = []
    for item_id, draft in zip(_item_ids(drafts), drafts, strict=True):
        try:
            found.append(Found(item_id, finish(draft, source=source, now=now)))
        except IntakeError as error:
            refused.append(Refused(item_id, str(error)))
    return tuple(found), tuple(refused)


def _newest(items: list[_Item], moment: Callable[[_Item], datetime | None]) -> list[_Item]:
    """At most ``MAX_ITEMS``, in the feed's order. Chosen before they are read: reading is what takes time."""
    if len(items) <= MAX_ITEMS:
        return items
    dated = [(at, -place) for place, item in enumerate(items) if (at := moment(item))]
    if len(dated) < len(items):
        return items[:MAX_ITEMS]
    return [items[place] for place in sorted(-place for _, place in heapq.nlargest(MAX_ITEMS, dated))]


def _item_ids(drafts: list[Draft]) -> list[str]:
    """What the feed calls each item: its guid; where several share one, or have none, address or headline too."""
    shared = Counter(draft.guid for draft in drafts)
    names = []
    for draft in drafts:
        if draft.guid and shared[draft.guid] == 1:
            names.append(clean_line(draft.guid))
        else:
            names.append(clean_line(f"{draft.guid} {draft.url or draft.headline}"))
    return names


# --- RSS, Atom, RDF ----------------------------------------------------------------------------


def _xml_drafts(data: bytes, url: str, label: str) -> list[Draft]:
    import feedparser

    headers = {"content-type": "application/xml; charset=utf-8"}
    mended = mended_feed(data, label)
    try:
        parsed = feedparser.parse(mended, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except Exception:  # well-formed, and nested as no feed is: feedparser falls over its own bookkeeping
        raise IntakeError(
            "This feed nests its elements as no feed may, and cannot be read: tell whoever makes it."
        ) from None
    if not parsed.get("version") and not parsed.entries:
        raise IntakeError(NOT_A_FEED)
    channel = parsed.feed
    base = str(channel.get("link") or "") or url
    entries = _newest(parsed.entries, lambda entry: _moment(entry, "published") or _moment(entry, "updated"))
    return [_xml_draft(entry, channel, urljoin(url, base) if url else base) for entry in entries]


def _xml_draft(entry: dict[str, Any], channel: Mapping[str, Any], base: str) -> Draft:
    address = _address(entry, base)
    bodies = [str(part.get("value") or "") for part in entry.get("content") or ()]
    summary = str(entry.get("summary") or "")
    body = max([*bodies, summary], key=len, default="")
    text = read_html(body, address or base)
    own = read_line(summary) if bodies and summary != body else ""
    tags = [str(tag.get("term") or tag.get("label") or "") for tag in entry.get("tags") or ()]
    return Draft(
        headline=read_line(str(entry.get("title") or "")),
        paragraphs=text.paragraphs,
        guid=str(entry.get("id") or ""),
        url=address,
        outlet=read_line(str(channel.get("title") or "")),
        summary=own,
        authors=_authors(entry),
        section=read_line(tags[0]) if tags else "",
        tags=[read_line(tag) for tag in tags],
        kickers=[read_line(tag) for tag in tags],
        language=str(entry.get("language") or channel.get("language") or ""),
        image=_image(entry, address or base) or text.image,
        published_at=_moment(entry, "published") or _moment(entry, "updated"),
        modified_at=_moment(entry, "updated"),
        removed=text.removed,
    )


def _address(entry: Mapping[str, Any], base: str) -> str:
    """The story's own address: FeedBurner's original link first, then the link, then a guid that is one."""
    links = [
        str(link.get("href") or "") for link in entry.get("links") or () if link.get("rel", "alternate") == "alternate"
    ]
    guid = str(entry.get("id") or "")
    choices = [str(entry.get("feedburner_origlink") or ""), str(entry.get("link") or ""), *links, guid]
    # feedparser takes a guid for the link where there is none; only one that is an address may stand for it.
    choices = [choice for choice in choices if choice != guid or re.match(r"https?://", guid, re.IGNORECASE)]
    chosen = next((choice for choice in choices if choice.strip()), "")
    try:
        return urljoin(base, chosen.strip()) if chosen else ""
    except ValueError:
        return chosen


def _authors(entry: Mapping[str, Any]) -> list[str]:
    names = [str(author.get("name") or "") for author in entry.get("authors") or ()]
    return [name for name in names if name] or [str(entry.get("author") or "")]


def _image(entry: Mapping[str, Any], base: str) -> Image | None:
    """The largest picture the item names as its own."""
    media = [one for one in entry.get("media_content") or () if _is_picture(one)]
    media = sorted(media, key=lambda one: _number(one.get("width")), reverse=True)
    thumbnails = list(entry.get("media_thumbnail") or ())
    enclosures = [one for one in entry.get("enclosures") or () if _is_picture(one)]
    for one in [*media, *enclosures, *thumbnails]:
        address = str(one.get("url") or one.get("href") or "")
        if address and not _PIXEL.search(address):
            credits = [str(credit.get("content") or "") for credit in entry.get("media_credit") or ()]
            alt = str(one.get("title") or entry.get("media_description") or "")
            try:
                return Image(url=urljoin(base, address), alt=read_line(alt), credit=", ".join(credits))
            except ValueError:
                continue
    return None


def _is_picture(one: Mapping[str, Any]) -> bool:
    kind = str(one.get("type") or one.get("medium") or "")
    return kind.startswith("image") or (
        not kind and bool(_PICTURE.search(str(one.get("url") or one.get("href") or "")))
    )


def _number(value: Any) -> int:
    return int(value) if str(value or "").isascii() and str(value or "").isdigit() and len(str(value)) < 7 else 0


def _moment(entry: dict[str, Any], name: str) -> datetime | None:
    # By the plain dict's door: feedparser's own warns that it puts one date in the other's place.
    if (written := dict.get(entry, name)) and (moment := parse_moment(str(written))):
        return moment
    parsed = dict.get(entry, f"{name}_parsed")
    if not isinstance(parsed, struct_time):
        return None
    try:
        return datetime(*parsed[:6], tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


# --- JSON Feed ---------------------------------------------------------------------------------


def _json_drafts(data: bytes, url: str) -> list[Draft]:
    """JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1)."""
    try:
        feed = json.loads(decode(data))
    except (ValueError, RecursionError):
        raise IntakeError("The feed is broken JSON: tell whoever runs the site.") from None
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        raise IntakeError("This JSON is not a JSON Feed: it has no list of items.")
    base = _text(feed.get("home_page_url")) or url
    items = [item for item in items if isinstance(item, dict)]
    items = _newest(items, lambda item: parse_moment(_text(item.get("date_published"))))
    return [_json_draft(item, feed, base) for item in items]


def _json_draft(item: dict[str, Any], feed: dict[str, Any], base: str) -> Draft:
    address = _text(item.get("url")) or _text(item.get("external_url"))
    markup, plain_text = _text(item.get("content_html")), _text(item.get("content_text"))
    text = read_html(markup, address or base) if markup else None
    authors = item.get("authors") or [item.get("author")]
    names = [_text(one.get("name")) for one in authors if isinstance(one, dict)] if isinstance(authors, list) else []
    tags = [_text(tag) for tag in item["tags"]] if isinstance(item.get("tags"), list) else []
    picture = _text(item.get("image")) or _text(item.get("banner_image"))
    published = parse_moment(_text(item.get("date_published")))
    try:
        address = urljoin(base, address) if address else ""
        image = Image(url=urljoin(base, picture)) if picture else None
    except ValueError:
        image = None
    return Draft(
        headline=read_line(_text(item.get("title"))),
        paragraphs=text.paragraphs if text else [line for line in plain_text.splitlines() if line.strip()],
        guid=_text(item.get("id")),
        url=address,
        outlet=_text(feed.get("title")),
        summary=_text(item.get("summary")),
        authors=names,
        section=tags[0] if tags else "",
        tags=tags,
        kickers=tags,
        language=_text(item.get("language")) or _text(feed.get("language")),
        image=image or (text.image if text else None),
        published_at=published or parse_moment(_text(item.get("date_modified"))),
        modified_at=parse_moment(_text(item.get("date_modified"))),
        removed=text.removed if text else (),
    )


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)
