"""Tells a story's paragraphs from the lines around it. What is left out is kept on the article, never lost."""

from __future__ import annotations

from collections.abc import Sequence

from db.records import Removed
from scheduler.intake.bylines import bare_authors, marked_authors
from scheduler.intake.furniture import (
    DATELINE,
    FOOTER,
    LONGEST,
    NEAR_FOOTER,
    SIGN_OFF,
    STAMP_HEAD,
    WHOLE_LINES,
)

_HEAD = 4
"""How many paragraphs from the top may still be headline, byline, outlet or date."""


def read_body(
    paragraphs: Sequence[str], *, headline: str = "", authors: Sequence[str] = (), outlet: str = ""
) -> tuple[tuple[str, ...], tuple[Removed, ...]]:
    """``(kept, removed)``, both in the order of the source.

    Takes cleaned lines, one paragraph each. ``headline``, ``authors`` and ``outlet``, where already known, are
    recognised when they are repeated at the top. Every character given is in one of the two results.
    """
    kinds = [furniture_kind(line) for line in paragraphs]
    _mark_head(paragraphs, kinds, headline, authors, outlet)
    _mark_footer(paragraphs, kinds)
    kept: list[str] = []
    removed: list[Removed] = []
    for line, kind in zip(paragraphs, kinds, strict=True):
        if kind:
            removed.append(Removed(kind, line))
            continue
        first = not kept
        for name, pattern in (("dateline", DATELINE), ("stamp", STAMP_HEAD)):
            match = pattern.match(line[:LONGEST]) if first or name == "stamp" else None
            if match:
                removed.append(Removed(name, match.group().strip()))
                line = line[match.end() :]
        kept.append(line)
    if kept and (match := SIGN_OFF.search(kept[-1][-40:])):
        removed.append(Removed("agency", match.group().strip()))
        kept[-1] = kept[-1][: -len(match.group())]
    return tuple(kept), tuple(removed)


def furniture_kind(line: str) -> str:
    """The kind of a line that is furniture wherever it stands; "" for anything else."""
    if len(line) > 2 * LONGEST:
        return ""
    for kind, pattern in WHOLE_LINES:
        if (len(line) <= LONGEST or kind == "correction") and pattern.fullmatch(line):
            return kind
    return ""


def _mark_head(lines: Sequence[str], kinds: list[str], headline: str, authors: Sequence[str], outlet: str) -> None:
    seen = 0
    for index, line in enumerate(lines):
        if kinds[index]:
            continue
        if seen >= _HEAD:
            return
        seen += 1
        if headline and _same(line, headline):
            kinds[index] = "headline"
        elif outlet and _same(line, outlet):
            kinds[index] = "outlet"
        elif marked_authors(line) or (authors and set(bare_authors(line) or ("",)) <= set(authors)):
            kinds[index] = "byline"
        else:
            continue
        seen -= 1


def _mark_footer(lines: Sequence[str], kinds: list[str]) -> None:
    """Walks up from the end while every line is furniture; weak lines are taken along only between sure ones."""
    sure = len(lines)
    index = len(lines) - 1
    while index > 0:
        line = lines[index]
        if kinds[index] or (len(line) <= LONGEST and (FOOTER.fullmatch(line) or marked_authors(line))):
            for inside in range(index, sure):
                kinds[inside] = kinds[inside] or "footer"
            sure = index
        elif not (sure < len(lines) and sure - index <= 2 and len(line) <= 200 and NEAR_FOOTER.fullmatch(line)):
            return
        index -= 1


def _same(one: str, other: str) -> bool:
    def plain(text: str) -> str:
        return "".join(letter for letter in text.casefold() if letter.isalnum())

    return bool(plain(one)) and plain(one) == plain(other)
