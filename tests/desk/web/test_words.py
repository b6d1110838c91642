"""The catalogue: no page has a text of its own, no text is missing, and every language says the same things."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from desk.web.door.static import FOLDER
from templates.desk_texts import languages, texts_of
from templates.desk_told import forms_of, pattern_of
from templates.desk_words import DeskWords, wanted_language, words_in

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


@pytest.mark.parametrize("language", [one for one in languages() if one != "en"])
def test_a_language_names_nothing_that_english_does_not_and_leaves_out_no_gap(language: str) -> None:
    first, texts = texts_of("en"), texts_of(language)
    assert set(texts) <= set(first)
    for name, text in texts.items():
        gaps = [set(re.findall(r"\{(\w+)", one)) for one in (first[name], text)]
        assert gaps[0] == gaps[1], f"{name}: {gaps}"
        assert text.strip(), name


def test_in_a_language_without_plurals_one_is_said_like_many() -> None:
    assert words_in("ja")("queue.shown", n=1) == "1件の記事"
    assert words_in("en")("queue.shown", n=1) == "1 story"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("ja", "ja"),
        ("ja-JP,en;q=0.5", "ja"),
        ("de,en-GB;q=0.7,ja;q=0.9", "ja"),
        ("fr, de", ""),
        ("ja;q=0, en;q=0.1", "en"),
        ("*;q=x,,;q=1", ""),
        ("", ""),
    ],
)
def test_the_browser_s_wish_is_the_first_that_there_is(header: str, language: str) -> None:
    assert wanted_language(header) == language


def test_what_the_head_says_is_translated_by_its_form_and_what_is_not_known_says_that_it_is_english() -> None:
    words = words_in("ja")
    long = "The post counts 300 on X, 280 are allowed. Shorten it by 20."
    assert words.told(long) == "投稿はXの数え方で300文字、上限は280文字です。20文字減らしてください。"
    assert "承認を待っています" in words.told(
        "story 5 waits on x-main: edited by Ada; it waits for a person's yes. It goes stale today."
    )
    both = words.told(f"The post has no words. Write some. {long}")
    assert "書いてください。投稿は" in both
    assert words.told("Never <b>heard</b>.") == '<span lang="en">Never &lt;b&gt;heard&lt;/b&gt;.</span>'
    assert words_in("en").told("<b>") == "&lt;b&gt;"


@pytest.mark.parametrize("language", [one for one in languages() if one != "en"])
def test_a_form_fills_the_gaps_that_it_has_and_can_be_matched(language: str) -> None:
    for form in forms_of(language).gapped:
        gaps = set(re.findall(r"\{(\w+)", form.text))
        assert gaps <= set(pattern_of(form.sentence).groupindex), form.sentence
