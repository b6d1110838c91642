"""The gate of attribution: whose words are these?

A sentence with a verb of saying or with quotation marks may go out only with its source's name in it. Where one
source reports another, the outer one is named, with the inner one beside it ("TASS News reports, citing Sergey
Shoigu: …"). A quotation goes whole, or cut at a clause and closed; it is never put in our own words.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import regex

from templates.lexicon import lexicon, primary, speaks, writes_without_spaces
from templates.quotations import Quotation, brackets_closed, find_quotations, outside_quotations, quotations_closed

_NAME = regex.compile(r"(?<![\p{L}\p{N}])(?:\p{Lu}[\p{L}\p{M}\p{N}.&'’\-]*|[\p{L}]*\p{Lu}\p{L}*\p{Lu}\p{L}*)")
_CJK_SOURCE = regex.compile(
    r"[\p{Han}\p{Katakana}\p{Hangul}ー]{2,}(?:氏|さん|知事|市長|町長|村長|区長|大臣|首相|社長|会長|監督|選手|議員|教授|庁|省|局|署|警察|市|県|社|部|会"
    r"|所|館|院|校|団体|大学|新聞|通信|課|長|先生|女士|시장|장관|대표|교수|의원|씨|청|부|시|사|경찰)"
)
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}'’\-]*")
_UNNAMED = regex.compile(
    r"\b(?:sources? (?:said|says?|claims?|claimed)|insiders? (?:said|says?|claims?|claimed)|it(?: is| was|['’]s| has been|['’]s been| had been) "
    r"(?:\p{L}+ )?(?:said|claimed|alleged|reported|believed|thought|rumou?red|confirmed|announced|revealed|feared|understood)|critics say|some say|many (?:say|believe)|angeblich|dem Vernehmen nach)\b",
    regex.IGNORECASE,
)
_MISSING = ("the quotation's source is not named", "the quoted words' source is not named", "who says so is not named")
_SHORT_WORDS = 5

_RELAY = regex.compile(
    r"""^(?P<outer>\p{Lu}[^,:“"]{1,60}?)\s+(?P<verb>reports?|reported|says|said|wrote|writes)[,:]?\s+
        “(?P<what>[^“”]{40,}),\s+
        (?P<inner>[^,“”]{0,80}?)\bquoted\s+(?P<who>[^,“”]{3,80}?)\s+as\s+saying[^,“”]{0,60}\.”$""",
    regex.VERBOSE,
)
_PERSON = regex.compile(r"\p{Lu}[\p{L}'’\-]+(?:\s+\p{Lu}[\p{L}.'’\-]*)+$")
_TITLES = frozenset(
    """secretary president minister prime chairman chairwoman chief general governor mayor senator director spokesman spokeswoman
    spokesperson ambassador chancellor deputy premier judge professor dr mr mrs ms sir king queen prince""".split()
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says of one sentence.

    ``reason`` is "" when it may go. ``quoted`` tells that it holds a quotation of more than a few words,
    ``reported`` that it has a verb of saying outside quotation marks.
    """

    reason: str
    quoted: bool
    reported: bool

    @property
    def source_missing(self) -> bool:
        """True when all that is missing is who says so."""
        return self.reason in _MISSING

    @property
    def passes(self) -> bool:
        """True when the sentence may go out by itself."""
        return not self.reason


@lru_cache(maxsize=2048)
def judge(sentence: str, language: str) -> Verdict:
    """Whether ``sentence`` names the source of what it reports. Pure."""
    if not quotations_closed(sentence):
        return Verdict("a quotation is not closed", True, False)
    if not brackets_closed(sentence):
        return Verdict("a bracket is not closed", False, False)
    quotations = find_quotations(sentence)
    outside = outside_quotations(sentence) if quotations else sentence
    spaced = not writes_without_spaces(language) and primary(language) != "ko"
    saying = speaks(outside, language, "reporting")
    according = speaks(outside, language, "according")
    long_ones = [one for one in quotations if _is_speech(one, spaced)]
    if not quotations and not saying and not according:
        reason = "its source is not named" if _UNNAMED.search(outside) else ""
        return Verdict(reason, False, False)
    named = _names_source(outside, language, spaced)
    if long_ones:
        if not saying and not according and ":" not in outside:
            return Verdict("a quotation has no verb of saying", True, False)
        return Verdict("" if named else _MISSING[0], True, saying)
    if quotations and not named and spaced:
        return Verdict(_MISSING[1], False, saying)
    if _UNNAMED.search(outside) and not according:
        return Verdict("its source is not named", False, True)
    if (saying or according) and not named and not _role_speaks(outside, language):
        return Verdict(_MISSING[2], False, True)
    return Verdict("", False, saying or according)


def has_name(text: str, language: str) -> bool:
    """Whether a proper name, not a weekday or a first word, stands in ``text``."""
    return next(iter(proper_names(text, language)), None) is not None


def proper_names(text: str, language: str) -> list[str]:
    """The capitalised words of ``text`` that are names as far as writing shows, in order."""
    words = lexicon(language)
    names: list[str] = []
    for found in _NAME.finditer(text):
        word = found.group().rstrip(".'’-")
        bare = word.lower().removesuffix("'s").removesuffix("’s")
        if len(bare) < 2 or bare in words.calendar:
            continue
        first = not text[: found.start()].strip(" “”„\"«»'‘’(–—-")
        if (first or text[: found.start()].rstrip().endswith((".", ":", "!", "?"))) and bare in words.small:
            continue
        names.append(word)
    return names


def relayed(sentence: str) -> str | None:
    """A report of a report with both sources in front, or None where ``sentence`` is not one.

    ``A reports, “X, B quoted C as saying.”`` becomes ``A reports, citing C: “X.”``: nothing is said that the
    sentence does not say, and neither source is lost.
    """
    found = _RELAY.match(sentence)
    if found is None:
        return None
    who = _PERSON.search(found["who"])
    if who is None:
        return None
    parts = who.group().split()
    while len(parts) > 1 and parts[0].lower() in _TITLES:
        parts = parts[1:]
    return f"{found['outer']} {found['verb']}, citing {' '.join(parts)}: “{found['what']}.”"


def loses_claim(kept: str, dropped: str, language: str) -> bool:
    """Whether leaving ``dropped`` away changes what is claimed or who claims it."""
    outside = outside_quotations(dropped)
    return (
        speaks(dropped, language, "turns")
        or speaks(outside, language, "reporting")
        or speaks(dropped, language, "according")
    )


def loses_source(dropped: str, language: str) -> bool:
    """Whether ``dropped`` holds a verb of saying or the naming of a source."""
    outside = outside_quotations(dropped)
    return any(speaks(outside, language, kind) for kind in ("reporting", "according"))


def _is_speech(quotation: Quotation, spaced: bool) -> bool:
    """Whether a quotation is somebody's words rather than a title or a single word in quotes."""
    if not spaced:
        return len(quotation.words) > 12 and not quotation.words.isascii()
    words = _WORD.findall(quotation.words)
    if len(words) > _SHORT_WORDS:
        capitals = sum(word[0].isupper() or word[0].isdigit() or len(word) <= 3 for word in words)
        return bool(capitals < len(words))
    return False


def _names_source(outside: str, language: str, spaced: bool) -> bool:
    """Whether the text outside quotation marks holds a name that could be the source's."""
    if not spaced:
        return bool(_CJK_SOURCE.search(outside))
    if primary(language) in ("ar", "he", "hi", "th", "fa", "ur"):
        return len(_WORD.findall(outside)) >= 3
    return has_name(outside, language) or _role_speaks(outside, language)


def _role_speaks(outside: str, language: str) -> bool:
    """Whether an institution or an office ("police", "the ministry") is named."""
    return speaks(outside, language, "roles")
