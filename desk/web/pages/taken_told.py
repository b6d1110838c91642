"""What came of stories that were handed in together: how many are new, revised or known already, and which they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from db import articles
from desk.web.door.visitor import Visitor
from scheduler.hand_in import HandedIn

WHATS = ("new", "revision", "same")
NAMED = 5
"""Stories of each kind that are named; the others are counted."""


@dataclass(frozen=True, slots=True)
class Came:
    """What a kind of taking came to: ``new``, ``revision`` or ``same``; how many, and the first of them by id and headline."""

    what: str
    count: int
    stories: tuple[tuple[int, str], ...]


def as_words(taken: Sequence[HandedIn]) -> dict[str, str]:
    """For an address: of each kind how many, and the first of them, ``same=12.4.5.6.7.8``."""
    found = {what: [one.article.id for one in taken if one.taken.what == what] for what in WHATS}
    return {what: ".".join(map(str, (len(ids), *ids[:NAMED]))) for what, ids in found.items() if ids}


def came(visitor: Visitor, words: dict[str, str]) -> list[Came]:
    """What such words say; what is no number, or no story, is left out."""
    found = []
    with visitor.app.ground.reading() as tx:
        for what in WHATS:
            numbers = [int(one) for one in words.get(what, "").split(".") if one.isdecimal() and len(one) < 19]
            if not numbers or not numbers[0]:
                continue
            named = {one.id: one.headline for one in articles.several(tx, numbers[1 : NAMED + 1])}
            found.append(Came(what, numbers[0], tuple(named.items())))
    return found


def summary(visitor: Visitor, told: Sequence[Came]) -> str:
    """``3 stories are new, 12 we have already, 1 revised.``"""
    words = visitor.words
    parts = [words(f"queue.came.{one.what}", n=one.count) for one in told]
    return words("queue.came.all", parts=words("queue.came.between").join(parts)) if parts else ""
