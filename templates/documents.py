"""Tells pages that are no report: transcripts, papers, registries, orders, releases, columns.

Their sentences are true only in the mouth of whoever speaks there; taken as the newsroom's own they would be another's
claim. The words are written all the same, but a person looks at them before they go.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

import regex

from db.records import Article, Label
from templates.lexicon import primary, speaks
from templates.quotations import outside_quotations
from templates.reading import key_of
from templates.sentences import ends_sentence, split_sentences
from templates.voice import speaks_as_writer

MOST_PARAGRAPHS = 60
"""Paragraphs that are looked at."""


class Document(StrEnum):
    """What a page is that is no report; the value says it to the desk."""

    TRANSCRIPT = "a transcript"
    PAPER = "a scientific paper"
    FORM = "a form or a register's page"
    ORDER = "an official order"
    RELEASE = "a press release or a page about its own publisher"
    COLUMN = "a column or a letter"
    TOLD = "a piece whose writer tells it as I or we"
    ADVICE = "advice that speaks to its reader"
    CALL = "a text that argues for something"


_SPEAKER = regex.compile(
    r"^(?:(?:\p{Lu}[\p{Lu}.'’-]+,?\s+){0,5}\p{Lu}[\p{Lu}.'’-]+|\p{Lu}\p{L}[\p{L}'’-]*(?:\s\p{Lu}\p{L}[\p{L}'’-]*){1,2}):(?:\s|$)"
)
_POINTER = regex.compile(
    r"^(?:RELATED|WATCH|MORE|READ|SEE|PHOTOS?|PICS?|PICTURES?|VIDEO|EXCLUSIVE|NEWS|UPDATE|FLASHBACK|LISTEN|WINNERS?|GALLERY|BREAKING|CORRECTION)\b",
    regex.IGNORECASE,
)
"""What stands before a colon and is nobody's name."""

_TRANSCRIPT_HEAD = regex.compile(
    r"\b(?:transcript|full\s(?:interview|text|remarks)|raw\sdata|text\sof|speech:)(?!\w)",
    regex.IGNORECASE,
)
_SPEECH_HEAD = regex.compile(r"(?:['’]s|s['’])\s(?:remarks|speech|address)\s(?:to|at|before|on)\b", regex.IGNORECASE)
"""“The mayor's speech at the bridge”: the speech itself, or a report on it; the body's voice tells which."""
_PAPER_PART = regex.compile(
    r"^(?:Background|Objectives?|Design|Setting|Participants|Patients|Methods?|Measurements?|Interventions?|Results|Findings|Limitations?|"
    r"Conclusions?|Introduction|Main Outcomes?(?: and Measures)?|Primary Funding Source|Interpretation|Funding|Importance|Abstract)\s?(?::|$)",
    regex.IGNORECASE,
)
_PAPER_ADDRESS = regex.compile(r"doi\.org/|/doi/|\bpubmed\b|\.nih\.gov/|arxiv\.org/|/article/pii/", regex.IGNORECASE)
_FORM_FIELD = regex.compile(
    r"\[\s?Time\sFrame|^(?:Study\s(?:Type|Start|Completion)|Enrollment|Allocation|Masking|Sponsor|ISBN|DOI|Publisher|Pages|Republish|Copyright\sInformation|"
    r"Inclusion\sCriteria|Exclusion\sCriteria|Responsible\sParty|Rights\s(?:and|&)\sPermissions|Use\sin\sa)\b|\b(?:Rightslink|Copyright\sClearance\sCenter)\b",
    regex.IGNORECASE,
)
_ORDER = regex.compile(
    r"\bby\sthe\s(?:authority|power)\svested\sin\s(?:me|us)\b|\b(?:is|it\sis)\shereby\s(?:ordered|decreed|enacted|resolved)\b|\bnow,\stherefore,\s(?:I|be\sit)\b"
    r"|^Be\sit\senacted\b|^Sec(?:tion|\.)\s?1\.\s",
    regex.IGNORECASE,
)
_RELEASE = regex.compile(
    r"\bFOR\sIMMEDIATE\sRELEASE\b|\(?(?:BUSINESS\sWIRE|GLOBE\s?NEWSWIRE|ACCESSWIRE)\)?|/?\s?PR\s?Newswire|^(?:Media|Press)\sContacts?\b"
    r"|\bforward-looking\sstatements\b|^About\s(?:Us\b|the\s(?:Company|Author)\b)",
    regex.IGNORECASE,
)
_COLUMN_HEAD = regex.compile(
    r"\((?:guest\scolumn|guest\sblog|op-?ed|opinion|editorial|commentary|column)\)|^(?:op-?ed|opinion|editorial|commentary|guest\scolumn|an?\s(?:open\s)?letter)\b"
    r"|^(?:in\s(?:defen[cs]e|praise)\sof|the\scase\s(?:for|against)|why\s(?:I|we)|forget|an?\spersonal)\b|\|\s?(?:op-?ed|opinion|editorial|commentary)\b",
    regex.IGNORECASE,
)
_YOU = regex.compile(r"\b(?:you|your|yours|yourself|you['’](?:re|ve|ll|d))\b", regex.IGNORECASE)
_ENOUGH = 8
"""Of fewer sentences nobody can say who tells a story."""

_I = regex.compile(r"\bI(?:['’](?:m|ve|d|ll))?\b(?![.’'])|\b[Mm]y\b")
_MUST = regex.compile(
    r"\b(?:must|should|ought\sto|shouldn['’]t|mustn['’]t|(?:is|isn['’]t|are|aren['’]t)\s(?:not\s)?(?:enough|needed)|(?:we|companies|governments)\s(?:need|have)\sto|it\sis\stime)\b",
    regex.IGNORECASE,
)
_WE = regex.compile(r"\b(?:[Ww]e|[Oo]urs?|us)\b")
_NEWS_HOUSE = regex.compile(
    r"news|times|post|herald|gazette|press|journal|tribune|observer|guardian|chronicle|radio|tv|\bnpr\b|\bbbc\b|\bcnn\b|sun|mirror|star|mail|record|"
    r"daily|weekly|magazine|courier|telegraph|standard|express|review|reporter|today",
    regex.IGNORECASE,
)
_PAGE_NAME = regex.compile(r"\s+[|–—*⋆•·»-]\s*[^|–—*⋆•·»]*$")
"""What follows the last separator of a headline: the name of the page, of its section or of its writer."""

_STATE_HOST = regex.compile(r"^https?://[^/]*\.(?:gov|mil)(?:\.\p{L}{2})?(?=[:/]|$)", regex.IGNORECASE)
"""A government's own page is its word, whatever its form."""

_HOW_TO = regex.compile(r"^(?:how\sto|\d+\s|what\sto\s|here['’]s\s(?:how|what))", regex.IGNORECASE)
_OFFICE = regex.compile(
    r"^(?:(?:U\.?S\.?\s)?(?:Congress(?:man|woman)|Senator|Representative|Rep\.|Sen\.|Governor|Mayor)\s|(?:Office|Ministry|Department)\sof\s|The\sWhite\sHouse$)"
)


def document_of(article: Article) -> Document | None:
    """What kind of page this is where it is no report; None for a report, and for what is labelled opinion. Pure."""
    if article.label is Label.OPINION:
        return None
    paragraphs = [text.strip() for text in article.paragraphs[:MOST_PARAGRAPHS] if text.strip()]
    headline = article.headline
    if _TRANSCRIPT_HEAD.search(headline) or _turns(paragraphs) >= 4:
        return Document.TRANSCRIPT
    if _SPEECH_HEAD.search(headline) and _is_spoken(_opening(article, paragraphs), article.language):
        return Document.TRANSCRIPT
    parts = {found.group().lower() for text in paragraphs if (found := _PAPER_PART.match(text))}
    if len(parts) >= 3 or (article.url and _PAPER_ADDRESS.search(article.url)):
        return Document.PAPER
    if sum(_FORM_FIELD.search(text[:2000]) is not None for text in paragraphs) >= 2:
        return Document.FORM
    if any(_ORDER.search(text[:600]) for text in paragraphs[:4]):
        return Document.ORDER
    official = _OFFICE.match(article.outlet) or (article.url and _STATE_HOST.match(article.url))
    if official or any(_RELEASE.search(text[:600]) for text in paragraphs) or _of_itself(article):
        return Document.RELEASE
    if _COLUMN_HEAD.search(headline):
        return Document.COLUMN
    return _address(article, paragraphs)


def _turns(paragraphs: Sequence[str]) -> int:
    """How often speakers take the word, where at least two do so more than once."""
    found = [one.group().strip(" :") for text in paragraphs if (one := _SPEAKER.match(text))]
    speakers = Counter(one for one in found if _POINTER.match(one) is None)
    often = [count for count in speakers.values() if count > 1]
    return sum(often) if len(often) > 1 else 0


def _is_spoken(sentences: Sequence[str], language: str) -> bool:
    """Whether a quarter of the sentences speak in the first person, outside quotation marks."""
    spoken = sum(speaks(outside_quotations(one), language, "first_person") for one in sentences)
    return spoken * 4 >= len(sentences) > 0


def _of_itself(article: Article) -> bool:
    """Whether a publisher that is no news house has its own name in the headline as who acts, not as the page's name at its end."""
    outlet = article.outlet.strip()
    if len(key_of(outlet)) <= 3 or _NEWS_HOUSE.search(outlet):
        return False
    acts = regex.compile(
        rf"(?<![\p{{L}}\p{{N}}.]){regex.escape(outlet)}(?:['’]s?)?:?\s(?=[\p{{L}}\p{{N}}])", regex.IGNORECASE
    )
    return acts.search(_PAGE_NAME.sub("", article.headline)) is not None


def _opening(article: Article, paragraphs: Sequence[str]) -> list[str]:
    """The first sentences of the body."""
    return [one for text in paragraphs[:16] for one in split_sentences(text[:3000], article.language)][:24]


def _address(article: Article, paragraphs: Sequence[str]) -> Document | None:
    """Whether the whole speaks to its reader, or argues in a "we"; English only."""
    if primary(article.language) != "en":
        return None
    sentences = [outside_quotations(one) for one in _opening(article, paragraphs)]
    if len(sentences) < 4:
        return None
    if len(sentences) >= _ENOUGH and sum(map(_own_voice, sentences)) * 5 >= len(sentences) * 2:
        return Document.TOLD
    if sum(_YOU.search(one) is not None for one in sentences) * 2 >= len(sentences) and _asks_for_reader(
        article.headline, sentences
    ):
        return Document.ADVICE
    argues = sum(_MUST.search(one) is not None for one in sentences)
    speaks = sum(_WE.search(one) is not None for one in sentences)
    return Document.CALL if argues >= 2 and ((speaks >= 2 and argues >= 3) or _WE.search(article.headline)) else None


def _own_voice(sentence: str) -> bool:
    """Whether a writer's "I" or "we" stands in a sentence that has no quotation marks any more."""
    return speaks_as_writer(sentence, "en")


def _asks_for_reader(headline: str, sentences: Sequence[str]) -> bool:
    """Whether the headline or the first sentence turns to a "you", or an "I" speaks to it.

    News that explains itself to a "you" opens with what happened.
    """
    said = outside_quotations(headline)
    opening = next((one for one in sentences if ends_sentence(one)), "")
    turns = any(found is not None for found in (_YOU.search(said), _HOW_TO.match(said), _YOU.search(opening)))
    return turns or sum(_I.search(one) is not None for one in sentences[:6]) > 1
