"""Writes the sign-off sheet: real stories with their three teasers, for a person to sign, edit or refuse.

Run ``python -m tests.bench.sign_off [FILE] [--language en] [--count 60] [--to build/sign-off.html]``. FILE is what
``tests.bench.teasers`` reads; without it ``../shared/data`` beside the checkout is looked at. The stories are drawn
the same way every time, at most two a publisher, until so many are found that go out unread; those on the way that
wait for a person are listed below them, each with what it waits for. The page holds other people's texts: it stays in
``build/``.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from channels.x_length import weighted_length
from db.records import Article, Removed, Teaser
from scheduler.intake.draft import Draft, finish
from scheduler.intake.errors import IntakeError
from scheduler.readers_asked import asks_to_be_read
from templates.explain import mark_used
from templates.style import Style
from templates.teaser import write_teaser
from tests.bench.teasers import DEFAULT, limits_of

HOUSE = Path(__file__).resolve().parents[2]
SHEET = HOUSE / "build" / "sign-off.html"
MOST_A_PUBLISHER = 2
COUNT = 60

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Story:
    """One story as the sheet shows it; a paragraph is its pieces, each with "was it used?"."""

    number: int
    id: str
    language: str
    headline: str
    facts: str
    domain: str
    x: str
    x_count: int
    facebook: str
    subject: str
    preheader: str
    email: str
    waits: str
    paragraphs: Sequence[Sequence[tuple[str, bool]]]
    removed: Sequence[Removed]


def read_rows(path: Path) -> list[Row]:
    """The lines of a JSON-lines file, gzipped or not. Raises ``OSError`` or ``ValueError``."""
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
    return [json.loads(line) for line in text.split("\n") if line.strip()]


def drawn(rows: Iterable[Row], languages: Sequence[str]) -> list[Row]:
    """The core news stories in these languages, at most two a publisher, always in the same order."""
    fit = [row for row in rows if row.get("core") and row.get("news") and row.get("language") in languages]
    fit.sort(key=lambda row: hashlib.sha256(str(row["id"]).encode()).digest())
    taken: Counter[str] = Counter()
    chosen: list[Row] = []
    for row in fit:
        publisher = str(row.get("publisher"))
        if taken[publisher] < MOST_A_PUBLISHER:
            taken[publisher] += 1
            chosen.append(row)
    return chosen


def story_of(row: Row, number: int) -> Story:
    """A story's teasers by the way that news takes: intake, then the words. Raises ``IntakeError``."""
    draft = Draft(
        headline=str(row["title"]),
        paragraphs=str(row["body"]).splitlines(),
        url=str(row.get("url") or ""),
        outlet=str(row.get("publisher") or ""),
        authors=[str(row.get("byline") or "")],
        language=str(row.get("language") or ""),
    )
    article = finish(draft, source="sign-off", now=datetime.now(UTC))
    x, facebook, email = (_teaser(article, kind) for kind in ("x", "facebook", "email"))
    facts = (article.outlet, " and ".join(article.authors), article.language, article.url or "")
    return Story(
        number=number,
        id=str(row["id"]),
        language=article.language,
        headline=article.headline,
        facts=" · ".join(fact for fact in facts if fact),
        domain=(urlsplit(article.url or "").hostname or "").removeprefix("www."),
        x=x.text,
        x_count=weighted_length(x.text),
        facebook=facebook.text,
        subject=email.subject,
        preheader=email.preheader,
        email=email.text,
        waits=next(filter(None, (asks_to_be_read(article, words) for words in (x, facebook, email))), ""),
        paragraphs=list(_marked(article, facebook)),
        removed=article.removed,
    )


def _teaser(article: Article, kind: str) -> Teaser:
    measure: Callable[[str], int] = weighted_length if kind == "x" else len
    style = Style(channel=f"{kind}-sheet", kind=kind, link=article.url, max_hashtags=2)
    return write_teaser(article, limits_of(kind), measure, style)


def _marked(article: Article, teaser: Teaser) -> Iterator[list[tuple[str, bool]]]:
    """Each paragraph cut at its marks."""
    marks = mark_used(article, teaser)
    for number, text in enumerate(article.paragraphs):
        pieces: list[tuple[str, bool]] = []
        end = 0
        for mark in marks:
            if mark.paragraph == number:
                pieces += [(text[end : mark.start], False), (text[mark.start : mark.end], True)]
                end = mark.end
        yield [piece for piece in (*pieces, (text[end:], False)) if piece[0]]


def page_of(stories: Sequence[Story], held: Sequence[Story], made: str) -> str:
    """The whole sheet as one HTML page that needs nothing else: the stories to mark, and below them those that wait."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    key = hashlib.sha256("".join(story.id for story in stories).encode()).hexdigest()[:12]
    return environment.get_template("sign_off.html.j2").render(stories=stories, held=held, made=made, key=key)


def main(arguments: Sequence[str]) -> int:
    """Writes the sheet and says where it is; 1 when there is nothing to write it from."""
    parser = argparse.ArgumentParser(prog="sign_off", description="Write the sign-off sheet.")
    parser.add_argument("file", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument("--language", action="append", help="may be given several times; without it en")
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--to", type=Path, default=SHEET)
    asked = parser.parse_args(arguments)
    languages = asked.language or ["en"]
    if not asked.file.is_file():
        print(f"No articles at {asked.file}. Give a JSON-lines file as the argument; nothing was written.")
        return 1
    stories: list[Story] = []
    held: list[Story] = []
    refused = 0
    for row in drawn(read_rows(asked.file), languages):
        if len(stories) == asked.count:
            break
        try:
            story = story_of(row, len(stories) + 1)
        except IntakeError:
            refused += 1
            continue
        (held if story.waits else stories).append(story)
    if not stories:
        print(f"{asked.file} holds no core news story in {', '.join(languages)}; nothing was written.")
        return 1
    asked.to.parent.mkdir(parents=True, exist_ok=True)
    made = f"{len(stories)} core news stories in {', '.join(languages)}, at most {MOST_A_PUBLISHER} a publisher; {len(held)} more wait for a person."
    asked.to.write_text(page_of(stories, held, made), encoding="utf-8")
    told = f" ({refused} could not be taken in)" if refused else ""
    print(
        f"{asked.to}: {len(stories)} stories{told}, {len(held)} more that wait for a person. Open it in a browser, mark each, and copy the result at its end."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
