"""What the engine knows of each language: labels, openings that dangle, reporting verbs, words of time.

A language without an entry is served by the English label words and by rules that need no words.
"""

from __future__ import annotations

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
