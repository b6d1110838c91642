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


_OWN_NAMES = {
    "ar": "العربية",
    "bg": "Български",
    "ca": "Català",
    "cs": "Čeština",
    "cy": "Cymraeg",
    "da": "Dansk",
    "de": "Deutsch",
    "el": "Ελληνικά",
    "en": "English",
    "es": "Español",
    "et": "Eesti",
    "eu": "Euskara",
    "fa": "فارسی",
    "fi": "Suomi",
    "fr": "Français",
    "ga": "Gaeilge",
    "he": "עברית",
    "hi": "हिन्दी",
    "hr": "Hrvatski",
    "hu": "Magyar",
    "id": "Bahasa Indonesia",
    "it": "Italiano",
    "ja": "日本語",
    "ko": "한국어",
    "lt": "Lietuvių",
    "lv": "Latviešu",
    "nl": "Nederlands",
    "no": "Norsk",
    "pl": "Polski",
    "pt": "Português",
    "rm": "Rumantsch",
    "ro": "Română",
    "ru": "Русский",
    "sk": "Slovenčina",
    "sl": "Slovenščina",
    "sr": "Српски",
    "sv": "Svenska",
    "tr": "Türkçe",
    "uk": "Українська",
    "ur": "اردو",
    "zh": "中文",
}


def own_name(tag: str) -> str:
    """What a language calls itself, with its region where the tag has one; the tag for one that is not known here."""
    language, _, region = tag.partition("-")
    name = _OWN_NAMES.get(language.lower())
    if name is None:
        return tag
    return f"{name} ({region})" if region else name
