"""The form of a language's words: plain data, so that a newsroom's language can be widened by adding words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from db.records import Label


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of one language, all lower case.

    ``connectives`` tie a sentence to the one before and can be cut off where a comma follows; ``danglers``
    are first words that point outside the sentence; ``reporting`` are the verbs of saying; ``according``
    announces a source; ``relative`` is time that means nothing without a date; ``turns`` are words whose
    loss would change what is claimed; ``taste`` are words of opinion.
    """

    labels: Mapping[Label, str]
    connectives: tuple[str, ...] = ()
    danglers: tuple[str, ...] = ()
    pronouns: tuple[str, ...] = ()
    reporting: tuple[str, ...] = ()
    according: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    relative: tuple[str, ...] = ()
    turns: tuple[str, ...] = ()
    taste: tuple[str, ...] = ()
    first_person: tuple[str, ...] = ()
    clause_words: tuple[str, ...] = ()
    calendar: tuple[str, ...] = ()
    small: frozenset[str] = field(default_factory=frozenset)


def labels_of(analysis: str, opinion: str, live: str, sponsored: str) -> Mapping[Label, str]:
    """The words for the four labels a reader is told."""
    return {Label.ANALYSIS: analysis, Label.OPINION: opinion, Label.LIVE: live, Label.SPONSORED: sponsored}


def split_words(words: str) -> tuple[str, ...]:
    """A comma-separated list as a tuple."""
    return tuple(word.strip() for word in words.replace("\n", " ").split(",") if word.strip())
