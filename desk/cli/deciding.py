"""The editor's word on when: approve, schedule, now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from desk.cli.options import AsJson, AsName, Channels, SettingsFile, Story, StoryOrDelivery, Why, WrongUsage

if TYPE_CHECKING:
    from desk.cli.opening import Desk
    from scheduler.newsroom import Changed


def approve(
    story: StoryOrDelivery,
    channel: Channels = None,
    no_link: Annotated[bool, typer.Option("--no-link", help="Also say that it may go without an address.")] = False,
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Say yes to exactly the posts of a story that wait, or to one delivery.

    The yes holds for the words as they are: an edit asks for a new one. Issues and posts without a story are approved
    by their delivery.

    \b
    Examples:
      pressrun approve latest
      pressrun approve 12 --channel x-main
      pressrun approve d31
    """
    from desk.cli.naming import check_channels, delivery_number, find_story, is_delivery
    from desk.cli.opening import opened
    from desk.cli.standing_words import tell_changed
    from scheduler import newsroom

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        chosen = check_channels(desk, channel)
        if is_delivery(story):
            if chosen:
                raise WrongUsage("A delivery is on one channel already: leave --channel out.")
            changed = _approve_delivery(desk, delivery_number(story), no_link)
        else:
            article = find_story(desk, story)
            changed = newsroom.approve(desk.app, article.id, actor=desk.actor, channels=chosen, no_link=no_link)
        tell_changed(desk, changed)
    return 0


def schedule(
    story: Story,
    at: Annotated[
        str, typer.Option("--at", metavar="T", help="When: 18:15, 6pm, 'tomorrow 8', 'fri 9:30', 'in 30m' …")
    ],
    channel: Channels = None,
    why: Why = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Give a story's open posts an exact moment in place of their slot.

    Times are meant in the newsroom's zone. A post that waits for a yes still waits for it.

    \b
    Examples:
      pressrun schedule 12 --at 18:15
      pressrun schedule "ferry" --at "tomorrow 08:00" --channel x-main
    """
    from desk.cli.naming import check_channels, find_story
    from desk.cli.opening import opened, read_moment
    from desk.cli.standing_words import tell_changed
    from scheduler import newsroom

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        moment = read_moment(desk, at)
        chosen = check_channels(desk, channel)
        article = find_story(desk, story)
        tell_changed(
            desk, newsroom.schedule(desk.app, article.id, moment, actor=desk.actor, channels=chosen, reason=why)
        )
    return 0


def now(
    story: Story,
    channel: Channels = None,
    why: Why = "",
    override_embargo: Annotated[
        bool, typer.Option("--override-embargo", help="Pass the story's embargo, by name and with --why.")
    ] = False,
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Let a story's open posts go at once: past slots, spacing and quiet hours, with your yes to each.

    They leave with the next run, or within a second where pressrun serve is running. On a live channel "at once"
    leaves ten seconds to call it off again ([newsroom] undo).

    \b
    Examples:
      pressrun now latest --channel x-main
      pressrun now 12 --override-embargo --why "it is out elsewhere"
    """
    from desk.cli.naming import check_channels, find_story
    from desk.cli.opening import opened
    from desk.cli.standing_words import tell_changed
    from scheduler import newsroom

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        chosen = check_channels(desk, channel)
        article = find_story(desk, story)
        changed = newsroom.now(
            desk.app, article.id, actor=desk.actor, channels=chosen, reason=why, override_embargo=override_embargo
        )
        tell_changed(desk, changed)
    return 0


def _approve_delivery(desk: Desk, number: int, no_link: bool) -> list[Changed]:
    """A yes to one delivery: through its story where it has one, so that the story's rules are asked too."""
    from db import deliveries
    from db.records import SubjectKind
    from scheduler import newsroom

    with desk.app.ground.reading() as tx:
        found = deliveries.get(tx, number)
    if found.subject_kind is not SubjectKind.ARTICLE:
        return [newsroom.approve_issue(desk.app, number, actor=desk.actor, fingerprint=found.fingerprint)]
    return newsroom.approve(
        desk.app,
        found.subject_id,
        actor=desk.actor,
        channels=[found.channel],
        no_link=no_link,
        fingerprint=found.fingerprint,
    )
