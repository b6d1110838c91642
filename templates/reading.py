"""Reads the body of an article: its sentences of prose in order, and the dek that some pages print above them."""

from __future__ import annotations

from dataclasses import dataclass

import regex

from db.records import Article
from templates.lexicon import lexicon, writes_without_spaces
from templates.plain import visible, without_dateline
from templates.sentences import ends_sentence, split_sentences

MOST_SENTENCES = 24
"""Sentences of the body that are looked at."""

MOST_CHARACTERS = 40_000
"""Characters of the body that are read."""

MOST_ABOVE = 4
"""Paragraphs above the first prose among which a dek is looked for."""

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}]+)?")
_BULLET = regex.compile(r"^(?:[-–—•*·]+\s+)+(?=\p{L})")
_INNER_END = regex.compile(r"[\p{Ll}\p{N}][.!?…][\"'”’»)]*\s+[\"'“‘«(]?\p{Lu}")
_NOT_A_DEK = regex.compile(
    r"[|\[\]{}©@#<>•]|://|^(?:by|von|from|photo|image|getty|rex|file|share|posted|published|updated)\b|\b(?:share this|photo|pic|here|image|picture|"
    r"picture[ds]|gallery|video|email|print)$|\b(?:photo|image|picture|images|foto|bild|credit)s?:|\w:\s",
    regex.IGNORECASE,
)
_LONG_WORD = regex.compile(r"\p{L}{4,}")
_SHORTEST_DEK, _LONGEST_DEK, _FEWEST_WORDS = 45, 240, 8


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the body: its text, its number in the body and the number of its paragraph."""

    text: str
    number: int
    paragraph: int


def read_sentences(article: Article) -> list[Sentence]:
    """The body's sentences that are prose about the story, in order, the first ``MOST_SENTENCES`` of them."""
    headline = key_of(article.headline)
    found: list[Sentence] = []
    number = 0
    for paragraph, text in enumerate(_prose(_paragraphs(article))):
        text = _BULLET.sub("", _without_headline(text, article.headline))
        if key_of(text) == headline:
            continue
        pieces = split_sentences(text, article.language)
        for sentence in pieces if ends_sentence(text) or len(pieces) == 1 else pieces[:-1]:
            if number == 0:
                sentence = without_dateline(sentence)
            if len(sentence) < 8 or key_of(sentence) == headline:
                continue
            found.append(Sentence(sentence, number, paragraph))
            number += 1
            if number >= MOST_SENTENCES:
                return found
    return found


def read_dek(article: Article) -> str:
    """The dek printed above the body's prose, with the full stop that such lines lack; "" where there is none.

    A dek is a line in sentence case, long enough to say something, that neither is nor holds the headline, a byline,
    a caption or a credit.
    """
    if writes_without_spaces(article.language):
        return ""
    headline = key_of(article.headline)
    for raw in article.paragraphs[:MOST_ABOVE]:
        text = visible(raw[:MOST_CHARACTERS])
        if ends_sentence(text):
            return ""
        if _is_dek(text, article.language) and headline not in key_of(text) and key_of(text) not in headline:
            return f"{text}."
    return ""


def key_of(text: str) -> str:
    """A text without case, punctuation and space: two that differ only in these are the same."""
    return "".join(_WORD.findall(text.lower()))


def _is_dek(text: str, language: str) -> bool:
    """Whether a line without a full stop reads like a sentence and not like a heading, a caption or a menu."""
    if not _SHORTEST_DEK <= len(text) <= _LONGEST_DEK or not text[-1].isalnum() or _NOT_A_DEK.search(text):
        return False
    words = text.split()
    first = words[0]
    if len(words) < _FEWEST_WORDS or words[-1].lower() in lexicon(language).small or not first[0].isupper():
        return False
    if len(first) > 1 and first.isupper() and words[1][0].isupper():
        return False
    long_words = _LONG_WORD.findall(text)
    return bool(sum(word[0].islower() for word in long_words) * 2 >= len(long_words))


def _paragraphs(article: Article) -> list[str]:
    """The body's paragraphs, cleaned; lines broken in the middle of a sentence are joined."""
    small = lexicon(article.language).small
    joined: list[str] = []
    total = 0
    for raw in article.paragraphs:
        text = visible(raw[:MOST_CHARACTERS])
        if not text:
            continue
        total += len(text)
        if joined and _goes_on(joined[-1], text, small):
            joined[-1] = f"{joined[-1]}{'' if text[0] in ',.;:)’”' else ' '}{text}"
        else:
            joined.append(text)
        if total > MOST_CHARACTERS:
            break
    return joined


def _goes_on(before: str, text: str, small: frozenset[str]) -> bool:
    """Whether ``text`` goes on with the broken line ``before``: in lower case, or after a word that ends no sentence."""
    if ends_sentence(before):
        return False
    if text[0].islower() or text[0] in ",.;:)’”":
        return True
    last = before.rsplit(None, 1)[-1]
    return len(before) > 60 and last.islower() and last in small and ends_sentence(text)


def _prose(paragraphs: list[str]) -> list[str]:
    """The paragraphs that hold whole sentences; headings are left out. All of them where none does."""
    return [text for text in paragraphs if ends_sentence(text) or _INNER_END.search(text)] or paragraphs


def _without_headline(paragraph: str, headline: str) -> str:
    """A paragraph without the headline that some pages print again at its head, without a full stop."""
    headline = visible(headline)
    if len(headline) < 15 or not paragraph.startswith(f"{headline} "):
        return paragraph
    rest = paragraph[len(headline) :].lstrip(" -–—|:.")
    return rest if rest[:1].isupper() else paragraph
