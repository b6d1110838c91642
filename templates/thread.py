"""A thread for X: the teaser first, then more of the story in whole sentences, each post numbered.

The parts are joined by lines of ``---``, which is how a teaser's text says where one post ends and the next begins.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from db.records import Article
from templates.candidates import about_page, follows, is_dated, words_of
from templates.lexicon import writes_without_spaces
from templates.openings import dangles
from templates.reading import read_sentences

BREAK = "\n---\n"
"""What stands between two posts of one thread."""

NUMBER_ROOM = 6
"""What a number like "2/9 " may cost, in the kind's count."""


def following_posts(
    article: Article, used: Sequence[str], most: int, limit: int, measure: Callable[[str], int]
) -> tuple[str, ...]:
    """At most ``most`` further posts made of the body's sentences after those in ``used``, each within ``limit``.

    A sentence that may not go (no source, furniture, time without a date) is left out; a post never opens with a
    word that points to something outside it, and what points back stands behind what it points to.
    """
    language = article.language
    joiner = "" if writes_without_spaces(language) else " "
    headline = words_of(article.headline, language)
    sentences = read_sentences(article)
    last = max((one.number for one in sentences if one.text in used), default=-1)
    posts: list[str] = []
    at = -1
    for sentence in sentences[last + 1 :]:
        text = sentence.text
        before = posts[-1] if posts else ""
        points_back = dangles(text, language)
        if points_back and sentence.number != at + 1:
            continue  # what it points to was left out
        if about_page(text) or not follows(text, language, headline, dated=is_dated(article), before=before):
            continue
        if before and measure(f"{before}{joiner}{text}") <= limit:
            posts[-1] = f"{before}{joiner}{text}"
            at = sentence.number
        elif len(posts) == most:
            break
        elif measure(text) <= limit and not points_back:
            posts.append(text)
            at = sentence.number
    return tuple(posts)


def numbered(parts: Sequence[str]) -> str:
    """The parts as one text, each with its number ("1/3 …"); a single part stays without."""
    if len(parts) < 2:
        return "".join(parts)
    return BREAK.join(f"{number}/{len(parts)} {part}" for number, part in enumerate(parts, 1))
