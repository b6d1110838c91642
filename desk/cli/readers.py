"""``pressrun lists``: who gets which newsletter; taking readers in from a file, and writing them to one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desk.cli.consenting import statement_of
from desk.cli.options import AsJson, AsName, SettingsFile, WrongUsage

if TYPE_CHECKING:
    from desk.cli.opening import Desk
    from scheduler.subscribing import ImportReport

lists = typer.Typer(add_completion=False, rich_markup_mode=None, invoke_without_command=True)
MOST_REFUSED = 20


@lists.callback()
def _lists(context: typer.Context, as_json: AsJson = False, settings: SettingsFile = None) -> int:
    """Show the lists, and how many readers each has.

    \b
    Examples:
      pressrun lists
      pressrun lists import morning readers.csv --source form --date 2026-09-01
    """
    from desk.cli.opening import opened

    if context.invoked_subcommand is not None:
        if as_json or settings:
            raise WrongUsage(f"Write the options behind {context.invoked_subcommand}.")
        return 0
    with opened(settings, as_json=as_json) as desk:
        _tell_lists(desk)
    return 0


@lists.command("import")
def import_readers(
    name: Annotated[str, typer.Argument(metavar="LIST", help="The list; it is made if there is none of this name.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file with a column email (name, language).")],
    source: Annotated[str | None, typer.Option("--source", metavar="S", help="Where these people subscribed.")] = None,
    day: Annotated[str | None, typer.Option("--date", metavar="D", help="On which day, as 2026-09-21.")] = None,
    wording: Annotated[str | None, typer.Option("--wording", metavar="W", help="What they were told.")] = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="R", help="Where refused rows go; without it beside FILE, if there are many."),
    ] = None,
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Take readers in from a CSV file, with your statement of their consent.

    The statement (source, date, wording) is kept with each of them; on a terminal what is missing is asked for. Who
    unsubscribed, bounced or complained is never brought back. A second import of the same file adds nobody. Every row
    that is not taken is reported with its line and the reason.

    \b
    Example:
      pressrun lists import morning readers.csv --source form --date 2026-09-01
    """
    from desk.cli.opening import opened
    from desk.cli.progress import Bar
    from desk.cli.refused_rows import RefusedRows
    from scheduler.keys import keys_in
    from scheduler.subscribing import import_csv

    statement = statement_of(source, day, wording)
    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        if not name.strip():
            raise WrongUsage("A list needs a name: write the one that a channel's key list has.")
        refused = RefusedRows(report or file.with_name(f"{file.name}.refused.csv"), at_once=report is not None)
        with refused:
            done = import_csv(
                desk.app.ground,
                name,
                file,
                actor=desk.actor,
                now=desk.app.clock.now(),
                statement=statement,
                suppression_key=keys_in(desk.app.folder).suppression,
                progress=Bar("readers"),
                on_refused=refused.note,
            )
        _tell_import(desk, done, refused.written)
    return 0


@lists.command("export")
def export_readers(
    name: Annotated[str, typer.Argument(metavar="LIST", help="The list.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The CSV file to make; it must not be there yet.")],
    state: Annotated[
        str | None, typer.Option("--state", metavar="S", help="Only confirmed, unconfirmed or ended.")
    ] = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Write a list to a CSV file: addresses, where each stands, its consent and its choices.

    Only you may read the file: it holds your readers' addresses.

    \b
    Example:
      pressrun lists export morning morning.csv --state confirmed
    """
    from db import subscribers
    from desk.cli.opening import opened
    from desk.cli.reader_csv import tie_of, write_csv

    tie = tie_of(state)
    with opened(settings, as_json=as_json) as desk:
        with desk.app.ground.reading() as tx:
            subscribers.list_id(tx, name)
        rows = write_csv(desk, file, list_name=name, tie=tie)
        desk.page.say(f"{rows:,} readers are in {file}; only you may read it.")
        desk.page.give(list=name, file=str(file), rows=rows)
    return 0


@lists.command("rotate-key")
def rotate_key(as_user: AsName = None, as_json: AsJson = False, settings: SettingsFile = None) -> int:
    """Sign readers' links with a fresh key from now on; every link ever mailed goes on working.

    The pages of a running pressrun serve know the new key at once; it signs with it after its next start.

    \b
    Example:
      pressrun lists rotate-key
    """
    from desk.cli.opening import opened
    from scheduler.readership import rotate_link_key

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        kept = rotate_link_key(desk.app, actor=desk.actor)
        older = "1 older key is" if kept == 1 else f"{kept} older keys are"
        desk.page.say(f"Links are signed with a fresh key; {older} kept. Back up pressrun.key anew.")
        desk.page.give(keys_kept=kept)
    return 0


def _tell_lists(desk: Desk) -> None:
    from desk.cli.columns import Column
    from desk.cli.printing import Table
    from scheduler.subscribing import list_overview

    with desk.app.ground.reading() as tx:
        counts = list_overview(tx)
    channels = _channels_by_list(desk)
    rows = [
        [one.name, str(one.confirmed), str(one.unconfirmed), str(one.ended), ", ".join(channels.get(one.name, []))]
        for one in counts
    ]
    heads = [Column("list", flexible=True)]
    heads += [Column(head, right=True) for head in ("confirmed", "unconfirmed", "ended")]
    desk.page.table(Table([*heads, Column("channel")], rows))
    if not rows:
        desk.page.say("There is no list yet; take readers in with: pressrun lists import LIST FILE.csv")
    for name in channels.keys() - {one.name for one in counts}:
        desk.page.say(f'The list "{name}" of {", ".join(channels[name])} has no readers yet.')
    forms = [
        {
            "list": one.name,
            "confirmed": one.confirmed,
            "unconfirmed": one.unconfirmed,
            "ended": one.ended,
            "channels": channels.get(one.name, []),
        }
        for one in counts
    ]
    desk.page.give(timezone=desk.times.name, lists=forms)


def _channels_by_list(desk: Desk) -> dict[str, list[str]]:
    from scheduler.periodical import periodicals

    found: dict[str, list[str]] = {}
    for name, letter in periodicals(desk.app.settings).items():
        found.setdefault(letter.list_name, []).append(name)
    return found


def _tell_import(desk: Desk, report: ImportReport, written: Path | None) -> None:
    page = desk.page
    page.say(f'List "{report.list_name}": {report.rows:,} row{"" if report.rows == 1 else "s"} read.')
    for number, what in (
        (report.added, "added"),
        (report.already, "there already"),
        (report.suppressed, "left out: they ended it, or must not be written to"),
        (report.refused, "refused"),
    ):
        if number:
            page.say(f"  {number:>6} {what}")
    for row in report.refused_rows[:MOST_REFUSED]:
        page.say(f"  line {row.line}: {row.reason}")
    if report.suppressed + report.refused > MOST_REFUSED:
        page.say(f"  and {report.suppressed + report.refused - MOST_REFUSED:,} more")
    if written is not None:
        page.say(f"All of them, with line and reason: {written}")
    if report.list_name not in _channels_by_list(desk):
        known = ", ".join(f'"{name}"' for name in _channels_by_list(desk)) or "none"
        page.aside(f"No channel sends to this list; the lists in the settings: {known}.")
    page.give(
        list=report.list_name,
        rows=report.rows,
        added=report.added,
        already=report.already,
        suppressed=report.suppressed,
        refused=report.refused,
        report=str(written) if written is not None else None,
        refused_rows=[{"line": row.line, "reason": row.reason} for row in report.refused_rows],
    )
