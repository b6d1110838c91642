"""An issue's words as HTML and as text, from the same blocks: ``newsletter/*.j2`` beside this file.

Editors may change the templates and the words around the stories; what breaks MJML is told with the template's name.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from db.records import CorrectionBox, Image, IssueWords, Label, Teaser
from templates.inbox import shorten_subject
from templates.lexicon import label_word, primary
from templates.newsletter_words import FOLDER, BrokenTemplate, NewsletterWords, is_right_to_left

_SLOT = re.compile(r"%%(?=[A-Z]+%%)")
_PADDING = "&#8199;&#65279;&#847; " * 60
"""Invisible filling after the preheader, so that the inbox does not show the page's first words behind it."""

_LINE = 72

SUBJECT_MOST = 150
"""A subject that says more than what it corrects is cut to so many characters, which every mail server takes."""

_COLONS = {"fr": "\u00a0: ", "ja": "\uff1a", "zh": "\uff1a"}
"""What stands between "Correction" and the subject, where it is not a colon and a space."""


@dataclass(frozen=True, slots=True)
class Story:
    """One story as a template sees it. ``label`` is the word for readers, "" for plain news."""

    headline: str
    paragraphs: tuple[str, ...]
    link: str | None
    label: str
    image: Image | None
    section: str = ""  # the heading it stands under, only at the first story of a section


@dataclass(frozen=True, slots=True)
class Box:
    """One correction as a template sees it."""

    headline: str
    note: str
    link: str | None


class IssueTemplates:
    """The newsletter templates, read once. ``folders`` come before our own: a newsroom's files win."""

    def __init__(self, folders: Sequence[Path] = ()) -> None:
        self._folders = [*folders, FOLDER]
        self._words = NewsletterWords(self._folders)

    def subject(self, words: IssueWords) -> str:
        """The line in the inbox; a correction's says that it is one. Raises ``BrokenTemplate``."""
        if not words.corrected:
            return words.subject
        language = words.language or "en"
        told = self._words.in_language(language)["correction"] + _COLONS.get(primary(language), ": ")
        return f"{told}{shorten_subject(words.subject, SUBJECT_MOST - len(told), language)}"

    def render(self, words: IssueWords, *, newsroom: str, postal_address: str) -> tuple[str, str]:
        """(HTML, text). Pure but for the template files. Raises ``BrokenTemplate``."""
        language = words.language or "en"
        around = self._words.in_language(language)
        right_to_left = is_right_to_left(language)
        seen = {
            "newsletter": quiet(words.newsletter),
            "subject": quiet(self.subject(words)),
            "preheader": quiet(words.preheader),
            "preheader_padding": Markup(_PADDING),
            "date": _date_words(words.window, around),
            "breaking": words.breaking,
            "corrected": words.corrected,
            "corrections": [_box(one) for one in words.corrections],
            "stories": _stories(words, language),
            "language": language,
            "direction": "rtl" if right_to_left else "ltr",
            "start": "right" if right_to_left else "left",
            "mixed": right_to_left or any(is_right_to_left(one.language) for one in words.stories if one.language),
            "words": around,
            "newsroom": quiet(newsroom),
            "postal_address": quiet(postal_address.strip()),
            "postal_lines": [quiet(line.strip()) for line in postal_address.strip().splitlines()],
            "owner_lines": [quiet(line) for line in owner_lines(newsroom, postal_address)],
        }
        page = self._filled(f"{words.template}.mjml.j2", seen)
        text = self._filled(f"{words.template}.txt.j2", seen)
        return _to_html(page, f"{words.template}.mjml.j2"), re.sub(r"\n{3,}", "\n\n", text.strip("\n")) + "\n"

    def _filled(self, name: str, seen: Mapping[str, Any]) -> str:
        try:
            return self._environment.get_template(name).render(seen)
        except TemplateError as error:
            line = getattr(error, "lineno", None)
            where = f"{name}, line {line}" if line else name
            raise BrokenTemplate(f"the newsletter template {where} cannot be filled: {error}; mend it") from error

    @cached_property
    def _environment(self) -> ImmutableSandboxedEnvironment:
        environment = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(self._folders),
            autoescape=lambda name: name is not None and ".mjml" in name,
            undefined=StrictUndefined,
            keep_trailing_newline=True,
        )
        environment.filters["wrap"] = _wrap
        return environment


def quiet(text: str) -> str:
    """``text`` with anything that looks like a recipient's slot made harmless; it reads the same."""
    return _SLOT.sub("%\u2060%", text)


def owner_lines(newsroom: str, postal_address: str) -> list[str]:
    """Who sends a mail and where they live, line by line; the name stands once where the address begins with it."""
    name, lines = newsroom.strip(), [line.strip() for line in postal_address.strip().splitlines()]
    begins = bool(lines) and (lines[0] == name or lines[0].startswith((f"{name},", f"{name} ·")))
    return lines if begins else [one for one in (name, *lines) if one]


def quiet_link(address: str | None) -> str | None:
    """A link with what looks like a recipient's slot encoded: no source may have a reader's address put into it."""
    return _SLOT.sub("%25%25", address) if address else address


def _stories(words: IssueWords, language: str) -> list[Story]:
    """The stories in order; each section's heading stands before its first one."""
    told, stories = "", []
    for place, teaser in enumerate(words.stories):
        section = words.sections[place] if place < len(words.sections) else ""
        stories.append(replace(_story(teaser, language), section=quiet(section) if section != told else ""))
        told = section
    return stories


def _box(one: CorrectionBox) -> Box:
    return Box(quiet(" ".join(one.headline.split())), quiet(" ".join(one.note.split())), quiet_link(one.link))


def _story(teaser: Teaser, language: str) -> Story:
    headline = quiet(" ".join(teaser.headline.split()))
    image = teaser.image if teaser.image and teaser.image.url else None
    if image is not None:  # it is a link, which must say where it leads
        alt = quiet(image.alt) if image.alt.strip() else headline
        image = replace(image, url=quiet_link(image.url), alt=alt, credit=quiet(image.credit))
    label = "" if teaser.label is Label.NEWS else label_word(teaser.label, teaser.language or language)
    return Story(
        headline=headline,
        paragraphs=tuple(quiet(line) for line in _paragraphs(teaser, label)),
        link=quiet_link(teaser.link),
        label=label,
        image=image,
    )


def _paragraphs(teaser: Teaser, label: str) -> list[str]:
    """The teaser's lines without what stands beside them already: label and headline before, the link after."""
    lines = [" ".join(line.split()) for line in teaser.text.splitlines()]
    lines = [line for line in lines if line and line != teaser.link]
    if lines and label:
        lines[0] = lines[0].removeprefix(f"{label}: ").removeprefix(f"【{label}】")
    if lines and lines[0] == " ".join(teaser.headline.split()):
        lines = lines[1:]
    return lines


def _date_words(window: str, around: Mapping[str, Any]) -> str:
    """The wall date or week an issue stands for, in its language; "" for a preview and an alert, which is for now."""
    window = window.partition(" ")[0]  # a correction's has its number behind
    if week := re.fullmatch(r"([0-9]{4})-W([0-9]{2})", window):
        said: str = around["week"].format(week=int(week[2]), year=week[1])
        return said
    try:
        day = date.fromisoformat(window)
    except ValueError:
        return ""
    words: str = around["date"].format(
        weekday=around["weekdays"][day.weekday()], day=day.day, month=around["months"][day.month - 1], year=day.year
    )
    return words


def _wrap(text: str) -> str:
    """Lines of 72 characters, broken at spaces only: links and text without spaces stay whole."""
    return textwrap.fill(text, _LINE, break_long_words=False, break_on_hyphens=False)


def _to_html(mjml: str, name: str) -> str:
    """MJML to HTML with its styles inlined, those for dark mode and phones kept in the head."""
    import css_inline

    compile_mjml = _mjml()
    try:
        page = compile_mjml(mjml)
    except ValueError as error:
        raise BrokenTemplate(f"the newsletter template {name} is not valid MJML: {error}; mend it") from error
    inliner = css_inline.CSSInliner(keep_style_tags=True, keep_at_rules=True, load_remote_stylesheets=False)
    return inliner.inline(page).strip() + "\n"


def _mjml() -> Callable[[str], str]:
    from mjml import mjml2html

    def compile_mjml(source: str) -> str:
        made = mjml2html(source, disable_comments=False, fonts={})
        return str(getattr(made, "html", made))

    return compile_mjml
