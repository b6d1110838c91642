"""The publisher's own teaser: used where it is a good one."""

from __future__ import annotations

import regex

from db.records import Article
from templates.attribution import judge
from templates.candidates import is_dated, repeats, words_of
from templates.clauses import clause_cuts
from templates.lexicon import writes_without_spaces
from templates.openings import dangles
from templates.plain import has_address, has_markup, is_furniture, mentions_account, visible
from templates.sentences import ends_sentence, split_sentences
from templates.undated import tells_relative_time

_CUT_OFF = regex.compile(
    r"(?:…|\.{2,}|\[\s?(?:…|\.{3})\s?\]|[,;:–—-]|\b(?:and|or|the|a|of|to|in|und|oder|der|die|et|le|la|y|el))\s*$",
    regex.IGNORECASE,
)


def own_teaser(article: Article, longest: int) -> str:
    """The publisher's own summary or dek, ready to use in at most ``longest`` characters, or "" where neither is good."""
    for offered in (article.summary, article.dek):
        text = visible(offered[:2000])
        if text and not own_fault(text, article):
            fitting = _fitted(text, article.language, longest)
            if fitting:
                return fitting
    return ""


def own_fault(text: str, article: Article) -> str:
    """Why the publisher's own teaser is not used, or "" when it is good."""
    language = article.language
    if has_markup(text) or has_address(text):
        return "it holds markup or an address"
    if _CUT_OFF.search(text):
        return "it is cut off"
    if is_furniture(text) or mentions_account(text):
        return "it is about the page, not the story"
    if len(text) < (12 if writes_without_spaces(language) else 35):
        return "it is too short to say anything"
    if repeats(text, words_of(article.headline, language), language):
        return "it repeats the headline"
    if dangles(text, language):
        return "it points to something that is not there"
    for sentence in split_sentences(text, language):
        verdict = judge(sentence, language)
        if not verdict.passes:
            return verdict.reason
    if not is_dated(article) and tells_relative_time(text, language):
        return "it speaks of a time that is not known"
    return ""


def _fitted(text: str, language: str, longest: int) -> str:
    """The text by whole sentences, else by clauses, in at most ``longest`` characters; closed by a full stop."""
    joiner = "" if writes_without_spaces(language) else " "
    if not ends_sentence(text):
        text += "。" if writes_without_spaces(language) else "."
    if len(text) <= longest:
        return text
    sentences = split_sentences(text, language)
    for count in range(min(len(sentences), 8) - 1, 0, -1):
        kept = joiner.join(sentences[:count])
        if len(kept) <= longest:
            return kept
    return next((cut for cut in clause_cuts(sentences[0], language) if len(cut) <= longest), "")
