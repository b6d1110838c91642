"""The options that many commands share, each with one meaning and one sentence of help."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

SettingsFile = Annotated[
    Path | None,
    typer.Option(
        "--settings",
        metavar="FILE",
        help="The settings; without it PRESSRUN_SETTINGS, then settings.toml here or in a folder above.",
    ),
]
AsName = Annotated[
    str | None,
    typer.Option("--as", metavar="NAME", help="Who acts; without it PRESSRUN_USER, then your log-in name."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Story = Annotated[
    str, typer.Argument(metavar="STORY", help="A story: its number, 'latest', or words of its headline in quotes.")
]
StoryOrDelivery = Annotated[
    str,
    typer.Argument(metavar="STORY", help="A story (number, 'latest', words of its headline), or a delivery as d12."),
]
DeliveryName = Annotated[str, typer.Argument(metavar="DELIVERY", help="A delivery's number: 12 or d12.")]
OneChannel = Annotated[str, typer.Option("--channel", metavar="C", help="The channel, by its name in the settings.")]
Channels = Annotated[
    list[str] | None,
    typer.Option("--channel", metavar="C", help="Only this channel; may be given several times."),
]
Why = Annotated[str, typer.Option("--why", metavar="W", help="The reason, kept in the audit.")]


class LogFormat(StrEnum):
    """How the machine's own work is logged: sentences for people, or one JSON object a line."""

    TEXT = "text"
    JSON = "json"


LogLinesAs = Annotated[
    LogFormat,
    typer.Option("--log-format", help="json: what happens goes to stderr, one JSON object a line.", show_default=False),
]


class WrongUsage(Exception):
    """The command cannot be done as it was written; the text is the sentence for the person."""

    exit_code = 2
