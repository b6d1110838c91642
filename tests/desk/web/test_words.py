"""The catalogue: no page has a text of its own, no text is missing, and every language says the same things."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from desk.web.door.static import FOLDER
from templates.desk_words import DeskWords, languages, texts_of, words_in

TEMPLATES = sorted(FOLDER.rglob("*.html"))
SPOKEN = ("title", "placeholder", "aria-label", "alt", "label", "value")
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_SIGNS = re.compile(r"[\w]{2,}")
_NAMED = re.compile(r'\bt\("([a-z_]+(?:\.[a-z_0-9 ]+)+)"')
KEYS = ("Enter", "Ctrl+Enter")


class _Texts(HTMLParser):
    """Collects what a reader would read."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        wanted = SPOKEN if tag not in ("option", "input", "button", "meter", "meta", "link") else SPOKEN[:-1]
        self.found += [value or "" for name, value in attrs if name in wanted]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_a_text_of_its_own(template: Path) -> None:
    texts = _Texts()
    texts.feed(_JINJA.sub("", template.read_text(encoding="utf-8")))
    loose = [text.strip() for text in texts.found if _SIGNS.search(text) and text.strip() not in KEYS]
    assert loose == [], f"put these into the catalogue: {loose}"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_text_that_a_template_names_is_there(template: Path) -> None:
    words = words_in("en")
    assert [name for name in _NAMED.findall(template.read_text(encoding="utf-8")) if name not in words] == []


@pytest.mark.parametrize("language", languages())
def test_every_language_has_every_text_with_the_same_gaps(language: str) -> None:
    first, texts = texts_of("en"), texts_of(language)
    plural = {name.removesuffix(".one") for name in first if name.endswith(".one")}
    wanted = {name for name in first if not name.endswith(".one")}
    assert wanted <= set(texts)
    for name in set(texts) & set(first):
        assert set(re.findall(r"\{(\w+)", texts[name])) <= set(re.findall(r"\{(\w+)", first[name])), name
    assert plural <= {name.removesuffix(".other") for name in texts if name.endswith(".other")}


def test_a_text_of_two_forms_is_chosen_by_the_number_and_a_gap_is_never_left_open() -> None:
    words = DeskWords("en", {"days.one": "{n} day", "days.other": "{n} days", "plain": "So"})
    assert [words("days", n=number) for number in (0, 1, 2)] == ["0 days", "1 day", "2 days"]
    assert words("plain") == "So"
    with pytest.raises(KeyError):
        words("nowhere")
    with pytest.raises(KeyError):
        words("days")
