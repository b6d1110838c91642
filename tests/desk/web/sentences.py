"""Reads the sentences out of the source that a page may show: every literal that is one, as a reader may get it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from desk.cli.rooms import ROOT

ROOMS = ("channels", "scheduler", "templates", "db", "desk/web")
"""The folders that are read; and of the commands what forms say of a moment."""
FURTHER = ("desk/cli/moments.py", "desk/cli/typed_times.py")

ELSEWHERE = {
    "channels/rehearsal/.*": "the platforms of the rehearsal",
    "channels/email/(bodies|counting|headers|hooks|letter|line|links|message|returning)": "what readers get, or services",
    "scheduler/(settings|setting_types|newsletter_checks|newsletter_settings)\\w*": "faults of settings, told at the start",
    "scheduler/(scripted_\\w+|demonstration|demo_folder|rule_trial|shadowing|teaser_lines|rehearsing)": "told by commands",
    "scheduler/(sheet_told|day_line|desk_messages|desk_letter|settled_notices|letter_words)": "the desk's own mail",
    "scheduler/(key_ring|keys|resealing|run|worker|work|clock|forgetting|bounce_mailbox|hit_\\w+)": "told by commands",
    "scheduler/(calling|hooking|intake/(gate|webhook|labels|furniture))": "told to programs, or words to look for",
    "templates/(check\\w*|samples|undated|charts|newsletter_words|public_\\w+|render|rank|features)": "told by commands",
    "templates/(lexicon\\w*|worth|letter|explain|thread|inbox|links|desk_t\\w+)": "words to look for, or of commands",
    "db/(backup|migrations/.*|schema|triggers|tallies|word_index)": "told by commands and by databases",
    "desk/web/api/.*": "the API speaks English",
    "desk/web/(app|archive|callers|counted|intake|joining|live|mail_hooks|metrics|periods|public|serving|answers)": "no page",
    "desk/web/door/(rendering|static)": "headers",
}
"""Files whose sentences no page of the desk shows, with the reason."""

TO_OTHERS = {
    *("frozenset", "split_words", "split", "compile", "sub", "startswith", "enumerate", "iter", "encode", "execute"),
    *("text", "executemany", "exact_line", "check_value", "XPath", "Thread", "Statement", "Query", "Index", "Field"),
    *("TypeError", "AttributeError", "RuntimeError", "AssertionError", "ConnectError", "ReadTimeout", "ConnectTimeout"),
    *("TimeoutError", "OSError", "BadToken", "StoreError", "NotSigned", "BackupRefused", "SystemExit", "GroundLost"),
    *("trouble", "exception", "warning", "debug", "print", "on_step", "refusal", "hash", "Row", "CheckConstraint"),
    *("Markup", "JSONResponse", "StreamingResponse", "FileResponse", "graph_error", "_any"),
}
"""What takes a literal that no page shows: patterns, SQL, faults of our own, logs, answers to programs, and the table
of refusals, which are told by their codes."""

VALUES = re.compile("scheduler/(slots|spans|turns)")
"""The files whose ``ValueError`` a form shows; any other is a fault of our own or of the settings."""

NAMES = {"Problem": 0, "Failure": 1, "tell_once": 1, "write": 1}
"""What takes a name beside its sentence, with the place of the name: a code, a cause, a verb of the audit."""

CODES = {
    *("unable to open", "text/csv; charset=utf-8", "spend cap reached", "no such object", "live by hand"),
    *("at the source", "at the source 7", "mail server 7 of 7", "no words left 7 7", "cut after the dot"),
    *("not this machine", "use settings' slots", "it is not 7", "7: whether those got it, only a person can say"),
}
"""Names of causes and lanes, and pieces that are a sentence with others alone: the whole has its form."""


@lru_cache(maxsize=1)
def sentences() -> dict[str, str]:
    """Every sentence with the place where it stands, gaps filled with a number."""
    files = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    found: dict[str, str] = {}
    for path in (*files, *(ROOT / one for one in FURTHER)):
        name = path.relative_to(ROOT).as_posix()
        if any(re.fullmatch(f"{one}\\.py", name) for one in ELSEWHERE):
            continue
        for line, said in _said(path, name):
            found.setdefault(said, f"{name}:{line}")
    return found


def _said(path: Path, name: str) -> Iterator[tuple[int, str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    above = {id(below): node for node in ast.walk(tree) for below in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        said = _spelled(node)
        if said is None or not isinstance(node, ast.expr) or not _is_whole(node, above):
            continue
        carrier = _carrier(node, above)
        if carrier in TO_OTHERS or (carrier == "ValueError" and not VALUES.match(name)):
            continue
        if _is_sentence(said) and said not in CODES and not _is_name(node, above):
            yield node.lineno, said


def _spelled(node: ast.AST) -> str | None:
    """A literal as a reader may get it; None for what is none."""
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(str(one.value) if isinstance(one, ast.Constant) else "7" for one in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            pieces = _spelled(left), _spelled(right)
            return "".join("7" if one is None else one for one in pieces) if pieces != (None, None) else None
    return None


def _is_whole(node: ast.expr, above: dict[int, ast.AST]) -> bool:
    """Not a piece of a longer literal, no docstring, no way of printing a number."""
    match above.get(id(node)):
        case ast.JoinedStr() | ast.Expr() | None:
            return False
        case ast.BinOp(op=ast.Add()):
            return False
        case ast.FormattedValue(format_spec=spec) if spec is node:
            return False
    return True


def _carrier(node: ast.AST, above: dict[int, ast.AST]) -> str:
    """The name of the call that takes it, through what only puts words together; "" where none does."""
    below, at = node, above.get(id(node))
    while at is not None and not isinstance(at, ast.FunctionDef | ast.ClassDef):
        if isinstance(at, ast.Call) and below is not at.func:
            called = at.func.attr if isinstance(at.func, ast.Attribute) else getattr(at.func, "id", "")
            if called not in ("str", "join", "format", "get", "append", "next", "sorted", "tuple", "list", "_join"):
                return called
        below, at = at, above.get(id(at))
    return ""


def _is_name(node: ast.expr, above: dict[int, ast.AST]) -> bool:
    call = above.get(id(node))
    if not isinstance(call, ast.Call):
        return False
    place = NAMES.get(call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", ""))
    return place is not None and len(call.args) > place and call.args[place] is node


def _is_sentence(said: str) -> bool:
    """Three words and more, and neither a command, nor a header, nor an address."""
    return len(re.findall(r"\b[a-z]{2,}\b", said)) > 2 and " " in said and not _NONE.search(said)


_NONE = re.compile(
    r"^(januar |pressrun \S|image/|application/|attachment;|default-src|public, max|private, max|[\w-]+=[^ ]*; )|-- \n"
)
