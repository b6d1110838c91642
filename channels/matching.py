"""Is what the account shows the post we sent? Pure.

A post is known by its words without links, plus the addresses it links to. Platforms rewrite: X wraps links and
escapes ``&``, Facebook trims; composed and decomposed letters mean the same, so does any run of white space. All
that is levelled on both sides before they are compared.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

NEAR_RATIO: Final = 0.85
"""Posts whose words agree at least so far are near: a person decides."""

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe0e\ufe0f\ufeff]")
_WORDS = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+")
_PLAIN_LINK = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_LINK_END = ".,;:!?)]}'\"»”’…"


class Likeness(StrEnum):
    """How like our post a published one is."""

    EXACT = "exact"
    NEAR = "near"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Wording:
    """A post levelled for comparing: ``text`` without links, ``links`` as canonical addresses."""

    text: str
    links: frozenset[str]


def wording(text: str, spans: Sequence[tuple[int, int]] = (), links: Iterable[str] = ()) -> Wording:
    """The wording of ``text``; ``spans`` are its links' places (start, end), ``links`` what they lead to.

    Spans are cut out of the text, whatever they show. Addresses that the platform's own shims wrap are unwrapped.
    """
    kept: list[str] = []
    end = 0
    for start, stop in sorted(spans):
        kept.append(text[end:start])
        end = max(end, stop)
    kept.append(text[end:])
    return Wording(_level(" ".join(kept)), frozenset(canonical(link) for link in links if link))


def plain_links(text: str) -> list[tuple[int, int]]:
    """The places of addresses written out with their scheme; a closing mark after one is not part of it."""
    spans = []
    for found in _PLAIN_LINK.finditer(text):
        shown = found.group().rstrip(_LINK_END)
        spans.append((found.start(), found.start() + len(shown)))
    return spans


def canonical(link: str) -> str:
    """One writing for all that lead to the same place: scheme and ``www.`` dropped, host lower, query in order."""
    link = _unescaped(link.strip())
    try:
        parts = urlsplit(link if "://" in link else f"http://{link}")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return link
    if parts.hostname in ("l.facebook.com", "lm.facebook.com") and parts.path == "/l.php":
        target = dict(parse_qsl(parts.query)).get("u")
        if target:
            return canonical(target)
    host = (parts.hostname or "").removeprefix("www.")
    pairs = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "fbclid"]
    query = urlencode(sorted(pairs))
    path = unicodedata.normalize("NFC", unquote(parts.path)).rstrip("/")
    return _as_ascii(host) + port + path + (f"?{query}" if query else "")


def compare(ours: Wording, theirs: Wording) -> Likeness:
    """Exact: same words, same links. Near: nearly the same words, or a link in common. Else no."""
    if ours == theirs:
        return Likeness.EXACT
    if _targets(ours.links) & _targets(theirs.links):
        return Likeness.NEAR
    return Likeness.NEAR if _alike(ours.text, theirs.text) else Likeness.NO


def _level(text: str) -> str:
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", _unescaped(text)))
    return " ".join(text.split())


def _unescaped(text: str) -> str:
    """The three escapes that X writes taken back, however often they were laid over each other."""
    before = None
    while before != text:
        before, text = text, text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return text


def _as_ascii(host: str) -> str:
    try:
        return host.encode("idna").decode() if host else host
    except UnicodeError:
        return host


def _targets(links: Iterable[str]) -> set[str]:
    """The links without the campaign's marks, by which two posts about one story meet."""
    return {_without_campaign(link) for link in links}


def _without_campaign(link: str) -> str:
    address, _, query = link.partition("?")
    pairs = [pair for pair in parse_qsl(query, keep_blank_values=True) if not pair[0].startswith("utm_")]
    return address + (f"?{urlencode(pairs)}" if pairs else "")


def _alike(ours: str, theirs: str) -> bool:
    mine, other = _WORDS.findall(ours.casefold()), _WORDS.findall(theirs.casefold())
    if not mine or not other:
        return False
    matcher = SequenceMatcher(None, mine, other, autojunk=False)
    return (
        matcher.real_quick_ratio() >= NEAR_RATIO
        and matcher.quick_ratio() >= NEAR_RATIO
        and matcher.ratio() >= NEAR_RATIO
    )
