"""What Facebook makes of a post, read back: its words, and the links that it attached. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from channels.matching import Wording, plain_links, wording
from db.records import Part


def our_wording(part: Part) -> Wording:
    """The wording of a part as it was sent: links in its words and the one beside them."""
    spans = plain_links(part.text)
    links = [part.text[start:end] for start, end in spans]
    return wording(part.text, spans, [*links, part.link or ""])


def their_wording(row: Mapping[str, Any]) -> Wording:
    """The wording of a published post; what Facebook attached of its own (a photo's page) is no link."""
    text = str(row.get("message") or "")
    attached = row.get("attachments")
    listed = attached.get("data") if isinstance(attached, Mapping) else None
    links = [
        str(item.get("unshimmed_url") or item.get("url") or "")
        for item in (listed if isinstance(listed, list) else [])
        if isinstance(item, Mapping) and item.get("media_type") not in ("photo", "album", "video")
    ]
    spans = plain_links(text)
    return wording(text, spans, [*links, *(text[start:end] for start, end in spans)])
