"""The measure itself measures: the gate sees each fault, ROUGE-L counts as it should."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from channels.x_length import weighted_length
from db.records import Label
from templates.features import NAMES
from templates.teaser import write_teaser
from tests.bench import learn, teasers
from tests.bench.gate import faults
from tests.bench.rouge import rouge_l
from tests.templates.articles import X, bridge, style


@pytest.mark.parametrize(
    ("summary", "fault"),
    [
        ("However, the bridge will close.", "dangling opening"),
        ("He will close the bridge.", "dangling opening"),
        ("It will close in June.", "dangling opening"),
        ("It seems like a bridge.", "dangling opening"),
        ("It was built for the bridge.", "dangling opening"),
        ("“We found bolts that you could turn with two fingers.”", "unattributed quotation"),
        ("“We found bolts that you could turn with two fingers, said Oyelaran.", "unbalanced “”"),
        ("Bridge closed for repairs, and more.", "headline repeated"),
        ("The bridge will close for ninety weeks.", "not in the article"),
        ("The iron bri will close.", "not in the article"),
        ("The <b>bridge</b> will close.", "markup"),
        ("Sign up for the bridge.", "footer present"),
        ("bridge " * 40, "summary over 200"),
    ],
)
def test_the_gate_sees_the_fault(summary: str, fault: str) -> None:
    teaser = replace(write_teaser(bridge(), X, weighted_length, style()), summary=summary)
    found = faults(bridge(), teaser, X, weighted_length, "")
    assert any(one.startswith(fault) for one in found), found


@pytest.mark.parametrize(
    "opening",
    ["It is clear that the bridge", "It seems Northwick", "It took eleven weeks", "It has been years since the bridge"],
)
def test_the_gate_lets_an_it_stand_that_points_to_nothing(opening: str) -> None:
    teaser = replace(write_teaser(bridge(), X, weighted_length, style()), summary=f"{opening} will close.")
    assert "dangling opening" not in faults(bridge(), teaser, X, weighted_length, "")


def test_the_gate_sees_a_text_too_long_and_a_missing_label() -> None:
    teaser = write_teaser(bridge(), X, weighted_length, style())
    assert "over the limit" in faults(bridge(), replace(teaser, text="a" * 281), X, weighted_length, "")
    labelled = bridge(label=Label.ANALYSIS)
    assert "missing label" in faults(labelled, teaser, X, weighted_length, "Analysis")
    assert faults(bridge(), teaser, X, weighted_length, "") == []


def test_rouge_l_counts_the_longest_common_run_in_order() -> None:
    assert rouge_l("the bridge is closed", "the bridge is closed") == 1.0
    assert rouge_l("", "the bridge") == 0.0
    assert rouge_l("a b c d", "a c d") == pytest.approx(6 / 7)
    assert rouge_l("d c b a", "a b c d") == pytest.approx(0.25)


def test_the_bench_prints_its_measures_and_says_when_there_is_nothing_to_measure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    article = bridge()
    row = {
        "title": article.headline,
        "byline": "",
        "body": "\n".join(article.paragraphs),
        "teaser": article.paragraphs[0],
        "kind": "lead",
        "language": "en",
        "publisher": "p",
        "core": True,
        "url": "",
    }
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    assert teasers.main([str(path)]) == 0
    printed = capsys.readouterr().out
    assert "Gate: 0 faults over 1 articles" in printed
    assert "first 200 characters" in printed
    assert teasers.main([str(tmp_path / "none")]) == 1
    assert "nothing was measured" in capsys.readouterr().out


def test_learning_says_when_there_is_nothing_to_learn_from_and_sees_what_the_ranker_sees(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert learn.main([str(tmp_path / "none")]) == 1
    assert "nothing was learned" in capsys.readouterr().out
    one = learn.lesson(teasers.Sample(bridge(), bridge().paragraphs[0], "lead", "p", True))
    assert len(one.vectors) == len(one.scores) > 0
    assert all(len(vector) == len(NAMES) for vector in one.vectors)
    assert max(one.scores) == 1.0
