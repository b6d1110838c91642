"""Sentences that the head, a channel or the log says in English, told in another language by their forms.

A form is the sentence with gaps, ``delivery {n} is {state} already``, and stands in ``desk/words/told``. A gap is told
in its turn: a moment, a span, a state by its word, a sentence by its own form, anything else as it is. A gap that is
called ``form`` takes nothing but what has a form itself; one that is called ``raw`` stays as it is.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from templates.desk_texts import FIRST, FOLDER, texts_of

LONGEST = 4_000
"""Characters; what is longer is no sentence of ours."""
SHORT = 16
"""Characters; a form with fewer of its own stands behind what is put together of pieces."""
_FREE = ("why", "reason", "headline", "raw")
"""Gaps that hold what people wrote."""
_GAP = re.compile(r"\{(\w+)\}")
_END = re.compile(r"[.!?](?= )")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MOMENT = re.compile(
    rf"({'|'.join(_WEEKDAYS)}) (\d\d?) ({'|'.join(_MONTHS)})(?: (\d{{4}}))? (\d\d:\d\d)(?: ([A-Z]\w+(?:/[\w+-]+)*))?"
)
_SPAN = re.compile(r"\d+(?:\.\d+)? (?:days?|h|min|s)(?: \d+ (?:h|min|s))*")
_ONE_SPAN = re.compile(r"([\d.]+) (days?|h|min|s)")


@dataclass(frozen=True, slots=True)
class Form:
    """One form: the sentence with its gaps, its text in the language, how many characters are its own, and the longest
    piece of it without a gap."""

    sentence: str
    text: str
    own: int
    piece: str


@dataclass(frozen=True, slots=True)
class Forms:
    """What a language knows: whole sentences by themselves, forms with most words of their own first, and how two
    pieces are put together (``joins``) and a span is said (``units``)."""

    whole: Mapping[str, str]
    gapped: tuple[Form, ...]
    joins: Mapping[str, str]
    units: Mapping[str, str]


@lru_cache(maxsize=8)
def forms_of(language: str) -> Forms:
    """The forms of sentences that a language knows. Raises ``ValueError`` for a sentence given twice."""
    told: dict[str, str] = {}
    joins: dict[str, str] = {}
    units: dict[str, str] = {}
    for path in (FOLDER / "told" / f"{language}.toml", *sorted((FOLDER / "told" / language).glob("*.toml"))):
        tables = _tables(path)
        if twice := tables.get("told", {}).keys() & told.keys():
            raise ValueError(f"{path} gives sentences that are given already: {', '.join(sorted(twice))}")
        told |= tables.get("told", {})
        joins |= tables.get("joins", {})
        units |= tables.get("units", {})
    gapped = []
    for one, text in told.items():
        if _GAP.search(one):
            pieces = _GAP.split(one)[::2]
            gapped.append(Form(one, text, sum(map(len, pieces)), max(pieces, key=len)))
    gapped.sort(key=lambda form: -form.own)
    return Forms({one: text for one, text in told.items() if not _GAP.search(one)}, tuple(gapped), joins, units)


def _tables(path: Path) -> dict[str, dict[str, str]]:
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return tomllib.load(file)


@lru_cache(maxsize=16_384)
def told(language: str, sentence: str) -> str | None:
    """A sentence in a language, None where its form is not known; several that follow each other each by its own."""
    sentence = sentence.strip(" ;,")
    if not sentence or len(sentence) > LONGEST:
        return None
    if (name := _refusals().get(sentence)) is not None:
        return texts_of(language).get(name)
    forms = forms_of(language)
    if (whole := forms.whole.get(sentence)) is not None:
        return whole
    if (moment := _MOMENT.fullmatch(sentence)) is not None:
        return _moment(texts_of(language), moment)
    if _SPAN.fullmatch(sentence):
        return _ONE_SPAN.sub(lambda one: f"{one[1]}{forms.units.get(one[2], one[2])}", sentence).replace(" ", "")
    found = (
        _by_form(language, forms, sentence, short=False)
        or _by_pieces(language, forms, sentence)
        or _by_form(language, forms, sentence, short=True)
    )
    if found is None and sentence.endswith(".") and (found := told(language, sentence[:-1])) is not None:
        found += forms.joins.get(".", ".")
    if found is not None:
        for join in forms.joins.values():
            found = found.replace(join * 2, join)
    return found


def pattern_of(sentence: str) -> re.Pattern[str]:
    """What a form matches. A gap at the beginning takes never the end of a sentence before, which has a form of its
    own; one that is glued to what stands before it may be empty; one that comes twice is the same twice."""
    pieces = _GAP.split(sentence)
    found = re.escape(pieces[0])
    for at in range(1, len(pieces), 2):
        before, name, after = pieces[at - 1], pieces[at], pieces[at + 1]
        if f"(?P<{name}>" in found:
            found += f"(?P={name}){re.escape(after)}"
            continue
        at_first = at == 1 and not before
        glued = not at_first and not before.endswith(" ")
        found += f"(?P<{name}>{'(?:(?![.!?] ).)+?' if at_first else '.*?' if glued else '.+?'}){re.escape(after)}"
    return re.compile(found, re.DOTALL)


_compiled = lru_cache(maxsize=4_096)(pattern_of)


@lru_cache(maxsize=1)
def _refusals() -> Mapping[str, str]:
    """The name of each platform's refusal by its English sentence: a delivery keeps the sentence without its code."""
    return {text: name for name, text in texts_of(FIRST).items() if name.startswith("refusal.")}


def _by_form(language: str, forms: Forms, sentence: str, *, short: bool) -> str | None:
    for form in forms.gapped:
        if (form.own < SHORT) is not short or form.piece not in sentence:
            continue
        found = _compiled(form.sentence).fullmatch(sentence)
        if found is None:
            continue
        gaps = found.groupdict()
        if "form" in gaps and told(language, gaps["form"]) is None:
            continue
        if short and any(name not in _FREE and not _is_plain(language, value) for name, value in gaps.items()):
            continue
        return form.text.format(**{name: _inner(language, name, value) for name, value in gaps.items()})
    return None


def _is_plain(language: str, value: str) -> bool:
    """Whether a value is a name, a number, a moment, or known: a form with few words of its own takes nothing else."""
    return value.count(" ") < 3 or told(language, value) is not None


def _by_pieces(language: str, forms: Forms, sentence: str) -> str | None:
    """What is put together of pieces that are known each by its own form."""
    for end in (found.end() for found in _END.finditer(sentence)):
        if (said := _both(language, sentence[:end], sentence[end + 1 :], "")) is not None:
            return said
    if sentence.endswith(")") and " (" in sentence:
        first, _, rest = sentence[:-1].partition(" (")
        if (head := told(language, first)) is not None:
            return head + forms.joins.get("()", " ({})").format(_inner(language, "", rest))
    for between, join in forms.joins.items():
        if between.startswith((".", "(")):
            continue
        first, at, rest = sentence.partition(between)
        while at:
            if (said := _both(language, first, rest, join)) is not None:
                return said
            more, at, rest = rest.partition(between)
            first += between + more
    return None


def _both(language: str, first: str, rest: str, join: str) -> str | None:
    head = told(language, first)
    tail = told(language, rest) if head is not None else None
    return f"{head}{join}{tail}" if tail is not None else None


def _inner(language: str, name: str, value: str) -> str:
    """What fills a gap: a word of the catalogue (a state, a label), a moment, a span, a sentence, else as it is."""
    texts, forms = texts_of(language), forms_of(language)
    if name == "raw":
        return value
    if (word := texts.get(f"{name}.{value}")) is not None:
        return word
    if (found := told(language, value)) is None:
        return value
    return forms.joins.get(value[:2], "") + found


def _moment(texts: Mapping[str, str], moment: re.Match[str]) -> str:
    weekday, day, month, year, clock, zone = moment.groups()
    values = {
        "weekday": texts[f"times.weekday.{_WEEKDAYS.index(weekday) + 1}"],
        "month": texts[f"times.month.{_MONTHS.index(month) + 1}"],
        "day": int(day),
        "year": year,
    }
    date = texts["times.date_year" if year else "times.date"].format(**values)
    return f"{date}{clock}{f' {zone}' if zone else ''}"
