"""Shortens words for the inbox: a subject that still says something whole, a preheader whose cut is seen.

A subject ends where a phrase ends that may fall without changing what is claimed; only where there is no such place it
is cut between two words and closed with "…". A preheader ends at a sentence, or at a clause that adds to a finished
statement; else its cut is shown too.
"""

from __future__ import annotations

import regex

from templates.attribution import loses_claim
from templates.clauses import complete_cuts
from templates.fit import cut_off, shorten_headline
from templates.lexicon import lexicon, primary, writes_without_spaces
from templates.quotations import brackets_closed, quotations_closed
from templates.sentences import split_sentences

SHORTEST = 26
"""A subject of fewer characters says too little while there is more to say."""

_ADDS = regex.compile(
    r"\s(?=(?:(?P<time>after|amid|before|during|following|while|when|despite|ahead\sof)|in|at|on|with|over|as)\s)",
    regex.IGNORECASE,
)
"""Before these words a headline's statement may end: before those of time and circumstance sooner than before the others."""

_GOES_ON = regex.compile(r"^,\s(?:[\p{L}'’-]+\s(?:&|and|or)\s|[^,]+,)")
"""After a comma, the rest of a list, or a name that a second comma ends."""

_LAST_ADJECTIVE = regex.compile(r"(?:['’]s|s['’])\s\p{Ll}[\p{L}-]+$")
_NOT = regex.compile(r"\b(?:not|no|never|nobody|none|without|hardly)\b|n['’]t\b", regex.IGNORECASE)
_LONG = 38
"""What falls after "in" or "with" belongs to a short statement more often than to a long one."""

_NEEDS_MORE = regex.compile(
    r"(?:^|\s)(?:\p{Lu}[\p{L}]{0,4}\.|\p{L}+(?:['’]s|s['’])|is|are|was|were|be|been|has|have|had|will|would|can|could|may|says?|said|gets?|isn['’]t|aren['’]t|doesn['’]t|"
    r"don['’]t|didn['’]t|won['’]t|wouldn['’]t|can['’]t|just|opens?|calls?|calling|comes?|goes|makes?|takes?|brings?|puts?|sets?|turns?|looks?|deals?|drops?|gives?|steps?|moves?|"
    r"nearly|only|even|still|very|too|\p{L}{3,}ing|up|down|out|off|\d+)$",
    regex.IGNORECASE,
)
_HANGS = regex.compile(
    r"(?:^|\s)\p{Lu}\p{L}{0,4}\.$|(?:['’]s|s['’])$|\d$|n['’]t(?:\s\p{L}+)?$|\b(?:not|never|no\slonger)\s\p{L}+$"
    r"|\s(?:brings?|gives?|gets?|makes?|takes?|puts?|sets?|calls?|names?|adds?|wins?|loses?|faces?|has|have|had|says?|said|tells?|told|shows?|opens?|hits?|posts?|sparks?|reveals?)$",
    regex.IGNORECASE,
)
"""A title's abbreviation, a possessive, a number, a negated verb or one that wants its object: they ask for the word that follows."""

_JUDGED = regex.compile(r"\s(?:is|are|was|were)\s(?:an?|the)\s\S+(?:\s\S+)?$", regex.IGNORECASE)
"""“Is a brilliant, heartbreaking”: the noun that was judged is gone."""

_OPEN_END = regex.compile(r"\s(?:whose|which|what|who|why|how|where|that|&)$", regex.IGNORECASE)
_TIES_ON = ("of ", "Of ", "& ", "and ", "And ")
"""What follows belongs to the office, the name or the pair before it."""

_INSIDE_NAME = regex.compile(r"\s\p{Lu}[\p{L}'’-]*$")
"""In a headline that writes only names with capitals, a name may go on behind the cut."""

_CLOSERS = {"“": "”", "‘": "’", "„": "“", "«": "»", '"': '"', "'": "'"}
_SINGLE_OPENS = regex.compile(r"(?<![\p{L}\p{N}])['‘](?=\p{L})")
_SINGLE_ENDS = regex.compile(r"(?<=[\p{L}\p{N}.!?,])['’](?!\p{L})")
_VERB = regex.compile(r"\s\p{L}{2,}(?:s|ed|es|t|n)\s", regex.IGNORECASE)
_BELONGS_BEFORE = frozenset("up out off down back him them".split())
_SMALL = frozenset(
    "a an the of to in on at for with by from and or but nor so as that than if is are be into over about amid after before his her its their your my our".split()
)


def shorten_subject(headline: str, limit: int, language: str) -> str:
    """``headline`` in at most ``limit`` characters."""
    if len(headline) <= limit:
        return headline
    if writes_without_spaces(language):
        return shorten_headline(headline, limit, language)
    at_mark = shorten_headline(headline, limit, language)
    if _GOES_ON.match(headline[len(at_mark) :]) or any(
        ends.search(at_mark.rstrip(".")) for ends in (_LAST_ADJECTIVE, _JUDGED)
    ):
        return _broken_off(headline, limit, language)
    if not at_mark.rstrip("”’\"'»").endswith("…"):
        return at_mark
    return (_ended(headline, limit, language) if primary(language) == "en" else "") or _broken_off(
        headline, limit, language
    )


def shorten_preheader(text: str, limit: int, language: str) -> str:
    """``text`` in at most ``limit`` characters: whole sentences, a whole clause, else cut with "…"; "" of nothing."""
    if len(text) <= limit:
        return text
    joiner = "" if writes_without_spaces(language) else " "
    sentences = split_sentences(text, language)
    for count in range(min(len(sentences), 6) - 1, 0, -1):
        if len(kept := joiner.join(sentences[:count])) <= limit and len(kept) * 3 >= limit:
            return kept
    first = next(iter(sentences), text)
    return next((one for one in complete_cuts(first, language) if len(one) <= limit), "") or cut_off(
        first, limit, len, language
    )


def _ended(headline: str, limit: int, language: str) -> str:
    """The longest beginning that ends before a phrase which only adds, or ""."""
    for found in reversed(list(_ADDS.finditer(headline[: limit + 1]))):
        kept, dropped = headline[: found.start()].rstrip(" ,;:–—-"), headline[found.end() :]
        if len(kept) < (SHORTEST if found["time"] else _LONG) or _NOT.search(kept):
            continue
        if _may_end(kept) and not loses_claim(kept, dropped, language) and _VERB.search(f"{kept} "):
            return kept
    return ""


def _may_end(kept: str) -> bool:
    """Whether nothing stays open at the end of ``kept``."""
    last = kept.rsplit(None, 1)[-1]
    return last.lower() not in _SMALL and _NEEDS_MORE.search(kept) is None and _closed(kept)


def _broken_off(headline: str, limit: int, language: str) -> str:
    """As many whole words as fit, none of them a small one at the end, closed with "…"; an open quotation is closed too."""
    small = (lexicon(language).small | _SMALL) - _BELONGS_BEFORE
    names = sum(word[0].isupper() for word in headline.split()) * 2 <= len(headline.split())
    longest = ""
    kept = headline[: limit - 1]
    while " " in kept:
        kept = kept.rsplit(" ", 1)[0].rstrip(" ,;:–—-")
        if len(kept) < SHORTEST:
            break
        if kept.rsplit(None, 1)[-1].lower() in small or _HANGS.search(kept):
            continue
        if headline[len(kept) :].lstrip().startswith(_TIES_ON) or _OPEN_END.search(kept) or _JUDGED.search(kept):
            continue
        if names and _INSIDE_NAME.search(kept) and headline[len(kept) :][:2].strip().isupper():
            continue
        if _closed(kept):
            return f"{kept}…"
        longest = longest or kept
    shown = f"{longest}…{_owed(longest)}" if longest else ""
    return shown if shown and len(shown) <= limit else shorten_headline(headline, limit, language)


def _owed(kept: str) -> str:
    """The mark that closes what is quoted last in ``kept``."""
    opened = max(range(len(kept)), key=lambda number: (kept[number] in _CLOSERS, number))
    return _CLOSERS.get(kept[opened], "")


def _closed(kept: str) -> bool:
    """Whether no quotation or bracket is open at the end of ``kept``."""
    opened, ended = len(_SINGLE_OPENS.findall(kept)), len(_SINGLE_ENDS.findall(kept))
    return quotations_closed(kept) and brackets_closed(kept) and opened <= ended
