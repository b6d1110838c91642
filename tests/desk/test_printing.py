"""What is printed: fits the screen, obeys nobody's text, opens right in a spreadsheet."""

from __future__ import annotations

import csv
import io
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.records import Mode
from desk.cli.columns import BOM, Column, csv_lines, cut, fit, safe, width_of
from desk.cli.opening import headed
from desk.cli.printing import Page, Table, mode_line, print_csv
from tests.desk.newsdesk import Terminal

STORIES = Table(
    [Column("id"), Column("story", flexible=True), Column("state")],
    [["d1", "Ferry to run until midnight " * 6, "sent"], ["d22", "東京の新しい図書館が日曜日に開館" * 4, "failed"]],
)


@pytest.mark.parametrize(
    ("modes", "line"),
    [
        ({}, "REHEARSAL: nothing leaves this machine"),
        ({"x-main": Mode.REHEARSAL}, "REHEARSAL: nothing leaves this machine"),
        ({"x-main": Mode.LIVE, "fb-main": Mode.LIVE}, "LIVE: x-main, fb-main"),
        ({"x-main": Mode.LIVE, "mail": Mode.REHEARSAL}, "LIVE: x-main · REHEARSAL: mail"),
    ],
)
def test_the_first_line_says_what_the_world_reads(
    modes: dict[str, Mode], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert mode_line(modes) == line
    page = Page(modes)
    page.say("One.", "Two.")
    assert capsys.readouterr().out == f"{line}\nOne.\nTwo.\n"


def test_json_carries_the_mode_and_nothing_else_is_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    page = Page({"x-main": Mode.LIVE}, as_json=True)
    page.say("For people.")
    page.table(STORIES)
    page.aside("Story 1")
    page.give(stories=["ü"])
    out, err = capsys.readouterr()
    assert (
        out
        == '{\n  "mode": {\n    "rehearsal": [],\n    "live": [\n      "x-main"\n    ]\n  },\n  "stories": [\n    "ü"\n  ]\n}\n'
    )
    assert err == "Story 1\n"


def test_a_table_in_a_pipe_is_aligned_and_fits_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    Page({}).table(STORIES)
    lines = capsys.readouterr().out.splitlines()[1:]
    assert [width_of(line) for line in lines[1:]] == [78, 80]  # "sent" is two shorter than "failed"
    assert lines[0].index("story") == lines[1].index("Ferry") == 5
    assert all("…" in line for line in lines[1:])


def test_a_terminal_gets_a_drawn_table_of_its_width(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "xterm-256color")
    Page({}).table(STORIES)
    told = screen.getvalue()
    assert "─" in told
    assert "\x1b[" in told
    assert "d22" in told
    plain = [line for line in told.splitlines() if "\x1b" not in line]
    assert all(width_of(line) <= 60 for line in plain)


def test_a_terminal_too_narrow_for_a_table_gets_each_row_whole_one_cell_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERM", "xterm-256color")
    heads = [Column("id"), Column("due"), Column("channel"), Column("state"), Column("story", flexible=True)]
    row = ["d13", "Sat 28 Nov 15:22", "morning", "uncertain", "Ferry to run until midnight from the second of May"]
    Page({}).table(Table(heads, [row, row]))
    told = screen.getvalue()
    assert "…" not in told
    assert all(width_of(line) <= 40 for line in told.splitlines())
    first, second = told.split("\n", 1)[1].rstrip("\n").split("\n\n")
    assert first == second
    assert first.splitlines()[:4] == [
        "id       d13",
        "due      Sat 28 Nov 15:22",
        "channel  morning",
        "state    uncertain",
    ]
    assert " ".join(first.split("story")[1].split()) == row[-1]


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_color_and_dumb_terminals_get_plain_text(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(name, value)
    Page({}).table(STORIES)
    assert "\x1b" not in screen.getvalue()
    assert "─" not in screen.getvalue()


def test_sentences_are_wrapped_and_keep_their_indent(capsys: pytest.CaptureFixture[str]) -> None:
    Page({}).say("  " + "word " * 40)
    lines = capsys.readouterr().out.splitlines()[1:]
    assert len(lines) == 3
    assert all(line.startswith("  word") and len(line) <= 80 for line in lines)


def test_text_cannot_command_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    page = Page({})
    page.say("a\x1b[31mred\x07 \u202ereversed")
    page.verbatim("kept\n\ttab \x1b]0;title\x07")
    page.table(Table([Column("story")], [["a\x1b[2Jb"]]))
    out = capsys.readouterr().out
    assert not {"\x1b", "\x07", "\u202e"} & set(out)
    assert "kept\n\ttab " in out


@given(st.text(max_size=60), st.integers(min_value=1, max_value=40))
def test_a_cut_text_fits_and_a_short_one_is_left_alone(text: str, width: int) -> None:
    assert width_of(cut(text, width)) <= max(width, 1)
    if width_of(text) <= width:
        assert cut(text, width) == text


@given(st.lists(st.tuples(st.text(max_size=90), st.text(max_size=90)), min_size=1, max_size=4))
def test_flexible_tables_always_fit(rows: list[tuple[str, str]]) -> None:
    lines = fit([Column("one", flexible=True), Column("two", flexible=True)], rows, 80)
    assert len(lines) == len(rows) + 1
    assert all(width_of(line) <= 80 for line in lines)
    assert all(safe(line) == line for line in lines)


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2), max_size=5))
def test_csv_is_read_back_as_it_was_and_holds_no_formula(rows: list[list[str]]) -> None:
    text = csv_lines(["a", "b"], rows)
    assert text.startswith(BOM)
    read = list(csv.reader(io.StringIO(text.removeprefix(BOM), newline="")))
    assert read[0] == ["a", "b"]
    for given_row, read_row in zip(rows, read[1:], strict=True):
        for cell, shown in zip(given_row, read_row, strict=True):
            assert shown in (cell, f"'{cell}")
            assert not shown.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_csv_lines_end_as_rfc_4180_says() -> None:
    assert csv_lines(["a", "b"], [["=1+1", 'say "no", twice']]) == '\ufeffa,b\r\n\'=1+1,"say ""no"", twice"\r\n'


def test_csv_is_utf_8_whatever_the_terminal_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii", newline="\r"))
    print_csv(["é"], [[["ü"]], [["ß"]]])
    assert raw.getvalue() == "\ufeffé\r\nü\r\nß\r\n".encode()


def refuse(page: Page, *before: str) -> None:
    with headed(page):
        page.say(*before)
        raise ValueError("no")


def test_the_first_line_stands_once_over_a_refusal_and_never_over_json(capsys: pytest.CaptureFixture[str]) -> None:
    for as_json, told in ((False, "REHEARSAL: nothing leaves this machine\n"), (True, "")):
        for before in ((), ("One.",)):
            page = Page({"x-main": Mode.REHEARSAL}, as_json=as_json)
            with pytest.raises(ValueError, match="no"):
                refuse(page, *before)
            assert capsys.readouterr().out == told + ("One.\n" if before and not as_json else "")
