"""``pressrun settings check`` and ``pressrun doctor``: is the file right, and what needs a person?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from desk.cli.options import AsJson, SettingsFile

if TYPE_CHECKING:
    from scheduler.settings_load import Loaded

settings = typer.Typer(add_completion=False, rich_markup_mode=None)


@settings.callback()
def _settings() -> None:
    """Read the settings file.

    \b
    Example:
      pressrun settings check
    """


@settings.command("check")
def check(as_json: AsJson = False, settings: SettingsFile = None) -> int:
    """Read the settings and name every fault with its line and what to do; opens no database, asks nobody.

    \b
    Example:
      pressrun settings check --settings /srv/newsroom/settings.toml
    """
    from desk.cli.opening import load_settings, modes_of
    from desk.cli.printing import Page
    from scheduler.settings_faults import SettingsError

    try:
        loaded = load_settings(settings)
    except SettingsError as error:
        if as_json:
            faults = [
                {"key": one.key, "line": one.line, "wrong": one.wrong, "remedy": one.remedy} for one in error.faults
            ]
            Page({}, as_json=True).give(ok=False, file=str(error.file) if error.file else None, faults=faults)
        raise
    page = Page(modes_of(loaded.settings), as_json=as_json)
    page.say(f"{loaded.path} is right: {_counted(loaded)}.")
    for warning in loaded.warnings:
        page.say(f"Worth a look: {warning}")
    page.give(ok=True, file=str(loaded.path), faults=[], warnings=list(loaded.warnings))
    return 0


def doctor(as_json: AsJson = False, settings: SettingsFile = None) -> int:
    """Tell what needs a person now, each with the command that settles it.

    Ends with 1 when anything does, with 0 when nothing does.

    \b
    Example:
      pressrun doctor
    """
    from desk.cli.opening import opened
    from scheduler.needs import needs_of

    with opened(settings, as_json=as_json) as desk:
        page, times = desk.page, desk.times
        needs = needs_of(desk.app)
        for one in needs:
            since = f" (since {times.show(one.since_at)})" if one.since_at is not None else ""
            page.say(f"{one.sentence[:1].upper()}{one.sentence[1:]}{since}")
            page.verbatim(f"    {one.remedy}")  # unwrapped, so that it can be copied
        for warning in desk.warnings:
            page.say(f"Worth a look: {warning}")
        page.say(f"Times are in {times.name}." if needs else "Nothing needs a person.")
        forms = [
            {
                "kind": one.kind,
                "sentence": one.sentence,
                "remedy": one.remedy,
                "since_at": times.iso(one.since_at),
            }
            for one in needs
        ]
        page.give(timezone=times.name, needs=forms, warnings=list(desk.warnings))
    return 1 if needs else 0


def _counted(loaded: Loaded) -> str:
    counts = {"source": loaded.settings.sources, "channel": loaded.settings.channels}
    return ", ".join(f"{len(held)} {name}{'' if len(held) == 1 else 's'}" for name, held in counts.items())
