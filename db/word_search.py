"""Looking for words in a text column, the same way on every database."""

from __future__ import annotations

import unicodedata
from typing import Any

from sqlalchemy import Boolean, ColumnElement, and_, literal, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


def holds_all(column: ColumnElement[str], words: str) -> ColumnElement[bool]:
    """True where ``column`` holds every one of these words (or has it inside a longer one), case-blind.

    SQLite folds the case of ASCII letters only, so other letters are looked for in each of their cases, and
    letters with marks in both their forms (one character, or letter and mark).
    """
    return and_(True, *(or_(*(_holds(column, word, like) for like in _patterns(word))) for word in words.split()))


def _holds(column: ColumnElement[str], word: str, pattern: str) -> ColumnElement[bool]:
    """Folding each text takes PostgreSQL longer than looking through it: not done for letters without case."""
    if word.lower() == word.upper():
        return column.like(pattern, escape="!")
    return _Like(column, literal(pattern))


class _Like(FunctionElement[bool]):
    """``column LIKE pattern``, case-blind. SQLite's own LIKE is so already; folding both sides first, as a portable
    ``ilike`` does, takes eight times as long."""

    type = Boolean()
    inherit_cache = True


@compiles(_Like)
def _case_blind(element: _Like, compiler: SQLCompiler, **options: Any) -> str:
    return _rendered("ILIKE", element, compiler, options)


@compiles(_Like, "sqlite")
def _blind_anyway(element: _Like, compiler: SQLCompiler, **options: Any) -> str:
    return _rendered("LIKE", element, compiler, options)


def _rendered(like: str, element: _Like, compiler: SQLCompiler, options: dict[str, Any]) -> str:
    column, pattern = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({column} {like} {pattern} ESCAPE '!')"


def forms_of(word: str) -> list[str]:
    """The word in each of its cases, ASCII apart, which the databases fold, and with marks in both their forms."""
    cases = {word, word.lower(), word.upper(), word.capitalize()} if not word.isascii() else {word}
    return sorted({unicodedata.normalize(form, case) for case in cases for form in ("NFC", "NFD")})


def _patterns(word: str) -> list[str]:
    return [f"%{_escaped(form)}%" for form in forms_of(word)]


def _escaped(text: str) -> str:
    for special in "!%_":
        text = text.replace(special, "!" + special)
    return text
