"""An editor's template is filled, or its fault is told with file, line and variable; never a hang."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from templates.check import check_templates
from templates.render import TemplateFault, find_template, render

WORDS = {"summary": "The bridge will close.", "hashtags": ["#A", "#B"], "link": ""}


def put(folder: Path, source: str, name: str = "x/default.j2") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")
    return path


def test_words_are_filled_in_and_lines_made_tidy(tmp_path: Path) -> None:
    put(
        tmp_path,
        "  {{ summary }}  \n\n\n{% for tag in hashtags %}{{ tag }} {% endfor %}\n{% if link %}{{ link }}{% endif %}\n",
    )
    assert render([tmp_path], "x/default.j2", WORDS) == "The bridge will close.\n\n#A #B"


def test_an_unknown_variable_is_told_with_file_and_line(tmp_path: Path) -> None:
    path = put(tmp_path, "{{ summary }}\n\n{{ sumary }}\n")
    with pytest.raises(TemplateFault) as caught:
        render([tmp_path], "x/default.j2", WORDS)
    assert caught.value.line == 3
    assert str(path) in str(caught.value)
    assert "'sumary' is undefined" in str(caught.value)
    assert "summary" in str(caught.value).split("may use")[1]


def test_a_broken_template_is_told_with_its_line(tmp_path: Path) -> None:
    put(tmp_path, "{{ summary }}\n{% if %}\n")
    with pytest.raises(TemplateFault, match=r"line 2.*cannot be read"):
        render([tmp_path], "x/default.j2", WORDS)


@pytest.mark.parametrize(
    "source",
    [
        "{% for a in range(999999999) %}{% endfor %}",
        "{% for a in [1,2,3,4,5,6,7,8,9,0] %}{% for b in [1,2,3,4,5,6,7,8,9,0] %}{% for c in [1,2,3,4,5,6,7,8,9,0] %}"
        "{% for d in [1,2,3,4,5,6,7,8,9,0] %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% include 'x/default.j2' %}{% include 'x/default.j2' %}",
        "{{ 'x' * 999999999 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{% set s = 'xxxxxxxxxx' %}" + "{% set s = s ~ s %}" * 40 + "{{ s }}",
        "{% set s = 'xxxxxxxxxx' %}" + "{% set s = s + s %}" * 40 + "{{ s }}",
        "{% set s = 'xxxxxxxxxx' %}" + "{% set s = s | replace('x', s) %}" * 12 + "{{ s }}",
        "{% for a in [1,2,3,4,5,6,7,8,9,0] %}{{ summary * 1 }}{% endfor %}",
        "{{ '%999999999d' % 1 }}",
        "{{ summary.__class__.__mro__ }}",
        "{{ summary.format(1) }}",
        "{{ hashtags.append('x') }}",
        "{{ ''.join(hashtags) }}",
        "{{ self.__init__.__globals__ }}",
        "{{ summary | center(999999999) }}",
        "x" * 50_000,
    ],
)  # fmt: skip
@pytest.mark.usefixtures("no_garbage_collected")
def test_a_template_that_is_endless_huge_or_sly_is_stopped_at_once(tmp_path: Path, source: str) -> None:
    put(tmp_path, source)
    started = time.thread_time()
    with pytest.raises(TemplateFault, match=r"default\.j2"):
        render([tmp_path], "x/default.j2", WORDS)
    assert time.thread_time() - started < 2.0


def test_a_missing_template_is_told(tmp_path: Path) -> None:
    with pytest.raises(TemplateFault, match="no such template"):
        render([tmp_path], "x/none.j2", WORDS)


def test_a_changed_template_is_read_again_and_one_fault_does_not_spoil_the_next_rendering(tmp_path: Path) -> None:
    path = put(tmp_path, "{% for a in range(2) %}{% endfor %}")
    with pytest.raises(TemplateFault):
        render([tmp_path], "x/default.j2", WORDS)
    path.write_text("Now: {{ summary }} and more", encoding="utf-8")
    assert render([tmp_path], "x/default.j2", WORDS) == "Now: The bridge will close. and more"


def test_the_nearer_name_counts_more_than_the_nearer_folder(tmp_path: Path) -> None:
    own, ours = tmp_path / "own", tmp_path / "ours"
    put(own, "own", "x/default.j2")
    put(ours, "sport", "x/sport.j2")
    assert find_template([own, ours], ["x/sport.j2", "x/default.j2"]) == "x/sport.j2"
    assert find_template([own, ours], ["x/none.j2"]) is None


def test_our_own_templates_have_no_fault() -> None:
    assert check_templates([]) == ()


def test_the_check_names_every_fault_once_with_file_line_and_variable(tmp_path: Path) -> None:
    put(tmp_path, "{{ summary }}\n{{ headlin }}\n")
    put(tmp_path, "{% if link %}{{ link }}{% endif %}\n", "facebook/sport.j2")
    problems = check_templates([tmp_path, tmp_path / "nowhere"])
    messages = [problem.message for problem in problems]
    assert len(messages) == 3
    assert any("nowhere is not a folder" in message for message in messages)
    assert any("x/default.j2, line 2" in message and "'headlin' is undefined" in message for message in messages)
    assert any("facebook/sport.j2" in message and "writes nothing" in message for message in messages)
