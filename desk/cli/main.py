"""The one way in from a shell: finds the command, runs it, and turns whatever goes wrong into one sentence.

Exit codes: 0 done, 1 something new needs a person, 2 wrong usage or settings, 3 could not work. Beside them the
shell's own: 130 stopped from the keyboard, 141 the reader of our output went away.
"""

from __future__ import annotations

import importlib
import io
import os
import sys
import warnings
from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperCommand, TyperGroup

from desk import __version__
from desk.cli import COMMANDS
from desk.cli.faults import sentence_for
from desk.cli.rooms import stranger_among_rooms

if TYPE_CHECKING:
    from typer._click import Command as ClickCommand
    from typer._click import Context, HelpFormatter

SHELL_STOPPED = 130
SHELL_PIPE = 141


class Doors(TyperGroup):
    """The group of all commands. Help reads the table; a command's module is imported when it is called."""

    def list_commands(self, ctx: Context) -> list[str]:
        """The names in the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: Context, cmd_name: str) -> ClickCommand | None:
        """The command, freshly imported; None for a name that is not in the table."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].place.partition(":")
        found = getattr(importlib.import_module(module), name)
        if isinstance(found, typer.Typer):
            app = found
        else:
            app = typer.Typer(add_completion=False, rich_markup_mode=None)
            app.command(name=cmd_name, help=found.__doc__ or COMMANDS[cmd_name].sentence)(found)
        return _plain(typer.main.get_command(app))

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, ClickCommand | None, list[str]]:
        """As Typer's, with one plain sentence for a name that is not in the table."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            near = get_close_matches(args[0], COMMANDS, n=1)
            advice = f"did you mean 'pressrun {near[0]}'?" if near else "'pressrun --help' lists them."
            raise Usage(f"Pressrun has no command '{args[0]}': {advice}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        """The table as it stands: no module is imported."""
        rows = [(name, command.sentence) for name, command in COMMANDS.items()]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)


class Usage(Exception):
    """The command line cannot be understood; the text is the sentence for the person."""

    exit_code = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command line (``sys.argv`` when None) and returns its exit code. Raises nothing."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # they speak to developers; tests turn them into errors
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a letter shows "?", and the work goes on
    stranger = stranger_among_rooms()
    if stranger:
        print(stranger, file=sys.stderr)
        return 3
    try:
        code = _run(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return SHELL_STOPPED
    except BrokenPipeError:
        # The interpreter flushes once more at its end; give it something that takes the rest.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SHELL_PIPE
    except Exception as error:
        sentence, code = sentence_for(error)
        _let_out()
        print(sentence, file=sys.stderr)
    return code


def _let_out() -> None:
    """Sends what was printed on its way before an error is told, so that both stand in their order."""
    try:
        sys.stdout.flush()
    except OSError:  # the error is what counts now
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(argv: list[str]) -> int:
    app = typer.Typer(add_completion=False, rich_markup_mode=None, cls=Doors, invoke_without_command=True)
    app.callback()(_pressrun)
    doors = typer.main.get_command(app)
    try:
        # Not doors.main(): that one prints errors itself and ends a cut pipe with 1, which is a word of ours.
        with doors.make_context("pressrun", argv) as context:
            result = doors.invoke(context)
    except typer.Exit as end:
        return end.exit_code
    except typer.Abort:
        raise KeyboardInterrupt from None
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
            return 3
        return end.code or 0
    return result if isinstance(result, int) else 0


def _plain(command: ClickCommand) -> ClickCommand:
    """Help without boxes for ``command`` and all under it: readable in a pipe, and quick, for Rich stays unread.

    A group that does nothing by itself answers with its help, as wrong usage.
    """
    if isinstance(command, TyperCommand | TyperGroup):
        command.rich_markup_mode = None
    if isinstance(command, TyperGroup):
        command.no_args_is_help = not command.invoke_without_command
        for below in command.commands.values():
            below.short_help = below.short_help or _first_sentence(below.help or "")
            _plain(below)
    return command


def _first_sentence(help_text: str) -> str:
    """What a list of commands says of one: its first paragraph's first sentence, whole, where Typer would cut it."""
    paragraph = " ".join(help_text.strip().partition("\n\n")[0].split())
    sentence, end, _ = paragraph.partition(". ")
    return f"{sentence}." if end else paragraph


def _pressrun(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Tell the version and stop.")] = False,
) -> None:
    """Pressrun carries a newsroom's articles to X, Facebook Pages and e-mail lists, and logs every delivery."""
    if version:
        print(f"pressrun {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())
        raise typer.Exit
