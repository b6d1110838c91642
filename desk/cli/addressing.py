"""The editor's word on where readers find a story."""

from __future__ import annotations

from typing import Annotated

import typer

from desk.cli.options import AsJson, AsName, SettingsFile, Story, Why, WrongUsage


def address(
    story: Story,
    url: Annotated[str | None, typer.Argument(metavar="URL", help="Where readers find it.")] = None,
    without: Annotated[bool, typer.Option("--none", help="It may go without a link.")] = False,
    why: Why = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Say where readers find a story that came without its address, or that it may go without one.

    Its words are written anew, with the link; what a person approved waits for a new yes. What is out stays as it is.

    \b
    Examples:
      pressrun address 12 https://news.example.org/ferry
      pressrun address 12 --none
    """
    from desk.cli.forms import article_form
    from desk.cli.naming import find_story
    from desk.cli.opening import opened
    from scheduler import newsroom

    if (url is None) != without:
        raise WrongUsage("Say one of the two: the story's address, or --none.")
    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        number = find_story(desk, story).id
        if url is None:
            done = newsroom.go_without_link(desk.app, number, actor=desk.actor, reason=why)
            desk.page.say(f"Story {done.id} may go without a link.")
        else:
            done = newsroom.give_address(desk.app, number, url, actor=desk.actor, reason=why)
            desk.page.say(f"Story {done.id} is found at {done.url}.")
        desk.page.say(f"See what is to go: pressrun preview {done.id}")
        desk.page.give(timezone=desk.times.name, stories=[article_form(done, desk.times)])
    return 0
