"""``pressrun live``: a channel that rehearsed is read by the world from now on, or rehearses again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desk.cli.options import AsJson, AsName, SettingsFile, Why, WrongUsage

if TYPE_CHECKING:
    from db.records import Mode
    from desk.cli.opening import Desk
    from scheduler.newsroom.going_live import Readiness
    from scheduler.settings_load import Loaded


def live(
    channel: Annotated[str, typer.Argument(metavar="CHANNEL", help="The channel, by its name in the settings.")],
    account: Annotated[
        str | None,
        typer.Option("--account", metavar="NAME", help="The account's name, for where nobody can be asked to type it."),
    ] = None,
    rehearsal: Annotated[bool, typer.Option("--rehearsal", help="Back: the channel rehearses again.")] = False,
    why: Why = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Take a channel live: the world reads what it posts from now on.

    The account is checked and shown, and its name has to be typed. Plans of the rehearsal are called off, stories that
    are here already count as "before live" and are never posted unless somebody asks, and the first 10 posts wait for a
    person's yes. Pressrun writes mode = "live" into settings.toml itself; all else in it stays as it is. What it needs
    beforehand stands in docs/going-live.md.

    \b
    Examples:
      pressrun live x-main
      pressrun live x-main --account newsroom --why "agreed on Monday"
      pressrun live x-main --rehearsal --why "the account is being moved"
    """
    from db.records import Mode
    from desk.cli.naming import check_channels
    from desk.cli.opening import load_settings, opened

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        (name,) = check_channels(desk, [channel])
        loaded = load_settings(settings)
        if rehearsal:
            return _back(desk, loaded, name, why)
        if desk.app.outlets[name].mode is Mode.LIVE:
            _ask_again(desk, name)
        return _go(desk, loaded, name, account, why)


def _go(desk: Desk, loaded: Loaded, name: str, account: str | None, why: str) -> int:
    from db.records import Mode
    from scheduler import newsroom
    from scheduler.app import build

    before, after, wanted = _changed(loaded, name, Mode.LIVE)
    page = desk.page
    app = build(wanted.settings, loaded.path.parent, clock=desk.app.clock, on_trouble=desk.app.trouble)
    try:
        found = newsroom.readiness(app, name)
        _tell(desk, wanted, found)
        if not found.health.ok:
            page.say("", "It does not go live yet. Mend what stands above, then give the command again.")
            _give(desk, found, live=False, cancelled=0)
            return 1
        typed = account if account is not None else _asked(found)
        if not newsroom.same_account(typed, found.account):
            raise WrongUsage(f'"{typed}" is not the account: {name} speaks for {found.account}. Nothing was changed.')
        cancelled = newsroom.go_live(app, name, typed, actor=desk.actor, reason=why)
    finally:
        app.close()
    _write(loaded.path, before, after, name, Mode.LIVE)
    page.say("", f"{name} is LIVE: it speaks for {found.account}, and {loaded.path.name} says so.")
    if cancelled:
        page.say(f"{_counted(cancelled, 'plan')} of the rehearsal {'is' if cancelled == 1 else 'are'} called off.")
    page.say("A running pressrun serve reads its settings at its start: start it anew.")
    page.verbatim(f"Back: pressrun live {name} --rehearsal")
    _give(desk, found, live=True, cancelled=cancelled)
    return 0


def _back(desk: Desk, loaded: Loaded, name: str, why: str) -> int:
    from db.records import Mode
    from scheduler import newsroom

    before, after, _ = _changed(loaded, name, Mode.REHEARSAL)
    cancelled = newsroom.go_back(desk.app, name, actor=desk.actor, reason=why)
    _write(loaded.path, before, after, name, Mode.REHEARSAL)
    page = desk.page
    page.say(f"{name} rehearses again: nothing of it leaves this machine. What is out stays out.")
    if cancelled:
        page.say(f"{_counted(cancelled, 'live plan')} {'is' if cancelled == 1 else 'are'} called off.")
    page.say("A running pressrun serve sends nothing live there any more; start it anew, so that it rehearses.")
    page.give(channel=name, live=False, cancelled=cancelled)
    return 0


def _changed(loaded: Loaded, name: str, mode: Mode) -> tuple[str, str, Loaded]:
    """The settings' text, the text with the new mode, and what it says. Raises ``SettingsError`` or ``WrongUsage``."""
    import os

    from scheduler.periodical import outlet_modes
    from scheduler.settings_edit import with_mode
    from scheduler.settings_faults import SettingsError
    from scheduler.settings_load import load_text, text_of

    before = text_of(loaded.path)
    after = with_mode(before, name, mode)
    try:
        wanted = load_text(after, loaded.path, os.environ)
    except SettingsError as error:
        faults = "\n".join(f"  {fault}" for fault in error.faults)
        raise WrongUsage(f"{name} cannot be {mode} by these settings. Mend in {loaded.path}:\n{faults}") from None
    if outlet_modes(wanted.settings)[name] is not mode:
        table = "NEWSLETTERS" if name in wanted.settings.newsletters else "CHANNELS"
        variable = f"PRESSRUN_{table}__{name.upper().replace('-', '_')}__MODE"
        raise WrongUsage(f"The variable {variable} sets the mode of {name}: take it away, then give the command again.")
    return before, after, wanted


def _write(file: Path, before: str, after: str, name: str, mode: Mode) -> None:
    from scheduler.settings_edit import CannotWrite, replace_text

    if before == after:
        return
    try:
        replace_text(file, before, after)
    except CannotWrite as fault:
        raise CannotWrite(
            f'{fault}. All else is done: write mode = "{mode}" under [channels.{name}] yourself, and it holds.'
        ) from None


def _ask_again(desk: Desk, name: str) -> None:
    """A channel that was made live by hand may still be taken live: then it has its first posts and its mark."""
    from scheduler import newsroom

    if newsroom.is_live(desk.app, name):
        raise WrongUsage(f"{name} is live already; see: pressrun channels")
    desk.page.say(f"{name} is live by its settings; this marks what was there before and asks for first posts.")


def _asked(found: Readiness) -> str:
    from desk.cli.printing import has_person

    if not has_person():
        raise WrongUsage(
            f"There is no terminal to type the account's name at: say it with --account, e.g. "
            f'pressrun live {found.channel} --account "{found.account}". Nothing was changed.'
        )
    return str(typer.prompt("Type the account's name to go live", prompt_suffix=": "))


def _tell(desk: Desk, wanted: Loaded, found: Readiness) -> None:
    from scheduler.first_posts import FIRST_POSTS
    from scheduler.settings import XChannel

    page, health, channel = desk.page, found.health, wanted.settings.channels.get(found.channel)
    page.say(f"{found.channel} speaks for {found.account or 'nobody'}. Its check {'passes' if health.ok else 'fails'}.")
    for problem in health.problems:
        page.say(f"  {problem.message}")
    for note in health.notes:
        page.say(f"  {note}")
    page.say("", "Once it is live:")
    if isinstance(channel, XChannel):
        page.say(f"  X bills {channel.link_price} for a post with a link and {channel.post_price} for one without.")
        month = f"at most {channel.monthly_budget} a month" if channel.monthly_budget else "no limit is set"
        page.say(f"  The monthly budget: {month}.")
    stories = "1 story that is" if found.stories == 1 else f"{found.stories:,} stories that are"
    page.say(
        f'  {stories} here already count{"s" if found.stories == 1 else ""} as "before live": posted only if asked.'
    )
    if found.rehearsals:
        page.say(f"  {_counted(found.rehearsals, 'plan')} of the rehearsal will be called off.")
    page.say(f"  The first {FIRST_POSTS} posts wait for a person's yes, whatever publish says.")
    letter = wanted.settings.newsletters.get(found.channel)
    mine = f"channels.{letter.channel if letter is not None else found.channel} "
    for warning in wanted.warnings:
        if warning.startswith((mine, "notices")):
            page.say(f"  Worth a look: {warning}")


def _give(desk: Desk, found: Readiness, *, live: bool, cancelled: int) -> None:
    from desk.cli.forms import problem_form

    desk.page.give(
        channel=found.channel,
        live=live,
        account_id=found.health.account_id or None,
        account_name=found.health.account_name or None,
        ok=found.health.ok,
        problems=[problem_form(problem) for problem in found.health.problems],
        stories_before_live=found.stories,
        cancelled=cancelled,
    )


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
