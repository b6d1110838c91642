"""The way in from a shell: quick help, one plain sentence for whatever goes wrong, exit codes a script can trust."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from sqlalchemy.exc import OperationalError

from desk.cli import COMMANDS, Command
from desk.cli.main import main
from desk.cli.rooms import ROOT

TABLE = dict(COMMANDS)
"""The table as it ships, before these tests add their own commands to it."""


class Refused(Exception):
    """Stands for any error of ours."""

    exit_code = 1


def refuse() -> None:
    """Refuses."""
    raise Refused("Two stories wait for a person: run 'pressrun doctor'.")


def stumble(secret: str = "s3cret") -> None:
    """Stumbles."""
    raise KeyError("nobody thought of this")


def fill_disk() -> None:
    """Finds the disk full."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/srv/desk.db")


def lose_database() -> None:
    """Loses the database."""
    raise OperationalError("SELECT 1", {}, Exception("unable to open database file"))


def interrupt() -> None:
    """Is stopped from the keyboard."""
    raise KeyboardInterrupt


def cut() -> None:
    """Loses its reader."""
    raise BrokenPipeError


def need(count: int) -> int:
    """Gives back what it was given."""
    return count


family = typer.Typer(add_completion=False)


@family.command()
def check() -> None:
    """Checks."""
    print("checked")


@family.callback()
def _family() -> None:
    """Two words."""


@pytest.fixture(autouse=True)
def _commands(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("refuse", "stumble", "fill_disk", "lose_database", "interrupt", "cut", "need", "family"):
        place = f"{__name__}:{name}"
        monkeypatch.setitem(COMMANDS, name.replace("_", "-"), Command(place, f"The sentence of {name}."))


def test_help_lists_every_command_with_its_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    for name, command in COMMANDS.items():
        assert name in told
        assert " ".join(command.sentence.split()[:3]) in told
    assert max(len(line) for line in told.splitlines()) <= 80


def test_no_words_at_all_show_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "Usage: pressrun" in capsys.readouterr().out


def test_help_of_a_command_is_plain(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["family", "check", "--help"]) == 0
    told = capsys.readouterr().out
    assert "Usage: pressrun family check" in told
    assert "╭" not in told


def test_a_command_under_a_command_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["family", "check"]) == 0
    assert capsys.readouterr().out == "checked\n"


def test_what_a_command_returns_is_the_exit_code() -> None:
    assert main(["need", "1"]) == 1
    assert main(["need", "0"]) == 0


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (["refus"], "Pressrun has no command 'refus': did you mean 'pressrun refuse'?\n"),
        (["zzz"], "Pressrun has no command 'zzz': 'pressrun --help' lists them.\n"),
        (["need"], "Missing argument 'count'; 'pressrun need --help' tells how it is used.\n"),
        (["refuse", "--loud"], "No such option: --loud; 'pressrun refuse --help' tells how it is used.\n"),
        (
            ["family", "chek"],
            "No such command 'chek'. Did you mean 'check'? 'pressrun family --help' tells how it is used.\n",
        ),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_2(
    line: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line) == 2
    assert capsys.readouterr() == ("", sentence)


@pytest.mark.parametrize("group", ["family", "secrets", "settings", "subscribers", "suppress", "templates"])
def test_a_group_without_its_command_prints_its_help_as_wrong_usage(
    group: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([group, "--help"]) == 0
    help_told = capsys.readouterr().out
    assert main([group]) == 2
    assert capsys.readouterr() == ("", help_told)


def test_a_list_of_commands_tells_each_ones_first_sentence_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["secrets", "--help"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert told.endswith(
        "rotate Make a fresh key in pressrun.key, seal every secret with it, and forget the older keys."
    )


def test_our_errors_are_told_as_they_stand_with_their_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["refuse"]) == 1
    assert capsys.readouterr() == ("", "Two stories wait for a person: run 'pressrun doctor'.\n")


def test_a_full_disk_is_named_with_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fill-disk"]) == 3
    told = capsys.readouterr().err
    assert told == "/srv/desk.db: the disk is full; free some space, then run the same command again.\n"


def test_a_database_that_is_not_there_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lose-database"]) == 3
    told = capsys.readouterr().err
    assert told.startswith("The database cannot be used (unable to open database file): check [database] url")
    assert told.count("\n") == 1


def test_a_fault_of_our_own_goes_to_a_private_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert main(["stumble"]) == 3
    told = capsys.readouterr().err
    (details,) = (tmp_path / "pressrun").iterdir()
    assert told == (
        f"Pressrun met a fault of its own (KeyError) and stopped; details for a bug report are in {details}.\n"
    )
    assert "nobody thought of this" in details.read_text(encoding="utf-8")
    assert "s3cret" not in details.read_text(encoding="utf-8").replace('secret: str = "s3cret"', "")
    assert details.stat().st_mode & 0o777 == 0o600


def test_a_state_folder_that_cannot_be_written_is_no_second_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert main(["stumble"]) == 3
    place = Path(capsys.readouterr().err.rsplit(" in ", 1)[1].strip().removesuffix("."))
    assert place.exists()
    place.unlink()
    place.parent.rmdir()


def test_the_keyboards_stop_ends_with_130(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["interrupt"]) == 130
    assert capsys.readouterr() == ("", "Stopped.\n")


def _start(lines: str, **more: str) -> subprocess.CompletedProcess[str]:
    start = f"import sys; sys.path.insert(0, {str(ROOT)!r})\nfrom desk.cli import COMMANDS, Command\n{lines}"
    return subprocess.run(
        [sys.executable, "-P", "-c", start], capture_output=True, text=True, env={**os.environ, **more}, timeout=30
    )


def test_a_reader_who_leaves_early_hears_no_complaint() -> None:
    start = (
        f"{sys.executable} -P -c \"import sys; sys.path.insert(0, '{ROOT}'); import desk.cli.main as m; "
        "m._run = lambda argv: [print('line') for _ in range(100000)] and 0; sys.exit(m.main([]))\" | head -1; "
        'echo "${PIPESTATUS[0]}"'
    )
    told = subprocess.run(["bash", "-c", start], capture_output=True, text=True, timeout=60)
    assert (told.stdout, told.stderr) == ("line\n141\n", "")


def test_a_terminal_that_lacks_a_letter_shows_a_question_mark() -> None:
    told = _start(
        "import desk.cli.main as m\nm._run = lambda argv: print('Żółć') or 0\nsys.exit(m.main([]))",
        PYTHONIOENCODING="ascii",
    )
    assert (told.returncode, told.stdout, told.stderr) == (0, "????\n", "")


def test_help_reads_nothing_heavy_and_takes_little() -> None:
    heavy = (
        "{'sqlalchemy', 'pydantic', 'tweepy', 'facebook', 'rich', 'requests', 'httpx2', 'jinja2', 'lxml', 'fastapi'}"
    )
    lines = f"from desk.cli.main import main\nmain(['--help'])\nsys.exit(str(sorted({heavy} & set(sys.modules))))"
    spent = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        told = _start(lines)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert told.stderr == "[]\n"
    assert min(spent) < 0.3, f"seconds of processor time: {spent}"


def test_every_command_of_the_table_is_there_and_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    for name, command in TABLE.items():
        assert main([name, "--help"]) == 0, name
        assert f"Usage: pressrun {name}" in capsys.readouterr().out
        assert command.sentence.endswith("."), name
