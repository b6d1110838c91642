"""Everything an article offers as its summary: sentences, cut sentences and pairs that may stand alone.

What is refused here never reaches a teaser: openings that dangle, quotations without a source, repeats of the
headline, furniture of the page, time that means nothing without a date.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import lru_cache

import regex

from db.records import Article
from templates.attribution import has_name, judge, relayed
from templates.clauses import SHORTEST, clause_cuts, trimmed, with_source_first
from templates.lexicon import lexicon, writes_without_spaces
from templates.links import names_its_month
from templates.openings import dangles, names_what_is_known, without_connective
from templates.plain import has_address, has_markup, is_furniture, is_name_line, mentions_account
from templates.quotations import outside_quotations
from templates.reading import Sentence, key_of, read_dek
from templates.sentences import ends_sentence
from templates.undated import tells_relative_time, without_relative_time

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}]+)?")
_CJK_UNIT = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Hangul}]")
_ASIDE = regex.compile(r"\(\p{Lu}[^()]{20,}[.!?…][”\"’']?\)")
"""A whole sentence in brackets of its own, which may follow another."""

_PROSE_START = regex.compile(r"[(\p{L}\p{N}“\"„«‘'「『$€£]")
_BACK = regex.compile(
    r"\b(?:he|she|they|er|sie|il|elle|ils|elles|él|ella|ellos|the\s(?:actor|actress|singer|star|couple|president|minister|mayor|coach|player|rapper|"
    r"model|comedian|duo|pair|author|director|senator|congressman|congresswoman|governor|duchess|duke|prince|princess|queen))\b",
    regex.IGNORECASE,
)


SHORT_OPENING = 60
"""A sentence of fewer characters may open a pair although it says little, or little beyond the headline, by itself."""


SHORT_ADDITION = 30
"""A second sentence cut at a clause has at least this many characters; the first has told the story."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Words that may be the summary. ``used`` are the body's sentences they were made of."""

    text: str
    used: tuple[str, ...]
    number: int
    paragraph: int
    form: str  # whole, cut, trim, pair, trimmed pair, relay or dek
    quoted: bool


def find_candidates(article: Article, sentences: list[Sentence], longest: int) -> list[Candidate]:
    """All that may stand as the summary in at most ``longest`` characters, in the body's order. May be empty."""
    language = article.language
    joiner = "" if writes_without_spaces(language) else " "
    headline = words_of(article.headline, language)
    dated = is_dated(article)
    title = key_of(article.headline) if len(article.headline) > 12 else "\n"
    offered: list[Candidate] = []
    seen: set[str] = set()

    def offer(text: str, used: tuple[str, ...], at: Sentence, form: str) -> bool:
        if (
            not text
            or text in seen
            or (at.number > 0 and names_what_is_known(text, language))
            or key_of(text).startswith(title)
            or len(text) > longest
            or _unfit(text, language, headline, dated=dated, shortest=30)
        ):
            return False
        seen.add(text)
        offered.append(Candidate(text, used, at.number, at.paragraph, form, judge(text, language).quoted))
        return True

    dek = read_dek(article)
    if dek and sentences and not about_page(dek):
        offer(dek if dated else without_relative_time(dek, language), (dek,), sentences[0], "dek")
    good: dict[int, str] = {}
    clean = [not about_page(sentence.text) for sentence in sentences]
    for sentence in sentences:
        if not clean[sentence.number]:
            continue
        relay = relayed(sentence.text)
        if relay is not None and offer(relay, (sentence.text,), sentence, "relay"):
            continue
        text = without_connective(sentence.text, language)
        if not dated:
            text = without_relative_time(text, language)
        if offer(text, (sentence.text,), sentence, "whole") or (
            len(text) < SHORT_OPENING
            and not key_of(text).startswith(title)
            and not (sentence.number > 0 and names_what_is_known(text, language))
            and not _unfit(text, language, frozenset(), dated=dated, shortest=10)
        ):
            good[sentence.number] = text
        for shorter in _fitting_cuts(text, language, longest) if len(text) > 120 else ():
            if offer(shorter, (sentence.text,), sentence, "cut") and len(text) > longest:
                good.setdefault(sentence.number, shorter)
        if len(text) > longest:
            shorter = trimmed(text, longest, language) or with_source_first(text, longest, language)
            offer(shorter, (sentence.text,), sentence, "trim")
    for first, second in itertools.pairwise(sentences):
        if first.number not in good or not clean[second.number] or second.paragraph - first.paragraph > 1:
            continue
        if _PROSE_START.match(second.text):
            room = longest - len(good[first.number]) - len(joiner)
            next_text = second.text if dated else without_relative_time(second.text, language)
            added = (
                next_text
                if len(next_text) <= room
                else next(iter(_fitting_cuts(next_text, language, room, SHORT_ADDITION)), "")
            )
            for more, form in (
                (added, "pair"),
                (trimmed(next_text, room, language) if room > 60 else "", "trimmed pair"),
            ):
                pair = f"{good[first.number]}{joiner}{more}"
                if (
                    more
                    and pair not in seen
                    and follows(more, language, headline, dated=dated, before=good[first.number])
                    and len(pair) >= (SHORT_OPENING if joiner else 0)
                    and not repeats(pair, headline, language)
                ):
                    seen.add(pair)
                    quoted = judge(more, language).quoted or judge(first.text, language).quoted
                    offered.append(
                        Candidate(pair, (first.text, second.text), first.number, first.paragraph, form, quoted)
                    )
    return offered


def _fitting_cuts(text: str, language: str, longest: int, shortest: int = SHORTEST) -> list[str]:
    """The two longest shorter forms of a sentence that fit into ``longest`` characters."""
    return [shorter for shorter in clause_cuts(text, language, shortest) if len(shorter) <= longest][:2]


def is_dated(article: Article) -> bool:
    """Whether the day of an article is known: from its source, or from its address ("/2026/05/02/")."""
    return article.published_at is not None or (article.url is not None and names_its_month(article.url))


def refusal(text: str, language: str, headline: frozenset[str], *, dated: bool) -> str:
    """Why ``text`` may not stand alone as a summary, or "" when it may. Pure."""
    if about_page(text):
        return "it is about the page, not the story"
    return _unfit(text, language, headline, dated=dated, shortest=30)


def stands(text: str, language: str, headline: frozenset[str], *, dated: bool) -> bool:
    """Whether a whole sentence of the body may open a post, however long it is."""
    return not _unfit(text, language, headline, dated=dated, shortest=30)


def about_page(text: str) -> bool:
    """Whether markup, an address or furniture of the page stands in ``text``."""
    return has_markup(text) or has_address(text) or is_furniture(text) or mentions_account(text)


def _unfit(text: str, language: str, headline: frozenset[str], *, dated: bool, shortest: int) -> str:
    """Why prose about the story may not stand alone, or ""."""
    if not text or not ends_sentence(text) or text.rstrip("”\"’'»")[-1:] == ":":
        return "it is not a whole sentence"
    if len(text) < (12 if writes_without_spaces(language) else shortest) or not text[0].isprintable():
        return "it is too short to say anything"
    if text[0].islower() or text[0] in "…,;:-–—()[]{}.*•·@#&|":
        return "it begins in the middle"
    if dangles(text, language):
        return "it points to something before it"
    if is_name_line(text, language):
        return "it names somebody and says nothing"
    if repeats(text, headline, language):
        return "it repeats the headline"
    verdict = judge(text, language)
    if not verdict.passes:
        return verdict.reason
    if not dated and tells_relative_time(text, language):
        return "it speaks of a time that is not known"
    return ""


def follows(text: str, language: str, headline: frozenset[str], *, dated: bool, before: str) -> bool:
    """Whether ``text`` may stand after ``before``: a pronoun may then point to a name there, a source too."""
    if (
        not ends_sentence(text)
        or text.endswith(":")
        or text[0].islower()
        or not (text[0].isalnum() or text[0] in '“"「' or _ASIDE.fullmatch(text))
    ):
        return False
    if repeats(text, headline, language):
        return False
    if not dated and tells_relative_time(text, language):
        return False
    verdict = judge(text, language)
    return verdict.passes or (
        verdict.source_missing and has_name(before, language) and _BACK.search(outside_quotations(text)) is not None
    )


def repeats(text: str, headline: frozenset[str], language: str) -> bool:
    """Whether ``text`` says hardly more than the headline."""
    own = words_of(text, language)
    if not own or len(headline) < 3:
        return False
    return len(own - headline) <= max(1, len(own) // 6)


@lru_cache(maxsize=1024)
def words_of(text: str, language: str) -> frozenset[str]:
    """The words of a text that carry meaning, lower case; single characters where words are not spaced."""
    if writes_without_spaces(language):
        return frozenset(_CJK_UNIT.findall(text)) | frozenset(
            word.lower() for word in _WORD.findall(text) if word.isascii()
        )
    small = lexicon(language).small
    return frozenset(
        bare
        for word in _WORD.findall(text.lower())
        if (bare := word.removesuffix("'s").removesuffix("’s")) not in small
    )
