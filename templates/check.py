"""Tries every template on the sample stories and tells each fault with its file, line and variable."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from db.records import Article, Label, Problem
from templates.filling import BELOW, template_words
from templates.render import TemplateFault, render
from templates.samples import sample_articles
from templates.style import OURS, Style
from templates.teaser import summarise

KINDS = ("x", "facebook", "email")
"""The kinds whose folders hold teaser templates."""


def check_templates(folders: Sequence[Path]) -> tuple[Problem, ...]:
    """A problem for each fault of the newsroom's templates in ``folders`` and of ours; empty when all can be used.

    Every ``<kind>/*.j2`` is filled with every sample story, with and without link, hashtags, handles and label.
    A folder that is not there is a problem; each fault of a file is told once.
    """
    problems: list[Problem] = []
    searched = (*folders, OURS)
    for folder in folders:
        if not folder.is_dir():
            problems.append(
                Problem("template-folder", f"{folder} is not a folder. Create it, or mend the setting that names it.")
            )
    for name in template_files(searched):
        problems += _faults(searched, name)
    return tuple(problems)


def template_files(folders: Iterable[Path]) -> list[str]:
    """The names of all templates of all kinds, each once, e.g. ``x/default.j2``."""
    names = {
        path.relative_to(folder).as_posix()
        for folder in folders
        for kind in KINDS
        for path in sorted((folder / kind).glob("*.j2"))
    }
    return sorted(names)


def _faults(folders: Sequence[Path], name: str) -> list[Problem]:
    """What is wrong with one template, each fault once."""
    found: dict[str, Problem] = {}
    kind = name.split("/", 1)[0]
    for article in (*sample_articles(), *_edges()):
        for link, tags, handles in (
            (article.url, ("#News",), {article.authors[0]: "@desk"} if article.authors else {}),
            (None, (), {}),
        ):
            style = Style(channel=f"{kind}-check", kind=kind, link=link, handles=handles)
            words = template_words(article, style, summarise(article), "", tuple(tags), link)
            try:
                text = render(folders, name, words)
            except TemplateFault as fault:
                found.setdefault(str(fault), Problem("template-fault", str(fault)))
                continue
            if not text and (link or not _is_below(name)):
                message = f"{name}: it writes nothing for a story without link and hashtags. Print the summary or the headline."
                found.setdefault(message, Problem("template-empty", message))
    return list(found.values())


def _is_below(name: str) -> bool:
    """Whether a template is filled only for a story with a link: what goes under the teaser."""
    return any(name.endswith(f"{part}.j2") for part in BELOW.values())


def _edges() -> tuple[Article, ...]:
    """Stories with every label and with next to nothing, where templates break first."""
    story = sample_articles()[0]
    return (
        replace(story, label=Label.SPONSORED),
        replace(story, label=Label.LIVE, authors=(), section="", tags=(), outlet=""),
        replace(story, headline="Short", authors=()),
    )
