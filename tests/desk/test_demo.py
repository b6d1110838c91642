"""The demo is the main job as a newcomer sees it: it fits a terminal, works twice, and nothing of it is made up."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

from desk.cli.main import main
from scheduler import demonstration
from scheduler.demo_folder import MARK, FolderInUse, empty, staying


def columns(line: str) -> int:
    """How wide a line is on a terminal."""
    wide = (2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line if not unicodedata.combining(sign))
    return sum(wide)


def page(capsys: pytest.CaptureFixture[str]) -> str:
    """What ``pressrun demo`` prints."""
    assert main(["demo"]) == 0
    return capsys.readouterr().out


def test_the_demo_shows_the_whole_job_in_eighty_plain_columns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = page(capsys)
    lines = said.splitlines()
    assert lines[0] == "REHEARSAL: nothing leaves this machine"
    assert "\033" not in said
    assert max(columns(line) for line in lines) <= 80
    assert re.search(r"x-main +\d+/280 ", said)
    assert "left out" in said
    assert "It waits for a person's yes." in said
    assert len(re.findall(r"sent \(found\)", said)) == 1
    assert "On the account it stands once: found by looking, not sent again." in said
    assert "X would have billed $1.005 for 5 posts, 5 of them with a link." in said
    assert len([line for line in lines if line.startswith(("pressrun ", "./pressrun "))]) == 5


def test_the_readme_shows_what_comes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    shown = readme.split("<!-- output of: pressrun demo -->\n```text\n")[1].split("\n```")[0]
    monkeypatch.chdir(tmp_path)
    assert _without_chance(page(capsys)) == _without_chance(shown)


def _without_chance(said: str) -> str:
    """The page without ports, post numbers, seconds, and the way the command was called."""
    at = "--settings pressrun-demo/settings.toml"
    said = said.replace("make desk", f"pressrun serve --enter Demo {at}")
    said = re.sub(r"127\.0\.0\.1:\d+/x/\d+|took \d+\.\d", "…", said)
    return re.sub(r"^\./pressrun ", "pressrun ", said.strip(), flags=re.MULTILINE)


def test_a_second_demo_begins_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    first = page(capsys)
    second = page(capsys)

    def matrix(said: str) -> str:
        return said.split("Story by channel")[1].split("The answer that was lost")[0]

    assert matrix(first) == matrix(second)


def test_it_says_that_it_emptied_an_earlier_one_and_empties_none_in_which_somebody_works(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "demo"
    assert not empty(folder)
    with staying(folder):
        assert main(["demo", str(folder)]) == 2
        assert "somebody works in" in capsys.readouterr().err
        assert (folder / MARK).exists()
    assert main(["demo", str(folder)]) == 0
    assert "held an earlier demo; it was emptied" in capsys.readouterr().err


def test_nobody_empties_a_demo_that_is_just_being_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "demo"

    def building(*args: object, **more: object) -> None:
        empty(folder)

    monkeypatch.setattr(demonstration, "build", building)
    with pytest.raises(FolderInUse, match="somebody works in"), demonstration.demo_house(folder):
        pass


def test_a_folder_with_anybodys_files_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    assert main(["demo", str(tmp_path)]) == 2
    assert "holds files that are not the demo's" in capsys.readouterr().err
    assert (tmp_path / "letter.txt").read_text() == "mine"
