"""A story kept as Markdown, with or without front matter (``key: value`` lines between ``---`` or ``+++``)."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, date, datetime
from typing import Any

from db.records import Article, Image, Removed
from scheduler.intake.dates import parse_day, parse_moment
from scheduler.intake.decoding import decode_story
from scheduler.intake.draft import Draft, finish
from scheduler.intake.errors import IntakeError
from scheduler.intake.labels import label_of
from scheduler.intake.markup import read_line
from scheduler.intake.text_file import read_text

_FENCE = re.compile(r"\s*(---|\+\+\+)[ \t]*\n(.{0,20000}?)\n\1[ \t]*(?:\n|$)", re.DOTALL)
_PAIR = re.compile(r"([A-Za-z_][\w-]{0,40})\s*:\s*(.*)")
_IMAGE = re.compile(r"!\[([^\[\]\n]{0,500})\]\(\s*<?([^)\s>]{1,2000})>?(?:\s+[\"'(][^)\n]{0,300})?\)")
_LINK = re.compile(r"\[([^\[\]\n]{1,500})\](?:\([^()\n]{0,2000}\)|\[[^\[\]\n]{0,200}\])")
_REFERENCE = re.compile(r"\s{0,3}\[[^\]\n]{1,200}\]:\s*\S.*")
_MARKS = (
    re.compile(r"(?<!\\)(?P<mark>\*{1,3})(?=\S)(?P<text>[^*\n]{1,2000})(?<=\S)(?P=mark)"),
    re.compile(r"(?<![\w\\])(?P<mark>_{1,3})(?=\S)(?P<text>(?:[^_\n]|(?<=\w)_(?=\w)){1,2000})(?<=\S)(?P=mark)(?!\w)"),
    re.compile(r"(?P<mark>~~)(?=\S)(?P<text>[^~\n]{1,2000})(?<=\S)~~"),
    re.compile(r"(?P<mark>`{1,3})(?P<text>[^`\n]{1,2000})(?P=mark)"),
)
"""None may hold its own mark, so that a line of marks alone is read in one go."""
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!<>~|-])")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+(.*?)\s*#*\s*")
_LEAD = re.compile(r"\s{0,3}(?:>\s?)+|\s*(?:[*+-]|\d{1,3}[.)])\s+(?=\S)")
_RULE = re.compile(r"\s{0,3}(?:[-*_=]\s*){3,}")
_AUTOLINK = re.compile(r"<(https?://[^>\s]{1,2000})>")


def read_markdown_file(data: bytes, *, source: str, now: datetime) -> Article:
    """The story in a Markdown file. Without front matter its first heading is the headline. Raises ``IntakeError``."""
    text = decode_story(data)
    facts: dict[str, Any] = {}
    if front := _FENCE.match(text):
        facts = _front_matter(front[1], front[2])
        text = text[front.end() :]
    heading, paragraphs, image = _body(text)
    title = _one(facts, "title", "headline") or heading
    if not title:
        return read_text("\n".join(map(_unmarked, text.split("\n"))), source=source, now=now)
    label = label_of([_one(facts, "label", "type", "kind")])
    return finish(
        Draft(
            headline=read_line(title),
            paragraphs=paragraphs,
            guid=_one(facts, "id", "guid"),
            url=_one(facts, "url", "link", "canonical", "canonical_url", "permalink"),
            outlet=_one(facts, "outlet", "publication", "site"),
            dek=_one(facts, "dek", "subtitle", "subheadline", "standfirst"),
            summary=_one(facts, "summary", "description", "excerpt", "teaser"),
            authors=_many(facts, "authors", "author", "byline"),
            section=_one(facts, "section", "category") or next(iter(_many(facts, "categories")), ""),
            tags=_many(facts, "tags", "keywords"),
            label=label,
            language=_one(facts, "language", "lang", "locale"),
            image=_picture(facts) or image,
            published_at=_when(facts, "date", "published", "published_at", "publishdate"),
            modified_at=_when(facts, "modified", "updated", "lastmod", "modified_at"),
            removed=(Removed("headline", heading),) if heading and heading != title else (),
        ),
        source=source,
        now=now,
    )


def _front_matter(fence: str, text: str) -> dict[str, Any]:
    """Keys in lower case; a value is a string, a list of strings, or what TOML made of it."""
    if fence == "+++":
        try:
            return {key.lower(): value for key, value in tomllib.loads(text).items()}
        except tomllib.TOMLDecodeError as error:
            raise IntakeError(f"The lines between +++ are not TOML ({error}): mend them.") from None
    facts: dict[str, Any] = {}
    key = ""
    for line in text.split("\n"):
        if key and (item := re.match(r"\s*-\s+(.+)", line)):
            facts[key] = [*(facts[key] if isinstance(facts[key], list) else []), _unquoted(item[1])]
        elif match := _PAIR.match(line):
            key, value = match[1].lower(), match[2].strip()
            if value.startswith("[") and value.endswith("]"):
                facts[key] = [_unquoted(one) for one in value[1:-1].split(",") if one.strip()]
            else:
                facts[key] = _unquoted(value)
    return facts


def _unquoted(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value


def _body(text: str) -> tuple[str, list[str], Image | None]:
    """``(first heading, paragraphs, first picture)`` with Markdown's marks taken off."""
    image: Image | None = None
    if match := _IMAGE.search(text):
        image = Image(url=match[2], alt=match[1])
    heading = ""
    blocks: list[list[str]] = [[]]
    for line in text.split("\n"):
        if not line.strip() or _RULE.fullmatch(line) or _REFERENCE.fullmatch(line):
            if blocks[-1] and re.fullmatch(r"\s*(?:=+|-+)\s*", line) and not heading and len(blocks[-1]) == 1:
                heading = blocks.pop()[0]
            blocks.append([])
        elif match := _HEADING.fullmatch(line):
            if heading or any(blocks):
                blocks += [[match[1]], []]
            else:
                heading = match[1]
        else:
            lead = _LEAD.match(line)
            if lead and not line.lstrip().startswith(">"):
                blocks.append([])
            blocks[-1].append(line[lead.end() :] if lead else line)
    joined = (_unmarked(" ".join(block)) for block in blocks if block)
    return _unmarked(heading), [line for line in joined if line], image


def _unmarked(text: str) -> str:
    text = _AUTOLINK.sub(r"\1", _LINK.sub(r"\1", _IMAGE.sub("", text)))
    for _ in range(3):
        for marks in _MARKS:
            text = marks.sub(r"\g<text>", text)
    return _ESCAPE.sub(r"\1", text).strip()


def _one(facts: dict[str, Any], *keys: str) -> str:
    return next((str(facts[key]) for key in keys if isinstance(facts.get(key), str | int | float) and facts[key]), "")


def _many(facts: dict[str, Any], *keys: str) -> list[str]:
    for key in keys:
        value = facts.get(key)
        if isinstance(value, list):
            return [str(one) for one in value]
        if isinstance(value, str) and value:
            return value.split(",") if key in {"tags", "keywords", "categories"} else [value]
    return []


def _when(facts: dict[str, Any], *keys: str) -> datetime | None:
    for key in keys:
        value = facts.get(key)
        if isinstance(value, datetime):
            return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=UTC)
        if isinstance(value, str) and (moment := parse_moment(value) or parse_day(value)):
            return moment
    return None


def _picture(facts: dict[str, Any]) -> Image | None:
    address = _one(facts, "image", "cover", "featured_image", "thumbnail")
    if not address:
        return None
    return Image(url=address, alt=_one(facts, "image_alt", "alt"), credit=_one(facts, "image_credit", "credit"))
