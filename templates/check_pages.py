"""Every page and letter for readers with made-up contents, for whoever checks the templates and their words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path

from templates.letter import LetterTemplates
from templates.public_pages import (
    ChoicesForm,
    Frame,
    IssueLink,
    Link,
    Option,
    PublicPages,
    SectionTicks,
    ZoneArea,
)
from templates.public_words import day_words

_NAME, _NEWSROOM, _POSTAL = "Morning briefing", "The Newsroom", "1 Press Lane\nPort Selwyn"
_LINK = "https://news.example.org/link"
_DAY = date(2026, 9, 21)
_SENTENCES = (
    "asked",
    "joined",
    "too_many",
    "later",
    "nothing",
    "broken",
    "confirmed",
    "late",
    "gone",
    "leave_done",
    "less_done",
    "bad_address",
    "bad_quiet",
    "bad_choice",
    "saved",
    "wording",
)


def page_attempts(folders: Sequence[Path], language: str) -> Iterator[Callable[[], object]]:
    """Calls that fill every template and every sentence of one language; each raises what is wrong with it."""
    pages, letters = PublicPages(folders), LetterTemplates(folders)
    frame = Frame(_NEWSROOM, language, _POSTAL, feed="/n/morning/feed.xml", newsletter=_NAME)
    one, tick = Link("/n/morning", _NAME), Option("daily", "Daily", on=True)
    told = {"newsletter": _NAME, "newsroom": _NEWSROOM, "language": language, "link": _LINK, "postal": _POSTAL}
    for name in _SENTENCES:
        yield partial(_sentence, pages, frame, name)
    yield partial(pages.message, frame, _NAME, _NAME, links=(one,), good=True)
    yield partial(pages.newsletters, frame, (one,))
    yield partial(pages.subscribe, frame, here="/n/morning", archive="/n/morning/archive", wording="Yes", fault="No")
    yield partial(pages.confirm, frame)
    yield partial(pages.unsubscribe, frame, less_here="/u/t/less", choices="/p/t", less=(tick,))
    yield partial(_choices, pages, frame)
    issue = IssueLink("/n/morning/2026-09-21", "Ferry back", "2026-09-21", "today")
    yield partial(pages.archive, frame, (issue,), subscribe="/n/morning", feed="/n/morning/feed.xml", older="?before=1")
    yield partial(letters.confirm, until=_DAY, **told)
    yield partial(letters.choices, **told)


def _sentence(pages: PublicPages, frame: Frame, name: str) -> str:
    words = pages.words(frame.language)
    sentence: str = words[name].format(newsletter=_NAME, newsroom=_NEWSROOM)
    return sentence


def _choices(pages: PublicPages, frame: Frame) -> str:
    words = pages.words(frame.language)
    tick = Option("daily", words["daily"], on=True)
    form = ChoicesForm(
        address="l…a@example.org",
        here="/p/t",
        leave="/u/t",
        our_zone="Europe/London",
        told=words["saved"],
        paused=words["paused"].format(day=day_words(_DAY, words)),
        sections=(SectionTicks("s0", words["every"], (tick,)),),
        caps=(Option("1", words["cap"].format(number=1)),),
        pauses=(Option("7", words["pause_days"].format(days=7)),),
        zones=(ZoneArea("Europe", (Option("Europe/London", "London"),)),),
    )
    return pages.choices(frame, form)
