"""``pressrun secrets``: the key under which channels' keys and second factors lie in the database."""

from __future__ import annotations

import typer

from desk.cli.options import AsJson, AsName, SettingsFile, Why

secrets = typer.Typer(add_completion=False, rich_markup_mode=None)


@secrets.callback()
def _secrets() -> None:
    """Change the key under which the database's secrets lie: keys of connected channels, second factors.

    \b
    Example:
      pressrun secrets rotate
    """


@secrets.command("rotate")
def rotate(why: Why = "", as_user: AsName = None, as_json: AsJson = False, settings: SettingsFile = None) -> int:
    """Make a fresh key in pressrun.key, seal every secret with it, and forget the older keys.

    A running Pressrun goes on: it reads the file anew. Copies of the database from before need the file of before.

    \b
    Example:
      pressrun secrets rotate --why "a laptop was lost"
    """
    from desk.cli.opening import opened
    from scheduler.resealing import forget_old_keys, reseal_all

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        done = reseal_all(desk.app, actor=desk.actor, reason=why)
        gone = forget_old_keys(desk.app, actor=desk.actor)
        desk.page.say(f"{done} secret{'' if done == 1 else 's'} sealed with a fresh key; older keys forgotten: {gone}.")
        desk.page.say(
            "Copies of the database from before open only with the pressrun.key of before: keep it with them."
        )
        desk.page.give(sealed=done, forgotten=gone)
    return 0
