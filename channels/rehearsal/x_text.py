"""What X makes of a post's words: links become t.co addresses, and answers are HTML-escaped."""

from __future__ import annotations

import hashlib
import html
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class XText:
    """A post's text as X keeps it. ``links`` are (t.co address, the address it stands for) in order."""

    shown: str
    links: tuple[tuple[str, str], ...]


def short_link(post_id: str, number: int) -> str:
    """A t.co address of 23 characters, the same for the same post and place."""
    value = int.from_bytes(hashlib.sha256(f"{post_id}/{number}".encode()).digest()[:12], "big")
    letters = ""
    for _ in range(10):
        value, place = divmod(value, 62)
        letters += _LETTERS[place]
    return f"https://t.co/{letters}"


def wrap(text: str, post_id: str, pictures_at: str | None = None) -> XText:
    """The text in NFC, each link wrapped; with pictures one more link at the end, to ``pictures_at``."""
    from channels.x_length import find_links

    text = unicodedata.normalize("NFC", text).strip()
    pieces: list[str] = []
    links: list[tuple[str, str]] = []
    end = 0
    for start, stop in find_links(text):
        address = text[start:stop]
        short = short_link(post_id, len(links))
        links.append((short, address if "://" in address else f"http://{address}"))
        pieces += [text[end:start], short]
        end = stop
    pieces.append(text[end:])
    if pictures_at:
        short = short_link(post_id, len(links))
        links.append((short, pictures_at))
        pieces.append(f" {short}" if text else short)
    return XText(html.escape("".join(pieces), quote=False), tuple(links))


def url_entities(shown: str, links: Sequence[tuple[str, str]]) -> list[dict[str, object]]:
    """``entities.urls`` of a post, positions in characters of the unescaped text, as X counts them."""
    plain = html.unescape(shown)
    found: list[dict[str, object]] = []
    after = 0
    for short, address in links:
        start = plain.find(short, after)
        after = start + len(short)
        bare = address.partition("://")[2]
        display = bare if len(bare) <= 27 else bare[:26] + "…"
        found.append({"start": start, "end": after, "url": short, "expanded_url": address, "display_url": display})
    return found


def mentions(text: str) -> set[str]:
    """The user names that a text mentions, in lower case."""
    import regex

    return {name.lower() for name in regex.findall(r"(?<![\p{L}\p{N}_@])@([A-Za-z0-9_]{1,15})\b", text)}
