"""ROUGE-L, F-measure, no stemming: the longest common subsequence of words."""

from __future__ import annotations

import re

_WORD = re.compile(r"\w+")


def rouge_l(candidate: str, reference: str) -> float:
    """How near two texts are, 0 to 1; 0 when either has no words."""
    one, two = _WORD.findall(candidate.lower()), _WORD.findall(reference.lower())
    if not one or not two:
        return 0.0
    row = [0] * (len(two) + 1)
    for word in one:
        diagonal = 0
        for index, other in enumerate(two, 1):
            above = row[index]
            row[index] = diagonal + 1 if word == other else max(above, row[index - 1])
            diagonal = above
    return 2 * row[-1] / (len(one) + len(two))
