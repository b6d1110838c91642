"""Shows where in an article a teaser's words come from, so that a preview can mark the sentences."""

from __future__ import annotations

from dataclasses import dataclass

from db.records import Article, Teaser
from templates.plain import visible


@dataclass(frozen=True, slots=True)
class Mark:
    """``start`` and ``end`` of a used sentence in ``article.paragraphs[paragraph]``, in characters."""

    paragraph: int
    start: int
    end: int


def mark_used(article: Article, teaser: Teaser) -> tuple[Mark, ...]:
    """The places in the body of the sentences that ``teaser.used`` names, in order, none overlapping.

    A sentence that is not found (an older revision's) has no mark. A sentence that the source broke over several
    paragraphs is marked in each of them.
    """
    marks: list[Mark] = []
    for sentence in teaser.used:
        marks += _find(article.paragraphs, sentence)
    clean: list[Mark] = []
    for mark in sorted(set(marks), key=lambda one: (one.paragraph, one.start, -one.end)):
        if not clean or clean[-1].paragraph != mark.paragraph or clean[-1].end <= mark.start:
            clean.append(mark)
    return tuple(clean)


def _find(paragraphs: tuple[str, ...], sentence: str) -> list[Mark]:
    """The first place of a sentence, white space and invisible characters not counting."""
    wanted = _letters(sentence)
    if not wanted:
        return []
    for number, paragraph in enumerate(paragraphs):
        kept = [index for index, character in enumerate(paragraph) if _letters(character)]
        place = "".join(paragraph[index] for index in kept).find(wanted)
        if place >= 0:
            return [Mark(number, kept[place], kept[place + len(wanted) - 1] + 1)]
    return [
        Mark(number, len(paragraph) - len(paragraph.lstrip()), len(paragraph.rstrip()))
        for number, paragraph in enumerate(paragraphs)
        if len(_letters(paragraph)) > 8 and _letters(paragraph) in wanted
    ]


def _letters(text: str) -> str:
    """The text without white space and invisible characters."""
    return "".join(visible(text).split())
