"""The plain-text form newspapers send: headline, byline, outlet, one paragraph a line, a footer of links.

An address in the text is never the story's address, and a file's time is never its date: who has them says so.
"""

from __future__ import annotations

import re
from datetime import datetime

from db.records import Article, Label, Removed
from scheduler.intake.bylines import bare_authors, is_house, marked_authors
from scheduler.intake.cleaning import clean_text
from scheduler.intake.dates import parse_day
from scheduler.intake.decoding import decode_story
from scheduler.intake.draft import Draft, finish, plain
from scheduler.intake.labels import label_of
from scheduler.intake.reading import furniture_kind

_HEAD_LINES = 8
_DEK_LENGTH = 300
_NAMED = re.compile(
    r"(?:headline|title|schlagzeile|titel|titre|título|titolo|見出し|标题)\s*[:：]\s*(?=\S)|#{1,3}\s+(?=\S)",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?。！？…:][\"”’»)\]」』]*$")
_WRAP_WIDTH = 100
_CJK = re.compile("[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")


def read_text_file(data: bytes, *, source: str, now: datetime) -> Article:
    """The story in a plain-text file. Raises ``IntakeError`` when there is none in it."""
    return read_text(decode_story(data), source=source, now=now)


def read_text(text: str, *, source: str, now: datetime) -> Article:
    """The story in a plain text, as ``read_text_file`` once it is decoded."""
    lines = [plain(line) if "<" in line or "&" in line else line for line in clean_text(text).split("\n")]
    head = _Head()
    body = head.read(lines)
    return finish(
        Draft(
            headline=head.headline,
            paragraphs=_paragraphs(lines[body:]),
            outlet=head.outlet,
            dek=head.dek,
            authors=head.authors,
            label=head.label,
            published_at=head.published_at,
            date_binds=False,
            removed=tuple(head.removed),
        ),
        source=source,
        now=now,
    )


class _Head:
    """Reads the lines above the body: kicker, headline, dek, byline, outlet, date, in any usual order."""

    def __init__(self) -> None:
        self.headline = ""
        self.dek = ""
        self.outlet = ""
        self.authors: tuple[str, ...] = ()
        self.label = Label.NEWS
        self.published_at: datetime | None = None
        self.removed: list[Removed] = []

    def read(self, lines: list[str]) -> int:
        """Fills the fields and returns the index of the body's first line."""
        seen = 0
        for index, line in enumerate(lines):
            if not line:
                continue
            seen += 1
            if seen > _HEAD_LINES:
                return index
            if not self.headline:
                self._before_headline(line)
            elif not self._take(line, lines[index + 1 :], lines[index - 1]):
                return index
        return len(lines)

    def _before_headline(self, line: str) -> None:
        label, kind = label_of([line]), furniture_kind(line)
        if label is not Label.NEWS:
            self.label = label
            self.removed.append(Removed("label", line))
        elif kind and kind != "correction":
            self._date(line, kind)
            self.removed.append(Removed(kind, line))
        else:
            self.headline = _NAMED.sub("", line, count=1) if _NAMED.match(line) else line

    def _take(self, line: str, following: list[str], before: str) -> bool:
        """True when the line belongs to the head."""
        kind = furniture_kind(line)
        label = label_of([line])
        if names := self._names(line, "\n".join(following)):
            self.authors += tuple(name for name in names if name not in self.authors)
            self.removed.append(Removed("byline", line))
        elif label is not Label.NEWS and not (self.label is not Label.NEWS):
            self.label = label
            self.removed.append(Removed("label", line))
        elif kind in {"stamp", "agency", "credit"}:
            self._date(line, kind)
            if kind == "agency" and not self.outlet:
                self.outlet = line.strip(" ()[]—–-.")
            self.removed.append(Removed(kind, line))
        elif not self.outlet and self._is_outlet(line, before):
            self.outlet = line
            self.removed.append(Removed("outlet", line))
        elif not self.dek and not self.authors and self._is_dek(line, following, before):
            self.dek = line
        else:
            return False
        return True

    def _names(self, line: str, rest: str) -> tuple[str, ...] | None:
        """A bare name is a byline only where the story does not speak of that person."""
        if marked := marked_authors(line):
            return marked
        names = bare_authors(line) if not self.authors and not self.outlet else None
        return names if names and not any(name in rest or name in self.headline for name in names) else None

    def _is_outlet(self, line: str, before: str) -> bool:
        """A short name under the byline; higher up only one that says it is a paper's."""
        if len(line) > 60 or _SENTENCE_END.search(line) or len(line.split()) > 7:
            return False
        words = [word for word in line.split() if len(word) > 3]
        titled = all(word[0].isupper() or not word[0].isalpha() for word in words)
        return titled and (is_house(line) or bool(self.authors and before))

    def _is_dek(self, line: str, following: list[str], before: str) -> bool:
        """A line between headline and byline; a byline without "By" must stand in one block with both."""
        after = next((other for other in following if other), "")
        if len(line) > _DEK_LENGTH or not after:
            return False
        return bool(marked_authors(after)) or bool(
            before and following[0] and self._names(after, "\n".join(following[1:]))
        )

    def _date(self, line: str, kind: str) -> None:
        if kind == "stamp" and self.published_at is None:
            self.published_at = parse_day(line)


def _paragraphs(lines: list[str]) -> list[str]:
    """One string a paragraph: each line is one, unless the text is wrapped at a fixed width."""
    blocks: list[list[str]] = [[]]
    for line in lines:
        if line:
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    inner = [line for block in blocks for line in block[:-1]]
    open_ended = sum(1 for line in inner if not _SENTENCE_END.search(line) and len(line) > 30)
    wrapped = len(inner) >= 3 and open_ended > 0.6 * len(inner) and max(map(len, inner)) <= _WRAP_WIDTH
    if not wrapped:
        return [line for block in blocks for line in block]
    return [_joined(block) for block in blocks if block]


def _joined(block: list[str]) -> str:
    text = block[0]
    for line in block[1:]:
        if re.search(r"[^\W\d_]-$", text) and line[:1].islower():
            text = text[:-1] + line
        else:
            text += line if _CJK.search(text[-1:]) and _CJK.match(line) else " " + line
    return text
