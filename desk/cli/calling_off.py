"""The editor's word on what does not go, or went nobody knows where: skip, cancel, settle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from desk.cli.options import AsJson, AsName, DeliveryName, SettingsFile, Story, Why, WrongUsage

if TYPE_CHECKING:
    from db.records import Delivery
    from desk.cli.opening import Desk


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
        tell_called_off(desk, gone)
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
        tell_called_off(desk, [newsroom.cancel(desk.app, delivery_number(delivery), actor=desk.actor, reason=why)])
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
    leave: Annotated[bool, typer.Option("--leave", help="It failed, and that is that: its notice ends.")] = False,
    why: Why = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Say what became of a delivery that Pressrun cannot settle by itself, or leave one that failed.

    Look at the account first. Your word is logged as a try of its own, with your name. One that failed can also be
    tried once more: pressrun retry.

    \b
    Examples:
      pressrun settle d31 --out https://x.com/newsroom/status/1
      pressrun settle d31 --not-out
      pressrun settle d32 --leave --why "the web page is enough"
    """
    from db.records import State
    from desk.cli.naming import delivery_number
    from desk.cli.opening import opened
    from scheduler import newsroom

    verdicts = [
        state for state, said in ((State.SENT, out), (State.PLANNED, not_out), (State.UNKNOWN, nobody_knows)) if said
    ]
    if len(verdicts) + leave != 1:
        raise WrongUsage("Say one of the four: --out, --not-out, --nobody-knows, or of one that failed --leave.")
    if url is not None:
        if not out:
            raise WrongUsage("An address goes with --out only: a post that is not out has none.")
        if not url.startswith(("https://", "http://")):
            raise WrongUsage(f'"{url}" is not a web address: write it whole, e.g. https://x.com/newsroom/status/1.')
    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        number = delivery_number(delivery)
        if leave:
            settled = newsroom.leave(desk.app, number, actor=desk.actor, reason=why)
        else:
            settled = newsroom.settle(desk.app, number, verdicts[0], actor=desk.actor, url=url, reason=why)
        tell_called_off(desk, [settled])
    return 0


def tell_called_off(desk: Desk, changed: list[Delivery]) -> None:
    """Says how each delivery stands after it was called off or settled."""
    from desk.cli.forms import delivery_form
    from desk.cli.standing_words import tell_delivery, tell_zone

    for one in changed:
        tell_delivery(desk, one)
    tell_zone(desk, changed)
    forms = [{**delivery_form(one, desk.times), "problems": []} for one in changed]
    desk.page.give(timezone=desk.times.name, deliveries=forms)
