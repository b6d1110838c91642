"""Chooses the words every teaser of an article builds on: its news, in one or two sentences.

Small forests of decision trees, learned from how editors sum up their own articles, say how near a candidate comes
to what an editor would take or write; house rules then take away for opinion, questions, unfinished and late sentences. The same
article always gives the same order.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from db.records import Article
from templates.candidates import Candidate
from templates.features import NAMES, Reading
from templates.reading import Sentence

_WEIGHTS = Path(__file__).parent / "rank_weights.json"

HOUSE_RULES = {
    "question": -0.06,
    "exclamation": -0.02,
    "first_person": -0.06,
    "taste": -0.04,
    "length": 0.065,
    "order": -0.03,
}
"""What a feature gives to or takes from a candidate's score, beside what was learned."""

RELAY_BONUS = 0.6
"""A report that names both its sources is the best evidence a story offers, however late it stands: more than "order" ever takes."""


class Ranked(NamedTuple):
    """A candidate and its score; higher is better."""

    score: float
    candidate: Candidate


_Node: TypeAlias = "float | tuple[int, float, _Node, _Node]"
"""A leaf's value, or a question: feature, threshold, where it goes when at most that, where else."""


def rank(article: Article, sentences: Sequence[Sentence], candidates: Sequence[Candidate]) -> list[Ranked]:
    """The candidates, best first; equal scores keep the body's order."""
    reading = Reading(article, sentences, candidates)
    ranked = [Ranked(_score(reading.vector(candidate), candidate), candidate) for candidate in candidates]
    return sorted(ranked, key=lambda one: (-one.score, one.candidate.number, one.candidate.text))


def _score(vector: list[float], candidate: Candidate) -> float:
    """The learned score with the house rules applied."""
    score = 0.0
    for node in _trees():
        while isinstance(node, tuple):
            feature, threshold, below, above = node
            node = below if vector[feature] <= threshold else above
        score += node
    for name, weight in HOUSE_RULES.items():
        score += weight * vector[_INDEX[name]]
    return score + (RELAY_BONUS if candidate.form == "relay" else 0.0)


_INDEX = {name: index for index, name in enumerate(NAMES)}


@lru_cache(maxsize=1)
def _trees() -> list[_Node]:
    """The roots of the learned trees. Raises ``ValueError`` when the file was learned for other features."""
    data = json.loads(_WEIGHTS.read_text(encoding="utf-8"))
    if data["features"] != list(NAMES):
        raise ValueError(f"{_WEIGHTS.name} was learned for other features than templates/features.py has.")
    return [_node(tree, 0) for tree in data["trees"]]


def _node(tree: Mapping[str, Any], number: int) -> _Node:
    """One node of a tree of the file, where a feature of -1 marks a leaf, with all below it."""
    if tree["feature"][number] < 0:
        return float(tree["value"][number])
    below, above = _node(tree, tree["left"][number]), _node(tree, tree["right"][number])
    return (tree["feature"][number], tree["threshold"][number], below, above)
