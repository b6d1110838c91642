"""What is wrong with the settings, for people: every fault at once, each with its key, its line and a remedy."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

_TABLE = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(#.*)?")
_KEY = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")
_SECRET_WORDS = ("secret", "token", "password", "passwd", "api_key", "apikey")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: the key (``channels.x-main.slots``) or variable, what is wrong, what to do, and the line if known."""

    key: str
    wrong: str
    remedy: str
    line: int | None = None

    def __str__(self) -> str:
        where = f"line {self.line}, {self.key}" if self.line else self.key
        said = f"{where}: {self.wrong}; {self.remedy}" if self.remedy else f"{where}: {self.wrong}"
        return said if said.endswith("?") else f"{said}."


class SettingsError(Exception):
    """The settings cannot be used. ``str()`` is for people: the file, then one line a fault."""

    exit_code = 2

    def __init__(self, file: Path | None, faults: Sequence[Fault]) -> None:
        self.file = file
        self.faults = tuple(faults)
        name = str(file) if file else "settings"
        if len(self.faults) == 1:
            super().__init__(f"{name}, {self.faults[0]}")
        else:
            lines = "\n".join(f"  {fault}" for fault in self.faults)
            super().__init__(f"{name} has {len(self.faults)} faults:\n{lines}")


def find_lines(text: str) -> dict[str, int]:
    """From each dotted key and table of a TOML text to its line, counted from 1; for messages, not for reading."""
    lines: dict[str, int] = {}
    table = ""
    inside: str | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if inside is not None:
            if inside in line:
                inside = None
            continue
        if found := _TABLE.fullmatch(line):
            table = _dotted(found[1])
            lines.setdefault(table, number)
        elif found := _KEY.match(line):
            key = f"{table}.{_dotted(found[1])}" if table else _dotted(found[1])
            lines.setdefault(key, number)
            for quotes in ('"""', "'''"):
                if line.count(quotes) == 1:
                    inside = quotes
    return lines


def _dotted(key: str) -> str:
    return re.sub(r"""\s*\.\s*""", ".", key).replace('"', "").replace("'", "")


def suggest(word: str, known: Iterable[str]) -> str | None:
    """The known word that ``word`` was most likely meant to be, or None."""
    by_folded = {name.lower().replace("-", "_"): name for name in known}
    close = difflib.get_close_matches(word.lower().replace("-", "_"), by_folded, n=1, cutoff=0.6)
    return by_folded[close[0]] if close else None


def unknown_key(key: str, known: Iterable[str], elsewhere: Mapping[str, str] | None = None) -> Fault:
    """The fault for a key nobody knows. ``elsewhere`` tells of keys that belong to another kind of table.

    Names the key only, never its value: it may be a secret that was put into the wrong file.
    """
    name = key.rpartition(".")[2]
    known = sorted(known)
    meant = suggest(name, known)
    if any(word in name.lower() for word in _SECRET_WORDS) and meant is None:
        return Fault(key, "secrets do not belong in the settings", "put it into the file that secret_file names")
    if elsewhere and name in elsewhere:
        return Fault(key, f"this key belongs to {elsewhere[name]}", "remove it here")
    remedy = f'did you mean "{meant}"?' if meant else f"the keys here are {', '.join(known)}"
    return Fault(key, "no such key", remedy)


def toml_names(model: type[BaseModel]) -> list[str]:
    """The keys of a table as they are written in the file."""
    return [field.alias or name for name, field in model.model_fields.items()]


def faults_of(
    error: ValidationError, table: str, model: type[BaseModel], elsewhere: Mapping[str, str] | None = None
) -> list[Fault]:
    """What pydantic refused, in our words. ``table`` is where the model stands in the file."""
    faults = []
    for one in error.errors(include_url=False, include_input=False):
        location = ".".join(str(step) for step in one["loc"])
        key = f"{table}.{location}" if location else table
        context = one.get("ctx", {})
        match one["type"]:
            case "extra_forbidden":
                faults.append(unknown_key(key, toml_names(model), elsewhere))
            case "missing":
                faults.append(Fault(key, "this key is missing", f'write {one["loc"][-1]} = "…"'))
            case "value_error":
                wrong, _, remedy = str(context["error"]).rpartition("; ")
                faults.append(Fault(key, wrong or remedy, remedy if wrong else ""))
            case "string_type":
                faults.append(Fault(key, "this must be text", "write it in quotation marks"))
            case "int_type" | "int_from_float":
                faults.append(Fault(key, "this must be a whole number", "write it without quotation marks, e.g. 3"))
            case "bool_type":
                faults.append(Fault(key, "this must be true or false", "write it without quotation marks"))
            case "enum" | "literal_error":
                faults.append(Fault(key, "this word is not known here", f"write {context['expected']}"))
            case "greater_than_equal":
                faults.append(Fault(key, "the number is too small", f"write {context['ge']} or more"))
            case "less_than_equal":
                faults.append(Fault(key, "the number is too large", f"write {context['le']} or less"))
            case "model_type" | "dict_type" | "model_attributes_type":
                faults.append(Fault(key, "this must be a table", f"write [{key}] on a line of its own"))
            case _:
                faults.append(Fault(key, one["msg"][:1].lower() + one["msg"][1:], "see docs/settings.md"))
    return faults
