"""``pressrun teaser``: stories as JSON lines in, their teasers as JSON lines out."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desk.cli.options import SettingsFile, WrongUsage

if TYPE_CHECKING:
    from scheduler.teaser_lines import Wishes


def teaser(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Stories, one JSON object a line; without it standard input.")
    ] = None,
    settings: SettingsFile = None,
) -> int:
    """Write teasers for stories that come as JSON lines; a line out for each line in, at once and in order.

    A story: {"id": 1, "title": "…", "body": "…"} and where known "byline", "url", "language", "dek", "label"; the
    body's paragraphs are parted by line breaks. Its answer: "id", "summary", "x", "x_count", "facebook",
    "email_subject", "email_preheader", "removed". A line that is no story is answered with "id", "line" and "error".

    Nothing is stored or sent and no newsroom is needed. Where settings are found, [teasers] counts.

    \b
    Examples:
      pressrun teaser stories.jsonl > teasers.jsonl
      tail -f wire.jsonl | pressrun teaser
    """
    from scheduler.clock import SystemClock
    from scheduler.teaser_lines import answer, encoded, lines_of

    wishes, clock = _wishes(settings), SystemClock()
    if file is None and sys.stdin.isatty():
        print("Reading stories from the keyboard, one JSON object a line; Ctrl-D ends.", file=sys.stderr)
    out, bad, total = sys.stdout.buffer, 0, 0
    try:
        source = nullcontext(sys.stdin.buffer) if file is None or str(file) == "-" else file.open("rb")
    except OSError as error:
        raise WrongUsage(f"{file} cannot be read ({error.strerror}): check the name and its rights.") from None
    with source as stream:
        for number, line in enumerate(lines_of(stream), 1):
            form = answer(line, number, now=clock.now(), wishes=wishes)
            if form is None:
                continue
            total, bad = total + 1, bad + ("error" in form)
            out.write(encoded(form))
            out.flush()
    if bad:
        print(f"{bad} of {total} lines got an error for an answer, which says why.", file=sys.stderr)
    return 0


def _wishes(settings: Path | None) -> Wishes:
    """What the settings say of teasers; their defaults where no settings were named and none lie here or above."""
    from desk.cli.opening import load_settings
    from scheduler.settings_faults import SettingsError
    from scheduler.teaser_lines import Wishes

    try:
        teasers = load_settings(settings).settings.teasers
    except SettingsError as error:
        if error.file is None and settings is None and not os.environ.get("PRESSRUN_SETTINGS"):
            return Wishes()
        raise
    return Wishes(
        folders=(teasers.folder,) if teasers.folder is not None else (),
        max_hashtags=teasers.max_hashtags,
        stop_list=frozenset(word.removeprefix("#") for word in teasers.stop_list),
    )
