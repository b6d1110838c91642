"""The words of a letter: a mail to one person who asked for it, to confirm or for the link to their choices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from templates.issue import owner_lines, quiet
from templates.newsletter_words import is_right_to_left
from templates.public_words import day_words, public_words

FOLDER = Path(__file__).parent / "letters"


@dataclass(frozen=True, slots=True)
class LetterWords:
    """What a letter says, as it is sent."""

    subject: str
    text: str
    html: str


class LetterTemplates:
    """The letters' templates and words, read once. ``folders`` come before our own."""

    def __init__(self, folders: Sequence[Path] = ()) -> None:
        self._folders = [*folders, FOLDER]
        self._words = public_words(folders)

    def confirm(
        self, *, newsletter: str, link: str, until: date, newsroom: str, postal: str, language: str
    ) -> LetterWords:
        """Asks the person to confirm. ``until``: the last day on which the link counts."""
        words = self._words.in_language(language)
        aside = words["letter_confirm_aside"].format(day=day_words(until, words))
        return self._letter("confirm", words["confirm"], aside, newsletter, link, newsroom, postal, language)

    def choices(self, *, newsletter: str, link: str, newsroom: str, postal: str, language: str) -> LetterWords:
        """Brings the link to the choices to somebody who is on the list already."""
        words = self._words.in_language(language)
        aside = words["letter_choices_aside"]
        return self._letter("choices", words["choices_link"], aside, newsletter, link, newsroom, postal, language)

    def _letter(
        self,
        purpose: str,
        button: str,
        aside: str,
        newsletter: str,
        link: str,
        newsroom: str,
        postal: str,
        language: str,
    ) -> LetterWords:
        words = self._words.in_language(language)
        right_to_left = is_right_to_left(language)
        subject = " ".join(words[f"letter_{purpose}_subject"].format(newsletter=newsletter).split())
        seen = {
            "subject": quiet(subject),
            "title": quiet(newsletter),
            "sentence": quiet(words[f"letter_{purpose}"].format(newsletter=newsletter, newsroom=newsroom)),
            "aside": quiet(aside),
            "button": quiet(button),
            "link": link,
            "newsroom": quiet(newsroom),
            "postal_address": quiet(postal.strip()),
            "postal_lines": [quiet(line.strip()) for line in postal.strip().splitlines()],
            "owner_lines": [quiet(line) for line in owner_lines(newsroom, postal)],
            "language": language or "en",
            "direction": "rtl" if right_to_left else "ltr",
            "start": "right" if right_to_left else "left",
        }
        text = self._environment.get_template("letter.txt.j2").render(seen)
        return LetterWords(subject, text.strip() + "\n", self._environment.get_template("letter.html.j2").render(seen))

    @cached_property
    def _environment(self) -> ImmutableSandboxedEnvironment:
        return ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(self._folders),
            autoescape=lambda name: name is not None and ".html" in name,
            undefined=StrictUndefined,
        )
