"""Shortens one sentence at its clauses, so that what stays is a whole sentence that claims the same.

A tail goes only when it holds no "but", no "unless", no source; a quotation that is cut is closed again; a bracket
falls whole.
"""

from __future__ import annotations

import regex

from templates.attribution import judge, loses_claim, loses_source
from templates.lexicon import lexicon, primary, speaks, writes_without_spaces
from templates.quotations import brackets_closed, find_quotations, outside_quotations, quotations_closed

SHORTEST = 45
"""A clause shorter than this many characters says too little to stand alone."""

_BREAK = regex.compile(r"(?<!\d)(?:[,;](?=\s)|\s[–—-]{1,2}(?=\s)|—)|(?<=\d)[,;](?=\s)")
_BRACKET = regex.compile(r"\s?(?:\([^()]*\)|\[[^\[\]]*\]|（[^（）]*）|【[^【】]*】)")
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December|Jan\\.|Feb\\.|Aug\\.|Sept\\.|Oct\\.|Nov\\.|Dec\\."
_PHRASE = regex.compile(
    rf"\s(?=(?P<clause>after|before|when|while|as|because|following|amid|during|ahead of)\s|on\s(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
    rf"|on\s(?:{_MONTHS})|in\s(?:(?:{_MONTHS})|\d{{4}}\b))"
)
_VERB = regex.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could|may|might|do|does|did|says?|said|won|lost|left|made|took|went|got|"
    r"gave|came|became|found|put|set|told|began|rose|fell|hit|cut|led|met|held|kept|sent|built|brought|paid|\p{Ll}{3,}ed)\b"
)
_GOVERNS = regex.compile(
    r"(?:ed|ing|en|\bborn|\bbased|\blive[sd]?|\bis|\bwas|\bare|\bwere|\bbe|\bbeen|\bso|\bsuch|\bas|\bsame|\bmuch|\bmany|ly)$"
)
_LOOSE_PARTICIPLE = regex.compile(
    r"(?<!\b(?:was|were|been|is|are|be|being|has|have|had|get|got|gets|not|never|also|since|\p{L}+ly)) (?:\p{L}{3,}ed|written|made|known|held|taken|given|found|set|"
    r"built|shot|told|seen|born|done|cut|put|led|sent|paid|sold|held|won|begun|chosen|driven|drawn|thrown)$"
)
_NOT_LAST = regex.compile(
    r"(?:\b(?:comes|came|come|is|are|was|were|be|been|back|days|weeks|months|years|hours|minutes|seconds|day|week|month|year|hour|ago|shortly|just|even|"
    r"long|soon|right|immediately|especially|particularly|not|never|such|so|as|same|known|described|\p{L}+ly|\p{L}{3,}ing|it['’]s|he['’]s|she['’]s|they['’]re|"
    r"that['’]s|senior|former|first|new|latest)|\d)$",
    regex.IGNORECASE,
)
_LAST_WORD = 40
"""No last word is longer."""

_ASIDE = regex.compile(
    r"(?:\s[–—-]{1,2}\s|—)(?=\p{Ll})[^–—“”\"]{8,140}?(?:\s[–—-]{1,2}\s|—)(?=\S)"
    r"|,\s(?:who|which|whose|where)\s[^,;:–—“”\"()]{8,120},\s(?=\p{Ll}+\s)(?!(?:who|which|whose|where|just|only|meant|even|all|not)\s)",
)
_FIRST_WORD = regex.compile(r"[\p{L}\p{M}][\p{L}\p{M}'’\-]*")
_INTRODUCTION = regex.compile(
    r"^(?:[\"“„«‘]?)(?:thanks|when|while|as|after|before|although|though|if|since|because|despite|in|on|at|with|from|by|for|during|following|under|"
    r"once|until|unless|according|amid|among|to|speaking|asked|over|whether|even|like|unlike|instead|born|based|just|only|"
    r"als|wenn|nachdem|während|obwohl|weil|da|seit|bei|mit|nach|vor|im|in|am|um|trotz|"
    r"cuando|tras|después|mientras|aunque|si|en|con|para|por|según|desde|lorsque|après|alors|si|dans|pour|selon|depuis)\b",
    regex.IGNORECASE,
)
_SOURCE_LAST = regex.compile(
    r",?\saccording\sto\s(?P<who>(?!him\b|her\b|them\b|it\b|those\b)[^,;:–—“”\"()]{3,60})(?P<end>[.!?])$"
)
_OPENERS = frozenset(
    "on at of for into over under between against about without within across through than if whether until that but or because".split()
)
_ADDS = regex.compile(r"\.?,\s(?:which|who|whose|where|when|after|before|following|with)\s")
"""A tail that adds to a finished statement; one that turns it ("even as", "although") is no mere addition."""

LOOKED_BACK = 25
"""So many characters before the limit a place is looked for where a phrase ends; else the cut falls between two words."""

_SAID_LAST = regex.compile(r"[,”\"’–—][^,“”\"]{1,90}[.!?]$")
_LIST_ITEM = regex.compile(r"^(?:and|or|und|oder|et|ou|y|e|o)\s", regex.IGNORECASE)


def without_brackets(text: str) -> str:
    """``text`` without its brackets, each taken out whole; unchanged where brackets are not closed."""
    if not brackets_closed(text):
        return text
    shorter = _BRACKET.sub("", text)
    return shorter.strip() if shorter != text else text


def trimmed(sentence: str, longest: int, language: str) -> str:
    """``sentence`` cut between two words and closed with "…", at most ``longest`` characters; "" where that is unsafe.

    Unsafe is a cut that leaves a source or a turn of the claim away, opens a quotation, or splits a name or a number
    from what belongs to it.
    """
    if writes_without_spaces(language) or len(sentence) <= longest:
        return ""
    position = sentence.rfind(" ", 0, longest)
    second_best = ""
    while position > max(SHORTEST, longest // 2):
        kept, dropped = sentence[:position].rstrip(" ,;:–—-"), sentence[position:].strip()
        if not _splits(kept, dropped, language) and quotations_closed(kept) and brackets_closed(kept):
            if loses_source(dropped, language) and not _source_stays(kept, dropped, language):
                return second_best
            if sentence[position - 1] in ",;:–—" or opens_phrase(kept, dropped, language):
                return f"{kept}…"
            second_best = second_best or f"{kept}…"
        if second_best and position < longest - LOOKED_BACK:
            break
        position = sentence.rfind(" ", 0, position)
    return second_best


def opens_phrase(kept: str, dropped: str, language: str) -> bool:
    """Whether what falls begins with a word that opens a phrase or a clause, and the word before it asks for none."""
    found = _FIRST_WORD.match(dropped)
    word = found.group().lower() if found is not None else ""
    if word in ("to", "that", "of", "by") and _GOVERNS.search(kept):
        return False
    return word in _OPENERS.union(lexicon(language).clause_words)


def with_source_first(sentence: str, longest: int, language: str) -> str:
    """A long sentence whose source stands at its end, with the source in front and the rest shortened; "" for others.

    ``X does Y …, according to Z.`` becomes ``According to Z, X does Y…``: in at most ``longest`` characters.
    """
    found = _SOURCE_LAST.search(sentence) if primary(language) == "en" else None
    if found is None:
        return ""
    main = sentence[: found.start()] + found["end"]
    first = main.split(None, 1)[0]
    if first.lower() in lexicon(language).small and not first.isupper():
        main = main[0].lower() + main[1:]
    opening = f"According to {found['who']}, "
    room = longest - len(opening)
    whole = [main, *clause_cuts(main, language)]
    shorter = next((one for one in whole if len(one) <= room), "") or trimmed(main, room, language)
    return f"{opening}{shorter}" if shorter and quotations_closed(shorter) else ""


def _source_stays(kept: str, dropped: str, language: str) -> bool:
    """Whether ``kept`` names who says it, and what ``dropped`` reports is only reported within that."""
    verdict = judge(kept, language)
    return (
        verdict.passes
        and verdict.reported
        and not speaks(dropped, language, "according")
        and speaks(outside_quotations(kept), language, "reporting")
        and _SAID_LAST.search(dropped) is None
    )


def _splits(kept: str, dropped: str, language: str) -> bool:
    """Whether the cut parts a name, a number from its unit, or leaves a small word at the end."""
    last = kept.rsplit(None, 1)[-1].strip("“”\"'’(),")
    first = dropped.split(None, 1)[0].lstrip("“\"'(")
    if not last or last.lower() in lexicon(language).small or _NOT_LAST.search(kept[-_LAST_WORD:]):
        return True
    if kept[-1] in "“‘«„" or speaks(last, language, "reporting"):
        return True
    if last[-1].isdigit() or last[-1] in "$€£.-–—":
        return True
    return last[0].isupper() and first[:1].isupper()


def clause_cuts(sentence: str, language: str, shortest: int = SHORTEST) -> list[str]:
    """Shorter forms of one sentence, longest first, each whole and closed. May be empty.

    None has fewer than ``shortest`` characters; a sentence that only follows another may be shorter than one alone.
    """
    cuts: list[str] = []
    if writes_without_spaces(language):
        return cuts
    quotations = find_quotations(sentence)
    for whole in (without_brackets(sentence), *_without_asides(sentence, language)):
        if whole != sentence and whole not in cuts:
            cuts.append(whole)
    breaks = list(_BREAK.finditer(sentence))
    for number, found in enumerate(reversed(breaks)):
        position = found.start()
        inside = next((one for one in quotations if one.start < position < one.end), None)
        if inside is not None:
            shorter = _cut_quotation(sentence, position, inside.end, language)
        else:
            first = number == len(breaks) - 1
            shorter = _cut_tail(sentence, position, found.end(), first, language, shortest)
        if shorter and shorter not in cuts:
            cuts.append(shorter)
    if primary(language) == "en":
        for found in _PHRASE.finditer(sentence):
            shorter = _cut_phrase(sentence, found.start(), found["clause"] is not None, found.end(), shortest)
            if shorter and shorter not in cuts:
                cuts.append(shorter)
    return sorted(cuts, key=len, reverse=True)


def complete_cuts(sentence: str, language: str) -> list[str]:
    """Those of the sentence's ``clause_cuts`` that a post may end with a full stop, longest first.

    Only a tail falls, and in English only one that a comma sets off and that adds to a finished statement.
    """
    cuts = [one for one in clause_cuts(sentence, language) if sentence.startswith(one[:-1])]
    if primary(language) != "en":
        return cuts
    return [one for one in cuts if len(one) >= SHORTEST + 15 and _ADDS.match(sentence[len(one) - 1 :])]


def _without_asides(sentence: str, language: str) -> list[str]:
    """The sentence without one aside: between two dashes, or a "who …" clause between two commas."""
    shorter: list[str] = []
    for found in _ASIDE.finditer(sentence):
        left = sentence[: found.start()]
        kept = f"{left} {sentence[found.end() :]}"
        if (
            " -" in found.group().strip(" -")
            or loses_claim(kept, found.group(), language)
            or not quotations_closed(left)
            or not brackets_closed(left)
        ):
            continue
        if quotations_closed(kept) and len(left) > 8 and len(kept) > SHORTEST and not _dash_open(left):
            shorter.append(kept)
    if len(shorter) > 1 and shorter[0] != sentence:
        both = _without_asides(shorter[0], language)
        shorter += [one for one in both if one not in shorter]
    return shorter


def _cut_phrase(sentence: str, position: int, is_clause: bool, after: int, shortest: int) -> str:
    """``sentence`` ended before a clause or phrase of time or place that no comma sets off, or ""."""
    kept, dropped = sentence[:position], sentence[after:]
    if len(kept) < shortest + 15 or loses_claim(kept, dropped, "en"):
        return ""
    if not quotations_closed(kept) or not brackets_closed(kept) or kept[-1] in ',;:–—-”"':
        return ""
    comma = kept.find(", ")
    if _INTRODUCTION.match(kept) and (comma < 0 or len(kept) - comma < shortest):
        return ""
    last = kept.rsplit(None, 1)[-1]
    if last.lower() in lexicon("en").small or _NOT_LAST.search(kept[-_LAST_WORD:]) or _dash_open(kept):
        return ""
    if _LOOSE_PARTICIPLE.search(kept):
        return ""
    if _VERB.search(kept) is None or (dropped.startswith("as") and _GOVERNS.search(kept)):
        return ""
    return _ended(kept, sentence)


def _dash_open(kept: str) -> bool:
    """Whether an aside between dashes is still open at the end of ``kept``."""
    return (kept.count("—") + kept.count(" – ") + kept.count(" - ") + kept.count("--")) % 2 == 1


def _cut_tail(sentence: str, position: int, after: int, first: bool, language: str, shortest: int) -> str:
    """``sentence`` ended at ``position``, or "" where that would not leave a whole sentence."""
    kept, dropped = sentence[:position].rstrip(), sentence[after:].strip()
    if len(kept) < shortest or loses_claim(kept, dropped, language):
        return ""
    if not quotations_closed(kept) or not brackets_closed(kept):
        return ""
    if first and _INTRODUCTION.match(kept):
        return ""
    mark = sentence[position:after].strip()
    if primary(language) == "de" and "," in dropped:
        return ""
    if mark == "," and not _opens_clause(kept, dropped, language):
        return ""
    if mark not in (",", ";") and dropped.count("–") + dropped.count("—") + dropped.count(" - ") > 0:
        return ""
    if kept[-1] in ",;:–—-" or (mark in (",", ";") and _dash_open(kept)):
        return ""
    return _ended(kept, sentence)


def _cut_quotation(sentence: str, position: int, quotation_end: int, language: str) -> str:
    """``sentence`` with the quotation cut at ``position`` and closed, what follows it kept."""
    closer = sentence[quotation_end - 1]
    dropped = sentence[position : quotation_end - 1]
    after = sentence[quotation_end:]
    kept = sentence[:position].rstrip()
    opened = max(kept.rfind(mark) for mark in "“„«\"‘'")
    if len(kept) - opened < SHORTEST or loses_claim(kept, dropped, language):
        return ""
    if not _opens_clause(kept, dropped.lstrip(",;–—- "), language) and not dropped.startswith(";"):
        return ""
    last = sentence[quotation_end - 2] if sentence[quotation_end - 2] in ".,!?" else ""
    if last in "!?":
        last = "," if after.strip() else "."
    return f"{kept}{last}{closer}{after}"


def _opens_clause(kept: str, dropped: str, language: str) -> bool:
    """Whether what follows the comma is a clause of its own, not an item of a list."""
    word = _FIRST_WORD.match(dropped)
    if word is None or _LIST_ITEM.match(dropped):
        return False
    lowered = word.group().lower()
    if lowered in lexicon(language).clause_words:
        return True
    return primary(language) == "en" and lowered.endswith("ing") and len(lowered) > 4


def _ended(kept: str, sentence: str) -> str:
    """``kept`` with the mark that ends ``sentence``; an abbreviation's full stop serves for both."""
    mark = _final_mark(sentence)
    return kept if kept.endswith(".") and mark == "." else kept + mark


def _final_mark(sentence: str) -> str:
    """The mark that ends the sentence, without quotation marks after it."""
    for character in reversed(sentence):
        if character in ".!?…。！？؟।":
            return character if character != "…" else "."
        if character.isalnum():
            break
    return "."
