"""Fits what was picked into one post: whole sentences as long as they fit, a cut only where one alone is too long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from db.records import Article
from templates.clauses import SHORTEST, complete_cuts
from templates.filling import clean_headline, fill, template_words
from templates.fit import cut_off, shorten
from templates.hashtags import choose_hashtags
from templates.hook import Hook, headline_alone, hook_of, stands_beside
from templates.lexicon import writes_without_spaces
from templates.picks import Chosen, Pick
from templates.style import Style

_FURTHER = 3
"""So many other picks are tried before the first one's sentence is cut."""


@dataclass(frozen=True, slots=True)
class Post:
    """A filled template, the hashtags it kept, and the body's sentences that stand in it."""

    text: str
    hashtags: tuple[str, ...]
    used: tuple[str, ...]


def fit_post(
    article: Article, chosen: Chosen, style: Style, link: str | None, limit: int, measure: Callable[[str], int]
) -> Post:
    """The filled template in at most ``limit`` by ``measure``.

    A headline opens it where the words leave the news out and no headline stands beside them. Hashtags fall first, then
    the second sentence; then the first ends at a clause that leaves a whole statement; then the headline alone takes
    its place, else the next best sentence that fits; only then is it cut and closed with "…".
    """

    def filled(words: str, kept: tuple[str, ...] = (), more: str = "") -> str:
        return fill(article, style, template_words(article, style, words, more, kept, link))

    def fitting(words: str, used: tuple[str, ...], more: str = "") -> Post | None:
        shown = fill(article, style, template_words(article, style, words, more, (), None))
        more_is_shown = bool(more) and more in shown  # a template need not take it
        said = f"{words} {more}" if more_is_shown else f"{words} "
        tags = choose_hashtags(article, style.max_hashtags, style.stop_list, said)
        for count in range(len(tags), -1, -1):
            text = filled(words, tags[:count], more)
            if measure(text) <= limit:
                return Post(text, tags[:count], (*used, more) if more_is_shown else used)
        return None

    said = bool(chosen.pick.sentences)
    best = chosen.pick if said else Pick((clean_headline(article),), ())
    opens = said and chosen.variant == "lead" and not stands_beside(style.kind, style.link)

    def hook(words: str) -> Hook | None:
        return hook_of(article, words) if opens else None

    for words, used in _whole(best, article.language):
        found = hook(words)
        if found is not None and not found.alone and (post := fitting(f"{found.text}\n\n{words}", used)):
            return post
        if found is not None and found.needed:
            continue
        whole = len(used) == len(best.used)
        for more in dict.fromkeys((chosen.more if whole else "", "")):
            if post := fitting(words, used, more):
                return post
    for words in complete_cuts(best.sentences[0], article.language) if said else ():
        found = hook(words)
        if (found is None or not found.needed) and (post := fitting(words, best.used[:1])):
            return post
    if opens and (headline := headline_alone(article)) and (post := fitting(headline, ())):
        return post
    others = [one for one in chosen.further if one.sentences[0] != best.sentences[0]]
    for pick in others[:_FURTHER]:
        for words, used in _whole(pick, article.language):
            if not words.endswith("…") and (post := fitting(words, used)):
                return post
    room = limit - (measure(filled("x")) - measure("x"))
    for _ in range(4):
        shorter = cut_off(best.sentences[0], max(0, room), measure, article.language)
        for words in (shorter, *(one.sentences[0] for one in others)):
            text = filled(words) if words else ""
            if text and measure(text) <= limit:
                return Post(text, (), best.used[:1])
        room -= 8
    return Post(filled(shorten(clean_headline(article), max(0, room), measure, article.language)), (), ())


def _whole(pick: Pick, language: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The pick with fewer and fewer of its sentences, the last one not where it says too little by itself."""
    joiner = "" if writes_without_spaces(language) else " "
    for count in range(len(pick.sentences), 0, -1):
        words = joiner.join(pick.sentences[:count])
        if count == len(pick.sentences):
            yield words, pick.used
        elif len(words) >= SHORTEST or writes_without_spaces(language):
            yield words, pick.used[:count]
