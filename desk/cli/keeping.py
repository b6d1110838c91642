"""What keeps the house going: rehearse, backup, upgrade, adopt."""

from __future__ import annotations

import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desk.cli.options import AsJson, AsName, SettingsFile, Why, WrongUsage

if TYPE_CHECKING:
    from db.session import Ground
    from desk.cli.printing import Page


class RehearsalFailed(Exception):
    """The rehearsal platforms could not be started; ``str()`` says why."""

    exit_code = 3


def rehearse(settings: SettingsFile = None) -> int:
    """Leave the rehearsal platforms running, with a page that shows what each has published.

    They are the same that every command in rehearsal uses, over the same store. Ctrl-C or SIGTERM stops them; what
    was published is kept.

    \b
    Example:
      pressrun rehearse
    """
    from channels.rehearsal.store import StoreError
    from desk.cli.opening import headed, load_settings, modes_of
    from desk.cli.printing import Page
    from desk.cli.signals import on_stop
    from scheduler.clock import SystemClock
    from scheduler.rehearsing import Rehearsal

    loaded = load_settings(settings)
    page = Page(modes_of(loaded.settings))
    platforms, ended = Rehearsal(loaded.path.parent, SystemClock()), threading.Event()
    try:
        with on_stop(ended.set), headed(page):
            at = platforms.addresses()
            page.say("The rehearsal platforms are running; Ctrl-C stops them. What they published:")
            page.verbatim(f"  {at.page_url}")
            page.say("", "For programs:")
            page.facts({"X": at.x_url, "Graph": at.graph_url, "mail": f"{at.smtp_host}:{at.smtp_port}"})
            sys.stdout.flush()
            ended.wait()
    except StoreError as error:
        raise RehearsalFailed(str(error)) from None
    finally:
        platforms.stop()
    page.say("Stopped; what was published is kept.")
    return 0


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The copy to make; it must not be there yet.")],
    settings: SettingsFile = None,
) -> int:
    """Copy the database as it is at this moment, checked, while others go on working.

    Only you may read the copy: it holds your readers' addresses. A PostgreSQL database has its own tool, which this
    command names.

    \b
    Example:
      pressrun backup ~/backups/newsroom-2026-09-21.db
    """
    from db.backup import backup as copy
    from desk.cli.opening import headed, load_settings, modes_of
    from desk.cli.printing import Page

    loaded = load_settings(settings)
    page = Page(modes_of(loaded.settings))
    with headed(page), closing(_ground(loaded.settings.database.url)) as ground:
        made = copy(ground, file)
    page.say(f"The database is copied to {made} ({made.stat().st_size / 1e6:,.1f} MB, checked).")
    return 0


def upgrade(
    copy_to: Annotated[
        Path | None,
        typer.Option("--backup", metavar="FILE", help="Where the copy goes; without it beside the database."),
    ] = None,
    backed_up: Annotated[
        bool, typer.Option("--backed-up", help="A copy is made already (PostgreSQL: with pg_dump).")
    ] = False,
    settings: SettingsFile = None,
) -> int:
    """Bring the database to this Pressrun's schema: copy it, upgrade it, check it.

    All of it happens or nothing. Where the schema is the newest already, nothing is done.

    \b
    Examples:
      pressrun upgrade
      pressrun upgrade --backed-up
    """
    from db.schema import NEWEST, create_or_check, revision
    from db.schema import upgrade as bring_up
    from desk.cli.opening import headed, load_settings, modes_of
    from desk.cli.printing import Page

    loaded = load_settings(settings)
    page = Page(modes_of(loaded.settings))
    with headed(page), closing(_ground(loaded.settings.database.url)) as ground:
        found = revision(ground)
        if found is None:
            page.say("There is no database yet: the first command that needs one makes it.")
            return 0
        if found == NEWEST:
            page.say(f"The database has the newest schema already ({NEWEST}).")
            return 0
        if not backed_up and found < NEWEST:
            _copy_first(page, ground, found, copy_to)
        before, after = bring_up(ground)
        create_or_check(ground)
    page.say(f"Upgraded from schema {before} to {after}, and checked.")
    return 0


def adopt(
    clock: Annotated[bool, typer.Option("--clock", help="Only say that this machine's present time is right.")] = False,
    why: Why = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Say that a restored, copied or moved database goes on from here.

    What may have gone out since the moment it goes back to is looked for on the accounts before anything is sent.
    With --clock it says only that the present time is right, after the clock was set.

    \b
    Examples:
      pressrun adopt --why "restored last night's backup"
      pressrun adopt --clock
    """
    from desk.cli.opening import opened
    from scheduler.adopting import adopt as go_on

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        doubtful = go_on(desk.app, actor=desk.actor, reason=why, clock=clock)
        if clock:
            desk.page.say("The present time is taken as right.")
        else:
            count = "1 delivery is" if doubtful == 1 else f"{doubtful} deliveries are"
            desk.page.say(f"This database goes on from here; {count} looked for before anything is sent.")
        desk.page.give(adopted="clock" if clock else "database", looked_for=doubtful)
    return 0


def _copy_first(page: Page, ground: Ground, found: str, copy_to: Path | None) -> None:
    from datetime import UTC, datetime

    from db.backup import backup as copy

    if copy_to is None:
        if ground.path is None:
            raise WrongUsage(
                "Pressrun copies SQLite databases only: copy this one with pg_dump first, then say"
                " pressrun upgrade --backed-up."
            )
        copy_to = ground.path.with_name(f"{ground.path.name}.schema-{found}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    page.say(f"The database is copied to {copy(ground, copy_to)}.")


def _ground(url: str) -> Ground:
    from db.session import open_ground

    return open_ground(url)
