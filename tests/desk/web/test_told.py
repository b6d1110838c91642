"""What the head and the channels say: each sentence in the source has its form in every language of the desk."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from channels import facebook_errors, x_errors
from db.records import Outcome
from desk.cli.rooms import ROOT
from templates.desk_words import _told, languages, texts_of, words_in

SAYS = {"Refused": 0, "Problem": 1, "tell_once": 2, "Failure": 2}
"""What carries a sentence to a page, with the place of the sentence among its arguments."""
ROOMS = (
    *("channels/*.py", "channels/email/*.py", "scheduler/*.py", "scheduler/newsroom/*.py", "scheduler/webhooks/*.py"),
    *("desk/web/pages/*.py", "desk/web/door/*.py"),
)
TABLES = ("x_errors.py", "facebook_errors.py")  # these are told by their codes
OTHERS = [one for one in languages() if one != "en"]
Names = dict[str, list[ast.expr]]


def sentences(path: Path) -> Iterator[str]:
    """Every sentence that a file says, as a reader may get it: gaps filled with a number."""
    tree, names = ast.parse(path.read_text(encoding="utf-8")), defaultdict[str, list[ast.expr]](list)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            names[node.targets[0].id].append(node.value)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        place = SAYS.get(called)
        if place is not None and len(node.args) > place:
            yield from (one for one in spelled(node.args[place], names) if len(re.findall(r"[a-z]{2}", one)) > 2)


def spelled(node: ast.expr, names: Names, deep: int = 0) -> list[str]:
    """What an expression may come to; nothing where only running it would tell."""
    match node:
        case ast.Constant(value=str() as text):
            return [text]
        case ast.JoinedStr(values=parts):
            return ["".join(one.value if isinstance(one, ast.Constant) else "7" for one in parts)]  # type: ignore[misc]
        case ast.IfExp(body=body, orelse=other):
            return spelled(body, names, deep) + spelled(other, names, deep)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [a + b for a in spelled(left, names, deep) for b in spelled(right, names, deep)]
        case ast.Name(id=name) if deep < 2:
            return [one for value in names.get(name, []) for one in spelled(value, names, deep + 1)]
    return []


FILES = [path for room in ROOMS for path in sorted(ROOT.glob(room)) if path.name not in TABLES]


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_that_a_page_may_show_lacks_its_form(language: str) -> None:
    with ThreadPoolExecutor(1) as apart:  # where another test's browser runs in this thread, Python 3.11 cannot parse
        said = apart.submit(lambda: {one for path in FILES for one in sentences(path)}).result(60)
    assert len(said) > 200, "the sentences are no longer found in the source"
    assert sorted(one for one in said if _told(language, one) is None) == []


def test_the_platforms_refusals_in_english_are_those_of_the_tables() -> None:
    x = {row.code: row.sentence for row in x_errors.TABLE} | {"no edit": x_errors._NO_EDIT}
    facebook = {row.name: row.sentence for row in facebook_errors.TABLE if row.outcome is not Outcome.UNCERTAIN}
    wanted = {f"refusal.x.{code}": text for code, text in x.items()}
    wanted |= {f"refusal.facebook.{name}": text for name, text in facebook.items()}
    assert {name: text for name, text in texts_of("en").items() if name.startswith("refusal.")} == wanted


def test_a_refusal_is_told_by_its_code_and_an_unknown_one_as_it_is() -> None:
    words = words_in("ja")
    told = words.refused("x", "403 duplicate", "old words that the log keeps")
    assert told.startswith("同じ文面")
    assert words.refused("facebook", "506 duplicate", "").startswith("同じ文面を直前に")
    assert (
        words.told(texts_of("en")["refusal.facebook.token expired"]) == texts_of("ja")["refusal.facebook.token expired"]
    )
    assert words.refused("x", "403 new", "Never heard.") == '<span lang="en">Never heard.</span>'
    assert words_in("en").refused("x", "403 duplicate", "as the log says") == "as the log says"
    assert (
        words.told("delivery 7 is sent, it does not wait for a yes")
        == "配信7は「送信済み」で、承認待ちではありません。"
    )
