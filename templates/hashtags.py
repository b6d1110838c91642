"""Hashtags from what the newsroom itself says of a story: its tags, its proper names, its section."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import regex

from db.records import Article
from templates.attribution import proper_names
from templates.lexicon import primary

LONGEST = 30
"""A hashtag of more characters is not read any more."""

_PART = regex.compile(r"[\p{L}\p{M}\p{N}_]+")
_NAME_RUN = regex.compile(r"(?<![.!?:]\s)(?<!^)\b\p{Lu}[\p{L}\p{M}]+(?:\s\p{Lu}[\p{L}\p{M}]+){0,2}")


def choose_hashtags(article: Article, most: int, stop_list: Iterable[str] = ()) -> tuple[str, ...]:
    """At most ``most`` hashtags, each with its "#", none twice and none of the stop list.

    The article's tags come first, then proper names that stand in the headline and often in the body, then the
    section. Bylines, outlet and footer are never a source.
    """
    if most <= 0:
        return ()
    stopped = {_bare(word).casefold() for word in stop_list}
    stopped |= {_bare(word).casefold() for word in (*article.authors, article.outlet) if word}
    chosen: list[str] = []
    seen: set[str] = set()
    for words in (*article.tags, *_names(article), article.section):
        tag = _bare(words)
        key = tag.casefold()
        if not tag or key in seen or key in stopped or len(tag) > LONGEST or not any(mark.isalpha() for mark in tag):
            continue
        seen.add(key)
        chosen.append(f"#{tag}")
        if len(chosen) == most:
            break
    return tuple(chosen)


def _bare(words: str) -> str:
    """The words as one: "city council" becomes "CityCouncil", "COVID-19" becomes "COVID19"."""
    parts = [found.group() for found in _PART.finditer(words)]
    if len(parts) == 1:
        return parts[0] if not parts[0].islower() else parts[0][:1].upper() + parts[0][1:]
    return "".join(part[:1].upper() + part[1:] for part in parts)


def _names(article: Article) -> list[str]:
    """Proper names of the headline that the body speaks of at least three times, most often first."""
    if primary(article.language) == "de":
        return []
    body = "\n".join(article.paragraphs)[:20_000]
    headline = {name.casefold() for name in proper_names(article.headline, article.language)}
    counts = Counter(found.group() for found in _NAME_RUN.finditer(body))
    return [
        name
        for name, count in counts.most_common(20)
        if count >= 3 and all(part.casefold() in headline for part in name.split())
    ]
