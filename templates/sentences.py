"""Cuts a paragraph into sentences.

sentencex does the cutting; afterwards pieces that belong together are joined again: ordinals before a month
("am 3. Mai"), German ordinals before a noun, names with a mark of their own ("E! News"), titles and abbreviations, "p.m. Monday", a sentence that goes on in lower case, a quotation that is
still open, Japanese 「…。」と.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

from templates.lexicon import primary, writes_without_spaces
from templates.quotations import quotations_closed

LONGEST = 6000
"""A paragraph is read no further than this many characters."""

_MONTHS = (
    "januar jänner februar märz april mai juni juli august september oktober november dezember "
    "january february march may june july october december jan feb mar apr jun jul aug sep sept oct nov dec"
).split()
_ORDINAL = regex.compile(r"(?:^|[\s(])\d{1,2}\.$")
_MONTH_NEXT = regex.compile(rf"(?:{'|'.join(_MONTHS)})\b", regex.IGNORECASE)
_ABBREVIATION = regex.compile(
    r"""(?:^|[\s(“"„«])(?:Mr|Mrs|Ms|Dr|Prof|Gov|Sen|Rep|Lt|Col|Gen|Sgt|Capt|Cmdr|Rev|Hon|Jr|Sr|St|Mt|Ft|No|vs|v|Inc|Corp|Co|Ltd
        |Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec|approx|est|Fa|Hr|Fr|Nr|Str|bzw|ca|ggf|inkl|zzgl|u\.a|z\.B|d\.h|M|MM|Mme|Mlle|Me
        |Sr|Sra|Srta|Dra|Ud|núm|pág|डॉ|श्री|p\.ej|\p{Lu})\.$""",
    regex.VERBOSE,
)
_NEVER_LAST = regex.compile(
    r"(?:^|[\s(“\"„«])(?:Mr|Mrs|Ms|Dr|Prof|Gov|Sen|Rep|Lt|Col|Gen|Sgt|Capt|Rev|vs|Fa|Hr|Mme|Mlle|MM|M|Sra?|Srta|Dra|डॉ|श्री)\.$"
)
_EXCLAIMED_NAME = regex.compile(r"(?:^|\s)(?:\p{Lu}|Yahoo|Jeopardy)!$")
_GERMAN_ORDINAL = regex.compile(
    r"\b(?:der|die|das|dem|den|des|beim?|zum|zur|am|im|vom|ihre[mnrs]?|seine[mnrs]?|eine[mnrs]?|und|bis)\s\d{1,3}\.$"
)
_ASIDE = regex.compile(r"(?<=[.!?…][\"”’]?)\s(\(\p{Lu}[^()]*\s[^()]*\s[^()]*[.!?][\"”’]?\))(?=\s\p{Lu}|$)")
_CLOCK = regex.compile(r"\b[ap]\.m\.$", regex.IGNORECASE)
_CLOCK_NEXT = regex.compile(
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:E|C|M|P)[SD]?T\b|GMT|UTC|BST|local time|on\b|Eastern|Pacific|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
)
_ENDS = regex.compile(r"""[.!?…。！？؟।:]["'”’»«“)\]」』）]*$""")
_JAPANESE_GOES_ON = regex.compile(r"^(?:と|って|など|」|』|）|という)")
_LONGEST_QUOTATION = 700


def split_sentences(text: str, language: str = "") -> list[str]:
    """The sentences of one paragraph in order, stripped, none empty; joined again they give the paragraph.

    White space between them is not kept. Text beyond ``LONGEST`` characters is not read.
    """
    text = " ".join(text[:LONGEST].split())
    if not text:
        return []
    joiner = "" if writes_without_spaces(language) else " "
    pieces: list[str] = []
    for piece in _pieces(text, language):
        if pieces and _belongs(pieces[-1], piece, language):
            pieces[-1] = f"{pieces[-1]}{joiner}{piece}"
        else:
            pieces.append(piece)
    return pieces


def _pieces(text: str, language: str) -> Iterator[str]:
    """What sentencex makes of ``text``, none empty; a sentence in brackets of its own is cut off on both sides."""
    import sentencex

    for part in _ASIDE.split(text) if "(" in text else (text,):
        for piece in sentencex.segment(primary(language), part or ""):
            if stripped := piece.strip():
                yield stripped


def ends_sentence(text: str) -> bool:
    """Whether ``text`` ends like a sentence: with its mark, quotation marks and brackets after it allowed."""
    return _ENDS.search(text) is not None


def _belongs(before: str, after: str, language: str) -> bool:
    """Whether ``after`` goes on with the sentence of ``before``."""
    if _is_open(before):
        return len(before) < _LONGEST_QUOTATION
    first = after.lstrip("“\"„«'(")[:1]
    if _JAPANESE_GOES_ON.match(after):
        return True
    if first.islower() and not after.startswith(("iP", "eB")):
        return True
    if primary(language) == "de" and first.isupper() and _GERMAN_ORDINAL.search(before):
        return True
    if _ORDINAL.search(before):
        return _MONTH_NEXT.match(after) is not None
    if _EXCLAIMED_NAME.search(before):
        return first.isupper()
    if _CLOCK.search(before):
        return _CLOCK_NEXT.match(after) is not None
    if _NEVER_LAST.search(before):
        return True
    return _ABBREVIATION.search(before) is not None and first.isdigit()


def _is_open(text: str) -> bool:
    """Whether a bracket or a quotation of ``text`` is still open."""
    return text.count("(") > text.count(")") or text.count("（") > text.count("）") or not quotations_closed(text)
