"""The words of the desk's pages: one catalogue a language, every text by its name, gaps filled from English."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from db.records import MACHINE
from templates.newsletter_words import is_right_to_left

FOLDER = Path(__file__).parent / "desk" / "words"
FIRST = "en"


class DeskWords:
    """A catalogue's texts. Calling it with a name gives the text, with what is named filled in.

    A text with two forms, ``NAME.one`` and ``NAME.other``, is chosen by ``n``. Raises ``KeyError`` for a name that is
    nowhere: a page asks for none that is not there.
    """

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language, self._texts = language, texts
        self.direction = "rtl" if is_right_to_left(language) else "ltr"

    def __call__(self, name: str, /, **values: object) -> str:
        """The text of a name. Raises ``KeyError``."""
        text = self._texts.get(name)
        if text is None:
            form = "one" if values.get("n") == 1 and f"{name}.one" in self._texts else "other"
            text = self._texts[f"{name}.{form}"]
        return text.format(**values)

    def __contains__(self, name: str) -> bool:
        return name in self._texts or f"{name}.other" in self._texts

    def writer(self, name: str) -> str:
        """Who wrote words: a person's name as it is, the machine by its own."""
        return self("writer.machine") if name == MACHINE else name

    def or_plain(self, name: str, plain: str) -> str:
        """The text of a name, or ``plain`` where the catalogue has none: for words that come from outside."""
        return self(name) if name in self else plain


def languages() -> list[str]:
    """The languages that have a catalogue, English first."""
    return sorted((file.stem for file in FOLDER.glob("*.toml")), key=lambda one: (one != FIRST, one))


@lru_cache(maxsize=32)
def words_in(language: str) -> DeskWords:
    """The words of a language: its own catalogue, else that of its first part (``de-AT``: ``de``), else English."""
    there = languages()
    chosen = next((one for one in (language, language.partition("-")[0]) if one in there), FIRST)
    return DeskWords(chosen, {**texts_of(FIRST), **texts_of(chosen)})


@lru_cache(maxsize=32)
def texts_of(language: str) -> Mapping[str, str]:
    """One catalogue as it is written, flat: ``[log]`` ``empty = "…"`` is ``log.empty``.

    It is LANGUAGE.toml and every file of the folder LANGUAGE beside it. Raises ``ValueError`` for a name given twice.
    """
    found: dict[str, str] = {}
    for path in (FOLDER / f"{language}.toml", *sorted((FOLDER / language).glob("*.toml"))):
        with path.open("rb") as file:
            texts = dict(_flat("", tomllib.load(file)))
        if twice := texts.keys() & found.keys():
            raise ValueError(f"{path} gives texts that are given already: {', '.join(sorted(twice))}")
        found |= texts
    return found


def _flat(before: str, table: Mapping[str, object]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in table.items():
        whole = f"{before}.{name}" if before else name
        found += _flat(whole, value) if isinstance(value, dict) else [(whole, str(value))]
    return found
