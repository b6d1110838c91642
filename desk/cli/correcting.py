"""``pressrun correct``: other words for a post that is out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from desk.cli.options import AsJson, AsName, OneChannel, SettingsFile, Story, WrongUsage

if TYPE_CHECKING:
    from desk.cli.opening import Desk
    from scheduler.newsroom import MailCorrected


def correct(
    story: Story,
    channel: OneChannel,
    text: Annotated[str, typer.Option("--text", metavar="T", help="The corrected words.")],
    note: Annotated[
        str, typer.Option("--note", metavar="N", help="Newsletters: what readers are told was wrong; else the text.")
    ] = "",
    why: Annotated[str, typer.Option("--why", metavar="W", help="What was wrong, kept in the log.")] = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Correct a story that is out on one channel.

    Facebook replaces the words in place, and so does X while the channel's edit_window is open. Else the correction
    answers the post on X, or is posted anew before the old one is taken down, as [corrections] in the settings says.
    It goes at once, as a delivery of its own. Of a newsletter, issues and copies that have not begun go with the right
    words, and those who got the wrong ones are written to.

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
        if desk.app.outlets[name].crowd:
            mailed = newsroom.correct_mail(desk.app, article.id, name, text, actor=desk.actor, reason=why, note=note)
            _tell_mail(desk, name, mailed)
            return 0
        if note:
            raise WrongUsage("--note is for newsletters: a post is corrected by its --text alone.")
        done = newsroom.correct(desk.app, article.id, name, text, actor=desk.actor, reason=why)
        how = {
            correction.Manner.EDIT: "replaces the words of",
            correction.Manner.REPLY: "answers",
            correction.Manner.REPOST: "is posted anew, then replaces",
        }[correction.manner_of(done.delivery)]
        desk.page.say(f"The correction {how} delivery {correction.corrected(done.delivery)}.")
        tell_changed(desk, [done])
    return 0


def _tell_mail(desk: Desk, name: str, done: MailCorrected) -> None:
    """What became of the correction on a newsletter: issues, copies, readers written to, the next issue's note."""
    from desk.cli.forms import delivery_form
    from desk.cli.standing_words import tell_delivery, tell_zone

    page = desk.page
    for one in done.renewed:
        page.say("Nobody has begun to get this issue; it goes with the right words:")
        tell_delivery(desk, one)
    if done.exchanged:
        copies = "1 copy has" if done.exchanged == 1 else f"{done.exchanged:,} copies have"
        page.say(f"{copies} not begun and will say it right.")
    if done.misled:
        readers = "1 reader has, or may have," if done.misled == 1 else f"{done.misled:,} readers have, or may have,"
        page.say(f"{readers} the wrong words" + ("; the correction goes to exactly them:" if done.mails else "."))
    for one in done.mails:
        tell_delivery(desk, one)
    if done.noted:
        page.say(f"The next issue of {name} tells it in a note.")
    tell_zone(desk, [*done.renewed, *done.mails])
    page.give(
        timezone=desk.times.name,
        renewed=[delivery_form(one, desk.times) for one in done.renewed],
        exchanged=done.exchanged,
        misled=done.misled,
        mails=[delivery_form(one, desk.times) for one in done.mails],
        noted=done.noted,
    )
