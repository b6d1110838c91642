"""``pressrun evergreen``: stories that come again by rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from desk.cli.options import AsJson, AsName, Channels, SettingsFile, Why, WrongUsage

if TYPE_CHECKING:
    from desk.cli.opening import Desk
    from scheduler.newsroom.evergreening import Evergreen


def evergreen(
    story: Annotated[
        str | None, typer.Argument(metavar="STORY", help="A story; without one, those that are evergreen are shown.")
    ] = None,
    every: Annotated[
        str | None, typer.Option("--every", metavar="SPAN", help="How long from one time to the next, e.g. 30d.")
    ] = None,
    times: Annotated[int | None, typer.Option("--times", metavar="N", help="At most so often on a channel.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="T", help="Not from this day on.")] = None,
    season: Annotated[
        str, typer.Option("--season", metavar="DAYS", help="Only in these days of the year, e.g. 11-15..12-24.")
    ] = "",
    channel: Channels = None,
    off: Annotated[bool, typer.Option("--off", help="It comes again no more.")] = False,
    why: Why = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Let a story come again by rule, each time in other words; or show what does.

    Counted from its last post on each channel. It never goes while something breaking runs, never in words that the
    account had within two weeks, and waits for a yes where posts need one.

    \b
    Examples:
      pressrun evergreen 12 --every 30d --times 3
      pressrun evergreen 12 --every 7d --season 11-15..12-24 --until 2027-01-01
      pressrun evergreen 12 --off
      pressrun evergreen
    """
    from desk.cli.forms import evergreen_form
    from desk.cli.naming import check_channels, find_story
    from desk.cli.opening import opened, read_moment
    from scheduler import newsroom
    from scheduler.spans import parse_span

    if story is None and (every or off):
        raise WrongUsage("Name the story, e.g. pressrun evergreen 12 --every 30d.")
    if story is not None and (every is None) is not off:
        raise WrongUsage("Say one of the two: --every SPAN lets it come again, --off ends that.")
    try:
        span = parse_span(every) if every is not None else None
    except ValueError as error:
        raise WrongUsage(f"{error}.") from None
    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        if story is None:
            found = newsroom.evergreen_stories(desk.app)
        else:
            article = find_story(desk, story)
            if span is None:
                found = [newsroom.end_evergreen(desk.app, article.id, actor=desk.actor, reason=why)]
            else:
                found = [
                    newsroom.mark_evergreen(
                        desk.app,
                        article.id,
                        every=span,
                        times=times,
                        until=read_moment(desk, until, day_alone=True) if until is not None else None,
                        season=season,
                        channels=check_channels(desk, channel),
                        actor=desk.actor,
                        reason=why,
                    )
                ]
        _tell(desk, found, off=off)
        desk.page.give(timezone=desk.times.name, evergreen=[evergreen_form(one, desk.times) for one in found])
    return 0


def _tell(desk: Desk, found: list[Evergreen], *, off: bool) -> None:
    from scheduler.newsroom.evergreening import said

    page, times = desk.page, desk.times
    if not found:
        page.say("No story is evergreen. Let one come again with: pressrun evergreen STORY --every 30d")
        return
    for one in found:
        if off:
            page.say("It comes again no more.")
            for gone in one.called_off:
                page.say(f"d{gone.id}  {gone.channel}  cancelled")
            return
        page.say(f"{one.article.id}  {one.article.headline}", f"  {said(desk.app, one.mark)}, by {one.mark.marked_by}")
        for turn in one.turns:
            came = "once" if turn.done == 1 else f"{turn.done} times"
            when = f"next {times.show(turn.next_at)}" if turn.next_at is not None else "comes again no more"
            if turn.open is not None:
                when = f"d{turn.open.id} is {turn.open.state}, {times.show(turn.open.next_at)}"
            page.say(f"  {turn.channel}: came again {came}, {when}")
    page.say(f"Times are in {times.name}.")
