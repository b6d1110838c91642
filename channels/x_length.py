"""How X counts: the weighted length of a post, the links X will wrap, its cashtags.

Rules: twitter-text configuration v3 (280 units of weight 100; weight 1 for U+0000-10FF, U+2000-200D,
U+2010-201F and U+2032-2037, weight 2 for the rest; every link 23; every emoji sequence 2) over text in NFC.
Pure, and linear in the length of the text whatever the text is.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

MAX_LENGTH = 280
"""Weighted length of an ordinary post."""

LINK_LENGTH = 23
"""What any link costs, however long it is: X wraps it."""

MAX_LINK_CHARACTERS = 4096
"""A longer address is not a link for X."""

_NARROW = ((0x0000, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))

_MODIFIED = r"\p{Emoji}(?:\p{EMod}|\uFE0F)?\u20E3?(?:[\U000E0020-\U000E007E]+\U000E007F)?"
_EMOJI = regex.compile(
    rf"""
      \p{{RI}}\p{{RI}}                                             # a flag
    | [0-9\#*]\uFE0F?\u20E3                                        # a keycap
    | (?: [\p{{Emoji_Presentation}}--\p{{RI}}]                     # looks like a picture by itself
        | [\p{{Emoji}}--[0-9\#*©®™\p{{RI}}]](?!\uFE0E)             # drawn as one by X
        | [©®™](?=\uFE0F)
      )
      (?:\p{{EMod}}|\uFE0F)?(?:[\U000E0020-\U000E007E]+\U000E007F)?
      (?:\u200D(?:{_MODIFIED}))*+                                  # joined: a family, a profession
    """,
    regex.VERBOSE | regex.VERSION1,
)

# A run of everything that may stand in a host name, dots and all; judged label by label afterwards.
_RUN = regex.compile(
    r"(?P<scheme>https?://)?+(?P<host>(?:(?!https?://)[\p{L}\p{M}\p{N}_\-.])++)", regex.IGNORECASE | regex.VERSION1
)
_NO_LINK_AFTER = regex.compile(r"[A-Za-z0-9@＠$#＃\uFFFE\uFEFF\uFFFF\u202A-\u202E]")
_NO_BARE_LINK_AFTER = frozenset("-_./")
_PLAIN_LABEL = regex.compile(r"[0-9A-Za-z\u00C0-\u024F]++(?:-++[0-9A-Za-z\u00C0-\u024F]++)*+")
_ANY_LABEL = regex.compile(r"[\p{L}\p{M}\p{N}]++(?:[_-]++[\p{L}\p{M}\p{N}]++)*+")
_ASCII_START = regex.compile(r"[0-9A-Za-z-]+")
_PLAIN_TAIL = regex.compile(r"[0-9A-Za-z\u00C0-\u024F-]+\Z")
_PORT = regex.compile(r":[0-9]++")

_PATH_CHARACTER = r"\p{Latin}\p{Cyrillic}\p{M}0-9!*';:=+,.$/%\#\[\]\-\u2013_~@|&"
_PATH_END = r"\p{Latin}\p{Cyrillic}\p{M}0-9=_\#/+\-"
_PATH = regex.compile(
    rf"/(?:[{_PATH_CHARACTER}]|\((?:[{_PATH_CHARACTER}]|\([{_PATH_CHARACTER}]*+\))*+\))*+", regex.VERSION1
)
_PATH_LAST = regex.compile(rf"[{_PATH_END})]", regex.VERSION1)
_QUERY = regex.compile(r"\?[0-9A-Za-z!?*'@();:&=+$/%#\[\]\-_.,~|]*+")
_QUERY_LAST = regex.compile(r"[0-9A-Za-z\-_&=#/]")

_CASHTAG = regex.compile(
    r"(?<![^\s\u200E\u200F\u202A-\u202E\u2066-\u2069])\$[A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?(?=\Z|\s|\p{P})",
    regex.VERSION1,
)


def weighted_length(text: str) -> int:
    """The length of ``text`` as X counts it: 280 is the most an ordinary post may have."""
    text = unicodedata.normalize("NFC", text)
    total = 0
    end = 0
    for start, stop in _links(text):
        total += _plain_weight(text[end:start]) + LINK_LENGTH
        end = stop
    return total + _plain_weight(text[end:])


def find_links(text: str) -> list[tuple[int, int]]:
    """Where X will see links, as (start, end) in ``text``: with a scheme or bare (``example.com``).

    The positions are those of the text as given; X itself looks at the NFC form, which the caller should
    pass when the difference matters.
    """
    return _links(text)


def cashtags(text: str) -> list[str]:
    """The cashtags X will link, each with its ``$``, in order (a post may carry one)."""
    return [found.group() for found in _CASHTAG.finditer(text)]


def _plain_weight(text: str) -> int:
    """Weight of text that holds no link."""
    if text.isascii():
        return len(text)
    total = 0
    end = 0
    for found in _EMOJI.finditer(text):
        total += _character_weight(text[end : found.start()]) + 2
        end = found.end()
    return total + _character_weight(text[end:])


def _character_weight(text: str) -> int:
    """Weight character by character."""
    total = 0
    for character in text:
        point = ord(character)
        total += 1 if any(low <= point <= high for low, high in _NARROW) else 2
    return total


def _links(text: str) -> list[tuple[int, int]]:
    """All links, left to right, none overlapping."""
    if "." not in text:
        return []
    links: list[tuple[int, int]] = []
    position = 0
    while (found := _RUN.search(text, position)) is not None:
        position = found.end()
        if found["scheme"]:
            span = _with_scheme(text, found.start(), found.start("host"), found["host"])
            spans = [span] if span else []
        else:
            spans = _bare(text, found.start("host"), found["host"])
        for start, end in spans:
            links.append((start, end))
            position = max(position, end)
    return links


def _with_scheme(text: str, start: int, host_start: int, host: str) -> tuple[int, int] | None:
    """The link that begins with a scheme at ``start``, or None."""
    if start and _NO_LINK_AFTER.match(text[start - 1]):
        return None
    end = _host_end(text, host_start, host, _ANY_LABEL)
    if end is None:
        return None
    end = _tail_end(text, end)
    return (start, end) if end - start <= MAX_LINK_CHARACTERS else None


def _bare(text: str, start: int, host: str) -> list[tuple[int, int]]:
    """The links without scheme in one run of host characters; a path belongs to the last of them."""
    before = text[start - 1] if start else ""
    if before and (_NO_LINK_AFTER.match(before) or before in _NO_BARE_LINK_AFTER):
        return []
    links: list[tuple[int, int]] = []
    offset = 0
    labels: list[tuple[int, str]] = []
    best: int | None = None
    for label in [*host.split("."), ""]:
        plain = _PLAIN_LABEL.fullmatch(label) is not None
        if labels and (size := _top_level_size(label, text, start + offset)) is not None:
            best = start + offset + size
        if plain:
            labels.append((start + offset, label))
        else:
            if best is not None:
                links.append((labels[0][0], best))
            tail = _PLAIN_TAIL.search(label)
            labels = []
            best = None
            if tail and label[tail.start() :].strip("-") and not label[: tail.start()].endswith("_"):
                labels = [(start + offset + tail.start(), tail.group())]
        offset += len(label) + 1
    if links:
        last_start, last_end = links[-1]
        links[-1] = (last_start, _tail_end(text, last_end))
    return links


def _host_end(text: str, start: int, host: str, label_rule: regex.Pattern[str]) -> int | None:
    """Where the longest host name that starts at ``start`` ends, or None when there is none."""
    best: int | None = None
    offset = 0
    for number, label in enumerate(host.split(".")):
        if number and (size := _top_level_size(label, text, start + offset)) is not None:
            best = start + offset + size
        if label_rule.fullmatch(label) is None:
            break
        offset += len(label) + 1
    return best


def _top_level_size(label: str, text: str, start: int) -> int | None:
    """How many characters at ``start`` are a top-level name, or None."""
    ascii_start = _ASCII_START.match(label)
    names = [label] if ascii_start is None else [ascii_start.group(), label]
    for name in names:
        after = text[start + len(name) : start + len(name) + 1]
        if after and (after == "@" or (after.isascii() and after.isalnum())):
            continue
        if len(name) <= 63 and _is_top_level(name.lower()):
            return len(name)
    return None


def _tail_end(text: str, end: int) -> int:
    """Where port, path and query after a host end."""
    if port := _PORT.match(text, end):
        end = port.end()
    if path := _PATH.match(text, end):
        end = _last_allowed(text, end + 1, path.end(), _PATH_LAST)
    if query := _QUERY.match(text, end):
        last = _last_allowed(text, end + 1, query.end(), _QUERY_LAST)
        end = last if last > end + 1 else end
    return end


def _last_allowed(text: str, start: int, end: int, allowed: regex.Pattern[str]) -> int:
    """``end`` moved back over characters that may not close a link, but not before ``start``."""
    while end > start and not allowed.match(text[end - 1]):
        end -= 1
    return end


@lru_cache(maxsize=4096)
def _is_top_level(name: str) -> bool:
    """Whether ``name`` is a top-level name of the public suffix list."""
    return _suffixes().publicsuffix(name) is not None


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    """The list that comes with the package, read once."""
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(accept_unknown=False, only_icann=True)
