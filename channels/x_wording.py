"""What X makes of a post's words, read back: its own short links opened, its own pictures' links dropped. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from channels.matching import Wording, wording
from channels.x_length import find_links

_OWN_MEDIA = re.compile(r"https?://(?:www\.)?(?:x|twitter)\.com/[^/]+/status/\d+/(?:photo|video)/\d+", re.IGNORECASE)


def our_wording(text: str) -> Wording:
    """The wording of a text as it was sent; its links are those that X will see."""
    text = unicodedata.normalize("NFC", text)
    spans = find_links(text)
    return wording(text, spans, [text[start:end] for start, end in spans])


def their_wording(row: Mapping[str, Any]) -> tuple[str, Wording]:
    """A post of the timeline: its text with short links opened, for people; and its wording.

    A long post's words are in its note. A link to the post's own picture is no link.
    """
    note = row.get("note_tweet")
    body = note if isinstance(note, Mapping) and note.get("text") else row
    text = unicodedata.normalize("NFC", str(body.get("text", "")))
    opened = _opened(body.get("entities"))
    shown, bare = text, text
    for short, target in opened.items():
        shown, bare = shown.replace(short, target), bare.replace(short, " ")
    spans = find_links(bare)
    links = [*opened.values(), *(bare[start:end] for start, end in spans)]
    return shown.strip(), wording(bare, spans, links)


def _opened(entities: object) -> dict[str, str]:
    """Short link -> where it leads, "" for the post's own picture."""
    urls = entities.get("urls") if isinstance(entities, Mapping) else None
    opened: dict[str, str] = {}
    for url in urls if isinstance(urls, list) else []:
        if isinstance(url, Mapping) and isinstance(url.get("url"), str) and url["url"]:
            target = str(url.get("expanded_url") or "")
            own = bool(url.get("media_key")) or _OWN_MEDIA.match(target) is not None
            opened[url["url"]] = "" if own else target
    return opened
