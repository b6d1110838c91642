"""What the engine knows of each language: labels, openings that dangle, reporting verbs, words of time.

A language without an entry is served by the English label words and by rules that need no words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import regex

from db.records import Label
from templates.lexicon_english import ENGLISH
from templates.lexicon_european import DUTCH, FRENCH, GERMAN, ITALIAN, POLISH, PORTUGUESE, RUSSIAN, SPANISH
from templates.lexicon_form import Lexicon
from templates.lexicon_further import ARABIC, CHINESE, JAPANESE, KOREAN, OTHER_LABELS

_LEXICONS: Mapping[str, Lexicon] = {
    "en": ENGLISH,
    "de": GERMAN,
    "fr": FRENCH,
    "es": SPANISH,
    "pt": PORTUGUESE,
    "it": ITALIAN,
    "nl": DUTCH,
    "pl": POLISH,
    "ru": RUSSIAN,
    "ja": JAPANESE,
    "zh": CHINESE,
    "ko": KOREAN,
    "ar": ARABIC,
    **{code: Lexicon(labels=labels) for code, labels in OTHER_LABELS.items()},
}

_TOKEN = re.compile(r"\w+(?:['’]\w+)*")
_APOSTROPHE = re.compile("['’]")
_NO_SPACES = frozenset({"ja", "zh", "th", "my", "km", "lo"})


@lru_cache(maxsize=256)
def primary(language: str) -> str:
    """The primary subtag of a BCP 47 tag in lower case; ``en`` for an empty one."""
    return language.replace("_", "-").split("-")[0].lower() or "en"


@lru_cache(maxsize=256)
def lexicon(language: str) -> Lexicon:
    """The words of ``language``; for one we do not know, English labels and no words."""
    known = _LEXICONS.get(primary(language))
    return known if known is not None else Lexicon(labels=ENGLISH.labels)


def label_word(label: Label, language: str) -> str:
    """How a label is said in ``language``; "" for news, which needs none."""
    return lexicon(language).labels.get(label, "")


def writes_without_spaces(language: str) -> bool:
    """Whether words of ``language`` stand without spaces between them."""
    return primary(language) in _NO_SPACES


@lru_cache(maxsize=512)
def words_pattern(language: str, kind: str, *, at_start: bool = False) -> regex.Pattern[str]:
    """A pattern that finds any word of one kind (a field of ``Lexicon``), whole where words are spaced.

    Never matches where the language has no such words.
    """
    words: tuple[str, ...] = getattr(lexicon(language), kind)
    if not words:
        return regex.compile(r"(?!)")
    choices = "|".join(regex.escape(word) for word in sorted(words, key=len, reverse=True))
    start = "^" if at_start else ""
    if writes_without_spaces(language) or primary(language) == "ko":
        return regex.compile(f"{start}(?:{choices})")
    left = start or r"(?<![\p{L}\p{N}_])"
    return regex.compile(rf"{left}(?:{choices})(?![\p{{L}}\p{{N}}_])", regex.IGNORECASE)


def speaks(text: str, language: str, kind: str) -> bool:
    """Whether any word of one kind stands in ``text``: what ``words_pattern`` finds, several times as fast."""
    singles, openings = _by_first_word(language, kind)
    if singles is None:
        return bool(words_pattern(language, kind).search(text))
    tokens = _tokens(text)
    if not singles.isdisjoint(tokens):
        return True
    return not openings.isdisjoint(tokens) and bool(words_pattern(language, kind).search(text))


@lru_cache(maxsize=512)
def _by_first_word(language: str, kind: str) -> tuple[frozenset[str] | None, frozenset[str]]:
    """The single words of a kind and the first words of its phrases; None where words are not spaced."""
    if writes_without_spaces(language) or primary(language) == "ko":
        return None, frozenset()
    words: tuple[str, ...] = getattr(lexicon(language), kind)
    singles = frozenset(word for word in words if _TOKEN.fullmatch(word))
    return singles, frozenset(_TOKEN.findall(word)[0] for word in words if word not in singles)


@lru_cache(maxsize=2048)
def _tokens(text: str) -> frozenset[str]:
    """The words of a text, lower case, each also without what follows its apostrophe."""
    found = _TOKEN.findall(text.lower())
    return frozenset(found) | frozenset(
        _APOSTROPHE.split(word, maxsplit=1)[0] for word in found if "'" in word or "’" in word
    )
