"""What was picked from an article: the words of the summary, and the whole sentences that posts take where they fit.

A summary may be cut to its length; a post has room of its own, and there a sentence stands as its author wrote it.
"""

from __future__ import annotations

from dataclasses import dataclass

from db.records import Article
from templates.candidates import SHORT_OPENING, Candidate, about_page, follows, is_dated, stands, words_of
from templates.openings import without_connective
from templates.undated import without_relative_time

LONGEST_WHOLE = 600
"""A sentence of more characters is not taken whole: nobody reads it to its end in a feed."""


@dataclass(frozen=True, slots=True)
class Pick:
    """Words for a post, whole sentence by whole sentence in the story's order, and the body's sentences they are."""

    sentences: tuple[str, ...]
    used: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The words chosen from an article.

    ``summary`` keeps to its length; ``pick`` is what posts say, in whole sentences: the same, or the best that a desk
    would sign. It holds none where only the headline may go. ``more`` is one more sentence that may follow it, and
    ``further`` are the next best picks.
    """

    summary: str
    pick: Pick
    more: str
    further: tuple[Pick, ...]
    variant: str


def pick_of(article: Article, candidate: Candidate) -> Pick:
    """The candidate's sentences whole; its own words where a whole sentence may not stand."""
    kept = Pick((candidate.text,), candidate.used)
    if candidate.form in ("whole", "relay", "dek"):
        return kept
    language, dated = article.language, is_dated(article)
    headline = words_of(article.headline, language)
    opening = without_connective(candidate.used[0], language)
    if not dated:
        opening = without_relative_time(opening, language)
    if len(opening) > LONGEST_WHOLE or about_page(opening):
        return kept
    if not candidate.text.startswith(opening) and not stands(opening, language, headline, dated=dated):
        return kept
    if len(candidate.used) == 1:
        return Pick((opening,), candidate.used)
    second = candidate.used[1] if dated else without_relative_time(candidate.used[1], language)
    if len(second) <= LONGEST_WHOLE and follows(second, language, headline, dated=dated, before=opening):
        return Pick((opening, second), candidate.used)
    return Pick((opening,), candidate.used[:1]) if len(opening) >= SHORT_OPENING else kept
