"""The editor's decisions: approve, schedule, now, skip, cancel, again, post, settle."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desk.cli.options import (
    AsJson,
    AsName,
    Channels,
    DeliveryName,
    OneChannel,
    SettingsFile,
    Story,
    StoryOrDelivery,
    Why,
    WrongUsage,
)

if TYPE_CHECKING:
    from db.records import Delivery
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
    at: Annotated[str, typer.Option("--at", metavar="T", help="When: 18:15, 'tomorrow 08:00', 'in 30m' …")],
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
    from desk.cli.opening import opened
    from desk.cli.standing_words import tell_changed
    from scheduler import newsroom

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        moment = _moment(desk, at)
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
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Let a story's open posts go at once: past slots, spacing and quiet hours, with your yes to each.

    They leave with the next run, or within a second where pressrun serve is running.

    \b
    Example:
      pressrun now latest --channel x-main
    """
    from desk.cli.naming import check_channels, find_story
    from desk.cli.opening import opened
    from desk.cli.standing_words import tell_changed
    from scheduler import newsroom

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        chosen = check_channels(desk, channel)
        article = find_story(desk, story)
        tell_changed(desk, newsroom.now(desk.app, article.id, actor=desk.actor, channels=chosen, reason=why))
    return 0


def skip(
    story: Story, why: Why = "", as_user: AsName = None, as_json: AsJson = False, settings: SettingsFile = None
) -> int:
    """Make nothing more of a story: it leaves the queue, and what was planned is called off.

    What is being sent in this moment is taken down again once it is known to be out; what is out stays.

    \b
    Example:
      pressrun skip "ferry" --why "overtaken by events"
    """
    from desk.cli.naming import find_story
    from desk.cli.opening import opened
    from scheduler import newsroom

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        article = find_story(desk, story)
        gone = newsroom.skip(desk.app, article.id, actor=desk.actor, reason=why)
        if not gone:
            desk.page.say("It is skipped; nothing of it was still to go.")
        _tell(desk, gone)
    return 0


def cancel(
    delivery: DeliveryName,
    why: Annotated[str, typer.Option("--why", metavar="W", help="The reason, kept with the delivery.")],
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Call one delivery off.

    One whose words may be out already is cancelled if it turns out not to be there, and taken down if it is.

    \b
    Example:
      pressrun cancel d31 --why "the court delayed its ruling"
    """
    from desk.cli.naming import delivery_number
    from desk.cli.opening import opened
    from scheduler import newsroom

    if not why.strip():
        raise WrongUsage("Say why it is called off: the reason stands in the log.")
    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        _tell(desk, [newsroom.cancel(desk.app, delivery_number(delivery), actor=desk.actor, reason=why)])
    return 0


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
      pressrun post "Sunrise at the quay" --channel fb-main --image quay.jpg --alt "The quay at dawn" --at 06:30
    """
    from desk.cli.opening import opened
    from desk.cli.standing_words import tell_changed
    from scheduler import newsroom

    if alt and image is None:
        raise WrongUsage("--alt describes a picture: name the picture with --image.")
    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        moment = _moment(desk, at) if at is not None else None
        if moment is not None and moment <= desk.times.now:
            raise WrongUsage(f"{desk.times.show(moment)} ({desk.times.name}) is past: give a moment to come.")
        done = newsroom.free_post(desk.app, text, channel, actor=desk.actor, image=image, alt=alt, at=moment)
        tell_changed(desk, [done])
    return 0


def settle(
    delivery: DeliveryName,
    url: Annotated[
        str | None, typer.Argument(metavar="URL", help="With --out: where it can be read, if you know.")
    ] = None,
    out: Annotated[bool, typer.Option("--out", help="It is out.")] = False,
    not_out: Annotated[bool, typer.Option("--not-out", help="It is not out; it will be sent.")] = False,
    nobody_knows: Annotated[
        bool, typer.Option("--nobody-knows", help="Nobody can say; it is never sent again.")
    ] = False,
    why: Why = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Say what became of a delivery that Pressrun cannot settle by itself.

    Look at the account first. Your word is logged as a try of its own, with your name.

    \b
    Examples:
      pressrun settle d31 --out https://x.com/newsroom/status/1
      pressrun settle d31 --not-out
    """
    from db.records import State
    from desk.cli.naming import delivery_number
    from desk.cli.opening import opened
    from scheduler import newsroom

    verdicts = [
        state
        for state, said in ((State.SENT, out), (State.PLANNED, not_out), (State.UNKNOWN, nobody_knows))
        if said
    ]
    if len(verdicts) != 1:
        raise WrongUsage("Say one of the three: --out, --not-out or --nobody-knows.")
    if url is not None:
        if not out:
            raise WrongUsage("An address goes with --out only: a post that is not out has none.")
        if not url.startswith(("https://", "http://")):
            raise WrongUsage(f'"{url}" is not a web address: write it whole, e.g. https://x.com/newsroom/status/1.')
    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        number = delivery_number(delivery)
        _tell(desk, [newsroom.settle(desk.app, number, verdicts[0], actor=desk.actor, url=url, reason=why)])
    return 0


def _approve_delivery(desk: Desk, number: int, no_link: bool) -> list[Changed]:
    """A yes to one delivery: through its story where it has one, so that the story's rules are asked too."""
    from db import deliveries
    from db.records import SubjectKind
    from scheduler import newsroom

    with desk.app.ground.reading() as tx:
        found = deliveries.get(tx, number)
    if found.subject_kind is not SubjectKind.ARTICLE:
        return [newsroom.approve_issue(desk.app, number, actor=desk.actor)]
    return newsroom.approve(
        desk.app,
        found.subject_id,
        actor=desk.actor,
        channels=[found.channel],
        no_link=no_link,
        fingerprint=found.fingerprint,
    )


def _moment(desk: Desk, text: str) -> datetime:
    said = desk.times.read(text)
    if said.note:
        desk.page.aside(said.note)
    return said.at


def _tell(desk: Desk, changed: list[Delivery]) -> None:
    from desk.cli.forms import delivery_form
    from desk.cli.standing_words import tell_delivery

    for one in changed:
        tell_delivery(desk, one)
    forms = [{**delivery_form(one, desk.times), "problems": []} for one in changed]
    desk.page.give(timezone=desk.times.name, deliveries=forms)
