"""Whether two texts tell one story: a mended or a syndicated one against a different one."""

from __future__ import annotations

import re
from hashlib import blake2b

from db.records import Article

_WORD = re.compile(r"[^\W_]{4,}")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]+")
_NUMBER = re.compile(r"\d+")
_ENOUGH = 300
MARKS = 8
"""So many hashes are kept of a text. Of two that agree in 70 % of their runs of words they share about five."""
SHARED = 2
"""Whoever shares so many is compared word for word."""


def same_story(one: Article, other: Article) -> bool:
    """True when the later state of a source's item is still the earlier story: most of its words are."""
    if one.headline.casefold() == other.headline.casefold():
        return True
    left, right = _words(_whole(one)), _words(_whole(other))
    smaller = min(len(left), len(right))
    return smaller > 0 and len(left & right) / smaller >= 0.5


def is_twin(one: Article, other: Article) -> bool:
    """True for near-identical text under two addresses: runs of words agree, and every number does.

    Numbers must, because weather, lottery and exchange reports repeat all else.
    """
    left, right = "\n".join(one.paragraphs), "\n".join(other.paragraphs)
    if min(len(left), len(right)) < _ENOUGH or set(_NUMBER.findall(left)) != set(_NUMBER.findall(right)):
        return False
    shingles, others = _shingles(left), _shingles(right)
    return bool(shingles) and len(shingles & others) / len(shingles | others) >= 0.7


def marks_of(article: Article) -> tuple[int, ...]:
    """The smallest hashes of the runs of words in a text: two texts that are nearly one share most of them.

    None for a text too short to be known by. Each fits a signed 64-bit column.
    """
    text = "\n".join(article.paragraphs)
    if len(text) < _ENOUGH:
        return ()
    hashes = {_hash(" ".join(run)) for run in _shingles(text)}
    return tuple(sorted(hashes)[:MARKS])


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) >> 1


def _whole(article: Article) -> str:
    return " ".join([article.headline, *article.paragraphs])


def _words(text: str) -> set[str]:
    words = set(_WORD.findall(text.casefold()))
    return words | {run[at : at + 2] for run in _CJK.findall(text) for at in range(len(run) - 1)}


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]|[^\W_]+", text.casefold())
    return {tuple(words[at : at + 3]) for at in range(len(words) - 2)}
