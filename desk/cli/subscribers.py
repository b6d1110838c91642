"""``pressrun subscribers``: who is on which list, adding and removing one, one reader's whole story, erasing one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desk.cli.options import AsJson, AsName, SettingsFile, Why, WrongUsage
from desk.cli.reader_csv import tie_of, write_csv

if TYPE_CHECKING:
    pass

subscribers = typer.Typer(add_completion=False, rich_markup_mode=None)
MOST_SHOWN = 200

ListName = Annotated[str, typer.Argument(metavar="LIST", help="The list.")]
Address = Annotated[str, typer.Argument(metavar="ADDRESS", help="The reader's e-mail address.")]
State = Annotated[str | None, typer.Option("--state", metavar="S", help="Only confirmed, unconfirmed or ended.")]


@subscribers.callback()
def _subscribers() -> int:
    """Show, add, remove or erase readers, and tell one reader's story.

    \b
    Examples:
      pressrun subscribers list --list morning
      pressrun subscribers show lea@example.org
    """
    return 0


@subscribers.command("list")
def list_readers(
    on: Annotated[str, typer.Option("--list", metavar="L", help="Only this list.")] = "",
    state: State = None,
    holding: Annotated[str, typer.Option("--find", metavar="T", help="Only whose address or name holds this.")] = "",
    everybody: Annotated[bool, typer.Option("--all", help=f"All of them, not only {MOST_SHOWN}.")] = False,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Show readers: address, list, where the subscription stands, since when, what they chose.

    \b
    Examples:
      pressrun subscribers list --list morning --state unconfirmed
      pressrun subscribers list --find example.org
    """
    from db import readers
    from desk.cli.columns import Column
    from desk.cli.opening import opened
    from desk.cli.printing import Table
    from scheduler.exporting import HEADS, row_of, say_sections

    tie = tie_of(state)
    with opened(settings, as_json=as_json) as desk:
        found = []
        with desk.app.ground.reading() as tx:
            for page in readers.on_lists(tx, list_name=on, tie=tie, holding=holding, page=MOST_SHOWN + 1):
                found += page
                if not everybody and len(found) > MOST_SHOWN:
                    break
        shown = found if everybody else found[:MOST_SHOWN]
        heads = [Column("address", flexible=True), Column("list"), Column("state"), Column("since"), Column("chose")]
        rows = [
            [
                one.subscriber.address,
                one.list_name,
                one.tie.value,
                desk.times.show(one.since_at),
                say_sections(one.choices) or "–",
            ]
            for one in shown
        ]
        desk.page.table(Table(heads, rows))
        if not rows:
            desk.page.say("No reader fits. The lists: pressrun lists")
        if len(found) > len(shown):
            desk.page.say(f"These are the first {MOST_SHOWN}; --all shows everybody, --find narrows it down.")
        desk.page.give(
            timezone=desk.times.name,
            readers=[dict(zip(HEADS, row_of(one), strict=True)) for one in shown],
            more=len(found) > len(shown),
        )
    return 0


@subscribers.command("add")
def add(
    name: ListName,
    address: Address,
    called: Annotated[str, typer.Option("--name", metavar="N", help="The reader's name.")] = "",
    source: Annotated[str | None, typer.Option("--source", metavar="S", help="Where this person subscribed.")] = None,
    day: Annotated[str | None, typer.Option("--date", metavar="D", help="On which day, as 2026-09-21.")] = None,
    wording: Annotated[str | None, typer.Option("--wording", metavar="W", help="What they were told.")] = None,
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Add one reader: asked by letter, or at once with your statement of their consent.

    Without the statement (source, date, wording) a letter asks them to confirm; with all three they are confirmed and
    the statement is kept. Whoever ended the subscription comes back by their own yes only.

    \b
    Examples:
      pressrun subscribers add morning lea@example.org
      pressrun subscribers add morning lea@example.org --source fair --date 2026-09-01 --wording "Yes, mail me"
    """
    from channels.email.addresses import BadAddress
    from channels.email.headers import UnsafeHeader
    from desk.cli.consenting import statement_of
    from desk.cli.opening import opened
    from scheduler.readership import add_reader

    given = [source, day, wording]
    statement = statement_of(source, day, wording) if any(given) else None
    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        try:
            added = add_reader(desk.app, name, address, called, statement, actor=desk.actor)
        except (BadAddress, UnsafeHeader) as fault:
            raise WrongUsage(str(fault)) from None
        told = {
            "added": "is on the list now",
            "asked": "gets a letter with a button to confirm; pressrun run or serve sends it",
            "already": "was on the list already",
        }
        desk.page.say(f"{address} {told[added.how]}.")
        desk.page.give(list=name, subscriber=added.subscriber_id, how=added.how)
    return 0


@subscribers.command("remove")
def remove(
    name: ListName,
    address: Address,
    why: Why = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """End a reader's subscription for good, as if they had pressed the button themselves.

    \b
    Example:
      pressrun subscribers remove morning lea@example.org --why "asked by phone"
    """
    from channels.email.addresses import BadAddress
    from desk.cli.opening import opened
    from scheduler.readership import remove_reader

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        try:
            ended = remove_reader(desk.app, name, address, actor=desk.actor, reason=why)
        except BadAddress as fault:
            raise WrongUsage(str(fault)) from None
        desk.page.say(f"{address} gets no further issue." if ended else f"{address} had left already.")
        desk.page.give(list=name, ended=ended)
    return 0


@subscribers.command("show")
def show(address: Address, as_json: AsJson = False, settings: SettingsFile = None) -> int:
    """Tell a reader's whole story: consent, letters, each issue with its outcome, and why one did not come.

    \b
    Example:
      pressrun subscribers show lea@example.org
    """
    from channels.email.addresses import BadAddress
    from desk.cli.opening import opened
    from desk.cli.reader_page import tell_reader
    from scheduler.reader_story import reader_story

    with opened(settings, as_json=as_json) as desk:
        try:
            story = reader_story(desk.app, address)
        except BadAddress as fault:
            raise WrongUsage(str(fault)) from None
        tell_reader(desk, story)
    return 0


@subscribers.command("export")
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The CSV file to make; it must not be there yet.")],
    state: State = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Write the readers of all lists to a CSV file; one list: pressrun lists export.

    Only you may read the file: it holds your readers' addresses.

    \b
    Example:
      pressrun subscribers export everybody.csv --state confirmed
    """
    from desk.cli.opening import opened

    tie = tie_of(state)
    with opened(settings, as_json=as_json) as desk:
        rows = write_csv(desk, file, list_name="", tie=tie)
        desk.page.say(f"{rows:,} subscriptions are in {file}; only you may read it.")
        desk.page.give(file=str(file), rows=rows)
    return 0


@subscribers.command("erase")
def erase(
    address: Address,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    why: Why = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Erase a reader on request: address, name, subscriptions, choices, consents.

    What stays is a keyed hash, from which nobody can read the address, so that no import brings it back; and the
    numbers in the issues they got, which lead to nobody any more.

    \b
    Example:
      pressrun subscribers erase lea@example.org --why "asked by letter of 2 May"
    """
    from channels.email.addresses import BadAddress
    from desk.cli.opening import opened
    from desk.cli.printing import has_person
    from scheduler.readership import erase_reader

    if not yes:
        if not has_person():
            raise WrongUsage("Erasing cannot be undone: say --yes where nobody can be asked.")
        if not typer.confirm(f"Erase {address} for good?"):
            return 0
    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        try:
            number = erase_reader(desk.app, address, actor=desk.actor, reason=why)
        except BadAddress as fault:
            raise WrongUsage(str(fault)) from None
        desk.page.say(f"Reader {number} is erased; no import brings this address back.")
        desk.page.give(erased=number)
    return 0
