"""What a revision changed in a story: the words that went and the words that came, paragraph by paragraph. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from db.records import Article

_WORDS = re.compile(r"\s+|[^\W_]+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words that stayed, went or came."""

    kind: Literal["stayed", "went", "came"]
    text: str


def changes(before: Article, after: Article) -> list[list[Stretch]]:
    """The headline and paragraphs that differ, each as its stretches; what is the same is left out."""
    old, new = [before.headline, before.dek, *before.paragraphs], [after.headline, after.dek, *after.paragraphs]
    found: list[list[Stretch]] = []
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        went, came = old[i:j], new[k:m]
        for number in range(max(len(went), len(came))):
            one = _stretches(went[number] if number < len(went) else "", came[number] if number < len(came) else "")
            if one:
                found.append(one)
    return found


def differing(old: str, new: str) -> list[Stretch]:
    """Two versions of words in one line of stretches."""
    return _stretches(old, new)


def _stretches(old: str, new: str) -> list[Stretch]:
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    stretches: list[Stretch] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            stretches.append(Stretch("stayed", "".join(before[i:j])))
            continue
        if i < j:
            stretches.append(Stretch("went", "".join(before[i:j])))
        if k < m:
            stretches.append(Stretch("came", "".join(after[k:m])))
    return stretches
