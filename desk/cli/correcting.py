"""``pressrun correct``: other words for a post that is out."""

from __future__ import annotations

from typing import Annotated

import typer

from desk.cli.options import AsJson, AsName, OneChannel, SettingsFile, Story


def correct(
    story: Story,
    channel: OneChannel,
    text: Annotated[str, typer.Option("--text", metavar="T", help="The corrected words.")],
    why: Annotated[str, typer.Option("--why", metavar="W", help="What was wrong, kept in the log.")] = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Correct a story that is out on one channel.

    Facebook replaces the words in place, and so does X while the channel's edit_window is open. Else the correction
    answers the post on X, or is posted anew before the old one is taken down, as [corrections] in the settings says.
    It goes at once, as a delivery of its own.

    \b
    Example:
      pressrun correct 12 --channel fb-main --text "19 to 12." --why "wrong vote"
    """
    from desk.cli.naming import check_channels, find_story
    from desk.cli.opening import opened
    from desk.cli.standing_words import tell_changed
    from scheduler import correction, newsroom

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        (name,) = check_channels(desk, [channel])
        article = find_story(desk, story)
        done = newsroom.correct(desk.app, article.id, name, text, actor=desk.actor, reason=why)
        how = {
            correction.Manner.EDIT: "replaces the words of",
            correction.Manner.REPLY: "answers",
            correction.Manner.REPOST: "is posted anew, then replaces",
        }[correction.manner_of(done.delivery)]
        desk.page.say(f"The correction {how} delivery {correction.corrected(done.delivery)}.")
        tell_changed(desk, [done])
    return 0
