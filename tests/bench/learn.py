"""Learns ``templates/rank_weights.json`` again from real articles with their publishers' own teasers.

Run ``python -m tests.bench.learn [FILE] [--measure]`` (the file as for ``tests.bench.teasers``). Needs scikit-learn, which
Pressrun itself does not: install it beside the project first. Prints how the ranker does on publishers it has not seen, kind by
kind, beside the first 200 characters and the best candidate; then learns from all and writes the file, with ``--measure`` not.
Nothing of the articles goes into it, only thresholds and weights.
"""

from __future__ import annotations

import importlib
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from templates.candidates import find_candidates
from templates.features import NAMES, Reading
from templates.rank import HOUSE_RULES
from templates.reading import read_sentences
from tests.bench.rouge import rouge_l
from tests.bench.teasers import DEFAULT, MOST_A_PUBLISHER, Sample, read_samples

TARGET = Path(__file__).resolve().parents[2] / "templates" / "rank_weights.json"
LANGUAGES = ("en", "de")
LEARNING_RATE = 0.05
FOLDS = 8
SHUFFLES = 4
TAKEN = frozenset({"lead", "cut"})
"""Kinds of teasers that are the body's head, whole or cut; the others were chosen or written by a person."""


class Family(NamedTuple):
    """One family of teasers: whether its teasers are the body's head, its part of the score, and the size of its forest."""

    taken: bool
    share: float
    trees: int
    leaf: int


FAMILIES = (Family(True, 0.5, 120, 60), Family(False, 0.5, 200, 80))


@dataclass(frozen=True, slots=True)
class Lesson:
    """One article: its candidates' features, and how near each comes to the publisher's teaser."""

    sample: Sample
    vectors: list[list[float]]
    scores: list[float]


def lesson(sample: Sample) -> Lesson:
    """The candidates of one article, measured."""
    sentences = read_sentences(sample.article)
    candidates = find_candidates(sample.article, sentences, 200)
    reading = Reading(sample.article, sentences, candidates)
    scores = [rouge_l(candidate.text, sample.teaser) for candidate in candidates]
    return Lesson(sample, [reading.vector(candidate) for candidate in candidates], scores)


def fit_forests(lessons: Sequence[Lesson], regressor: Any) -> list[Any]:
    """One forest a family of teasers, in the order of ``FAMILIES``: each learns how near a candidate comes to those.

    Apart, because a teaser taken from the body's head says little of what an editor would write, and scores far
    higher: learned together, its noise hides the other. A publisher counts as much as ``MOST_A_PUBLISHER`` articles.
    """
    forests = []
    for seed, family in enumerate(FAMILIES):
        chosen = [one for one in lessons if (one.sample.kind in TAKEN) == family.taken]
        counts = Counter(one.sample.publisher for one in lessons)
        vectors = [vector for one in chosen for vector in one.vectors]
        scores = [score for one in chosen for score in one.scores]
        weights = [
            min(1.0, MOST_A_PUBLISHER / counts[one.sample.publisher]) / len(one.scores)
            for one in chosen
            for _ in one.scores
        ]
        forest = regressor(
            n_estimators=family.trees,
            max_depth=3,
            learning_rate=LEARNING_RATE,
            subsample=0.6,
            min_samples_leaf=family.leaf,
            max_features=0.3,
            random_state=seed,
        )
        forests.append(forest.fit(vectors, scores, sample_weight=weights))
    return forests


def chosen_score(one: Lesson, forests: Sequence[Any]) -> float:
    """How near the candidate comes that the forests and the house rules choose."""
    predicted = [
        sum(family.share * value for family, value in zip(FAMILIES, values, strict=True))
        for values in zip(*(forest.predict(one.vectors) for forest in forests), strict=True)
    ]
    rules = [(NAMES.index(name), weight) for name, weight in HOUSE_RULES.items()]
    totals = [
        value + sum(vector[index] * weight for index, weight in rules)
        for value, vector in zip(predicted, one.vectors, strict=True)
    ]
    return one.scores[max(range(len(totals)), key=totals.__getitem__)]


def held_out(lessons: Sequence[Lesson], regressor: Any, seed: int) -> dict[str, float]:
    """The mean score on English articles of publishers that were not learned from, by kind and for ``all``.

    Every publisher is left out once, with an eighth of the others; ``seed`` says which go together.
    """
    publishers = sorted({one.sample.publisher for one in lessons})
    random.Random(seed).shuffle(publishers)
    measured = {id(one) for one in measured_lessons(lessons)}
    scores: dict[str, list[float]] = defaultdict(list)
    for fold in range(FOLDS):
        away = set(publishers[fold::FOLDS])
        forests = fit_forests([one for one in lessons if one.sample.publisher not in away], regressor)
        for one in lessons:
            if one.sample.publisher in away and id(one) in measured:
                score = chosen_score(one, forests)
                scores["all"].append(score)
                scores[one.sample.kind].append(score)
    return {name: sum(values) / len(values) for name, values in scores.items()}


def measured_lessons(lessons: Sequence[Lesson]) -> list[Lesson]:
    """The English ones, at most ``MOST_A_PUBLISHER`` a publisher."""
    seen: Counter[str] = Counter()
    measured: list[Lesson] = []
    for one in lessons:
        if one.sample.article.language == "en":
            seen[one.sample.publisher] += 1
            if seen[one.sample.publisher] <= MOST_A_PUBLISHER:
                measured.append(one)
    return measured


def show_held_out(lessons: Sequence[Lesson], regressor: Any) -> None:
    """Prints mean and spread over ``SHUFFLES`` ways to leave publishers out, between a naive rule and the ceiling."""
    rounds = [held_out(lessons, regressor, seed) for seed in range(SHUFFLES)]
    measured = measured_lessons(lessons)
    print(f"Publishers not learned from, {len(measured)} English articles, {SHUFFLES} ways to leave publishers out")
    print(f"  {'':10s}{'mean':>8s}{'least':>9s}{'most':>9s}{'first 200':>11s}{'best candidate':>16s}")
    for name in rounds[0]:
        scores = [one[name] for one in rounds]
        chosen = [one for one in measured if name in ("all", one.sample.kind)]
        first = [rouge_l(" ".join(one.sample.article.paragraphs)[:200], one.sample.teaser) for one in chosen]
        best = [max(one.scores) for one in chosen]
        print(
            f"  {name:10s}{sum(scores) / len(scores):8.4f}{min(scores):9.4f}{max(scores):9.4f}"
            f"{sum(first) / len(first):11.4f}{sum(best) / len(best):16.4f}"
        )


def as_lists(tree: Any, share: float) -> dict[str, list[float]]:
    """One learned tree as plain lists; leaves carry their part of the score."""
    leaves = [feature < 0 for feature in tree.feature]
    return {
        "feature": [-1 if leaf else int(feature) for feature, leaf in zip(tree.feature, leaves, strict=True)],
        "threshold": [round(float(value), 4) for value in tree.threshold],
        "left": [int(value) for value in tree.children_left],
        "right": [int(value) for value in tree.children_right],
        "value": [
            round(float(value[0][0]) * share, 6) if leaf else 0 for value, leaf in zip(tree.value, leaves, strict=True)
        ],
    }


def main(arguments: Sequence[str]) -> int:
    """Learns and writes; returns 1 when there is nothing to learn from or nothing to learn with."""
    measures_only = "--measure" in arguments
    files = [one for one in arguments if one != "--measure"]
    path = Path(files[0]) if files else DEFAULT
    if not path.exists():
        print(f"No articles at {path}. Give a JSON-lines file as the argument; nothing was learned.")
        return 1
    try:
        regressor = importlib.import_module("sklearn.ensemble").GradientBoostingRegressor
    except ModuleNotFoundError:
        print(
            "scikit-learn is not installed. Install it beside the project (pip install scikit-learn) and run this again."
        )
        return 1
    samples = [sample for sample in read_samples(path) if sample.article.language in LANGUAGES]
    lessons = [one for one in map(lesson, samples) if one.scores]
    show_held_out(lessons, regressor)
    if measures_only:
        return 0
    forests = fit_forests(lessons, regressor)
    trees = [
        as_lists(grown.tree_, LEARNING_RATE * family.share)
        for family, forest in zip(FAMILIES, forests, strict=True)
        for grown in forest.estimators_[:, 0]
    ]
    TARGET.write_text(json.dumps({"features": list(NAMES), "trees": trees}, separators=(",", ":")), encoding="utf-8")
    print(f"{len(trees)} trees written to {TARGET.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
