"""Takes relative time ("last week", "yesterday") out of a sentence whose article has no date.

Such words mean nothing once nobody knows the day they count from. Where they are an adverb that can be lifted out
the sentence stays true without them; where they carry the sentence ("last year's winner", "until tomorrow") it is
left as it is, and the gate refuses it.
"""

from __future__ import annotations

import regex

from templates.lexicon import primary, speaks
from templates.quotations import find_quotations

_WHEN = (
    r"(?:(?:earlier|later|late|early)\s)?(?:today|yesterday|tomorrow|tonight|last night|"
    r"(?:last|this|next|this past)\s(?:week|weekend|month|year|summer|winter|spring|fall|autumn|morning|afternoon|evening)|"
    r"(?:only\s|just\s|almost\s|about\s|nearly\s|more than\s|over\s)?(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|\d+|a few|a couple of|several|some|many)\s"
    r"(?:hours?|days?|weeks?|months?|years?|decades?)\sago|(?:hours|days|weeks|months|years)\sago|shortly)"
)
_HINT = regex.compile(r"\b(?:today|yesterday|tomorrow|tonight|last|this|next|ago|shortly)\b", regex.IGNORECASE)
_NAMED_SO = regex.compile(
    r"(?<=[\p{L}\p{N},’'“‘] |[“‘\"'])(?:Today|Tonight|Tomorrow|Yesterday)\b(?! (?:is|was|we|he|she|they|it|I)\b)|"
    r"(?<=\p{L} )(?:This|Last) (?:Week|Morning|Year|Night)\b|"
    r"\b(?:today|tonight|tomorrow|yesterday)(?=\s\((?:\p{L}+,\s)?(?:\p{Lu}\p{L}+\.?\s\d{1,2}|\d{1,2}(?:\sof)?\s\p{Lu}\p{L}+)\))"
)
_OPENING = regex.compile(rf"^(?:just\s|only\s)?{_WHEN},\s", regex.IGNORECASE)
_CLOSING = regex.compile(rf"(?:,?\s(?:{_WHEN}))(?=[.!?…]?[”\"’]?$)")
_MIDDLE = regex.compile(
    rf"(?:,\s{_WHEN},|\s{_WHEN})(?=,|\s(?:after|as|at|by|during|following|for|from|in|on|over|that|to|when|where|while|with|and)\s)"
)
_VERBAL = regex.compile(rf"(?<=\p{{L}})\s{_WHEN}(?=\s\p{{Ll}}+(?:ed|s)\s)")
_BARE_VERB = regex.compile(r"[,)]\s\p{Ll}+(?:s|ed)$")
_TIED = regex.compile(
    r"\b(?:since|until|till|from|than|of|for|in|by|before|after|about|to|is|are|was|were|be|been|as|on|during|throughout|over|and|or|but|not|only|just|between|"
    r"within|around|at|a|the|s|more|like|shortly|both|here|until|through|ended|happened|happens)$",
    regex.IGNORECASE,
)


def tells_relative_time(text: str, language: str) -> bool:
    """Whether ``text`` speaks of a time that means nothing without a date; names ("the Today show") do not count."""
    if not speaks(text, language, "relative"):
        return False
    return primary(language) != "en" or speaks(_NAMED_SO.sub("", text), language, "relative")


def without_relative_time(text: str, language: str) -> str:
    """``text`` with liftable words of relative time taken out; as it is where nothing can be lifted. English only."""
    if primary(language) != "en" or _HINT.search(text) is None:
        return text
    opening = _OPENING.match(text)
    if opening is not None and len(text) - opening.end() > 30:
        text = text[opening.end() : opening.end() + 1].upper() + text[opening.end() + 1 :]
    for pattern in (_CLOSING, _MIDDLE, _VERBAL):
        quoted = [(one.start, one.end) for one in find_quotations(text)]
        for found in reversed(list(pattern.finditer(text))):
            if (
                _may_go(text[: found.start()])
                and not _stump(text, found.start(), found.end())
                and not any(start < found.start() < end for start, end in quoted)
            ):
                text = text[: found.start()] + text[found.end() :]
    return text


def _stump(text: str, start: int, end: int) -> bool:
    """Whether a bare verb would be left at the end, behind a comma: "The bridge, once a railway's, opens." """
    return not any(mark.isalpha() for mark in text[end:]) and _BARE_VERB.search(text[:start]) is not None


def _may_go(before: str) -> bool:
    """Whether the words before a find stand without it: several, and the last not tied to it."""
    return before.count(" ") >= 1 and _TIED.search(before) is None
