"""Which language a story is in: its source's word first, the letters second, a small model last."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

_TAG = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|\d{3}))?(?:[-_].*)?", re.IGNORECASE)
_SCRIPTS = (
    ("ja", re.compile("[\u3041-\u3096\u30a1-\u30fa]")),
    ("ko", re.compile("[\uac00-\ud7a3]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("th", re.compile("[\u0e01-\u0e3a]")),
    ("he", re.compile("[\u05d0-\u05ea]")),
    ("el", re.compile("[\u0370-\u03ff]")),
)
"""Scripts that one language writes among those newsrooms use; kana is asked before Han."""


def language_tag(text: str) -> str:
    """A BCP 47 tag in its usual case ("en_us" is "en-US"); "" when the text is not one or says "undetermined"."""
    match = _TAG.fullmatch(text.strip()[:35])
    if not match or match[1].lower() in {"und", "mul", "zxx"}:
        return ""
    parts = [match[1].lower(), (match[2] or "").title(), (match[3] or "").upper()]
    return "-".join(part for part in parts if part)


def detect_language(text: str) -> str:
    """The language of running text; "" when there is too little of it to tell."""
    letters = sum(letter.isalpha() for letter in text)
    for tag, pattern in _SCRIPTS:
        if letters >= 2 and len(pattern.findall(text)) > 0.15 * letters:
            return tag
    if letters < 30:
        return ""
    tag, _ = _model().classify(text)
    return str(tag)


@cache
def _model() -> Any:
    """Loaded at first use: it takes half a second."""
    import py3langid

    return py3langid
