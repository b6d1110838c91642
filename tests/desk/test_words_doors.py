"""``pressrun teaser`` and ``pressrun templates check``, as a shell sees them."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from desk.cli.rooms import ROOT
from tests.desk.newsdesk import SETTINGS, Newsdesk
from tests.desk.site import DREDGER, ORCHARD, Piece


def line_of(piece: Piece) -> str:
    return json.dumps(
        {
            "id": piece.number,
            "title": piece.headline,
            "byline": " and ".join(piece.authors),
            "body": "\n".join(piece.paragraphs),
            "url": f"https://gazette.example.org/{piece.slug}",
        }
    )


def answers(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


# --- pressrun teaser ---


def test_a_file_of_stories_is_answered_line_by_line_and_a_bad_line_by_its_sentence(room: Newsdesk) -> None:
    file = room.folder / "stories.jsonl"
    file.write_text(f"{line_of(DREDGER)}\n\nrubbish\n{line_of(ORCHARD)}\n", encoding="utf-8")
    told = room.tell("teaser", "stories.jsonl")
    assert told.code == 0
    first, bad, last = answers(told.out)
    assert (first["id"], last["id"]) == (DREDGER.number, ORCHARD.number)
    assert bad == {
        "id": None,
        "line": 3,
        "error": "The line is not JSON: write one JSON object a line, without line breaks in it.",
    }
    assert told.err == "1 of 3 lines got an error for an answer, which says why.\n"
    assert not (room.folder / "pressrun.db").exists()


def test_no_newsroom_is_needed_and_a_faulty_one_is_told(room: Newsdesk) -> None:
    (room.folder / "settings.toml").unlink()
    file = room.folder / "stories.jsonl"
    file.write_text(line_of(DREDGER), encoding="utf-8")
    assert [one["id"] for one in answers(room.tell("teaser", "stories.jsonl").out)] == [DREDGER.number]
    assert room.tell("teaser", "stories.jsonl", "--settings", "none.toml").code == 2
    room.set("[teasers]\nmax_hashtags = 'two'\n")
    assert "teasers.max_hashtags" in room.tell("teaser", "stories.jsonl").err


def test_a_file_that_is_not_there_is_one_sentence(room: Newsdesk) -> None:
    told = room.tell("teaser", "none.jsonl")
    assert (told.code, told.out) == (2, "")
    assert told.err == "none.jsonl cannot be read (No such file or directory): check the name and its rights.\n"


def test_the_newsrooms_own_templates_and_hashtags_count(room: Newsdesk) -> None:
    (room.folder / "own" / "x").mkdir(parents=True)
    (room.folder / "own" / "x" / "default.j2").write_text("Gazette: {{ headline }}", encoding="utf-8")
    room.set(f'{SETTINGS}\n[teasers]\nfolder = "own"\n')
    (room.folder / "stories.jsonl").write_text(line_of(DREDGER), encoding="utf-8")
    (found,) = answers(room.tell("teaser", "stories.jsonl").out)
    assert found["x"] == f"Gazette: {DREDGER.headline}"


def test_each_answer_comes_before_the_next_question(tmp_path: Path) -> None:
    start = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from desk.cli.main import main; sys.exit(main(['teaser']))"
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", start],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUNBUFFERED": ""},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        for piece in (DREDGER, ORCHARD):
            process.stdin.write(line_of(piece).encode() + b"\n")
            process.stdin.flush()
            assert select.select([process.stdout], [], [], 30)[0], "no answer while the pipe is open"
            assert json.loads(process.stdout.readline())["id"] == piece.number
        process.stdin.close()
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


# --- pressrun templates check ---


def test_the_templates_that_come_with_pressrun_can_be_used(room: Newsdesk) -> None:
    told = room.tell("templates", "check")
    assert (told.code, told.err) == (0, "")
    assert "All templates can be used: 6 for teasers and those of the newsletter" in told.out
    form = room.tell("templates", "check", "--json").json
    assert (form["ok"], form["faults"], form["folder"]) == (True, [], None)
    assert not (room.folder / "pressrun.db").exists()


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("x/default.j2", "{{ summary }}\n{{ summry }}", "own/x/default.j2, line 2: 'summry' is undefined"),
        ("facebook/sport.j2", "{% if %}", "own/facebook/sport.j2, line 1: the template cannot be read"),
        ("email/default.subject.j2", "{{ authors.name }}", "own/email/default.subject.j2, line 1: "),
        ("x/default.j2", "{% for a in authors %}{% endfor %}", "x/default.j2: it writes nothing"),
        (
            "issue.txt.j2",
            "{{ newsletter }}\n\n{{ newsleter }}",
            "The newsletter template issue.txt.j2 cannot be filled: 'newsleter' is undefined; mend it (",
        ),
        ("issue.mjml.j2", "<mjml><mj-body><mj-text>", "The newsletter template issue.mjml.j2 is not valid MJML"),
        ("unsubscribe.html.j2", "{{ titel }}", "'titel' is undefined"),
        ("letter.txt.j2", "{{ lnk }}", "'lnk' is undefined"),
        ("pages.toml", '[en]\nsubscribe = "x"\n', "pages.toml lacks "),
        ("words.toml", 'en = "', "words.toml is not valid TOML"),
        ("words.toml", '[en]\nbecause = "x"\n', "words.toml or pages.toml lacks "),
    ],
)
def test_every_fault_of_the_newsrooms_own_is_named_and_ends_with_2(
    name: str, text: str, says: str, room: Newsdesk
) -> None:
    file = room.folder / "own" / name
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    room.set(f'{SETTINGS}\n[teasers]\nfolder = "own"\n')
    form = room.tell("templates", "check", "--json")
    assert form.code == 2
    assert form.json["ok"] is False
    assert any(says in one["sentence"] for one in form.json["faults"]), form.json["faults"]
    assert len({one["sentence"] for one in form.json["faults"]}) == len(form.json["faults"])


def test_a_folder_of_templates_that_is_not_there_is_named(room: Newsdesk) -> None:
    room.set(f'{SETTINGS}\n[teasers]\nfolder = "own"\n')
    told = room.tell("templates", "check")
    assert told.code == 2
    assert "own is not a folder. Create it, or mend the setting that names it." in " ".join(told.out.split())
