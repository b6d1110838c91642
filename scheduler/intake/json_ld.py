"""What a page's JSON-LD says of its story (schema.org Article and its kinds), whatever shape it is in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree

from db.records import Label
from scheduler.intake.dates import parse_moment
from scheduler.intake.markup import read_line

_KINDS = {
    "newsarticle": Label.NEWS,
    "article": Label.NEWS,
    "reportagenewsarticle": Label.NEWS,
    "blogposting": Label.NEWS,
    "report": Label.NEWS,
    "analysisnewsarticle": Label.ANALYSIS,
    "backgroundnewsarticle": Label.ANALYSIS,
    "opinionnewsarticle": Label.OPINION,
    "reviewnewsarticle": Label.OPINION,
    "liveblogposting": Label.LIVE,
    "advertisercontentarticle": Label.SPONSORED,
}
_DEPTH = 6
_SCRIPTS = 30


@dataclass(frozen=True, slots=True)
class StoryData:
    """The facts of one story; everything is empty where the page is silent."""

    headline: str = ""
    dek: str = ""
    description: str = ""
    body: str = ""
    authors: tuple[str, ...] = ()
    publisher: str = ""
    section: str = ""
    tags: tuple[str, ...] = ()
    label: Label = Label.NEWS
    language: str = ""
    url: str = ""
    identifier: str = ""
    image: str = ""
    image_credit: str = ""
    published_at: datetime | None = None
    modified_at: datetime | None = None
    walled: bool = False  # the page says that it is not free to read


def story_data(root: etree._Element) -> StoryData:
    """The page's story: of several objects the one with a headline, and among those the one that tells most."""
    nodes = [node for node in _nodes(root) if _kinds(node)]
    if not nodes:
        return StoryData()
    return _story(max(nodes, key=lambda node: (bool(node.get("headline") or node.get("name")), len(node))))


def _nodes(root: etree._Element) -> Iterator[dict[str, Any]]:
    for script in list(root.iter("script"))[:_SCRIPTS]:
        if "ld+json" not in str(script.get("type") or "").lower():
            continue
        text = re.sub(
            r"^\s*(?://\s*)?(?:<!--|<!\[CDATA\[)|(?://\s*)?(?:-->|\]\]>)\s*;?\s*$", "", str(script.text or "")
        )
        try:
            yield from _walk(json.loads(text, strict=False), _DEPTH)
        except (ValueError, RecursionError):
            continue


def _walk(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth < 0:
        return
    if isinstance(value, list):
        for one in value[:200]:
            yield from _walk(one, depth - 1)
    elif isinstance(value, dict):
        yield value
        for name in ("@graph", "mainEntity", "mainEntityOfPage", "hasPart"):
            yield from _walk(value.get(name), depth - 1)


def _kinds(node: dict[str, Any]) -> list[Label]:
    kinds = node.get("@type")
    names = kinds if isinstance(kinds, list) else [kinds]
    return [_KINDS[name.lower()] for name in names if isinstance(name, str) and name.lower() in _KINDS]


def _story(node: dict[str, Any]) -> StoryData:
    picture = _first(node.get("image")) or _first(node.get("thumbnailUrl"))
    section = _names(node.get("articleSection"))
    free = node.get("isAccessibleForFree")
    return StoryData(
        headline=_line(node.get("headline")) or _line(node.get("name")),
        dek=_line(node.get("alternativeHeadline")),
        description=_line(node.get("description")),
        body=_text(node.get("articleBody")),
        authors=tuple(_names(node.get("author") or node.get("creator"))),
        publisher=next(iter(_names(node.get("publisher"))), ""),
        section=section[0] if section else "",
        tags=tuple(_tags(node.get("keywords"))),
        label=next((label for label in _kinds(node) if label is not Label.NEWS), Label.NEWS),
        language=next(iter(_names(node.get("inLanguage"))), ""),
        url=_text(node.get("url")) or _id(node.get("mainEntityOfPage")),
        identifier=_text(node.get("identifier")),
        image=_text(picture.get("url") or picture.get("contentUrl")) if isinstance(picture, dict) else _text(picture),
        image_credit=_credit(picture),
        published_at=parse_moment(_text(node.get("datePublished"))),
        modified_at=parse_moment(_text(node.get("dateModified"))),
        walled=free is False or (isinstance(free, str) and free.strip().lower().endswith("false")),
    )


def _credit(picture: Any) -> str:
    if not isinstance(picture, dict):
        return ""
    who = _names(picture.get("creditText")) or _names(picture.get("creator") or picture.get("copyrightHolder"))
    return ", ".join(who)


def _first(value: Any) -> Any:
    return (value[0] if value else None) if isinstance(value, list) else value


def _id(value: Any) -> str:
    value = _first(value)
    return _text(value.get("@id") or value.get("url")) if isinstance(value, dict) else _text(value)


def _names(value: Any) -> list[str]:
    """Names out of a text, an object with a name, or a list of either."""
    values = value if isinstance(value, list) else [value]
    names = [_line(one.get("name")) if isinstance(one, dict) else _line(one) for one in values[:40]]
    return [name for name in names if name]


def _tags(value: Any) -> list[str]:
    if isinstance(value, str):
        return [tag for tag in (_line(one) for one in value.split(",")) if tag]
    return [tag for tag in _names(value) if not re.match(r"[a-z]{1,12}:", tag)]


def _line(value: Any) -> str:
    return read_line(_text(value))


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
