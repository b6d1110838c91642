"""Measures the teaser engine on real articles with their publishers' own teasers.

Run ``python -m tests.bench.teasers [FILE]``; FILE is a JSON-lines file, gzipped or not, with ``title``, ``byline``, ``body``,
``teaser``, ``kind``, ``language``, ``publisher``, ``core``. Without FILE it looks at ``../shared/data`` beside the checkout.
Prints the gate's faults, ROUGE-L per kind beside naive rules, and the time an article takes.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from channels.x_length import weighted_length
from db.records import Article, Label, Limits
from templates.lexicon import label_word
from templates.sentences import split_sentences
from templates.style import Style
from templates.teaser import summarise, write_teaser
from tests.bench.gate import faults
from tests.bench.rouge import rouge_l

DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "data" / "articles-dev.jsonl.gz"
MOST_A_PUBLISHER = 5
LINK = "https://news.example.org/2026/story?utm_source=pressrun"


@dataclass(frozen=True, slots=True)
class Sample:
    """One measured article and what its publisher said of it."""

    article: Article
    teaser: str
    kind: str
    publisher: str
    core: bool


def limits_of(kind: str) -> Limits:
    """The limits of a kind as the channels have them."""
    lengths = {"x": 280, "facebook": 63_206, "email": 100_000}
    span = timedelta(seconds=60)
    return Limits(
        kind, lengths[kind], 23 if kind == "x" else None, 4, 1000, True, kind != "x", True, span, span, kind == "x"
    )


def read_samples(path: Path) -> list[Sample]:
    """All samples of a file. Raises ``OSError`` or ``ValueError`` when it cannot be read."""
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
    return [_sample(json.loads(line)) for line in text.split("\n") if line.strip()]


def _sample(row: Mapping[str, object]) -> Sample:
    """One line as a sample."""
    byline = str(row.get("byline") or "").strip()
    article = Article(
        headline=str(row["title"]),
        paragraphs=tuple(line for line in str(row["body"]).splitlines() if line.strip()),
        source="bench",
        url=str(row.get("url") or ""),
        language=str(row.get("language") or ""),
        outlet=str(row.get("publisher") or ""),
        authors=(byline,) if byline else (),
    )
    return Sample(article, str(row["teaser"]), str(row["kind"]), str(row.get("publisher")), bool(row.get("core")))


def gate(samples: Iterable[Sample]) -> list[tuple[str, str, str]]:
    """All faults over all samples, plain and labelled: (kind, fault, summary)."""
    found: list[tuple[str, str, str]] = []
    for number, sample in enumerate(samples):
        label = (Label.NEWS, Label.ANALYSIS, Label.OPINION)[number % 3]
        article = replace(sample.article, label=label)
        for kind in ("x", "facebook", "email"):
            limits = limits_of(kind)
            measure: Callable[[str], int] = weighted_length if kind == "x" else len
            teaser = write_teaser(
                article, limits, measure, Style(channel=f"{kind}-bench", kind=kind, link=LINK, max_hashtags=2)
            )
            for fault in faults(article, teaser, limits, measure, label_word(label, article.language)):
                found.append((kind, fault, teaser.summary))
    return found


def naive_rules() -> Mapping[str, Callable[[Article], str]]:
    """What today's tools do, to be compared with."""

    def first(article: Article) -> str:
        sentences = split_sentences(article.paragraphs[0], article.language) if article.paragraphs else []
        return sentences[0] if sentences else ""

    return {
        "headline + first sentence, cut at 200": lambda article: f"{article.headline} {first(article)}"[:200],
        "first sentence": first,
        "first 200 characters": lambda article: " ".join(article.paragraphs)[:200],
    }


def spread(samples: Iterable[Sample], most: int = MOST_A_PUBLISHER) -> list[Sample]:
    """At most ``most`` samples a publisher, the first ones."""
    counts: Counter[str] = Counter()
    kept: list[Sample] = []
    for sample in samples:
        counts[sample.publisher] += 1
        if counts[sample.publisher] <= most:
            kept.append(sample)
    return kept


def main(arguments: Sequence[str]) -> int:
    """Prints the measures; returns 1 when the gate found a fault or the file cannot be read."""
    path = Path(arguments[0]) if arguments else DEFAULT
    if not path.exists():
        print(f"No articles at {path}. Give a JSON-lines file as the argument; nothing was measured.")
        return 1
    samples = read_samples(path)
    found = gate(samples)
    print(f"Gate: {len(found)} faults over {len(samples)} articles, three kinds each")
    silent = sum(not summarise(sample.article) for sample in samples)
    print(f"  {silent:5d} articles offer no sentence that may stand alone: their teasers carry the headline")
    for fault, count in Counter(fault.split(":")[0] for _, fault, _ in found).most_common():
        print(f"  {count:5d} {fault}")
    for kind, fault, summary in found[:20]:
        print(f"    [{kind}] {fault} | {summary}")
    groups = {
        "English": spread(sample for sample in samples if sample.article.language == "en"),
        "English, core": spread(sample for sample in samples if sample.article.language == "en" and sample.core),
        "German": spread(sample for sample in samples if sample.article.language == "de"),
    }
    rules: dict[str, Callable[[Article], str]] = {"Pressrun": summarise, **naive_rules()}
    for name, group in groups.items():
        kinds = Counter(sample.kind for sample in group)
        print(f"\nROUGE-L, {name} ({len(group)} articles, at most {MOST_A_PUBLISHER} a publisher)")
        print(f"  {'':40s}{'all':>8s}" + "".join(f"{kind:>9s}" for kind in kinds))
        for rule, summary_of in rules.items():
            scores: dict[str, list[float]] = defaultdict(list)
            for sample in group:
                scores[sample.kind].append(rouge_l(summary_of(sample.article), sample.teaser))
            every = [score for values in scores.values() for score in values]
            print(f"  {rule:40s}{_mean(every):8.4f}" + "".join(f"{_mean(scores[kind]):9.4f}" for kind in kinds))
    started = time.process_time()
    for sample in samples[:200]:
        summarise(sample.article)
    print(f"\nTime: {(time.process_time() - started) / min(200, len(samples)) * 1000:.1f} ms an article")
    return 1 if found else 0


def _mean(values: Sequence[float]) -> float:
    """The mean, 0 of nothing."""
    return sum(values) / len(values) if values else 0.0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
