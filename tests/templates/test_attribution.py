"""The gate: nothing reported and nothing quoted goes out without its source."""

from __future__ import annotations

import pytest

from templates.attribution import judge, loses_claim, proper_names, relayed
from templates.clauses import clause_cuts, trimmed, with_source_first, without_brackets
from templates.undated import without_relative_time


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ada Lind said the bridge would close.", "en"),
        ("“The bridge is rotten from end to end,” said Ada Lind.", "en"),
        ("Police said the road was closed.", "en"),
        ("According to the ministry, prices rose.", "en"),
        ("The bridge will close in June.", "en"),
        ("„Die Brücke ist von vorn bis hinten morsch“, sagte Bürgermeisterin Ada Lind.", "de"),
        ("浜野知事は「橋を来月までに必ず直します」と述べた。", "ja"),
        ("«El puente está podrido de punta a punta», dijo la alcaldesa Ada Lind.", "es"),
    ],
)
def test_a_sentence_with_its_source_passes(text: str, language: str) -> None:
    assert judge(text, language).passes


@pytest.mark.parametrize(
    "text",
    [
        "“The bridge is rotten from end to end.”",
        "“The bridge is rotten from end to end,” he said.",
        "He said the bridge would close.",
        "It was said that the bridge would close.",
        "The “bridge to nowhere” costs too much.",
        "Ada Lind said “the bridge is rotten.",
        "The bridge (built in 1880 will close.",
    ],
)
def test_a_sentence_without_its_source_is_refused(text: str) -> None:
    verdict = judge(text, "en")
    assert not verdict.passes
    assert verdict.reason


def test_a_report_of_a_report_names_the_outer_source_first_and_the_inner_one_beside_it() -> None:
    told = (
        "Wire North reports, “The island of Skarv will get 300 nurses and 40 doctors to reopen its two hospitals, "
        "the Health Board quoted its Director Runa Aspel as saying after a visit.”"
    )
    assert relayed(told) == (
        "Wire North reports, citing Runa Aspel: “The island of Skarv will get 300 nurses and 40 doctors to reopen its two hospitals.”"
    )
    assert relayed("Wire North reports, “The island of Skarv will get 300 nurses to reopen its hospitals.”") is None


@pytest.mark.parametrize(
    "dropped",
    [", but only on Sundays", " unless it rains", ", Ada Lind said", ", according to police", " and not before"],
)
def test_what_changes_the_claim_may_not_be_dropped(dropped: str) -> None:
    assert loses_claim("The bridge will close in June", dropped, "en")


def test_names_are_not_weekdays_or_first_words() -> None:
    assert proper_names("The bridge in Northwick closes on Monday, Ada Lind said.", "en") == [
        "Northwick",
        "Ada",
        "Lind",
    ]


def test_a_clause_falls_and_the_sentence_stays_whole() -> None:
    cuts = clause_cuts(
        "The council will close the iron bridge in Northwick for repairs, leaving two villages cut off.", "en"
    )
    assert "The council will close the iron bridge in Northwick for repairs." in cuts


@pytest.mark.parametrize(
    "text",
    [
        "The council will close the iron bridge in the town of Northwick, Ada Lind said.",
        "The council will close the iron bridge in the town of Northwick, according to the county's engineers.",
        "The council will close the iron bridge in the town of Northwick, as long as it does not rain.",
        "The council will close the iron bridge in the town of Northwick, but only if the county pays.",
        "The council bought hammers for the workers, nails for the gates, and paint for the old bridge.",
    ],
)
def test_no_cut_takes_a_source_a_condition_or_half_a_list(text: str) -> None:
    assert clause_cuts(text, "en") == []


def test_a_quotation_is_cut_at_a_clause_and_closed() -> None:
    cuts = clause_cuts(
        "Ada Lind said, “We will send forty engineers to the bridge at Northwick before the winter, using the money that the county gave us.”",
        "en",
    )
    assert cuts == ["Ada Lind said, “We will send forty engineers to the bridge at Northwick before the winter.”"]


def test_a_bracket_falls_whole_or_not_at_all() -> None:
    assert without_brackets("The bridge (built in 1880) will close.") == "The bridge will close."
    assert without_brackets("The bridge (built in 1880 will close.") == "The bridge (built in 1880 will close."


def test_a_cut_between_words_spares_names_numbers_and_sources() -> None:
    text = "The council of Northwick will spend 2.4 million pounds on the bridge that Ada Marie Lind designed for the town in 1880 or so."
    for longest in range(50, 120):
        cut = trimmed(text, longest, "en")
        assert not cut or (cut.endswith("…") and len(cut) <= longest)
        assert not cut.endswith(("2.4…", "Ada…", "Ada Marie…", "the…", "of…"))
    assert (
        trimmed(
            "The council of Northwick will spend millions on the old iron bridge, Ada Lind said on Thursday.", 70, "en"
        )
        == ""
    )


def test_a_cut_may_leave_away_what_a_named_source_goes_on_to_report_but_never_the_outer_source() -> None:
    inner = (
        "Wire North reports that the council of Northwick will close the iron bridge and that Ada Lind says nobody "
        "has yet counted the bolts of the other one at Hatherley."
    )
    assert trimmed(inner, 110, "en").startswith("Wire North reports that the council of Northwick will close")
    outer = "Ada Lind claims that the council of Northwick will close the old iron bridge for eleven weeks, Wire North said."
    assert trimmed(outer, 80, "en") == ""


def test_a_source_at_the_end_of_a_long_sentence_comes_to_its_front() -> None:
    long = (
        "The council of Northwick will close the old iron bridge for eleven weeks from June so that engineers can "
        "replace the rusted bolts, according to the county's chief engineer."
    )
    front = with_source_first(long, 140, "en")
    assert front.startswith("According to the county's chief engineer, the council of Northwick will close")
    assert len(front) <= 140
    assert with_source_first("The council of Northwick will close the bridge, according to him.", 60, "en") == ""
    assert with_source_first("The council of Northwick will close the bridge in June.", 40, "en") == ""


@pytest.mark.parametrize(
    ("text", "never"),
    [
        (
            "The old iron bridge of Northwick, a work of Ada Lind, is a toy invented in 1966 by the county council.",
            "invented.",
        ),
        ("The council raised questions about the bridge between Northwick and the U.S., which is far away.", "U.S.."),
    ],
)
def test_a_cut_sentence_ends_as_sentences_end(text: str, never: str) -> None:
    assert not [cut for cut in clause_cuts(text, "en") if cut.endswith(never)]


def test_a_german_sentence_is_not_cut_before_its_verb() -> None:
    text = "In einem Film der Stadt wird dafür auch die Brücke, die Ada Lind entworfen hat, in voller Länge gezeigt."
    assert clause_cuts(text, "de") == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "Last week, the council closed the iron bridge in Northwick.",
            "The council closed the iron bridge in Northwick.",
        ),
        (
            "The council closed the iron bridge in Northwick yesterday.",
            "The council closed the iron bridge in Northwick.",
        ),
        (
            "The council last year closed the iron bridge in Northwick.",
            "The council closed the iron bridge in Northwick.",
        ),
        ("The bridge looked safe to Ada Lind just last week.", "The bridge looked safe to Ada Lind just last week."),
        ("Last week's storm broke the bridge.", "Last week's storm broke the bridge."),
        ("The bridge stays closed until tomorrow.", "The bridge stays closed until tomorrow."),
        ("The bridge, the county's oldest, opens today.", "The bridge, the county's oldest, opens today."),
        ("Ada Lind said, “I will close it tomorrow.”", "Ada Lind said, “I will close it tomorrow.”"),
    ],
)
def test_relative_time_is_lifted_out_only_where_the_sentence_stays_true(before: str, after: str) -> None:
    assert without_relative_time(before, "en") == after
