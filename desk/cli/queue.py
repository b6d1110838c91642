"""``pressrun queue``: what is still to come, with the moment each goes or goes stale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desk.cli.options import AsJson, SettingsFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from db.records import Article, Delivery, QueuePlace
    from desk.cli.opening import Desk
    from scheduler.ahead import IssueAhead

MOST_STORIES = 500


def queue(as_json: AsJson = False, settings: SettingsFile = None) -> int:
    """Show what is still to come: stories without words, posts that are planned or wait, the next issues.

    Each delivery stands with the moment at which it will go, or at which it goes stale if nobody says yes to it.

    \b
    Example:
      pressrun queue
    """
    from db import articles, deliveries, log
    from db import queue as line
    from db.moves import OPEN
    from desk.cli.opening import opened
    from scheduler.ahead import issues_ahead
    from scheduler.needs import planned_but_stopped

    with opened(settings, as_json=as_json) as desk:
        with desk.app.ground.reading() as tx:
            places = line.waiting(tx, MOST_STORIES)
            stories = {one.id: one for one in articles.several(tx, [place.article_id for place in places])}
            still = deliveries.in_states(tx, OPEN)
            headlines = {one.id: log.row_of(tx, one.id).headline for one in still}
            stopped = {one.id: planned_but_stopped(desk.app, tx, one) for one in still}
        ahead = issues_ahead(desk.app)
        _tell(desk, places, stories, still, headlines, stopped, ahead)
        _give(desk, places, stories, still, headlines, stopped, ahead)
        refusal = desk.app.safeguard.refusal()
        if refusal is not None:
            desk.page.aside(f"Nothing is sent: {refusal.sentence}")
    return 0


def _tell(
    desk: Desk,
    places: Sequence[QueuePlace],
    stories: Mapping[int, Article],
    still: Sequence[Delivery],
    headlines: Mapping[int, str],
    stopped: Mapping[int, str],
    ahead: Sequence[IssueAhead],
) -> None:
    from desk.cli.columns import Column
    from desk.cli.printing import Table
    from desk.cli.standing_words import moment_of

    page, times = desk.page, desk.times
    if not places and not still and not ahead:
        page.say("Nothing is to come. Take a story in with: pressrun add FILE")
        return
    if places:
        page.say(f"Stories without words yet ({len(places)}; pressrun run writes them):")
        rows = [
            [str(place.article_id), stories[place.article_id].headline, place.priority, times.show(place.put_at)]
            for place in places
        ]
        heads = [Column("story", right=True), Column("headline", flexible=True), Column("priority"), Column("since")]
        page.table(Table(heads, rows))
    if still:
        if places:
            page.say("")
        page.say(f"Deliveries still to come ({len(still)}):")
        rows = [
            [
                f"d{one.id}",
                one.channel,
                "held" if stopped[one.id] else one.state,
                moment_of(one, times),
                headlines[one.id],
            ]
            for one in still
        ]
        heads = [Column("id"), Column("channel"), Column("state"), Column("moment")]
        page.table(Table([*heads, Column("story", flexible=True)], rows))
        for one in still:
            if stopped[one.id]:
                page.say(f"d{one.id} is held: {stopped[one.id]}")
    for issue in ahead:
        count = "1 story waits" if issue.stories == 1 else f"{issue.stories} stories wait"
        page.say(f"{issue.channel}: {count} for the next issue, {times.show(issue.at, 'no slot in sight')}.")
    page.say(f"Times are in {times.name}.")


def _give(
    desk: Desk,
    places: Sequence[QueuePlace],
    stories: Mapping[int, Article],
    still: Sequence[Delivery],
    headlines: Mapping[int, str],
    stopped: Mapping[int, str],
    ahead: Sequence[IssueAhead],
) -> None:
    from desk.cli.forms import article_form, delivery_form

    times = desk.times
    to_prepare: list[dict[str, Any]] = [
        {"put_at": times.iso(place.put_at), **article_form(stories[place.article_id], times)} for place in places
    ]
    to_come = [
        {**delivery_form(one, times), "headline": headlines[one.id], "stopped": stopped[one.id] or None}
        for one in still
    ]
    issues = [{"channel": one.channel, "stories": one.stories, "at": times.iso(one.at)} for one in ahead]
    desk.page.give(timezone=times.name, stories=to_prepare, deliveries=to_come, issues=issues)
