"""The sample stories that come with Pressrun, as articles: what templates are checked against."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

import regex

from db.records import Article, Label

FOLDER = Path(__file__).parent / "samples"
"""Where the stories and their ``index.toml`` lie."""

_BYLINE_WORD = regex.compile(r"^(?:by|von|por|文・|بقلم)\s*", regex.IGNORECASE)
_AND = regex.compile(r"\s*(?:,|\band\b|\bund\b|\by\b)\s*")


@lru_cache(maxsize=1)
def sample_articles() -> tuple[Article, ...]:
    """All sample stories in the order of the index, each with its address, section, label and tags."""
    index = tomllib.loads((FOLDER / "index.toml").read_text(encoding="utf-8"))
    return tuple(_article(entry) for entry in index["article"])


def _article(entry: dict[str, object]) -> Article:
    """One story: headline, byline and outlet line, then the body between the blank lines, then the footer."""
    text = (FOLDER / str(entry["file"])).read_text(encoding="utf-8")
    head, body, _footer = text.strip().split("\n\n")
    headline, byline, outlet = head.split("\n")
    tags = entry.get("tags")
    return Article(
        headline=headline,
        paragraphs=tuple(body.split("\n")),
        source="samples",
        url=str(entry["url"]),
        outlet=outlet,
        authors=tuple(name for name in _AND.split(_BYLINE_WORD.sub("", byline)) if name),
        section=str(entry["section"]),
        label=Label(str(entry["label"])),
        language=str(entry["language"]),
        tags=tuple(str(tag) for tag in tags) if isinstance(tags, list) else (),
    )
