"""A file of any kind we read to its stories, by the ending of its name and what is in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path, PurePath

from db.records import Article, Image
from scheduler.intake.decoding import MAX_BYTES
from scheduler.intake.errors import IntakeError
from scheduler.intake.items import Found, Refused
from scheduler.intake.web_target import XML, shape_of

PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif")
_SAVED = (".xml", ".rss", ".atom", ".rdf", ".json")
ENDINGS = (".txt", ".text", ".md", ".markdown", ".html", ".htm", ".docx", ".csv", ".tsv")
"""What a watched folder takes in; anything else in it is left alone."""


def read_document(
    data: bytes, name: str, *, source: str, now: datetime
) -> tuple[tuple[Found, ...], tuple[Refused, ...]]:
    """The stories in a file called ``name``; only a table and a feed hold more than one.

    Raises ``IntakeError`` when the file as a whole cannot be read.
    """
    ending = PurePath(name).suffix.lower()
    if ending in {".csv", ".tsv"}:
        from scheduler.intake.csv_file import read_csv_file

        return read_csv_file(data, source=source, now=now, name=name)
    if ending in _SAVED or (ending in {"", ".txt", ".text"} and data[:512].lstrip().lower().startswith(XML)):
        return _saved_answer(data, source, now)
    return (Found(name, _reader(ending, data)(data, source=source, now=now)),), ()


def _saved_answer(data: bytes, source: str, now: datetime) -> tuple[tuple[Found, ...], tuple[Refused, ...]]:
    """The stories of a feed or a WordPress answer that somebody saved as a file."""
    match shape_of(data):
        case "feed":
            from scheduler.intake.feed import read_feed

            found, refused = read_feed(data, source=source, now=now)
        case "wordpress":
            from scheduler.intake.wordpress import read_wordpress

            found, refused = read_wordpress(data, source=source, now=now)
        case _:
            raise IntakeError(
                "It is neither a feed nor a WordPress answer: hand over the address, or the story as text."
            )
    if not found and not refused:
        raise IntakeError("It holds no story: hand over the address, or the story as text.")
    return found, refused


def read_path(
    path: Path, *, source: str, now: datetime, name: str = ""
) -> tuple[tuple[Found, ...], tuple[Refused, ...]]:
    """The stories in a file on this machine; ``name`` is its item id, the whole path where not given.

    A picture beside it with the same stem is the story's. Raises ``IntakeError``.
    """
    try:
        if not path.is_file():
            raise IntakeError(f"There is no file {path}: check the name.")
        if path.stat().st_size > MAX_BYTES:
            raise IntakeError(
                f"{path.name} has more than {MAX_BYTES / 1e6:.0f} MB: send the story alone, without pictures."
            )
        data = path.read_bytes()
    except OSError as error:
        raise IntakeError(f"{path.name} cannot be read ({error.strerror}): check its rights.") from None
    found, refused = read_document(data, name or str(path), source=source, now=now)
    if len(found) == 1 and (picture := _picture_beside(path)):
        found = (replace(found[0], article=_with_picture(found[0].article, picture)),)
    return found, refused


def _reader(ending: str, data: bytes) -> Callable[..., Article]:
    start = data[:512].lstrip().lower()
    if ending == ".docx" or data.startswith(b"PK\x03\x04"):
        from scheduler.intake.docx_file import read_docx_file

        return read_docx_file
    if ending in {".html", ".htm"} or start.startswith((b"<!doctype html", b"<html")):
        from scheduler.intake.html_file import read_html_file

        return read_html_file
    if ending in {".md", ".markdown"}:
        from scheduler.intake.markdown_file import read_markdown_file

        return read_markdown_file
    from scheduler.intake.text_file import read_text_file

    return read_text_file


def _picture_beside(path: Path) -> Path | None:
    for ending in PICTURES:
        for beside in (path.with_suffix(ending), path.with_suffix(ending.upper())):
            if beside.is_file():
                return beside.absolute()
    return None


def _with_picture(article: Article, picture: Path) -> Article:
    alt, credit = (article.image.alt, article.image.credit) if article.image else ("", "")
    return replace(article, image=Image(path=str(picture), alt=alt, credit=credit))
