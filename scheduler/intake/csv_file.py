"""Stories in bulk: one a row, the first row names the columns."""

from __future__ import annotations

import csv
import io
from datetime import datetime

from db.records import Image
from scheduler.intake.dates import parse_day, parse_moment
from scheduler.intake.decoding import decode
from scheduler.intake.draft import Draft, finish
from scheduler.intake.errors import IntakeError
from scheduler.intake.items import Found, Refused
from scheduler.intake.labels import label_of

MAX_ROWS = 5_000
_NAMES = {
    "headline": ("headline", "title"),
    "text": ("text", "body", "content", "article"),
    "url": ("url", "link", "address"),
    "guid": ("guid", "id"),
    "authors": ("authors", "author", "byline"),
    "outlet": ("outlet", "publication"),
    "dek": ("dek", "subtitle", "standfirst"),
    "summary": ("summary", "description", "excerpt"),
    "section": ("section", "category"),
    "tags": ("tags", "keywords"),
    "label": ("label", "type"),
    "language": ("language", "lang"),
    "published": ("published_at", "published", "date"),
    "image": ("image", "picture", "image_url"),
    "alt": ("image_alt", "alt"),
    "credit": ("image_credit", "credit"),
}
COLUMNS = tuple(_NAMES)
"""The columns by their first names; "title", "body", "link" and the like are understood too."""


def read_csv_file(
    data: bytes, *, source: str, now: datetime, name: str = ""
) -> tuple[tuple[Found, ...], tuple[Refused, ...]]:
    """The stories of a CSV file (comma, semicolon or tab), and the rows that are none. Raises ``IntakeError``."""
    text = decode(data)
    first = text.split("\n", 1)[0]
    mark = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    try:
        rows = [row for _, row in zip(range(MAX_ROWS + 2), reader)]  # noqa: B905 - the range is the limit
    except csv.Error as error:
        raise IntakeError(f"The CSV file is broken ({error}): save it again as CSV in UTF-8.") from None
    places = _places(rows[0] if rows else [])
    if len(rows) > MAX_ROWS + 1:
        raise IntakeError(f"The file has more than {MAX_ROWS:,} rows: split it.")
    found: list[Found] = []
    refused: list[Refused] = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        cells = {column: row[place] for column, place in places.items() if place < len(row)}
        item_id = cells.get("guid") or cells.get("url") or f"{name} row {number}".strip()
        try:
            found.append(Found(item_id, finish(_draft(cells), source=source, now=now)))
        except IntakeError as error:
            refused.append(Refused(f"{name} row {number}".strip(), str(error)))
    return tuple(found), tuple(refused)


def _places(header: list[str]) -> dict[str, int]:
    names = [cell.strip().strip("\ufeff").lower().replace(" ", "_") for cell in header]
    places = {
        column: names.index(choice)
        for column, choices in _NAMES.items()
        for choice in choices[:1] + tuple(one for one in choices[1:] if choices[0] not in names)
        if choice in names
    }
    if "headline" not in places:
        raise IntakeError('The first row names no column "headline": it must say what each column holds.')
    return places


def _draft(cells: dict[str, str]) -> Draft:
    image = cells.get("image", "").strip()
    published = cells.get("published", "")
    return Draft(
        headline=cells.get("headline", ""),
        paragraphs=cells.get("text", "").splitlines(),
        guid=cells.get("guid", ""),
        url=cells.get("url", ""),
        outlet=cells.get("outlet", ""),
        dek=cells.get("dek", ""),
        summary=cells.get("summary", ""),
        authors=[cells.get("authors", "").replace(";", ",")],
        section=cells.get("section", ""),
        tags=cells.get("tags", "").replace(";", ",").split(","),
        label=label_of([cells.get("label", "")]),
        language=cells.get("language", ""),
        image=Image(url=image, alt=cells.get("alt", ""), credit=cells.get("credit", "")) if image else None,
        published_at=parse_moment(published) or parse_day(published),
    )
