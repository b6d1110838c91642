"""Sentences are cut where readers see them end."""

from __future__ import annotations

import pytest

from templates.quotations import brackets_closed, find_quotations, outside_quotations, quotations_closed
from templates.sentences import ends_sentence, split_sentences


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", ["Mr. Alder met Dr. Birch at 5 p.m. Monday.", "Nobody else came."]),
        ("en", ["The U.S. firm sold 3.5 million.", "J. K. Marlowe left."]),
        ("en", ["“Go. Now. Please,” she begged.", "Nobody went."]),
        ("en", ["Is it over? he asked.", "No answer came."]),
        ("en", ["Gov. Ada Lind won (again. And again).", "Sen. Bo Carr lost."]),
        ("de", ["Am 3. Mai öffnet die Fa. Huber wieder.", "Der Eintritt ist frei."]),
        ("de", ["„Es reicht. Wirklich“, sagte er.", "Dann ging er."]),
        ("de", ["Ada Lind gewann die 54. Ausgabe des Brückenlaufs.", "Bo Carr wurde beim 9. Lauf Zweiter."]),
        ("en", ["Ada Lind told E! News that the bridge is closed.", "Nobody else came!", "Go."]),
        ("en", ["Ada Lind won.", "(Nobody else came that day.)", "Bo Carr lost."]),
        ("fr", ["M. Duval et Mme. Petit sont partis.", "La salle est vide."]),
        ("es", ["El Sr. Vega habló.", "La sala quedó vacía."]),
        ("ja", ["市長は「橋を直す。」と述べた。", "工事は六月に始まる。"]),
        ("ar", ["أعلن المجلس الخطة.", "متى تبدأ؟"]),
        ("hi", ["डॉ. वर्मा आए।", "सभा शुरू हुई।"]),
    ],
)
def test_a_paragraph_falls_into_its_sentences(language: str, sentences: list[str]) -> None:
    joiner = "" if language == "ja" else " "
    assert split_sentences(joiner.join(sentences), language) == sentences


def test_a_paragraph_without_end_is_read_only_so_far() -> None:
    assert sum(len(one) for one in split_sentences("word " * 100_000, "en")) <= 6000


@pytest.mark.parametrize("text", ["It ended.", "“It ended.”", "終わった。", "Over?)", "Schluss!“"])
def test_an_ended_sentence_is_known(text: str) -> None:
    assert ends_sentence(text)


@pytest.mark.parametrize("text", ["A heading", "Photo: M. Lind", "", "Home | News"])
def test_a_heading_is_no_sentence(text: str) -> None:
    assert not ends_sentence(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("She said “no” and “never”.", ["no", "never"]),
        ("Er rief „Halt“ und ging.", ["Halt"]),
        ("Ella dijo «basta».", ["basta"]),
        ("市長は「直す」と述べた。", ["直す"]),
        ('He said "fine" to it.', ["fine"]),
        ("The workers' dog didn't say 'woof' at all.", ["woof"]),
        ("It’s the dogs’ day.", []),
        ("An “open quotation", []),
    ],
)
def test_quotations_are_found_and_apostrophes_are_not(text: str, words: list[str]) -> None:
    assert [one.words for one in find_quotations(text)] == words


def test_an_open_quotation_or_bracket_is_noticed() -> None:
    assert not quotations_closed("She said “no.")
    assert not quotations_closed("no” she said")
    assert quotations_closed("„Halt“, rief er.")
    assert not brackets_closed("(a [b)]")
    assert outside_quotations("A “b” c") == "A “” c"
