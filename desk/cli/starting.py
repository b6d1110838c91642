"""``pressrun init``: a newsroom's folder that works as it is, in rehearsal."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desk.cli.options import AsName, WrongUsage
from desk.cli.own_call import own_call
from desk.cli.rooms import ROOT

if TYPE_CHECKING:
    from desk.cli.opening import Desk

SAMPLE_LIST = "morning"
SAMPLE_STORY = "harbour-ferry.txt"
SAMPLE_READERS = """\
email,name,language
ada@readers.example.org,Ada Sample,en
ben@readers.example.org,Ben Sample,en
eva@readers.example.org,Eva Sample,en
"""
SAMPLE_WORDING = "Sample data made by pressrun init: these readers do not exist and nobody was asked anything."
GITIGNORE = """\
# The newsroom's data and secrets stay on this machine.
pressrun.db*
rehearsal.db*
pressrun.key
media/
secrets/
*.env
"""
_MAY_BE_THERE = frozenset({".git", ".DS_Store"})
_README_OF_INBOX = ".gitkeep"


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make; it must be new or empty.")],
    as_user: AsName = None,
) -> int:
    """Make a newsroom's folder that works as it is, in rehearsal.

    Writes commented settings, an inbox for stories, three made-up readers on the list "morning", and a .gitignore.
    Nothing is overwritten: a folder that holds anything (but .git) is refused.

    \b
    Example:
      pressrun init desk
    """
    from desk.cli.default_settings import default_settings
    from desk.cli.opening import actor_name, opened

    actor = actor_name(as_user, os.environ)
    folder = folder.expanduser()
    text = default_settings()
    was_there = _check_free(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "settings.toml").write_text(text, encoding="utf-8")
        (folder / "readers.csv").write_text(SAMPLE_READERS, encoding="utf-8")
        (folder / ".gitignore").write_text(GITIGNORE, encoding="utf-8")
        (folder / "inbox").mkdir()
        (folder / "inbox" / _README_OF_INBOX).touch()
        with opened(folder / "settings.toml", as_user=actor) as desk:
            _import_readers(desk, folder)
            _tell(desk, folder)
    except BaseException:
        _take_back(folder, was_there)
        raise
    return 0


def _check_free(folder: Path) -> set[str] | None:
    """The names that may stay in the folder, None for one that is not there. Raises ``WrongUsage``."""
    if not folder.exists():
        return None
    if not folder.is_dir():
        raise WrongUsage(f"{folder} is a file: name a folder that is new or empty.")
    there = {path.name for path in folder.iterdir()}
    if "settings.toml" in there:
        raise WrongUsage(f"{folder} is a newsroom already: go there and run pressrun queue, or name another folder.")
    if there - _MAY_BE_THERE:
        raise WrongUsage(f"{folder} is not empty: name a folder that is new or empty.")
    return there


def _import_readers(desk: Desk, folder: Path) -> None:
    from scheduler.keys import keys_in
    from scheduler.subscribing import Statement, import_csv

    now = desk.app.clock.now()
    import_csv(
        desk.app.ground,
        SAMPLE_LIST,
        folder / "readers.csv",
        actor=desk.actor,
        now=now,
        statement=Statement("pressrun init", now.date(), SAMPLE_WORDING),
        suppression_key=keys_in(desk.app.folder).suppression,
    )


def _tell(desk: Desk, folder: Path) -> None:
    page = desk.page
    page.say(f"Made a newsroom in {folder}:", "")
    page.say("  settings.toml  what this newsroom wants; every key is explained in it")
    page.say("  inbox/         put stories here, as text files")
    page.say(f'  readers.csv    three made-up readers, on the list "{SAMPLE_LIST}" already')
    page.say("", "Next, with one of our sample stories or a file of your own:")
    call = own_call(folder)
    if folder.resolve() != Path.cwd().resolve():
        page.verbatim(f"  cd {shlex.quote(str(folder))}")
    page.verbatim(f"  {call} add {_sample(folder)}")
    page.verbatim(f"  {call} run")
    page.verbatim(f"  {call} log --by story")


def _sample(folder: Path) -> str:
    """The sample story as it is named in ``folder``: from there inside the checkout, else by its whole path."""
    from templates.samples import FOLDER

    story = FOLDER.resolve() / SAMPLE_STORY
    near = folder.resolve().is_relative_to(ROOT)
    return shlex.quote(os.path.relpath(story, folder.resolve()) if near else str(story))


def _take_back(folder: Path, was_there: set[str] | None) -> None:
    """Leaves the folder as it was, so that the same command can be given again once the cause is mended."""
    if was_there is None:
        shutil.rmtree(folder, ignore_errors=True)
        return
    for path in folder.iterdir():
        if path.name in was_there:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
