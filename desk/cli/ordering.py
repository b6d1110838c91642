"""Ordering a post of its own: again, post."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from desk.cli.options import AsJson, AsName, OneChannel, SettingsFile, Story, Why, WrongUsage


def again(
    story: Story,
    channel: OneChannel,
    text: Annotated[str | None, typer.Option("--text", metavar="WORDS", help="Your own words for it.")] = None,
    why: Why = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Post a story once more on a channel, in other words: its quotation, its figure, or yours.

    It is a delivery of its own; the first one stays as it is.

    \b
    Example:
      pressrun again 12 --channel x-main
    """
    from desk.cli.naming import find_story
    from desk.cli.opening import opened
    from desk.cli.standing_words import tell_changed
    from scheduler import newsroom

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        article = find_story(desk, story)
        done = newsroom.again(desk.app, article.id, channel, actor=desk.actor, text=text, reason=why)
        tell_changed(desk, [done])
    return 0


def retry(
    failed: Annotated[list[str], typer.Argument(metavar="DELIVERY", help="Deliveries that failed: 12 or d12.")],
    why: Why = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Try posts that failed once more, in the words they had.

    Each is a delivery of its own, and the notice of the failed one ends. One that was tried once more already, or is
    still to be looked for, is refused: it may be out. The others are tried all the same.

    \b
    Examples:
      pressrun retry d31
      pressrun retry d31 d32 --why "the picture is smaller now"
    """
    from desk.cli.naming import delivery_number
    from desk.cli.opening import opened
    from desk.cli.standing_words import tell_changed
    from scheduler import newsroom

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        done, refused = [], []
        for number in dict.fromkeys(delivery_number(one) for one in failed):
            try:
                done.append(newsroom.retry(desk.app, number, actor=desk.actor, reason=why))
            except newsroom.Refused as no:
                refused.append(str(no))
        if done:
            tell_changed(desk, done)
        if refused:
            raise newsroom.Refused("\n".join(refused))
    return 0


def post(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The words, in quotes.")],
    channel: OneChannel,
    image: Annotated[Path | None, typer.Option("--image", metavar="F", help="A picture on this machine.")] = None,
    alt: Annotated[str, typer.Option("--alt", metavar="T", help="What the picture shows; needed with one.")] = "",
    at: Annotated[str | None, typer.Option("--at", metavar="T", help="When; without it as soon as possible.")] = None,
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Post your own words, without a story.

    \b
    Examples:
      pressrun post "The site is slow today; we are on it." --channel x-main
      pressrun post "Sunrise" --channel fb-main --image quay.jpg --alt "The quay"
    """
    from desk.cli.opening import opened, read_moment
    from desk.cli.standing_words import tell_changed
    from scheduler import newsroom

    if alt and image is None:
        raise WrongUsage("--alt describes a picture: name the picture with --image.")
    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        moment = read_moment(desk, at) if at is not None else None
        if moment is not None and moment <= desk.times.now:
            raise WrongUsage(f"{desk.times.show(moment)} ({desk.times.name}) is past: give a moment to come.")
        done = newsroom.free_post(desk.app, text, channel, actor=desk.actor, image=image, alt=alt, at=moment)
        tell_changed(desk, [done])
    return 0
