"""The command line. This file holds the table of commands and imports nothing of ours, so that help is quick."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """One line of ``pressrun --help``, and where its code lies until somebody calls it.

    ``place`` is ``module:name``. The name is a function with Typer's annotations, or a ``typer.Typer`` for a
    command with commands under it.
    """

    place: str
    sentence: str


COMMANDS: dict[str, Command] = {}
"""Every command by its name, in the order in which help lists them."""
