"""``pressrun issue``: a newsletter's issues, shown, tested, sent, stopped, reported on and corrected."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desk.cli.issue_acts import add_acts
from desk.cli.issue_order import add_order, frequency_of
from desk.cli.options import AsJson, AsName, SettingsFile, WrongUsage

if TYPE_CHECKING:
    from db.records import Issue
    from desk.cli.opening import Desk
    from scheduler.issue_preview import Preview

issue = typer.Typer(add_completion=False, rich_markup_mode=None, invoke_without_command=True)

Weekly = Annotated[bool, typer.Option("--weekly", help="The week's issue instead of the day's.")]
Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME", help="A newsletter, for what has not gone yet; or an issue: 12, morning/2026-09-21."
    ),
]
OneIssue = Annotated[
    str, typer.Argument(metavar="ISSUE", help="An issue: its number, a newsletter (its newest), morning/2026-09-21.")
]
SHOWN = 5


@issue.callback()
def _issue(context: typer.Context, as_json: AsJson = False, settings: SettingsFile = None) -> int:
    """Show the newsletters: what is cut next, and how the last issues stand.

    \b
    Examples:
      pressrun issue
      pressrun issue preview morning
      pressrun issue report morning
    """
    from desk.cli.issue_pages import tell_newsletters
    from desk.cli.opening import opened

    if context.invoked_subcommand is not None:
        if as_json or settings:
            raise WrongUsage(f"Write the options behind {context.invoked_subcommand}.")
        return 0
    with opened(settings, as_json=as_json) as desk:
        tell_newsletters(desk, SHOWN)
    return 0


@issue.command()
def preview(
    name: Name,
    weekly: Weekly = False,
    reader: Annotated[
        str, typer.Option("--reader", metavar="ADDRESS", help="As this reader gets it: their stories, their links.")
    ] = "",
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write the page into a file.")] = None,
    eml: Annotated[
        Path | None, typer.Option("--eml", metavar="FILE", help="Write the mail's bytes into a file.")
    ] = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Show an issue as it would go, and what the pre-flight finds. Ends with 1 where that would stop it.

    It is byte for byte what is sent, but for what is each reader's own (To, Date,
    Message-ID, their links) and a signature.

    \b
    Examples:
      pressrun issue preview morning --html morning.html
      pressrun issue preview 12 --reader ada@example.org --eml ada.eml
    """
    from desk.cli.issue_pages import tell_preview
    from desk.cli.opening import opened
    from scheduler.preflight import preflight
    from scheduler.preflight_finding import Level

    with opened(settings, as_json=as_json) as desk:
        shown = shown_as(desk, name, weekly, reader)
        for file, content in ((html, shown.part.html.encode()), (eml, shown.message)):
            if file is not None:
                _write(file, content)
        found = preflight(desk.app, shown)
        tell_preview(desk, shown, found)
        return 1 if any(one.level is Level.STOP for one in found) else 0


@issue.command("test")
def send_test_mail(
    name: Name,
    to: Annotated[
        str, typer.Option("--to", metavar="ADDRESS", help="Whom to; without it the newsletter's reply address.")
    ] = "",
    weekly: Weekly = False,
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Send an issue to one address of the desk, marked [Test]; no reader gets it.

    Its unsubscribe link works and belongs to nobody.

    \b
    Example:
      pressrun issue test morning --to ada@news.example.org
    """
    from channels.email.addresses import BadAddress
    from desk.cli.opening import opened
    from scheduler.issue_preview import send_test

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        shown = shown_as(desk, name, weekly, "")
        try:
            sent = send_test(desk.app, shown, to, actor=desk.actor)
        except BadAddress as error:
            raise WrongUsage(f"--to {to}: {error}.") from None
        answer = sent.receipt.code or sent.receipt.id
        desk.page.say(f"The test mail to {sent.to} was accepted: {answer}")
        if sent.page:
            desk.page.say("The rehearsal shows it, while pressrun rehearse or serve runs:")
            desk.page.verbatim(f"  {sent.page}")
        desk.page.give(
            newsletter=shown.outlet.name,
            to=sent.to,
            accepted=True,
            answer=sent.receipt.code or None,
            rehearsal_page=sent.page or None,
        )
    return 0


@issue.command()
def report(
    name: OneIssue,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Tell who got an issue: sent, refused, unknown, excluded, with every reason.

    Where its newsletter counts opens or clicks they follow, people and machines apart.
    Ends with 1 while a copy's outcome is unknown. What one reader got: pressrun subscribers show ADDRESS.

    \b
    Examples:
      pressrun issue report morning
      pressrun issue report 12 --json
    """
    from desk.cli.issue_pages import tell_report
    from desk.cli.opening import opened
    from scheduler.issue_standing import find_issue, standing_of

    with opened(settings, as_json=as_json) as desk:
        with desk.app.ground.reading() as tx:
            standing = standing_of(tx, find_issue(desk.app, tx, name), counted=True)
        tell_report(desk, standing)
        return 1 if standing.counts.unknown else 0


add_acts(issue)
add_order(issue)


def shown_as(desk: Desk, name: str, weekly: bool, reader: str) -> Preview:
    """What ``name`` means: a newsletter's issue that has not begun to go, else its next one; or an issue by name."""
    from scheduler.issue_preview import preview as shown

    return shown(desk.app, _next_or_cut(desk, name), frequency_of(weekly), reader)


def _next_or_cut(desk: Desk, name: str) -> Issue | str:
    from scheduler.issue_standing import find_issue, newsletter_named, not_begun

    with desk.app.ground.reading() as tx:
        if name.strip() not in desk.app.outlets:
            return find_issue(desk.app, tx, name)
        outlet = newsletter_named(desk.app, name.strip())
        return not_begun(tx, outlet) or outlet.name


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise WrongUsage(f"{file} cannot be written: {error.strerror}.") from None
    print(f"Written: {file} ({len(content):,} bytes)", file=sys.stderr)
