"""A newsroom's own template of a page, a letter or a newsletter says what it was given to say, and reaches nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from jinja2.exceptions import SecurityError

from templates.issue import IssueTemplates
from templates.letter import LetterTemplates
from templates.newsletter_words import BrokenTemplate
from templates.public_pages import Frame, PublicPages
from tests.templates.test_issue import WORDS


def _page(folder: Path) -> object:
    return PublicPages([folder]).message(Frame("The Post", "en"), "Title", "Sentence")


def _letter(folder: Path) -> object:
    return LetterTemplates([folder]).confirm(
        newsletter="The Daily", link="https://a", until=date(2026, 9, 21), newsroom="N", postal="P", language="en"
    )


def _issue(folder: Path) -> object:
    return IssueTemplates([folder]).render(WORDS, newsroom="The Post", postal_address="1 Quay Street")


@pytest.mark.parametrize(
    ("name", "made"), [("message.html.j2", _page), ("letter.txt.j2", _letter), ("issue.mjml.j2", _issue)]
)
@pytest.mark.parametrize(
    "attack",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ self._TemplateReference__context.environment }}",
        "{{ subject.__init__.__globals__ }}",
        "{{ '%s'.__class__.format('{0.__class__}', 1) }}",
    ],
)
def test_no_template_reaches_what_it_was_not_given(
    tmp_path: Path, name: str, made: Callable[[Path], object], attack: str
) -> None:
    (tmp_path / name).write_text(attack, encoding="utf-8")
    with pytest.raises((SecurityError, BrokenTemplate)) as refused:
        made(tmp_path)
    assert "unsafe" in str(refused.value)
