"""What readers' pages and letters say, by language: ``public/pages.toml`` and the newsroom's own file of that name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from templates.newsletter_words import NewsletterWords

FOLDER = Path(__file__).parent / "public"
FILE = "pages.toml"


def public_words(folders: Sequence[Path] = ()) -> NewsletterWords:
    """The words of every language; files of ``folders`` come before ours."""
    return NewsletterWords([*folders, FOLDER], FILE)


def day_words(day: date, words: dict[str, Any]) -> str:
    """A day as this language writes it."""
    told: str = words["date"].format(
        weekday=words["weekdays"][day.weekday()], day=day.day, month=words["months"][day.month - 1], year=day.year
    )
    return told
