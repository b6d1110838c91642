"""The words of the desk's pages: one catalogue a language, every text by its name, gaps filled from English."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup, escape

from db.records import MACHINE
from templates.newsletter_words import is_right_to_left

FOLDER = Path(__file__).parent / "desk" / "words"
FIRST = "en"
_GAP = re.compile(r"\{(\w+)\}")


class DeskWords:
    """A catalogue's texts. Calling it with a name gives the text, with what is named filled in.

    A text with two forms, ``NAME.one`` and ``NAME.other``, is chosen by ``n``. Raises ``KeyError`` for a name that is
    nowhere: a page asks for none that is not there.
    """

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language, self._texts = language, texts
        self.direction = "rtl" if is_right_to_left(language) else "ltr"

    def __call__(self, name: str, /, **values: object) -> str:
        """The text of a name. Raises ``KeyError``."""
        text = self._texts.get(name)
        if text is None:
            form = "one" if values.get("n") == 1 and f"{name}.one" in self._texts else "other"
            text = self._texts[f"{name}.{form}"]
        return text.format(**values)

    def __contains__(self, name: str) -> bool:
        return name in self._texts or f"{name}.other" in self._texts

    def writer(self, name: str) -> str:
        """Who wrote words: a person's name as it is, the machine by its own."""
        return self("writer.machine") if name == MACHINE else name

    def told(self, sentence: str) -> Markup:
        """A sentence that the head, a channel or the log says in English: in this language where its form is known.

        One that is not known stays, and says that it is English.
        """
        if self.language == FIRST:
            return escape(sentence)
        found = _told(self.language, sentence)
        return escape(found) if found is not None else Markup('<span lang="en">{}</span>').format(sentence)

    def refused(self, kind: str, code: str, sentence: str) -> Markup:
        """How a try ended, by the kind of its channel and the code that the log keeps ("403 duplicate"); without a text
        for it, as ``told`` says the sentence."""
        name = f"refusal.{kind}.{code.partition(' ')[2]}"
        return escape(self(name)) if self.language != FIRST and name in self else self.told(sentence)

    def did(self, verb: str) -> str:
        """What somebody did, as the audit names it."""
        return self.or_plain(f"did.{verb}", verb)

    def or_plain(self, name: str, plain: str) -> str:
        """The text of a name, or ``plain`` where the catalogue has none: for words that come from outside."""
        return self(name) if name in self else plain


def languages() -> list[str]:
    """The languages that have a catalogue, English first."""
    return sorted((file.stem for file in FOLDER.glob("*.toml")), key=lambda one: (one != FIRST, one))


@lru_cache(maxsize=32)
def words_in(language: str) -> DeskWords:
    """The words of a language: its own catalogue, else that of its first part (``de-AT``: ``de``), else English."""
    there = languages()
    chosen = next((one for one in (language, language.partition("-")[0]) if one in there), FIRST)
    own = texts_of(chosen)
    without = {name for name in texts_of(FIRST) if name.endswith(".one") and f"{name[:-4]}.other" in own}
    return DeskWords(chosen, {**{name: text for name, text in texts_of(FIRST).items() if name not in without}, **own})


def wanted_language(header: str) -> str:
    """The catalogue that an ``Accept-Language`` header asks for first (RFC 9110, 12.5.4); "" where it asks for none of ours."""
    wishes: list[tuple[float, int, str]] = []
    for place, wish in enumerate(header[:1_000].split(",")):
        tag, _, quality = wish.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        wishes.append((-weight, place, tag.strip().lower()))
    there = {one.lower(): one for one in languages()}
    for weight, _, tag in sorted(wishes):
        found = there.get(tag) or there.get(tag.partition("-")[0])
        if found and weight < 0:
            return found
    return ""


@lru_cache(maxsize=32)
def texts_of(language: str) -> Mapping[str, str]:
    """One catalogue as it is written, flat: ``[log]`` ``empty = "…"`` is ``log.empty``.

    It is LANGUAGE.toml and every file of the folder LANGUAGE beside it. Raises ``ValueError`` for a name given twice.
    """
    found: dict[str, str] = {}
    for path in (FOLDER / f"{language}.toml", *sorted((FOLDER / language).glob("*.toml"))):
        with path.open("rb") as file:
            texts = dict(_flat("", tomllib.load(file)))
        if twice := texts.keys() & found.keys():
            raise ValueError(f"{path} gives texts that are given already: {', '.join(sorted(twice))}")
        found |= texts
    return found


@lru_cache(maxsize=8)
def forms_of(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """The forms of sentences that a language knows, those with most words of their own first."""
    told: dict[str, str] = {}
    for path in (FOLDER / "told" / f"{language}.toml", *sorted((FOLDER / "told" / language).glob("*.toml"))):
        if path.exists():
            with path.open("rb") as file:
                texts = tomllib.load(file)["told"]
            if twice := texts.keys() & told.keys():
                raise ValueError(f"{path} gives sentences that are given already: {', '.join(sorted(twice))}")
            told |= texts
    ordered = sorted(told.items(), key=lambda one: -len(_GAP.sub("", one[0])))
    return tuple((re.compile(_pattern(form), re.DOTALL), text) for form, text in ordered)


def _pattern(form: str) -> str:
    """A gap takes anything; one at the beginning never the end of a sentence before, which has a form of its own."""
    whole = _GAP.sub(r"(?P<\1>.+?)", re.escape(form).replace(r"\{", "{").replace(r"\}", "}"))
    return re.sub(r"^(\(\?P<\w+>)\.\+\?", r"\1(?:(?![.!?] ).)+?", whole)


@lru_cache(maxsize=1)
def _refusals() -> Mapping[str, str]:
    """The name of each platform's refusal by its English sentence: a delivery keeps the sentence without its code."""
    return {text: name for name, text in texts_of(FIRST).items() if name.startswith("refusal.")}


@lru_cache(maxsize=8_192)
def _told(language: str, sentence: str) -> str | None:
    """A sentence in a language, None where its form is not known; several that follow each other each by its own."""
    if (name := _refusals().get(sentence)) is not None:
        return texts_of(language).get(name)
    for pattern, text in forms_of(language):
        if found := pattern.fullmatch(sentence):
            return text.format(**{name: _inner(language, name, value) for name, value in found.groupdict().items()})
    for end in [found.end() for found in re.finditer(r"[.!?](?= )", sentence)]:
        head, rest = _told(language, sentence[:end]), _told(language, sentence[end + 1 :])
        if head is not None and rest is not None:
            return f"{head}{rest}"
    return None


def _inner(language: str, name: str, value: str) -> str:
    """What fills a gap: a state by its word in the language, a sentence by its own form, anything else as it is."""
    if name == "state" and (word := texts_of(language).get(f"state.{value}")) is not None:
        return word
    return _told(language, value) or value


def _flat(before: str, table: Mapping[str, object]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in table.items():
        whole = f"{before}.{name}" if before else name
        found += _flat(whole, value) if isinstance(value, dict) else [(whole, str(value))]
    return found
