"""The line of stories that wait for a yes, and a story's place in it."""

from __future__ import annotations

from typing import Any

from db import waiting
from desk.web.door.visitor import Visitor


def waiting_line(visitor: Visitor) -> list[int]:
    """The stories that wait, the one whose moment comes first at the head."""
    with visitor.app.ground.reading() as tx:
        return waiting.stories(tx)


def place_in(line: list[int], article_id: int) -> dict[str, Any]:
    """What the page of one story needs to lead on: its place, its neighbours, and the address that stays its own.

    A story that waits no longer has no place; the head of the line follows it.
    """
    there = article_id in line
    place = line.index(article_id) if there else 0
    others = [number for number in line if number != article_id]
    return {
        "place": place + 1,
        "of": len(line),
        "next_story": line[place + 1] if there and place + 1 < len(line) else next(iter(others), None),
        "last_story": line[place - 1] if place > 0 else None,
        "address": f"/signoff/{article_id}",  # whatever comes first meanwhile, this page stays this story's
    }
