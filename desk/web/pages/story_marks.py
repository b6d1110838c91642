"""The article with the sentences that were used marked: what of it the words were made of. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a paragraph, and the channels whose words were made of it."""

    text: str
    channels: tuple[str, ...] = ()


def marked(paragraphs: Iterable[str], used: Mapping[str, Iterable[str]]) -> list[list[Piece]]:
    """Each paragraph in pieces. ``used`` maps a channel to the sentences its words were made of.

    Together the pieces of a paragraph are the paragraph; a sentence that is nowhere marks nothing.
    """
    patterns = [
        (channel, re.compile(r"\s+".join(map(re.escape, sentence.split()))))
        for channel, sentences in used.items()
        for sentence in sentences
        if sentence.strip()
    ]
    return [_pieces(paragraph, patterns) for paragraph in paragraphs]


def _pieces(paragraph: str, patterns: list[tuple[str, re.Pattern[str]]]) -> list[Piece]:
    spans = [(*found.span(), channel) for channel, pattern in patterns if (found := pattern.search(paragraph))]
    edges = sorted({0, len(paragraph), *(edge for start, end, _ in spans for edge in (start, end))})
    pieces = [
        Piece(
            paragraph[start:end],
            tuple(dict.fromkeys(channel for one, other, channel in spans if one <= start and end <= other)),
        )
        for start, end in pairwise(edges)
    ]
    joined: list[Piece] = []
    for piece in pieces:
        if joined and joined[-1].channels == piece.channels:
            joined[-1] = Piece(joined[-1].text + piece.text, piece.channels)
        else:
            joined.append(piece)
    return joined
