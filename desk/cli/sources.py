"""``pressrun sources``: how each source stands, and the check that reads them and stores nothing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from desk.cli.options import AsJson, SettingsFile, WrongUsage

if TYPE_CHECKING:
    from desk.cli.opening import Desk
    from scheduler.source_standing import SourceLook, SourceStanding

sources = typer.Typer(add_completion=False, rich_markup_mode=None, invoke_without_command=True)

_WHAT = {
    "new": "new",
    "revision": "changed, a new revision",
    "same": "here already",
    "left out": "left out: there before the source was watched",
}
_SHOWN_REFUSED = 3
"""So many of a source's unreadable stories are named for people; JSON has more."""

_SHOWN = 10
"""So many stories of one source are listed for people; JSON has them all."""


@sources.callback()
def _sources(context: typer.Context, as_json: AsJson = False, settings: SettingsFile = None) -> int:
    """Show every source: does it answer, when it was read and will be again, what is new, and what is wrong.

    A source is ok, failing, quiet (nothing new for unusually long) or not read yet. Ends with 0 whatever it shows.

    \b
    Examples:
      pressrun sources
      pressrun sources check site
    """
    from desk.cli.forms import source_form
    from desk.cli.opening import opened
    from scheduler.source_standing import source_standings

    if context.invoked_subcommand is not None:
        if as_json or settings:
            raise WrongUsage(f"Write the options behind {context.invoked_subcommand}.")
        return 0
    with opened(settings, as_json=as_json) as desk:
        found = source_standings(desk.app)
        _tell(desk, found)
        desk.page.give(timezone=desk.times.name, sources=[source_form(one, desk.times) for one in found])
    return 0


@sources.command("check")
def check(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Only this source.")] = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Read each source now and tell what it would bring, or why it cannot be read. Posts nothing, stores nothing.

    Ends with 1 when a source cannot be read.

    \b
    Example:
      pressrun sources check site
    """
    from desk.cli.forms import look_form
    from desk.cli.opening import opened
    from scheduler.source_standing import look_at

    with opened(settings, as_json=as_json) as desk:
        names = _chosen(desk, name)
        if not names:
            desk.page.say("The settings name no source yet: add [sources.NAME] to settings.toml.")
        looks = []
        for one in names:
            look = look_at(desk.app, one)
            _tell_look(desk, look)
            sys.stdout.flush()
            looks.append(look)
        desk.page.give(timezone=desk.times.name, sources=[look_form(look, desk.times) for look in looks])
    return 1 if any(look.error for look in looks) else 0


def _chosen(desk: Desk, name: str | None) -> list[str]:
    known = list(desk.app.settings.sources)
    if name is None:
        return known
    if name not in known:
        raise WrongUsage(f"There is no source {name!r} in the settings; they name {', '.join(known) or 'none'}.")
    return [name]


def _tell(desk: Desk, found: tuple[SourceStanding, ...]) -> None:
    from desk.cli.columns import Column
    from desk.cli.printing import Table

    page, times = desk.page, desk.times
    if not found:
        page.say("The settings name no source yet: add [sources.NAME] to settings.toml.")
        return
    heads = [Column("source"), Column("kind"), Column("state"), Column("last read"), Column("next")]
    heads += [Column("new today", right=True), Column("ever", right=True)]
    rows = [
        [
            one.name,
            one.kind,
            one.word,
            times.show(one.fetched_at),
            "when it calls" if one.kind == "webhook" else times.show(one.next_at),
            str(one.new_today),
            str(one.new_total),
        ]
        for one in found
    ]
    page.table(Table(heads, rows))
    for one in found:
        if one.word == "failing":
            times_failed = f" ({one.failures} times in a row)" if one.failures > 1 else ""
            page.say(f"{one.name} cannot be read{times_failed}: {one.sentence}")
        elif one.sentence:
            page.say(one.sentence)
        for refused in one.refused[:_SHOWN_REFUSED]:
            page.say(f"{one.name} brought one that cannot be read, {refused.item_id}: {refused.sentence}")
        if len(one.refused) > _SHOWN_REFUSED:
            page.say(f"{one.name}: {len(one.refused) - _SHOWN_REFUSED} more of the last week cannot be read")
    page.say(f"Times are in {times.name}.")


def _tell_look(desk: Desk, look: SourceLook) -> None:
    page = desk.page
    if look.error:
        page.say(f"{look.name} cannot be read: {look.error}")
        return
    if look.note:
        page.say(f"{look.name}: {look.note}.")
        return
    counts = {what: sum(one.what == what for one in look.stories) for what in _WHAT}
    told = ", ".join(f"{count} {words.partition(':')[0]}" for what, words in _WHAT.items() if (count := counts[what]))
    page.say(f"{look.name} can be read: {told or 'it shows no story now'}.")
    if look.fresh:
        page.say(f"  {'1 file is' if look.fresh == 1 else f'{look.fresh:,} files are'} fresh: look again in a moment")
    new = [one for one in look.stories if one.what in ("new", "revision")]
    for one in new[:_SHOWN]:
        page.say(f"  {_WHAT[one.what]}: {one.headline}")
        for flag in one.flags:
            page.say(f"    {flag}")
    if len(new) > _SHOWN:
        page.say(f"  and {len(new) - _SHOWN} more")
    for refused in look.refused[:_SHOWN]:
        page.say(f"  not readable, {refused.item_id}: {refused.sentence}")
    if len(look.refused) > _SHOWN:
        page.say(f"  and {len(look.refused) - _SHOWN} more that cannot be read")
