"""``pressrun channels connect``: an account is connected from the shell, in the same steps as on the page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desk.cli.options import AsJson, AsName, SettingsFile, Why, WrongUsage

if TYPE_CHECKING:
    from db.records import Mode
    from desk.cli.opening import Desk
    from scheduler.connecting import Waiting

Name = Annotated[str, typer.Argument(metavar="NAME", help="The channel, by its name in the settings.")]
Live = Annotated[bool, typer.Option("--live", help="The real account, while the channel still rehearses.")]


def connect(
    name: Name,
    way: Annotated[
        str, typer.Option("--way", metavar="WAY", help="For X: pin (OAuth 1.0a, the usual) or oauth2 (PKCE).")
    ] = "",
    live: Live = False,
    keys: Annotated[
        Path | None, typer.Option("--keys", metavar="FILE", help="The app's own keys, KEY=value a line, mode 0600.")
    ] = None,
    answer: Annotated[
        str, typer.Option("--answer", metavar="TEXT", help="The PIN, or the address you were sent to: the second step.")
    ] = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Connect an X account or a Facebook Page: ask the platform, say yes there, bring back its answer.

    The first step prints an address, the second takes the PIN or the address that the platform led to. Keys lie sealed
    in the database, never in a file or a log. In rehearsal the platforms on this machine answer.

    \b
    Examples:
      pressrun channels connect x-main
      pressrun channels connect x-main --live --keys app-keys.env
      pressrun channels connect x-main --answer 1234567
    """
    from desk.cli.desk_address import desk_address
    from desk.cli.naming import check_channels
    from desk.cli.opening import opened
    from desk.cli.printing import has_person
    from scheduler import connecting

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        (channel,) = check_channels(desk, [name])
        mode = _mode(desk, channel, live)
        if not answer:
            own = _keys(desk, channel, way, mode, keys)
            address = desk_address(desk.app.settings)
            waiting = connecting.begin(desk.app, channel, actor=desk.actor, way=way, mode=mode, keys=own, desk=address)
            _tell(desk, waiting)
            if not has_person() or as_json:
                more = " --live" if live else ""
                desk.page.say("Then, within a quarter of an hour:")
                desk.page.verbatim(f"pressrun channels connect {channel}{more} --answer …")
                desk.page.give(channel=channel, channel_mode=mode.value, way=waiting.way, address=waiting.address)
                return 0
            answer = str(typer.prompt("The PIN, or the address you were sent to"))
        health = connecting.finish(desk.app, channel, answer, actor=desk.actor, mode=mode)
        account = health.account_name or health.account_id
        desk.page.say(f"{channel} is connected: it speaks for {account}.")
        for note in health.notes:
            desk.page.say(f"  {note}")
        desk.page.give(channel=channel, channel_mode=mode.value, account_id=health.account_id, account_name=account)
    return 0


def disconnect(
    name: Name,
    live: Live = False,
    why: Why = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Forget the keys of a connected channel.

    \b
    Example:
      pressrun channels disconnect x-main --why "the account moves"
    """
    from desk.cli.naming import check_channels
    from desk.cli.opening import opened
    from scheduler import connecting

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        (channel,) = check_channels(desk, [name])
        connecting.disconnect(desk.app, channel, actor=desk.actor, mode=_mode(desk, channel, live), reason=why)
        desk.page.say(f"The keys of {channel} are forgotten.")
        desk.page.give(channel=channel)
    return 0


def _mode(desk: Desk, channel: str, live: bool) -> Mode:
    from db.records import Mode

    return Mode.LIVE if live else desk.app.outlets[channel].mode


def _keys(desk: Desk, channel: str, way: str, mode: Mode, file: Path | None) -> dict[str, str]:
    """The app's own keys: from a file, or typed unseen; none in rehearsal. Raises ``WrongUsage``."""
    from db.records import Mode
    from desk.cli.printing import has_person
    from scheduler.connecting import KEYS, WAYS
    from scheduler.secrets import read_keys

    usual = WAYS.get(desk.app.outlets[channel].kind, ("",))[0]
    names = KEYS.get(way or usual, ())
    if mode is Mode.REHEARSAL or not names:
        return {}
    if file is not None:
        return {key: one.reveal() for key, one in read_keys(file, names).items()}
    if not has_person():
        raise WrongUsage(f"Give the app's own keys with --keys FILE: a line KEY=value for each of {', '.join(names)}.")
    return {key: str(typer.prompt(key, hide_input=True, default="", show_default=False)) for key in names}


def _tell(desk: Desk, waiting: Waiting) -> None:
    desk.page.say(f"Open this as the account of {waiting.channel}, and agree:")
    desk.page.verbatim(waiting.address)
