"""The catalogues of the desk's texts as they are written: one a language, every text by its name."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent / "desk" / "words"
FIRST = "en"


def languages() -> list[str]:
    """The languages that have a catalogue, English first."""
    return sorted((file.stem for file in FOLDER.glob("*.toml")), key=lambda one: (one != FIRST, one))


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
