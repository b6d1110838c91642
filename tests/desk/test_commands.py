"""Every command is in the table, in the help, in docs/commands.md, and quick to start."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from desk.cli import COMMANDS
from desk.cli.main import Doors
from desk.cli.rooms import ROOT
from tests.desk.newsdesk import Newsdesk

DOC = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
WANTED = """
    init demo settings channels doctor add queue preview edit approve schedule now skip cancel again post settle
    run serve tick log show lists rehearse backup upgrade adopt
""".split()
HEAVY = "sqlalchemy tweepy facebook rich requests jinja2 lxml fastapi httpcore2 alembic apscheduler"
NEVER_READING = "tweepy facebook requests lxml fastapi alembic apscheduler rich aiosmtplib mjml"


def commands() -> Iterator[tuple[str, typer.core.TyperCommand]]:
    """Every command and sub-command by its whole name."""
    app = typer.Typer(cls=Doors, invoke_without_command=True)
    app.callback()(lambda: None)
    doors = typer.main.get_command(app)
    assert isinstance(doors, Doors)
    with doors.make_context("pressrun", [], resilient_parsing=True) as context:
        for name in COMMANDS:
            command = doors.get_command(context, name)
            assert command is not None
            yield name, command  # type: ignore[misc]
            for below, inner in getattr(command, "commands", {}).items():
                yield f"{name} {below}", inner


FOUND = dict(commands())


def section(name: str) -> str:
    """The part of docs/commands.md about one command."""
    found = re.search(rf"^### pressrun {re.escape(name)}$(.*?)(?=^#|\Z)", DOC, re.MULTILINE | re.DOTALL)
    assert found, f"docs/commands.md has no section '### pressrun {name}'"
    return found[1]


def test_all_commands_are_there() -> None:
    assert set(WANTED) <= set(COMMANDS)


@pytest.mark.parametrize("name", FOUND)
def test_the_page_names_every_option_and_argument(name: str) -> None:
    text = section(name)
    for param in FOUND[name].params:
        if param.param_type_name == "argument":
            assert f"`{param.metavar or param.name}`" in text, f"{name}: {param.metavar or param.name}"
            continue
        for option in param.opts:
            if option != "--help":
                assert f"`{option}" in text, f"{name}: {option}"


def test_the_page_names_nothing_that_is_not_there() -> None:
    headings = re.findall(r"^### pressrun (.+)$", DOC, re.MULTILINE)
    assert headings == list(FOUND)
    for name in headings:
        known = {option for param in FOUND[name].params for option in param.opts}
        assert set(re.findall(r"^\| `(--[a-z-]+)", section(name), re.MULTILINE)) <= known, name


@pytest.mark.parametrize("name", FOUND)
def test_every_command_explains_itself_with_an_example(name: str) -> None:
    command = FOUND[name]
    assert command.help
    assert re.search(r"Examples?:", command.help), name
    assert "pressrun " in command.help
    for param in command.params:
        assert param.opts == ["--help"] or getattr(param, "help", None), f"{name}: {param.name} has no help"


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_each_command_fits_80_columns(name: str, room: Newsdesk) -> None:
    told = room.tell(name, "--help")
    assert told.code == 0
    assert max(map(len, told.lines)) <= 80


def _modules_after(folder: str, *commands: list[str]) -> tuple[set[str], float]:
    """The outermost names of all modules that these commands read, in a process of their own, and its CPU's seconds."""
    lines = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from desk.cli.main import main\n"
        "import contextlib, io\n"
        "with contextlib.redirect_stdout(io.StringIO()):\n"
        f"    codes = [main(words) for words in {list(commands)!r}]\n"
        "print(' '.join(sorted({name.partition('.')[0] for name in sys.modules})))\n"
        "sys.exit(max(codes))"
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = subprocess.run(
        [sys.executable, "-P", "-c", lines], capture_output=True, text=True, timeout=120, cwd=folder, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert told.returncode == 0, told.stderr
    return set(told.stdout.split()), after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_help_of_a_command_reads_nothing_heavy(tmp_path: Path) -> None:
    modules, _ = _modules_after(str(tmp_path), *([name, "--help"] for name in COMMANDS))
    assert modules & set(HEAVY.split()) == set()


def test_a_reading_command_reads_only_what_reading_needs_and_is_there_soon(room: Newsdesk) -> None:
    room.story()
    words = [["queue"], ["log"], ["log", "--by", "story"], ["channels"], ["show", "1"], ["doctor"], ["lists"]]
    modules, _ = _modules_after(str(room.folder), *words)
    assert modules & set(NEVER_READING.split()) == set()
    took = min(_modules_after(str(room.folder), ["queue"])[1] for _ in range(2))
    assert took < 1.2 * 2, f"{took:.2f} s of CPU; a shared machine may need twice what a free one does, not more"
