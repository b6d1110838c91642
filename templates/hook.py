"""What opens a post whose readers see no headline beside it: the story's own headline, where the picked words leave its news out.

A headline is the newsroom's own and was read before it stood there. It is not put in front of words that tell the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import regex

from db.records import Article
from templates.candidates import words_of
from templates.filling import clean_headline
from templates.lexicon import primary, speaks, writes_without_spaces
from templates.quotations import brackets_closed, quotations_closed
from templates.story_told import headline_names
from templates.voice import judges, speaks_as_writer

LONGEST_HOOK = 130
"""A headline of more characters is a paragraph, not a hook."""

_LEAST_SHARE = 0.4
"""Words that tell a smaller share of the headline's leave its news out."""

_FAIR_SHARE = 0.45
"""Words that tell a smaller share stand under the headline where both fit."""

_TAG = regex.compile(
    r"\s*[\[(](?:videos?|watch|photos?|pics?|pictures|gallery|exclusive|update[sd]?|audio|infographic)[\])]\s*",
    regex.IGNORECASE,
)
_OUTLET_BELOW = regex.compile(r"\s+(?:[|•·]|[-–—])\s+(?P<outlet>[\p{L}\p{N}][\p{L}\p{N}.&'’ ]{1,30})$")
_LURES = regex.compile(
    r"\b(?:you|your|you['’]\p{L}+|guess|believe|here['’]s|what\shappened)\b|^(?:these|this)\b|…|\.\.\.",
    regex.IGNORECASE,
)
"""A headline that teases its reader tells no news."""

_ENDING = regex.compile(r"(?<=\p{L}{3})(?:ing|ed|es|en|er|e|s|d)$")
_SAYS_LITTLE = 2
"""Words with fewer of the headline's than this leave its news out."""

_ASKS = regex.compile(r"^(?:why|how|what|when|where|who)\b|\?", regex.IGNORECASE)
"""A headline that asks, or promises an answer, opens the words and does not stand for them."""

_HEDGE = regex.compile(
    r"\b(?:may|might|could|reportedly|allegedly|apparently|appears?|seems?|likely|possibly|rumou?red|claims?)\b",
    regex.IGNORECASE,
)
_HEDGED = regex.compile(rf"(?<!\byou\s)(?:{_HEDGE.pattern}|\baccording\sto\b)", regex.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hook:
    """A headline that opens a post.

    ``needed``: without it the words would leave the news out. ``alone``: they would claim more than it does.
    """

    text: str
    needed: bool
    alone: bool = False


def stands_beside(kind: str, link: str | None) -> bool:
    """Whether readers see the headline beside the words: above a mail's paragraph, on the card of Facebook's link."""
    return kind == "email" or (kind == "facebook" and bool(link))


def hook_of(article: Article, words: str) -> Hook | None:
    """The headline that is to open a post of ``words`` where none stands beside it; None: they tell its news, or it is none."""
    headline = headline_alone(article)
    if not headline:
        return None
    promised, said = _stems(headline, article.language), _stems(words, article.language)
    told = len(promised & said)
    firmer = _is_firmer(words, headline, article.language)
    needed = (
        told < min(_SAYS_LITTLE, len(promised))
        or told < _LEAST_SHARE * len(promised)
        or firmer
        or _leaves_names_out(words, article)
    )
    needed = needed and (told == 0 or firmer or _ASKS.search(headline) is None)
    return Hook(headline, needed, firmer) if needed or told < _FAIR_SHARE * len(promised) else None


def headline_alone(article: Article) -> str:
    """The headline where it is a statement that may be a post of its own, or "" where it teases or is no sentence."""
    if writes_without_spaces(article.language):
        return ""
    headline = bare_headline(article)
    return headline if _may_open(headline, article.language) else ""


def bare_headline(article: Article) -> str:
    """The headline without its outlet's name at the end and without tags in brackets ("[VIDEO]")."""
    headline = _TAG.sub(" ", clean_headline(article)).strip()
    found = _OUTLET_BELOW.search(headline)
    if (
        found is not None
        and found.start() > len(found["outlet"])
        and (_is_outlet(found["outlet"], article) or headline[found.start() :].lstrip()[0] == "|")
    ):
        headline = headline[: found.start()]
    return headline.strip(" .-–—|")


def _is_outlet(name: str, article: Article) -> bool:
    """Whether a headline's last words name where it stood."""
    squeezed = "".join(mark for mark in name.casefold() if mark.isalnum())
    where = "".join(mark for mark in f"{article.outlet} {article.url or ''}".casefold() if mark.isalnum())
    return len(squeezed) > 2 and squeezed in where


def _may_open(headline: str, language: str) -> bool:
    """Whether a headline is a statement that may stand at the head of a post."""
    return (
        len(headline) <= LONGEST_HOOK
        and len(headline.split()) > 2
        and not headline.isupper()
        and _LURES.search(headline) is None
        and quotations_closed(headline)
        and brackets_closed(headline)
        and not speaks_as_writer(headline, language)
        and not judges(headline, language)
    )


def _is_firmer(words: str, headline: str, language: str) -> bool:
    """Whether words claim for certain, in nobody's name, what the headline holds for possible; English only."""
    return (
        primary(language) == "en"
        and _HEDGE.search(headline) is not None
        and _HEDGED.search(words) is None
        and not speaks(words, language, "reporting")
    )


def _leaves_names_out(words: str, article: Article) -> bool:
    """Whether most of the headline's names are missing: who reads the words alone cannot tell whom they are about."""
    names = headline_names(article)
    said = {word[:4] for word in words_of(words, article.language)}
    return len(names) > 1 and sum(name[:4].lower() in said for name in names) * 2 < len(names)


def _stems(text: str, language: str) -> frozenset[str]:
    """The words that carry meaning without their endings, so that "closed" and "will close" count as one."""
    return frozenset(_ENDING.sub("", word)[:6] for word in words_of(text, language))
