"""``pressrun bounces``: what came back from readers, and taking it in from a mailbox or a pipe."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desk.cli.options import AsJson, SettingsFile, WrongUsage

if TYPE_CHECKING:
    from desk.cli.opening import Desk
    from scheduler.feedback import Taken

bounces = typer.Typer(add_completion=False, rich_markup_mode=None, invoke_without_command=True)

SHOWN = 50
_MOST_BYTES = 5_000_000


@bounces.callback()
def _bounces(context: typer.Context, as_json: AsJson = False, settings: SettingsFile = None) -> int:
    """Show what came back last: bounces and complaints, by reader number.

    Hard bounces and complaints end mail to a reader at once, soft ones when they go on (docs/newsletters.md).

    \b
    Examples:
      pressrun bounces
      pressrun bounces fetch
      pressrun bounces take < mail.eml
    """
    from db import bounces as store
    from desk.cli.columns import Column
    from desk.cli.opening import opened
    from desk.cli.printing import Table

    if context.invoked_subcommand is not None:
        if as_json or settings:
            raise WrongUsage(f"Write the options behind {context.invoked_subcommand}.")
        return 0
    with opened(settings, as_json=as_json) as desk:
        with desk.app.ground.reading() as tx:
            found = store.latest(tx, SHOWN)
        if not found:
            desk.page.say("Nothing has come back.")
        rows = [(desk.times.show(one.at), str(one.subscriber_id), one.what, one.status, one.words) for one in found]
        desk.page.table(
            Table([Column(name) for name in ("When", "Reader", "What", "Status", "The server's words")], rows)
        )
        desk.page.give(
            timezone=desk.times.name,
            bounces=[
                {
                    "at": one.at.isoformat(),
                    "reader": one.subscriber_id,
                    "issue": one.issue_id or None,
                    "what": one.what,
                    "status": one.status,
                    "words": one.words,
                    "source": one.source,
                }
                for one in found
            ],
        )
    return 0


@bounces.command("take")
def take(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="One mail as it came; without it, stdin.")] = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Take in one mail that came to the bounce address: from a file, or from a pipe in the mail server's aliases.

    Given twice, it counts once. A holiday note or a person's letter changes nothing and ends with 0.

    \b
    Examples:
      pressrun bounces take returned.eml
      bounce: "|pressrun bounces take --settings /srv/desk/settings.toml"
    """
    from desk.cli.opening import opened
    from scheduler.feedback import take_mail

    try:
        raw = file.read_bytes()[:_MOST_BYTES] if file is not None else sys.stdin.buffer.read(_MOST_BYTES)
    except OSError as error:
        raise WrongUsage(f"{file} cannot be read ({error.strerror}); name a mail in a file.") from None
    with opened(settings, as_json=as_json, machine=True) as desk:
        _tell(desk, take_mail(desk.app, raw, source="mailbox"))
    return 0


@bounces.command("fetch")
def fetch(as_json: AsJson = False, settings: SettingsFile = None) -> int:
    """Take in what is new in the mailboxes that [bounces] names. The resident worker does it by itself.

    \b
    Examples:
      pressrun bounces fetch
    """
    from desk.cli.opening import opened
    from scheduler.bounce_mailbox import fetch_bounces

    with opened(settings, as_json=as_json, machine=True) as desk:
        asked = desk.app.settings.bounces
        if asked.maildir is None and not asked.imap_host:
            raise WrongUsage("No mailbox is named; set maildir or imap_host in [bounces] of settings.toml.")
        _tell(desk, fetch_bounces(desk.app))
    return 0


def _tell(desk: Desk, taken: list[Taken]) -> None:
    if not taken:
        desk.page.say("Nothing new came back.")
    for what, number in Counter(one.what for one in taken).items():
        followed = Counter(one.followed for one in taken if one.what is what)
        desk.page.say(f"{number} {what}: " + ", ".join(f"{count} {words}" for words, count in followed.items()))
    desk.page.give(taken=[{"what": one.what, "reader": one.subscriber_id, "followed": one.followed} for one in taken])
