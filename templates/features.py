"""What the ranker sees of a candidate: plain numbers, the same for every language where they can be."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence

import regex

from db.records import Article
from templates.attribution import proper_names
from templates.candidates import Candidate, words_of
from templates.lexicon import primary, speaks, words_pattern, writes_without_spaces
from templates.quotations import outside_quotations
from templates.reading import Sentence

NAMES = (
    "number",
    "log_number",
    "paragraph",
    "is_first",
    "is_second",
    "length",
    "shortness",
    "words_headline_share",
    "headline_covered",
    "central",
    "lead_shared",
    "digits",
    "names",
    "names_in_headline",
    "quoted",
    "reported",
    "question",
    "exclamation",
    "first_person",
    "taste",
    "relative",
    "calendar",
    "cut",
    "pair",
    "trim",
    "whole_paragraph",
    "commas",
    "starts_with_name",
    "used_length",
    "body_sentences",
    "long_first",
    "news_verb",
    "repeats_later",
    "third_person",
    "order",
    "lead_refused",
    "sentence_length",
    "headline_length",
    "headline_asks",
    "personal",
    "headline_pairs",
    "words",
    "dek",
    "has_dek",
    "headline_lead",
    "headline_gap",
    "central_gap",
    "first_paragraph",
    "paragraph_length",
    "ends_paragraph",
    "lead_names",
)
"""The features in the order of the vector."""

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_DIGITS = regex.compile(r"\d+")
_NEWS_VERB = regex.compile(
    r"\b(?:will|has|have|was|were|to|plans?|agreed|approved|announced|killed|died|arrested|won|charged|sentenced|launched|"
    r"wird|hat|haben|wurde|wurden|ist|ha|han|fue|será|a été|sera)\b",
    regex.IGNORECASE,
)
_THIRD = regex.compile(r"\b(?:he|she|they|his|her|him|their|them|it|its)\b", regex.IGNORECASE)


class Reading:
    """What is counted once for a whole article, so that each candidate costs little."""

    def __init__(self, article: Article, sentences: Sequence[Sentence], candidates: Sequence[Candidate]) -> None:
        language = article.language
        self.language = language
        self.headline = words_of(article.headline, language)
        self.sentence_words = [words_of(sentence.text, language) for sentence in sentences]
        self.counts = Counter(word for words in self.sentence_words for word in words)
        self.sentences = sentences
        self.lead = frozenset().union(*self.sentence_words[:3])
        self.headline_names = frozenset(name.lower() for name in proper_names(article.headline, language))
        self.has_dek = any(candidate.form == "dek" for candidate in candidates)
        self.first_candidate = min((candidate.number for candidate in candidates), default=0)
        body = " ".join(sentence.text for sentence in sentences)
        self.personal = sum(speaks(sentence.text, language, "first_person") for sentence in sentences) / max(
            1, len(sentences)
        )
        self.sentence_length = len(body) / max(1, len(sentences)) / 100
        self.headline_text = article.headline
        self.headline_pairs = _pairs(article.headline)
        self.by_paragraph = Counter(sentence.paragraph for sentence in sentences)
        last = {sentence.paragraph: sentence.number for sentence in sentences}
        self.last_of_paragraph = frozenset(last.values())
        self.page = self._page(body)
        total = max(1, len(sentences))
        self.most_covered = max((len(words & self.headline) for words in self.sentence_words), default=0)
        self.most_central = max((self._central(words, total) for words in self.sentence_words), default=0.0)

    def _page(self, body: str) -> tuple[float, float, float, float]:
        """What the page as a whole tells, the same for each candidate: how near its lead comes to the headline, its paragraphs, its names."""
        if not self.sentences:
            return 0.0, 0.0, 0.0, 0.0
        first = [sentence for sentence in self.sentences if sentence.paragraph == self.sentences[0].paragraph]
        return (
            len(self.sentence_words[0] & self.headline) / max(1, len(self.headline)),
            min(4.0, sum(len(sentence.text) for sentence in first) / 200),
            min(4.0, len(body) / len(self.by_paragraph) / 200),
            min(5, len(proper_names(self.sentences[0].text, self.language))) / 5,
        )

    def _central(self, words: frozenset[str], total: int) -> float:
        """How often the words of a text stand in the body's sentences, 0 to 1."""
        return sum(self.counts[word] for word in words) / (max(1, len(words)) * total)

    def vector(self, candidate: Candidate) -> list[float]:
        """The features of one candidate in the order of ``NAMES``."""
        language = self.language
        text = candidate.text
        spaced = not writes_without_spaces(language)
        words = words_of(text, language)
        many = max(1, len(words))
        outside = outside_quotations(text)
        names = proper_names(text, language)
        total = max(1, len(self.sentences))
        later = list(self.sentence_words[candidate.number + len(candidate.used) :])
        scale = 200.0 if spaced else 100.0
        return [
            float(min(candidate.number, 20)),
            math.log1p(candidate.number),
            float(min(candidate.paragraph, 12)),
            float(candidate.number == 0),
            float(candidate.number == 1),
            len(text) / scale,
            max(0.0, 1 - len(text) / (scale / 2)),
            len(words & self.headline) / many,
            len(words & self.headline) / max(1, len(self.headline)),
            sum(self.counts[word] for word in words) / (many * total),
            len(words & self.lead) / many,
            float(min(3, len(_DIGITS.findall(text)))),
            min(8, len(names)) / 8,
            float(any(name.lower() in self.headline_names for name in names)),
            float(candidate.quoted),
            float(speaks(outside, language, "reporting")),
            float("?" in text or "？" in text),
            float("!" in text or "！" in text),
            float(min(3, _count(outside, language, "first_person"))),
            float(min(3, _count(outside, language, "taste"))),
            float(speaks(text, language, "relative")),
            float(speaks(text, language, "calendar")),
            float(candidate.form == "cut"),
            float(candidate.form in ("pair", "trimmed pair")),
            float(candidate.form in ("trim", "trimmed pair")),
            float(self.by_paragraph[candidate.paragraph] <= len(candidate.used)),
            float(min(6, text.count(",") + text.count("、"))),
            float(bool(names) and text.lstrip('“"„«').startswith(names[0])),
            min(2.0, sum(len(one) for one in candidate.used) / scale),
            math.log1p(total),
            float(len(self.sentences) > 0 and len(self.sentences[0].text) > scale),
            float(_NEWS_VERB.search(outside) is not None),
            max((len(words & other) / many for other in later), default=0.0),
            float(min(3, len(_THIRD.findall(outside)))) if primary(language) == "en" else 0.0,
            float(min(10, candidate.number - self.first_candidate)),
            float(self.first_candidate > 0),
            self.sentence_length,
            len(self.headline_text) / 100,
            float("?" in self.headline_text),
            self.personal,
            float(min(4, len(_pairs(text) & self.headline_pairs))),
            len(words) / 20,
            float(candidate.form == "dek"),
            float(self.has_dek),
            self.page[0],
            float(self.most_covered - len(words & self.headline)),
            self.most_central - self._central(words, total),
            self.page[1],
            self.page[2],
            float(candidate.form != "dek" and candidate.number + len(candidate.used) - 1 in self.last_of_paragraph),
            self.page[3],
        ]


def _count(text: str, language: str, kind: str) -> int:
    """How often words of one kind stand in ``text``."""
    return len(words_pattern(language, kind).findall(text)) if speaks(text, language, kind) else 0


def _pairs(text: str) -> frozenset[tuple[str, str]]:
    """Neighbouring words of a text, lower case."""
    words = _WORD.findall(text.lower())
    return frozenset(itertools.pairwise(words))
