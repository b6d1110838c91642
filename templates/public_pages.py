"""Readers' own pages: subscribe, confirm, choose, leave, read earlier issues. They work without JavaScript.

Each page is one HTML file with its whole style in its head, so that a strict Content-Security-Policy lets exactly
that style through and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from templates.newsletter_words import is_right_to_left
from templates.public_words import FOLDER, public_words


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead somewhere."""

    href: str
    text: str


@dataclass(frozen=True, slots=True)
class Option:
    """One of several things to choose among, in a form."""

    value: str
    text: str
    on: bool = False


@dataclass(frozen=True, slots=True)
class SectionTicks:
    """One section on the page of choices: its field's name and what may be ticked for it."""

    name: str
    text: str
    ticks: Sequence[Option]


@dataclass(frozen=True, slots=True)
class ZoneArea:
    """The time zones of one part of the world."""

    text: str
    zones: Sequence[Option]


@dataclass(frozen=True, slots=True)
class IssueLink:
    """One issue in the archive: its day for machines and for people."""

    href: str
    text: str
    date: str
    day: str


@dataclass(frozen=True, slots=True)
class ChoicesForm:
    """All that the page of choices shows. ``paused`` is a sentence, "" while nothing is paused; so are the others."""

    address: str
    here: str
    leave: str
    our_zone: str
    told: str = ""
    fault: str = ""
    paused: str = ""
    quiet_from: str = ""
    quiet_until: str = ""
    sections: Sequence[SectionTicks] = ()
    caps: Sequence[Option] = ()
    languages: Sequence[Option] = ()
    pauses: Sequence[Option] = ()
    zones: Sequence[ZoneArea] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every page: who speaks, in which language, and where all newsletters are."""

    newsroom: str
    language: str
    postal_address: str = ""
    home: str = "/n/"
    feed: str = ""
    newsletter: str = ""
    listed: bool = field(default=False)  # whether search engines may keep the page


class PublicPages:
    """The pages' templates and words, read once. ``folders`` come before our own."""

    def __init__(self, folders: Sequence[Path] = ()) -> None:
        self._folders = [*folders, FOLDER]
        self._words = public_words(folders)

    def words(self, language: str) -> dict[str, Any]:
        """The words of a language; English for what it leaves out."""
        return self._words.in_language(language)

    def message(
        self, frame: Frame, title: str, sentence: str, *, links: Sequence[Link] = (), good: bool = False
    ) -> str:
        """One sentence, and where to go from here. ``good``: something was done, and screen readers say so."""
        return self._page("message", frame, title, sentence=sentence, links=links, good=good)

    def newsletters(self, frame: Frame, newsletters: Sequence[Link]) -> str:
        """All that can be subscribed to."""
        return self._page(
            "newsletters", frame, self.words(frame.language)["newsletters_title"], newsletters=newsletters
        )

    def subscribe(
        self,
        frame: Frame,
        *,
        here: str,
        archive: str,
        wording: str,
        privacy_url: str = "",
        address: str = "",
        fault: str = "",
    ) -> str:
        """The form; after a fault it keeps what was written and says what is wrong."""
        words = self.words(frame.language)
        said = {
            "here": here,
            "archive": archive,
            "wording": wording,
            "privacy_url": privacy_url,
            "address": address,
            "fault": fault,
        }
        named = {name: words[name].format(newsroom=frame.newsroom) for name in ("subscribe_lead",)}
        title = words["subscribe_title"].format(newsletter=frame.newsletter)
        return self._page("subscribe", frame, title, words={**words, **named}, **said)

    def confirm(self, frame: Frame) -> str:
        """The button that says yes."""
        title = self.words(frame.language)["confirm_title"].format(newsletter=frame.newsletter)
        return self._page("confirm", frame, title)

    def unsubscribe(self, frame: Frame, *, less_here: str, choices: str, less: Sequence[Option] = ()) -> str:
        """The button that leaves, and below it what may be had instead."""
        title = self.words(frame.language)["leave_title"].format(newsletter=frame.newsletter)
        return self._page("unsubscribe", frame, title, less_here=less_here, choices=choices, less=less)

    def choices(self, frame: Frame, form: ChoicesForm) -> str:
        """Everything a reader may choose."""
        title = self.words(frame.language)["choices_title"].format(newsletter=frame.newsletter)
        shown = {name: getattr(form, name) for name in ChoicesForm.__dataclass_fields__}
        return self._page("choices", frame, title, **shown)

    def archive(self, frame: Frame, issues: Sequence[IssueLink], *, subscribe: str, feed: str, older: str = "") -> str:
        """Every issue that came out, newest first."""
        title = self.words(frame.language)["archive_title"].format(newsletter=frame.newsletter)
        return self._page("archive", frame, title, issues=issues, subscribe=subscribe, feed=feed, older=older)

    @cached_property
    def style(self) -> str:
        """The pages' whole style sheet, one element in the head."""
        return self._environment.get_template("public.css").render().strip()

    @cached_property
    def style_hash(self) -> str:
        """The source expression that lets exactly this style through a Content-Security-Policy."""
        return f"'sha256-{base64.b64encode(hashlib.sha256(self.style.encode()).digest()).decode()}'"

    def _page(self, name: str, frame: Frame, title: str, **shown: Any) -> str:
        language = frame.language or "en"
        around = {
            "words": self.words(language),
            "title": title,
            "language": language,
            "direction": "rtl" if is_right_to_left(language) else "ltr",
            "newsroom": frame.newsroom,
            "newsletter": frame.newsletter,
            "postal_address": frame.postal_address,
            "home": frame.home,
            "feed": frame.feed,
            "listed": frame.listed,
            "style": self.style,
        }
        return self._environment.get_template(f"{name}.html.j2").render({**around, **shown})

    @cached_property
    def _environment(self) -> ImmutableSandboxedEnvironment:
        return ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(self._folders),
            autoescape=lambda name: name is not None and ".html" in name,
            undefined=StrictUndefined,
        )
