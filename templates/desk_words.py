"""The words of the desk's pages: one catalogue a language, every text by its name, gaps filled from English."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from markupsafe import Markup, escape

from db.records import MACHINE, Cause, Stop
from templates.desk_texts import FIRST, languages, texts_of
from templates.desk_told import told
from templates.newsletter_words import is_right_to_left

_LATIN = "\u024f"
"""The last letter of the scripts that English is written in."""

_LAID_BY_WORKERS = {Cause.UNAUTHORIZED, Cause.BREAKER, Cause.RATE, Cause.CLOCK, Cause.RESTORED}


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

    def stopper(self, stop: Stop) -> str:
        """Who laid a stop: a person's name, or Pressrun where a worker of its own did so."""
        return "Pressrun" if stop.cause in _LAID_BY_WORKERS else self.writer(stop.by)

    def told(self, sentence: str) -> Markup:
        """A sentence that the head, a channel or the log says in English: in this language where its form is known.

        One that is not known stays, and says that it is English; a text of the catalogue stays as it is.
        """
        if self.language == FIRST:
            return escape(sentence)
        found = told(self.language, sentence)
        if found is not None or not _is_latin(sentence):
            return escape(sentence if found is None else found)
        return Markup('<span lang="en">{}</span>').format(sentence)

    def said(self, words: str) -> str:
        """Words that a person or the head may have written: ours in this language, theirs as they are."""
        return words if self.language == FIRST else told(self.language, words) or words

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


def _is_latin(text: str) -> bool:
    """Whether most letters of a text are of the script that English is written in; no for a text without letters."""
    letters = [sign for sign in text if sign.isalpha()]
    return 2 * sum(sign <= _LATIN for sign in letters) > len(letters)


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
