"""The page on which a reader leaves a list: asks, confirms, or says what is wrong. Works without JavaScript."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from templates.newsletter_words import FOLDER, NewsletterWords, is_right_to_left


class Step(StrEnum):
    """What the page says."""

    ASK = "ask"
    DONE = "done"
    BROKEN = "broken"
    LATER = "later"


class LeavingPages:
    """The page's template and words, read once. ``folders`` come before our own."""

    def __init__(self, folders: Sequence[Path] = ()) -> None:
        self._folders = [*folders, FOLDER]
        self._words = NewsletterWords(self._folders)

    def page(self, step: Step, *, newsletter: str, newsroom: str, language: str) -> str:
        """The whole HTML page. ``newsletter`` is "" where a damaged link does not name one."""
        words = self._words.in_language(language)
        title = words["leave_title"].format(newsletter=newsletter) if newsletter else words["unsubscribe"]
        return self._template.render(
            step=str(step),
            title=title,
            sentence=words[f"leave_{step}"].format(newsletter=newsletter),
            button=words["unsubscribe"],
            newsroom=newsroom,
            language=language or "en",
            direction="rtl" if is_right_to_left(language) else "ltr",
            style=self.style,
        )

    @cached_property
    def style(self) -> str:
        """The page's whole style sheet, one element in its head."""
        return self._environment.get_template("leaving.css").render().strip()

    @cached_property
    def style_hash(self) -> str:
        """The source expression that lets exactly this style through a Content-Security-Policy."""
        return f"'sha256-{base64.b64encode(hashlib.sha256(self.style.encode()).digest()).decode()}'"

    @cached_property
    def _template(self) -> Template:
        return self._environment.get_template("leaving.html.j2")

    @cached_property
    def _environment(self) -> Environment:
        return Environment(
            loader=FileSystemLoader(self._folders),
            autoescape=lambda name: name is not None and ".html" in name,
            undefined=StrictUndefined,
        )
