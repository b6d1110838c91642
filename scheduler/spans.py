"""Spans of time as people write them: ``90s``, ``15 min``, ``2h``, ``1 day``. Pure."""

from __future__ import annotations

import re
from datetime import timedelta

_UNITS = {
    "s": timedelta(seconds=1),
    "sec": timedelta(seconds=1),
    "second": timedelta(seconds=1),
    "seconds": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "minute": timedelta(minutes=1),
    "minutes": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "hour": timedelta(hours=1),
    "hours": timedelta(hours=1),
    "d": timedelta(days=1),
    "day": timedelta(days=1),
    "days": timedelta(days=1),
}
_PIECE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([a-z]+)")
_LONGEST = timedelta(days=3660)

HOW_TO_WRITE = 'write a span such as "90s", "15 min", "2h" or "1 day"'


def parse_span(text: str) -> timedelta:
    """The span ``text`` names; pieces add up: ``1h 30 min``. Never negative, at most ten years.

    Raises ``ValueError`` with a sentence that says what is wrong and how a span is written.
    """
    rest = text.strip().lower()
    total = timedelta(0)
    seen = False
    while rest:
        piece = _PIECE.match(rest)
        if piece is None:
            raise ValueError(f'"{text}" is not a span of time; {HOW_TO_WRITE}')
        number, unit = piece.groups()
        if unit not in _UNITS:
            raise ValueError(f'"{text}" is not a span of time: "{unit}" is no unit; {HOW_TO_WRITE}')
        amount = float(number)
        if amount > _LONGEST / _UNITS[unit]:
            raise ValueError(f'"{text}" is longer than ten years; {HOW_TO_WRITE}')
        total += amount * _UNITS[unit]
        rest = rest[piece.end() :].lstrip()
        seen = True
    if not seen:
        raise ValueError(f"an empty text is not a span of time; {HOW_TO_WRITE}")
    if total > _LONGEST:
        raise ValueError(f'"{text}" is longer than ten years; {HOW_TO_WRITE}')
    return total


def say_span(span: timedelta) -> str:
    """A span for people, exact to the second from ten seconds on: ``6 min``, ``1 h 30 min``, ``0.5 s``."""
    seconds = span.total_seconds()
    if seconds < 10 and seconds != int(seconds):
        return f"{seconds:.3g} s"
    whole = round(seconds)
    days, whole = divmod(whole, 86_400)
    hours, whole = divmod(whole, 3_600)
    minutes, whole = divmod(whole, 60)
    pieces = [f"{days} {'day' if days == 1 else 'days'}"] if days else []
    pieces += [f"{number} {unit}" for number, unit in ((hours, "h"), (minutes, "min"), (whole, "s")) if number]
    return " ".join(pieces) or "0 s"
