"""Fills Jinja2 templates that an editor may have written: safely, and with faults that say where.

A template sees a handful of texts and lists and nothing else: no attributes of ours, no methods, no files. What runs
without end or grows without bound is stopped. Every fault names the file, the line and the variable.
"""

from __future__ import annotations

import functools
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import BlockReference, LoopContext, Macro
from jinja2.sandbox import SandboxedEnvironment

MOST_STEPS = 2_000
"""Rounds of loops, calls of macros and printed values that one rendering may take."""

MOST_CHARACTERS = 20_000
"""Length that any text within a template may reach."""

MOST_SOURCE = 40_000
"""Bytes that a template file may have."""

_FILTERS = (
    "upper lower capitalize title trim first last length count join default d replace truncate select reject "
    "unique list string int escape e wordcount reverse"
).split()
_TESTS = "defined undefined none string number true false even odd equalto eq ne in mapping sequence".split()


class TemplateFault(Exception):
    """A template that cannot be used. ``str()`` says what is wrong, in which file and line, and what to do."""

    exit_code = 2

    def __init__(self, file: str, line: int | None, sentence: str) -> None:
        where = f"{file}, line {line}" if line else file
        super().__init__(f"{where}: {sentence}")
        self.file = file
        self.line = line
        self.sentence = sentence


class _TooMuch(Exception):
    """Raised inside a rendering that passed its bounds."""


class _Budget(threading.local):
    """Counts the steps and characters of the rendering that this thread is in."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begins a new rendering."""
        self.steps = 0
        self.characters = 0

    def step(self) -> None:
        """One more round; raises when there were too many."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise _TooMuch("it runs without end: a loop or a macro repeats more than 2,000 times. Make it shorter.")

    def text(self, value: object) -> object:
        """Counts a printed value and hands it back."""
        self.step()
        if isinstance(value, str):
            self.characters += len(value)
            if self.characters > MOST_CHARACTERS or len(value) > MOST_CHARACTERS:
                raise _TooMuch("it grows too large: more than 20,000 characters. Print less.")
        return value


class _Environment(SandboxedEnvironment):
    """The sandbox: few filters, no methods, no range, every loop counted."""

    intercepted_binops = frozenset(["+", "*", "**", "%", "//", "/", "-"])

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self.budget: _Budget = _Budget()
        super().__init__(
            loader=jinja2.FileSystemLoader([str(folder) for folder in folders], encoding="utf-8"),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=False,
            autoescape=False,
            cache_size=200,
            finalize=lambda value: self.budget.text(value),
        )
        self.globals = {"__step": lambda: self.budget.step(), "__text": lambda value: self.budget.text(str(value))}
        self.filters = {name: self._bounded(self.filters[name]) for name in _FILTERS}
        self.filters["replace"] = _replace
        self.tests = {name: self.tests[name] for name in _TESTS if name in self.tests}

    def _bounded(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A filter whose answer may not be longer than the bound."""

        @functools.wraps(function)
        def bounded(*args: Any, **kwargs: Any) -> Any:
            answer = function(*args, **kwargs)
            if isinstance(answer, str) and len(answer) > MOST_CHARACTERS:
                raise _TooMuch("a filter makes a text of more than 20,000 characters. Print less.")
            return answer

        return bounded

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Nothing that can be called is reachable, and nothing with an underscore."""
        return not attr.startswith("_") and not callable(value)

    def call(self, context: Any, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Macros, blocks and loops may be called; nothing else, however a template came by it."""
        if isinstance(obj, (Macro, BlockReference, LoopContext)) or obj in (
            self.globals["__step"],
            self.globals["__text"],
        ):
            return super().call(context, obj, *args, **kwargs)
        raise SecurityError("a template may not call this. Use a filter, for example {{ summary | upper }}.")

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Arithmetic on small numbers and joining of short texts only."""
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            if len(left) + len(right) > MOST_CHARACTERS:
                raise _TooMuch("it grows too large: more than 20,000 characters. Print less.")
            return left + right
        numbers = all(isinstance(value, (int, float)) and abs(value) < 10**9 for value in (left, right))
        if operator == "**" or not numbers:
            raise SecurityError(f"'{operator}' works on small numbers only in a template.")
        return super().call_binop(context, operator, left, right)

    def compile(
        self, source: Any, name: Any = None, filename: Any = None, raw: Any = False, defer_init: Any = False
    ) -> Any:
        """Compiles with every loop, macro and block made to count its rounds."""
        if isinstance(source, str):
            try:
                source = self._parse(source, name, filename)
                self._count_rounds(source)
            except jinja2.TemplateSyntaxError:
                self.handle_exception(source=source if isinstance(source, str) else None)
        return super().compile(source, name, filename, raw, defer_init)

    def _count_rounds(self, tree: nodes.Template) -> None:
        """Puts a counting step at the head of whatever can repeat, and a bound around whatever can grow."""
        for node in tree.find_all((nodes.Template, nodes.For, nodes.Macro, nodes.CallBlock, nodes.Block)):
            call = nodes.Call(nodes.Name("__step", "load"), [], [], None, None)
            step = nodes.ExprStmt(call)
            step.set_lineno(getattr(node, "lineno", 1) or 1)
            step.set_environment(self)
            node.body.insert(0, step)  # type: ignore[attr-defined]
        for joined in tree.find_all(nodes.Concat):
            joined.nodes = [
                nodes.Call(
                    nodes.Name("__text", "load", lineno=joined.lineno), [part], [], None, None, lineno=joined.lineno
                )
                for part in joined.nodes
            ]
            for part in joined.nodes:
                part.set_environment(self)


def _replace(text: str, old: str, new: str) -> str:
    """The ``replace`` filter, bounded before it works."""
    if old and len(text) + text.count(old) * len(new) > MOST_CHARACTERS:
        raise _TooMuch("a filter makes a text of more than 20,000 characters. Print less.")
    return text.replace(old, new) if old else text


def render(folders: Sequence[Path], name: str, words: Mapping[str, object]) -> str:
    """The template ``name`` (e.g. ``x/default.j2``) from the first folder that has it, filled with ``words``.

    Lines are stripped, runs of blank lines made one. Raises ``TemplateFault``.
    """
    environment = _environment(tuple(folders))
    environment.budget.reset()
    try:
        _check_size(folders, name)
        text = environment.get_template(name).render(words)
    except jinja2.TemplateNotFound as fault:
        raise TemplateFault(
            str(fault.name or name), None, "there is no such template. Put it in the folder, or mend the name."
        ) from None
    except jinja2.TemplateSyntaxError as fault:
        file = fault.filename or fault.name or name
        raise TemplateFault(file, fault.lineno, f"the template cannot be read: {fault.message}") from None
    except jinja2.UndefinedError as fault:
        file, line = _where(fault, environment, name)
        known = ", ".join(sorted(key for key in words))
        raise TemplateFault(file, line, f"{fault.message}. It may use: {known}.") from None
    except RecursionError:
        raise TemplateFault(*_file_only(environment, name), "it includes or calls itself without end.") from None
    except MemoryError:
        raise TemplateFault(*_file_only(environment, name), "it grows too large. Print less.") from None
    except (_TooMuch, SecurityError) as fault:
        file, line = _where(fault, environment, name)
        raise TemplateFault(file, line, str(fault)) from None
    except Exception as fault:
        file, line = _where(fault, environment, name)
        raise TemplateFault(file, line, f"the template cannot be filled: {fault}") from None
    return _tidy(text)


def find_template(folders: Sequence[Path], names: Sequence[str]) -> str | None:
    """The first of ``names`` that any folder has; a folder's rank counts less than a name's."""
    return next((name for name in names if any((folder / name).is_file() for folder in folders)), None)


@functools.lru_cache(maxsize=32)
def _environment(folders: tuple[Path, ...]) -> _Environment:
    """One environment for one search path; templates are compiled once and looked at again when they change."""
    return _Environment(folders)


def _check_size(folders: Sequence[Path], name: str) -> None:
    """Refuses a template file too large to be one."""
    for folder in folders:
        path = folder / name
        if path.is_file():
            if path.stat().st_size > MOST_SOURCE:
                raise TemplateFault(
                    str(path), None, "the file is larger than 40 kB, which no teaser needs. Make it shorter."
                )
            return


def _where(fault: BaseException, environment: _Environment, name: str) -> tuple[str, int | None]:
    """File and line of the template in which ``fault`` arose."""
    for frame in reversed(traceback.extract_tb(fault.__traceback__)):
        if frame.filename.endswith(".j2"):
            return frame.filename, frame.lineno
    return _file_only(environment, name)


def _file_only(environment: _Environment, name: str) -> tuple[str, int | None]:
    """The file behind a template's name, without a line."""
    loader = environment.loader
    if isinstance(loader, jinja2.FileSystemLoader):
        for folder in loader.searchpath:
            path = Path(folder) / name
            if path.is_file():
                return str(path), None
    return name, None


def _tidy(text: str) -> str:
    """Lines stripped, single spaces, at most one blank line between paragraphs."""
    lines = [" ".join(line.split()) for line in text.strip().splitlines()]
    out: list[str] = []
    for line in lines:
        if line or (out and out[-1]):
            out.append(line)
    return "\n".join(out).strip()
