"""Makes words fit: by whole sentences, then clauses, then words.

Never inside an address, a hashtag, a mention, a number with its unit, a name, a bracket or a grapheme; a bracket falls
whole; an open quotation is closed again. The length is whatever the caller measures: each kind has its own count.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import regex

from templates.clauses import LOOKED_BACK, clause_cuts, opens_phrase, without_brackets
from templates.lexicon import lexicon, writes_without_spaces
from templates.quotations import brackets_closed
from templates.sentences import split_sentences

MOST = 20_000
"""Of a longer text only this many characters are looked at: far more than any teaser holds."""

_ATOM = regex.compile(
    r"""(?:https?://|www\.)\S+                                             # an address
      | [\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+(?:/\S*)?                       # a bare one, an abbreviation, a number
      | [#@＃＠$][\p{L}\p{M}\p{N}_]+                                       # hashtag, mention, cashtag
      | \([^()]{0,300}\)|\[[^\[\]]{0,300}\]|（[^（）]{0,300}）|【[^【】]{0,300}】
      | \p{Sc}?\s?\d[\d.,:/]*(?:[\s\u00A0]?(?:%|\p{Sc}|[\p{L}\p{M}°²³]{1,20})(?:[\s]?(?:dollars|euros?|pounds|people|percent))?)?
      | \p{Lu}[\p{L}\p{M}\p{N}'’.-]*(?:\s(?:de|da|der|van|von|bin|al|el|la|of|the)?\s?\p{Lu}[\p{L}\p{M}\p{N}'’.-]*){0,4}
      | [\p{Katakana}ー]+
      | (?![\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Khmer}\p{Lao}\p{Myanmar}])[\p{L}\p{M}\p{N}\u200C\u200D'’-]+
      | \s+
      | \X""",
    regex.VERBOSE | regex.VERSION1,
)
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Khmer}\p{Lao}\p{Myanmar}ー々〆]")
_NEVER_FIRST = "。、，．！？）」』】〉》〕］｝ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々:;!?,.)]}…”’»%％"
_NEVER_LAST = "（「『【〈《〔［｛([{“‘«„#@$＄¥￥€£"
_CLOSERS = {"“": "”", "„": "“", "«": "»", "「": "」", "『": "』", "‘": "’"}
_HEADLINE_BREAK = regex.compile(r"[,;:、。：；](?=\s|\p{Han}|\p{Hiragana}|\p{Katakana})|\s[–—|-](?=\s)|\s(?=\()")
_BETWEEN_ADJECTIVES = regex.compile(
    r"\b(?:an?|is|are|was|were|most|more|very|so|un|une|ein|eine|el|la)\s[\p{L}-]+$", regex.IGNORECASE
)
"""“A brilliant, heartbreaking feat”: no headline ends at such a comma."""

_TRAILING = " ,;:–—-、，；：・\u00a0"


def shorten(text: str, limit: int, measure: Callable[[str], int], language: str = "") -> str:
    """The longest form of ``text`` that measures at most ``limit``; "" where nothing worth saying fits. Pure.

    ``measure`` must not shrink when text is added to its end.
    """
    text = text.strip()
    if measure(text) <= limit:
        return text
    text = text[:MOST]
    for shorter in _by_sentences(text, language):
        if measure(shorter) <= limit:
            return shorter
    first = next(iter(split_sentences(text, language)), text)
    for shorter in clause_cuts(first, language) if len(first) < 3000 else ():
        if measure(shorter) <= limit:
            return shorter
    return cut_off(first, limit, measure, language)


def cut_off(text: str, limit: int, measure: Callable[[str], int], language: str) -> str:
    """``text`` itself where it fits, else cut at the last point where it does and closed with "…", which shows the cut."""
    if measure(text) <= limit:
        return text
    text = text[:MOST]
    points = break_points(text)
    low, high = 0, len(points)
    while low < high:
        middle = (low + high) // 2
        if measure(_closed(text[: points[middle]], language)) <= limit:
            low = middle + 1
        else:
            high = middle
    best = ""
    for index in range(low - 1, max(-1, low - 12), -1):
        if best and points[low - 1] - points[index] > LOOKED_BACK:
            break
        shorter = _closed(text[: points[index]], language)
        if len(shorter) > 3 and measure(shorter) <= limit and brackets_closed(shorter):
            if opens_phrase(text[: points[index]], text[points[index] :].lstrip(), language):
                return shorter
            best = best or shorter
    return best


def break_points(text: str) -> list[int]:
    """The positions where ``text`` may be cut, in order."""
    points: list[int] = []
    atoms = list(_ATOM.finditer(text))
    for atom, following in pairwise(atoms):
        here, there = atom.group(), following.group()
        if here.isspace():
            continue
        if there.isspace() or _may_part(here[-1], there[0]):
            points.append(atom.end())
    return points


def shorten_headline(headline: str, limit: int, language: str) -> str:
    """A headline in at most ``limit`` characters: at its last colon, comma or dash where enough is left, else by words."""
    if len(headline) <= limit:
        return headline
    for found in reversed(list(_HEADLINE_BREAK.finditer(headline[: limit + 1]))):
        kept = headline[: found.start()].rstrip()
        comma = found.group() == "," and _BETWEEN_ADJECTIVES.search(kept) is not None
        if len(kept) * 2 >= limit and not comma and not _open_marks(kept) and brackets_closed(kept):
            return kept
    return shorten(headline, limit, len, language)


def _may_part(before: str, after: str) -> bool:
    """Whether a script without spaces may be cut between two characters."""
    if not (_UNSPACED.match(before) or _UNSPACED.match(after)) or after in _NEVER_FIRST or before in _NEVER_LAST:
        return False
    return not before.isdigit() and not (before.isascii() and before.isalpha() and after.isascii())


def _by_sentences(text: str, language: str) -> list[str]:
    """The text with brackets out, then with fewer and fewer sentences."""
    forms = [without_brackets(text)]
    sentences = split_sentences(text, language)
    joiner = "" if writes_without_spaces(language) else " "
    for count in range(min(len(sentences), 12) - 1, 0, -1):
        kept = joiner.join(sentences[:count])
        forms += [kept, without_brackets(kept)]
    return [form for form in forms if form and form != text]


def _closed(kept: str, language: str) -> str:
    """``kept`` without loose words and marks at its end, with "…", quotations closed."""
    small = lexicon(language).small
    kept = kept.rstrip(_TRAILING)
    while " " in kept and kept.rsplit(" ", 1)[1].lower() in small:
        kept = kept.rsplit(" ", 1)[0].rstrip(_TRAILING)
    kept = kept.rstrip("".join(_CLOSERS) + '"').rstrip(_TRAILING) if kept[-1:] in _CLOSERS else kept
    return f"{kept}…{_open_marks(kept)}" if kept else ""


def _open_marks(text: str) -> str:
    """The closing marks that ``text`` still owes."""
    owed: list[str] = []
    for character in text:
        if owed and character == owed[-1]:
            owed.pop()
        elif character in _CLOSERS and not (character == "“" and "„" in text):
            owed.append(_CLOSERS[character])
    if "’" in owed:
        owed = [mark for mark in owed if mark != "’"]
    if text.count('"') % 2:
        owed.append('"')
    return "".join(reversed(owed))
