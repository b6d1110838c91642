"""Not before, and at once: embargo and breaking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from desk.cli.options import AsJson, AsName, SettingsFile, Story, Why, WrongUsage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.records import Delivery
    from desk.cli.opening import Desk


def embargo(
    story: Story,
    until: Annotated[
        str | None, typer.Option("--until", metavar="T", help="The moment before which no word of it leaves.")
    ] = None,
    lift: Annotated[bool, typer.Option("--lift", help="Let it go.")] = False,
    why: Why = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Set, move or lift a story's embargo; it binds every channel and every newsletter.

    Posts that were to go before its end are planned anew from there. A moment with an offset may be of any zone.

    \b
    Examples:
      pressrun embargo 12 --until "tomorrow 00:01"
      pressrun embargo 12 --until 2026-09-22T00:00+05:30
      pressrun embargo 12 --lift
    """
    from desk.cli.forms import article_form, delivery_form
    from desk.cli.naming import find_story
    from desk.cli.opening import opened, read_moment
    from desk.cli.standing_words import moment_of
    from scheduler import newsroom

    if (until is None) is not lift:
        raise WrongUsage("Say one of the two: --until T sets or moves it, --lift lifts it.")
    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        page, times = desk.page, desk.times
        article = find_story(desk, story)
        if until is not None:
            done = newsroom.embargo(desk.app, article.id, read_moment(desk, until), actor=desk.actor, reason=why)
            page.say(f"No word of it leaves before {times.show(done.article.embargo_at)} {times.name}.")
        else:
            done = newsroom.lift_embargo(desk.app, article.id, actor=desk.actor, reason=why)
            page.say("Its embargo is lifted.")
        _tell_moved(desk, done.moved)
        for one in done.stays:
            other = f"another: pressrun schedule {article.id} --channel {one.channel} --at T"
            page.say(f"d{one.id}  {one.channel}  {one.state}, keeps its moment, {moment_of(one, times)}; {other}")
        for one in done.issues:
            page.say(f"d{one.id}  {one.channel}  carries it and {'waits' if not lift else 'may go'}")
        for one in done.too_late:
            how = "is out already" if one.state == "sent" else f"is {one.state} and may be out"
            if one.subject_kind == "issue":
                page.say(f"d{one.id}  {one.channel}  {how}: mail stays with its readers")
            else:
                page.say(f"d{one.id}  {one.channel}  {how}; to take it back: pressrun takedown d{one.id}")
        page.give(
            timezone=times.name,
            story=article_form(done.article, times),
            deliveries=[delivery_form(one, times) for one in done.moved],
            stays=[delivery_form(one, times) for one in done.stays],
            issues=[delivery_form(one, times) for one in done.issues],
            too_late=[delivery_form(one, times) for one in done.too_late],
        )
    return 0


def breaking(
    story: Story,
    undo: Annotated[bool, typer.Option("--undo", help="Make it news like any other again.")] = False,
    apart: Annotated[
        bool, typer.Option("--apart", help="Post it too, where a story that is breaking already tells the same.")
    ] = False,
    why: Why = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Declare a story breaking: past slots, spacing and quiet hours, first in every line, and never late.

    A post that waits for a yes still waits for it. Where a story that is breaking already tells the same, its posts
    stand for both, and those of this one are called off there. Who may declare it stands in the settings under [rights].

    \b
    Examples:
      pressrun breaking latest
      pressrun breaking 12 --undo --why "it was a drill"
    """
    from desk.cli.forms import article_form, delivery_form
    from desk.cli.naming import find_story
    from desk.cli.opening import opened
    from scheduler import newsroom

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        article = find_story(desk, story)
        if undo:
            done = newsroom.undo_breaking(desk.app, article.id, actor=desk.actor, reason=why)
        else:
            done = newsroom.declare_breaking(desk.app, article.id, actor=desk.actor, reason=why, apart=apart)
        desk.page.say("It is news like any other again." if undo else "It is breaking.")
        if done.leads is not None:
            desk.page.say(
                f"Story {done.leads.id} tells the same and is breaking already ({done.leads.headline}): its posts stand "
                f"for both. To post this one too: pressrun again {article.id} --channel C"
            )
            for one in done.called_off:
                desk.page.say(f"d{one.id}  {one.channel}  called off")
        if not (done.moved or done.called_off):
            desk.page.say("Nothing of it is still to go; what is out stays as it is.")
        _tell_moved(desk, done.moved)
        desk.page.give(
            timezone=desk.times.name,
            story=article_form(done.article, desk.times),
            merged_into=done.leads.id if done.leads is not None else None,
            called_off=[delivery_form(one, desk.times) for one in done.called_off],
            deliveries=[delivery_form(one, desk.times) for one in done.moved],
        )
    return 0


def _tell_moved(desk: Desk, moved: Sequence[Delivery]) -> None:
    from desk.cli.standing_words import tell_delivery, tell_zone

    for one in moved:
        tell_delivery(desk, one)
    tell_zone(desk, moved)
