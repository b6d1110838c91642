"""Tries the newsletter's templates and words on the sample stories and tells each fault with its file and line."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from db.records import IssueWords, Limits, Problem, Teaser
from templates.check_pages import page_attempts
from templates.issue import IssueTemplates
from templates.newsletter_words import BrokenTemplate
from templates.render import TemplateFault
from templates.samples import sample_articles
from templates.style import Style
from templates.teaser import write_teaser

_NAME, _NEWSROOM = "Morning briefing", "The Newsroom"
_LIMITS = Limits(
    kind="email",
    length=100_000,
    link_length=None,
    images=1,
    alt_length=500,
    can_find=False,
    can_correct=False,
    can_delete=False,
    read_lag=timedelta(0),
    deadline=timedelta(0),
    link_in_text=False,
)


def check_newsletter(folders: Sequence[Path]) -> tuple[Problem, ...]:
    """A problem for each fault of the issue's templates, readers' pages and letters, and the words around them.

    Every sample story makes an issue, and all together one, in each language of the samples; files of ``folders``
    come before ours. A fault of a teaser template is not told again here. Each fault is told once.
    """
    found: dict[str, Problem] = {}
    for attempt in _attempts(folders):
        try:
            attempt()
        except TemplateFault:
            continue
        except BrokenTemplate as fault:
            message = _placed(fault)
        except KeyError as fault:
            message = f"words.toml or pages.toml lacks {fault}, or names it in braces where nothing has this name"
            message += f"{_line_of(fault)}. A language is given whole: add it."
        except Exception as fault:
            message = (
                f"The newsletter's templates, words.toml or pages.toml cannot be used ({type(fault).__name__}: {fault})"
            )
            message += f"{_line_of(fault)}. Mend the file."
        else:
            continue
        found.setdefault(message, Problem("newsletter-fault", message))
    return tuple(found.values())


def _attempts(folders: Sequence[Path]) -> Iterator[Callable[[], object]]:
    teasers = []
    for article in sample_articles():
        style = Style(channel="check", kind="email", folders=tuple(folders), link=article.url)
        try:
            teasers.append(write_teaser(article, _LIMITS, len, style))
        except TemplateFault:
            continue
    languages = list(dict.fromkeys(one.language for one in teasers))
    templates = IssueTemplates(folders)
    for language in languages:
        for stories in (*([one] for one in teasers), teasers, [replace(one, link=None) for one in teasers]):
            yield partial(_issue, templates, stories, language)
        yield from page_attempts(folders, language)


def _issue(templates: IssueTemplates, stories: Sequence[Teaser], language: str) -> None:
    words = IssueWords(
        channel="check",
        newsletter=_NAME,
        window="2026-09-21",
        subject=stories[0].subject,
        preheader=stories[0].preheader,
        stories=tuple(stories),
        language=language,
    )
    templates.render(words, newsroom=_NEWSROOM, postal_address="1 Press Lane\nPort Selwyn")


def _placed(fault: BrokenTemplate) -> str:
    """The fault's own sentence, with the file and line that it does not name itself."""
    return f"{str(fault)[:1].upper()}{str(fault)[1:]}{_line_of(fault.__cause__ or fault)}."


def _line_of(fault: BaseException) -> str:
    for frame in reversed(traceback.extract_tb(fault.__traceback__)):
        if frame.filename.endswith(".j2"):
            return f" ({frame.filename}, line {frame.lineno})"
    return ""
