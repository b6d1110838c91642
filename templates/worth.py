"""What a desk would not sign as a post although it may stand alone: another's voice, leftovers, openings without news."""

from __future__ import annotations

from collections.abc import Sequence

import regex

from db.records import Article, Label
from templates.attribution import proper_names
from templates.candidates import words_of
from templates.lexicon import primary, writes_without_spaces
from templates.picks import Pick
from templates.sentences import split_sentences
from templates.voice import speaks_as_writer

_LEFTOVER = regex.compile(
    r"\[\s?Time\sFrame|(?<!\d)\(?\d{3}\)?[-. ]\d{3}[-.]\d{4}(?!\d)|\b(?i:request\spermission|customer\sservice)\b"
    r"|^(?:\p{Lu}\p{Ll}+\s){1,2}\p{Lu}\p{Ll}+:\s(?=\p{Lu})"
)
"""A form's field, a telephone number, a licence's boilerplate, a caption's label ("Harbour Nation: …")."""

_THROAT = regex.compile(
    r"^(?:(?:it['’]s|it\sis)\s(?:no\s(?:secret|surprise|wonder)|safe\sto\ssay|fair\sto\ssay|not\severy\sday|hard\sto\sbelieve)"
    r"|let['’]s\sface\sit|admit\sit|believe\sit\sor\snot|there['’]s\sno\sdenying|needless\sto\ssay|as\swe\sall\sknow|everyone\sknows"
    r"|first\s(?:it|he|she|they|of\sall)|maybe|perhaps|or|imagine|picture\sthis|once\supon\sa\stime)\b",
    regex.IGNORECASE,
)
_SMALL = frozenset("the a an in on at it as is was of and for to with when he she they there after this that".split())
_SHORT = 45
"""An opening of fewer characters that names nobody, gives no figure and shares no word with the headline sets a scene."""


def is_leftover(text: str) -> bool:
    """Whether a sentence belongs to the page or its forms, not to the story."""
    return _LEFTOVER.search(text) is not None


def is_anothers_voice(text: str, article: Article) -> bool:
    """Whether a sentence speaks in the first person where no opinion is labelled."""
    return article.label is not Label.OPINION and speaks_as_writer(text, article.language)


def is_told_in_person(article: Article, sentences: Sequence[str]) -> bool:
    """Whether a third of the sentences speak in the first person: out of such a piece none is a newsroom's own."""
    spoken = sum(is_anothers_voice(text, article) for text in sentences)
    return spoken * 3 >= len(sentences) > 0


def opens_weakly(pick: Pick, article: Article) -> bool:
    """Whether the first sentence asks, clears its throat, names only or sets a scene instead of telling the news."""
    language = article.language
    opening = next(iter(split_sentences(pick.sentences[0], language)), "")
    if opening.rstrip("”\"’'»").endswith(("?", "？", "؟")):
        return True
    if primary(language) == "en" and _THROAT.match(opening):
        return True
    if writes_without_spaces(language) or not opening:
        return False
    if primary(language) == "en" and not any(len(word) > 2 and word.islower() for word in opening.split()):
        return True
    return (
        len(opening) < _SHORT
        and not any(mark.isdigit() for mark in opening)
        and not proper_names(opening, language)
        and not words_of(opening, language) & words_of(article.headline, language)
    )


def answers_a_box(sentence: str, body: str) -> bool:
    """Whether a sentence of the body answers the question of a review's box ("What is it?")."""
    found = body.find(sentence)
    return found > 0 and body[:found].rstrip().endswith("What is it?")


def without_drop_cap(text: str, body: str) -> str:
    """``text`` with the capitals of a drop cap at its head written as the story writes them further on ("ADA Lind")."""
    words = text.split(" ")
    for number, word in enumerate([] if _whole_caps(words) else words[:3]):
        plain = word.strip(",.;:“”\"'’")
        if number == 0 and plain in ("A", "I"):
            continue
        if not plain.isalpha() or not plain.isupper() or len(plain) < 2:
            break
        forms = (plain.lower(), plain.capitalize())
        known = next((form for form in forms if form in _SMALL or _stands_in(form, body)), "")
        if not known:
            break
        words[number] = word.replace(plain, known if number else plain.capitalize())
    return " ".join(words)


def _stands_in(word: str, body: str) -> bool:
    """Whether the body writes a word in just this way."""
    return regex.search(rf"(?<!\p{{L}}){word}(?!\p{{L}})", body) is not None


def _whole_caps(words: list[str]) -> bool:
    """Whether a line is written in capitals throughout, which is no drop cap."""
    return sum(word.isupper() for word in words) * 2 > len(words)
