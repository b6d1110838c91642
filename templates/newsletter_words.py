"""The words around the stories, by language: ``newsletter/words.toml`` and the newsroom's own file of that name."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "newsletter"
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "dv", "fa", "he", "iw", "ks", "nqo", "ps", "sd", "ug", "ur", "yi"})


class BrokenTemplate(Exception):
    """A newsletter's template or words cannot be used; ``str()`` names the file and the fault."""

    exit_code = 2


class NewsletterWords:
    """The words of every language, read once. Of several ``folders`` the first that has a language gives it."""

    def __init__(self, folders: Sequence[Path] = (FOLDER,), file: str = "words.toml") -> None:
        self._folders, self._file = folders, file

    def in_language(self, language: str) -> dict[str, Any]:
        """The words of a BCP 47 language; English for what it leaves out. Raises ``BrokenTemplate``."""
        base = self._by_language["en"]
        tag = language.lower()
        own = self._by_language.get(tag) or self._by_language.get(tag.split("-")[0]) or {}
        return {**base, **own}

    @cached_property
    def _by_language(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for folder in reversed(self._folders):
            file = folder / self._file
            if file.exists():
                try:
                    found |= tomllib.loads(file.read_text(encoding="utf-8"))
                except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                    raise BrokenTemplate(f"{file} is not valid TOML: {error}; mend it") from error
        return found


def is_right_to_left(language: str) -> bool:
    """Whether a BCP 47 language is written from right to left."""
    return language.lower().split("-")[0] in _RIGHT_TO_LEFT
