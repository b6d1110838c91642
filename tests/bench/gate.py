"""The gate every teaser must pass: a second opinion, written apart from the engine that it judges."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from db.records import Article, Label, Limits, Teaser

_WORD = re.compile(r"\w+")
_DANGLING = re.compile(
    r"^[\W_]*(?:however|therefore|thus|hence|meanwhile|moreover|furthermore|nevertheless|instead|otherwise|consequently|accordingly|"
    r"additionally|also|if so|he|she|it|they|him|her|his|hers|their|its|this|that|these|those|such|and|but|or|so|yet|nor|then|"
    r"er|sie|es|ihr|ihre|sein|seine|dies|diese|dieser|dieses|das|und|aber|doch|denn|jedoch|deshalb|trotzdem)\b(?!\s+another)",
    re.IGNORECASE,
)
_IMPERSONAL = re.compile(
    r"^\W*it(?:['’]s|['’]ll be)?(?: (?:is|was|may|might|could|must|will|would|has|had|be|been|seem|not|also|now))*(?: (?!designed|built|used|expected|made)\w+){0,4}?"
    r"(?: that\b| whether\b| why\b| how\b| since\b| to (?:believe|say|imagine|think|know|tell|assume|see|remember)\b"
    r"| (?:day|night|week|month|year|season|summer)s? (?:for|of|in|at|when)\b|, but\b|: )|^\W*it(?:['’]s| is| was)(?: \w+)? (?:off to|back to|time (?:for|to)|worth)\b"
    r"|^\W*it (?:seems|appears|turns out|looks like|emerged) (?:(?-i:[A-Z])|that\b|the\b|every|no|as (?:if|though)\b)|^\W*it (?:took|takes|will take|rained|snowed)\b"
    r"|^\W*es (?:gibt|gab|geht um|handelt sich|(?:ist|war|bleibt|steht|scheint)(?: \w+){0,3} (?:klar|unklar|offen|fest|fraglich|spannend|bekannt|soweit))\b",
    re.IGNORECASE,
)
"""“It” or “es” that stands for nothing said before, which an editor lets stand."""

_THIS_TIME = re.compile(r"^\W*(?:das|this (?:week|month|year|summer|weekend|morning))\b", re.IGNORECASE)
_QUOTED = re.compile(r"“([^“”]*)”|„([^“”„]*)[“”]|«([^«»]*)»|»([^«»]*)«|「([^「」]*)」|\"([^\"]*)\"")
_NAME_OR_ROLE = re.compile(
    r"(?<![.!?]\s)(?<!^)\b[A-ZÀ-ÝА-Я][\w'’.-]+|^\W*(?!The\b|A\b|An\b|In\b|On\b|At\b|As\b|It\b|He\b|She\b|They\b)[A-ZÀ-Ý][\w'’.-]+|"
    r"\b(?:police|officials|prosecutors|government|ministry|court|company|union|army|researchers|scientists|doctors|spokes\w+|"
    r"mayor|minister|president|report|study|agency|lawsuit|letter|statement|complaint|survey|authorities|experts|coach|club)\b"
)
_MARKUP = re.compile(r"<[a-zA-Z/!]|&(?:amp|lt|gt|quot|nbsp|#\d+);|\{\{|\{%|\]\(|https?://|www\.", re.IGNORECASE)
_FOOTER = re.compile(
    r"follow us|sign up|subscribe|read more|all rights reserved|getty images|click here|newsletter", re.IGNORECASE
)


def faults(
    article: Article, teaser: Teaser, limits: Limits, measure: Callable[[str], int], label_word: str
) -> list[str]:
    """Everything that is wrong with one teaser, in words; empty when it may go."""
    found: list[str] = []
    summary = teaser.summary
    if measure(teaser.text) > limits.length:
        found.append("over the limit")
    if teaser.kind == "email" and (len(teaser.subject) > 60 or "\n" in teaser.subject):
        found.append("subject too long")
    if teaser.preheader and _norm(teaser.preheader) == _norm(teaser.subject):
        found.append("preheader repeats the subject")
    if len(summary) > 200:
        found.append("summary over 200 characters")
    if not summary:
        return found
    everything = " ".join((article.headline, article.dek, article.summary, *article.paragraphs))
    everything = "".join(
        mark for mark in unicodedata.normalize("NFC", everything) if unicodedata.category(mark) != "Cf"
    )
    known = set(_WORD.findall(everything.lower()))
    foreign = [word for word in _WORD.findall(summary.lower()) if word not in known and word != "citing"]
    if foreign:
        found.append(f"not in the article, or cut inside a word: {foreign[0]}")
    if _DANGLING.match(summary) and not (_THIS_TIME.match(summary) or _IMPERSONAL.match(summary)):
        found.append("dangling opening")
    for opening, closing in ("“”", "「」", "«»", "()"):
        if summary.count(opening) != summary.count(closing) and not (opening == "“" and "„" in summary):
            found.append(f"unbalanced {opening}{closing}")
    if summary.count('"') % 2:
        found.append('unbalanced "')
    outside = _QUOTED.sub(" ", summary)
    speech = [text for groups in _QUOTED.findall(summary) for text in groups if len(text.split()) > 5]
    if speech and not _NAME_OR_ROLE.search(outside):
        found.append("unattributed quotation")
    if _norm(article.headline) and _norm(summary).startswith(_norm(article.headline)):
        found.append("headline repeated")
    for author in article.authors:
        if " " in author and re.search(rf"\bby {re.escape(author)}", summary, re.IGNORECASE):
            found.append("byline present")
    if _FOOTER.search(summary):
        found.append("footer present")
    if _MARKUP.search(summary) or _MARKUP.search(teaser.text.replace(teaser.link or "\0", "")):
        found.append("markup")
    if article.label is not Label.NEWS and label_word not in teaser.text:
        found.append("missing label")
    return found


def _norm(text: str) -> str:
    """Letters and digits only, lower case."""
    return "".join(_WORD.findall(text.lower()))
