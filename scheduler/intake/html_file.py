"""A story kept as an HTML file: what a page says of itself, read without the web."""

from __future__ import annotations

from datetime import datetime

from db.records import Article
from scheduler.intake.decoding import decode
from scheduler.intake.draft import finish
from scheduler.intake.errors import IntakeError
from scheduler.intake.markup import parse_html
from scheduler.intake.web_page import charset_of, draft_of


def read_html_file(data: bytes, *, source: str, now: datetime) -> Article:
    """The story in an HTML file; its address is the one it calls canonical. Raises ``IntakeError``."""
    text = decode(data, charset_of(data))
    root = parse_html(text)
    if root is None:
        raise IntakeError("There is no text in this HTML.")
    return finish(draft_of(root, text, url=""), source=source, now=now)
