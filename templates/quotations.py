"""Finds the quotations of a text in the quotation styles of many languages, and tells whether all are closed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

_CLOSERS = {
    "“": "”",
    "„": "“”",
    "‚": "‘’",
    "«": "»",
    "»": "«»",
    "‹": "›",
    "「": "」",
    "『": "』",
    "《": "》",
    "〈": "〉",
    '"': '"',
    "”": "”",
}
_SINGLE = {"‘": "’", "'": "'", "’": "’"}
_BRACKETS = {"(": ")", "[": "]", "{": "}", "（": "）", "［": "］", "【": "】"}
_MOST_APOSTROPHES = 16
"""More apostrophes than this do not stand within one quotation in single marks."""

_MARKS = frozenset([*_CLOSERS, *_CLOSERS.values(), *_SINGLE]) - frozenset("’")
_CLOSING_BRACKETS = frozenset(_BRACKETS.values())
_ALL_BRACKETS = _CLOSING_BRACKETS | frozenset(_BRACKETS)


@dataclass(frozen=True, slots=True)
class Quotation:
    """One quotation: ``text[start:end]`` with its marks; ``words`` is what stands between them."""

    start: int
    end: int
    words: str


def find_quotations(text: str) -> tuple[Quotation, ...]:
    """The outermost quotations in order; one never closed is left out. Apostrophes are not quotation marks."""
    return _scan(text)[0]


def quotations_closed(text: str) -> bool:
    """Whether every double quotation mark of ``text`` has its partner."""
    return _scan(text)[1]


def brackets_closed(text: str) -> bool:
    """Whether every bracket of ``text`` has its partner, rightly nested."""
    if _ALL_BRACKETS.isdisjoint(text):
        return True
    stack: list[str] = []
    for character in text:
        if character in _BRACKETS:
            stack.append(_BRACKETS[character])
        elif character in _CLOSING_BRACKETS and (not stack or stack.pop() != character):
            return False
    return not stack


def outside_quotations(text: str) -> str:
    """``text`` with each quotation replaced by the placeholder ``“”``."""
    out: list[str] = []
    end = 0
    for quotation in find_quotations(text):
        out += [text[end : quotation.start], "“”"]
        end = quotation.end
    out.append(text[end:])
    return "".join(out)


@lru_cache(maxsize=4096)
def _scan(text: str) -> tuple[tuple[Quotation, ...], bool]:
    """Quotations and whether all double marks are closed, in one pass."""
    if _MARKS.isdisjoint(text):
        return (), True
    found: list[Quotation] = []
    closed = True
    start = -1
    closers = ""
    for index, character in enumerate(text):
        if start >= 0:
            if character in closers and (closers not in _SINGLE.values() or _may_close_single(text, index)):
                found.append(Quotation(start, index + 1, text[start + 1 : index]))
                start = -1
        elif character in _CLOSERS:
            if character in "”»" and not _may_open(text, index):
                closed = False
                continue
            start, closers = index, _CLOSERS[character]
        elif character in "‘'’" and _may_open(text, index) and _single_closes(text, index, _SINGLE[character]):
            start, closers = index, _SINGLE[character]
        elif character in "」』》〉":
            closed = False
    return tuple(found), closed and start < 0


def _may_open(text: str, index: int) -> bool:
    """Whether the mark at ``index`` stands where a quotation opens: before a word, after none."""
    before = text[index - 1] if index else " "
    after = text[index + 1] if index + 1 < len(text) else " "
    return not before.isalnum() and before not in ".,!?…”’" and (after.isalpha() or after in '“"…$[#@')


def _may_close_single(text: str, index: int) -> bool:
    """Whether the single mark at ``index`` stands where a quotation closes."""
    before = text[index - 1] if index else " "
    after = text[index + 1] if index + 1 < len(text) else " "
    return not before.isspace() and not after.isalnum()


def _single_closes(text: str, index: int, closer: str) -> bool:
    """Whether one of the next few single marks within 400 characters closes the one at ``index``."""
    position = text.find(closer, index + 1, index + 400)
    for _ in range(_MOST_APOSTROPHES):
        if position == -1:
            return False
        if _may_close_single(text, position):
            return True
        position = text.find(closer, position + 1, index + 400)
    return False
