"""One finding of the pre-flight."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much a finding weighs."""

    OK = "ok"
    NOTE = "note"  # worth knowing, keeps nothing
    SKIPPED = "not asked"  # could not be, or need not be, looked at here
    STOP = "stops it"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it weighs, and what was seen, in a sentence that says what to do."""

    name: str
    level: Level
    sentence: str


def fine(name: str, sentence: str) -> Finding:
    """All is well."""
    return Finding(name, Level.OK, sentence)


def note(name: str, sentence: str) -> Finding:
    """Worth knowing."""
    return Finding(name, Level.NOTE, sentence)


def skipped(name: str, sentence: str) -> Finding:
    """Not looked at, and why."""
    return Finding(name, Level.SKIPPED, sentence)


def stop(name: str, sentence: str) -> Finding:
    """The issue must not go."""
    return Finding(name, Level.STOP, sentence)
