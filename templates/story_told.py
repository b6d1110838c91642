"""Tells whether words say what their story is about: the name that its headline opens with, its event, its subject.

A sentence may be true, sourced and complete and still be background: without the headline beside it nobody learns the
news from it. English; other languages are never found to miss anything.
"""

from __future__ import annotations

import itertools
from functools import lru_cache

import regex

from db.records import Article
from templates.candidates import words_of
from templates.lexicon import primary

_STEM = 4
_READ = 12_000
"""Characters of the body that are read for its names."""

_WORD = regex.compile(r"\p{Lu}[\p{L}\p{M}]+(?:['’-]\p{L}+)*")
_LOWER_BEFORE = regex.compile(r"[\p{Ll}\p{N},;]['’”\"]?\s[“\"‘'@]?$")
_POSSESSIVE = regex.compile(r"['’]s$|['’]$")
_DEATH = regex.compile(
    r"\b(?:die[sd]?|dead|deaths?|deadly|kill(?:s|ed|ing|er)?|murder(?:s|ed)?|fatal(?:ly)?|slain|passed\saway|manslaughter|drown(?:s|ed)|funeral|late|bod(?:y|ies)|"
    r"mourn(?:s|ed|ing)?|homicide|suicide|remains|lives)\b",
    regex.IGNORECASE,
)
_DEATH_TOLD = regex.compile(r"\b(?:dies|died|dead|killed|kills|murdered|slain)\b", regex.IGNORECASE)


def misses_story(text: str, article: Article) -> bool:
    """Whether ``text`` leaves out what the headline is about: its person, its names, all of its words, or a death. Pure.

    A name in common is enough; without one the more words must be shared the more the headline's names promise.
    """
    if primary(article.language) != "en" or not text:
        return False
    headline = article.headline
    asked = {word[:_STEM] for word in words_of(headline, article.language)}
    if len(asked) < 3:
        return False
    said = {word[:_STEM] for word in words_of(text, article.language)}
    names = headline_names(article)
    told = len(asked & said)
    if any(name[:_STEM].lower() in said for name in names):
        few = -1
    elif any(f"{one} {two}" in headline for one, two in itertools.pairwise(names)):
        few = 2
    else:
        few = 1 if names else 0
    if told <= few and len(asked) > told + 2:
        return True
    return _DEATH_TOLD.search(headline) is not None and _DEATH.search(text) is None


def shares_nothing(text: str, article: Article) -> bool:
    """Whether ``text`` has no word that carries meaning in common with the headline. Pure."""
    said = {word[:_STEM] for word in words_of(text, article.language)}
    return not any(word[:_STEM] in said for word in words_of(article.headline, article.language))


def headline_names(article: Article) -> tuple[str, ...]:
    """The proper names of the headline, single words, that the body writes with a capital inside its sentences, and never without."""
    return _names(article.headline, "\n".join(article.paragraphs)[:_READ])


@lru_cache(maxsize=64)
def _names(headline: str, body: str) -> tuple[str, ...]:
    found = dict.fromkeys(_POSSESSIVE.sub("", one.group()) for one in _WORD.finditer(headline))
    return tuple(name for name in found if len(name) > 2 and _is_name(name, body))


def _is_name(word: str, body: str) -> bool:
    """Whether the body uses a word as a name: inside a sentence, and never in small letters."""
    if regex.search(rf"(?<!\p{{L}}){word.lower()}(?!\p{{L}})", body) is not None:
        return False
    return any(
        _LOWER_BEFORE.search(body[max(0, one.start() - 4) : one.start()]) is not None
        for one in regex.finditer(rf"(?<!\p{{L}}){word}(?!\p{{L}})", body)
    )
