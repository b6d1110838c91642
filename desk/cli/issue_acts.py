"""The commands under ``pressrun issue`` that change something: cut, send, alert, pin, pause, resume, cancel, correct."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from desk.cli.options import AsJson, AsName, SettingsFile, Story, Why, WrongUsage

if TYPE_CHECKING:
    from desk.cli.opening import Desk
    from scheduler.preflight_finding import Finding

OneIssue = Annotated[
    str, typer.Argument(metavar="ISSUE", help="An issue: its number, a newsletter (its newest), morning/2026-09-21.")
]
Newsletter = Annotated[str, typer.Argument(metavar="NEWSLETTER", help="A newsletter, by its name in the settings.")]
MustWhy = Annotated[str, typer.Option("--why", metavar="W", help="The reason, kept with it.")]


def add_acts(issue: typer.Typer) -> None:
    """Puts the commands under ``pressrun issue``."""
    for command in (cut, send, alert, pin, pause, resume, cancel, correct):
        issue.command()(command)


def cut(
    name: Newsletter,
    weekly: Annotated[bool, typer.Option("--weekly", help="The week's issue instead of the day's.")] = False,
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Cut a newsletter's next issue now, from the stories that wait for it.

    It goes with the next turn of the worker, or waits for a yes where the newsletter asks for one.

    \b
    Example:
      pressrun issue cut morning
    """
    from db.records import Frequency
    from desk.cli.opening import opened
    from scheduler import newsroom

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        frequency = Frequency.WEEKLY if weekly else Frequency.DAILY
        delivery = newsroom.cut_now(desk.app, name, frequency, actor=desk.actor)
        desk.page.say(f"Issue {delivery.subject_id} of {name} is cut.")
        _tell(desk, delivery.id)
    return 0


def send(
    name: OneIssue,
    why: Why = "",
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Although the pre-flight would stop it; needs --why.")
    ] = False,
    recompose: Annotated[
        bool, typer.Option("--recompose", help="Make it anew first, from the templates as they are now.")
    ] = False,
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Say yes to exactly this issue and let it go at once.

    The pre-flight is looked at first; what stops an issue is told, and nothing goes. With --recompose it is only made
    anew: look at it, then send it.

    \b
    Examples:
      pressrun issue send morning
      pressrun issue send 12 --anyway --why "the link leads to tomorrow's page"
    """
    from desk.cli.issue_pages import tell_findings
    from desk.cli.opening import opened
    from scheduler import newsroom
    from scheduler.issue_preview import preview
    from scheduler.issue_standing import delivery_of, find_issue
    from scheduler.preflight import preflight
    from scheduler.preflight_finding import Level

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        with desk.app.ground.reading() as tx:
            issue = find_issue(desk.app, tx, name)
            delivery = delivery_of(tx, issue)
        if recompose:
            newsroom.recompose(desk.app, delivery.id, actor=desk.actor, reason=why)
            desk.page.say(f"Issue {issue.id} is made anew. Look at it: pressrun issue preview {issue.id}")
            _tell(desk, delivery.id)
            return 0
        found = preflight(desk.app, preview(desk.app, issue))
        stopping = [one for one in found if one.level is Level.STOP]
        if stopping and not anyway:
            tell_findings(desk, found)
            desk.page.say("", "It does not go. Mend what stops it, or say --anyway with --why.")
            desk.page.give(issue=issue.id, sent=False, findings=_findings(stopping))
            return 1
        newsroom.send_issue(
            desk.app, delivery.id, actor=desk.actor, seen=delivery.fingerprint, reason=why, anyway=anyway
        )
        _tell(desk, delivery.id)
    return 0


def alert(
    name: Newsletter, story: Story, as_user: AsName = None, as_json: AsJson = False, settings: SettingsFile = None
) -> int:
    """Alert those readers to a story who asked for its section at once, whether it is fresh or not.

    It has your yes and goes at once. Whoever has it does not get the story again in the day's or week's issue.

    \b
    Example:
      pressrun issue alert morning "ferry"
    """
    from desk.cli.naming import find_story
    from desk.cli.opening import opened
    from scheduler import newsroom

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        article = find_story(desk, story)
        _tell(desk, newsroom.alert_now(desk.app, name, article.id, actor=desk.actor).id)
    return 0


def pin(
    name: Newsletter,
    story: Story,
    away: Annotated[bool, typer.Option("--away", help="Take the pin away again.")] = False,
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Put a story first in a newsletter's next issue.

    Of several pinned stories the one that was pinned first leads. A pin holds for one issue.

    \b
    Example:
      pressrun issue pin morning "ferry"
    """
    from desk.cli.naming import find_story
    from desk.cli.opening import opened
    from scheduler import newsroom

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        article = find_story(desk, story)
        changed = newsroom.pin(desk.app, name, article.id, actor=desk.actor, away=away)
        if away:
            desk.page.say(f"Its pin in {name} is gone." if changed else f"It was not pinned in {name}.")
        else:
            desk.page.say(f"It comes first in the next issue of {name}." if changed else "It was pinned already.")
        desk.page.give(newsletter=name, story=article.id, pinned=not away, changed=changed)
    return 0


def pause(
    name: OneIssue, why: MustWhy, as_user: AsName = None, as_json: AsJson = False, settings: SettingsFile = None
) -> int:
    """Keep an issue from going; one that is under way stops before its next reader.

    \b
    Example:
      pressrun issue pause morning --why "the lead story is wrong"
    """
    from db.records import Scope
    from desk.cli.holding import tell_laid
    from desk.cli.opening import opened
    from scheduler import newsroom
    from scheduler.newsroom import Reach

    if not why.strip():
        raise WrongUsage("Say why it is paused: the reason stands everywhere.")
    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        reach = Reach(Scope.DELIVERY, str(_delivery(desk, name)))
        tell_laid(desk, newsroom.hold(desk.app, reach, actor=desk.actor, reason=why))
    return 0


def resume(
    name: OneIssue, why: Why = "", as_user: AsName = None, as_json: AsJson = False, settings: SettingsFile = None
) -> int:
    """Let a paused issue go on; nobody who has it gets it again.

    \b
    Example:
      pressrun issue resume morning
    """
    from db.records import Scope
    from desk.cli.opening import opened
    from scheduler import newsroom
    from scheduler.newsroom import Reach

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        number = _delivery(desk, name)
        newsroom.resume(desk.app, Reach(Scope.DELIVERY, str(number)), actor=desk.actor, reason=why)
        _tell(desk, number)
    return 0


def cancel(
    name: OneIssue, why: MustWhy, as_user: AsName = None, as_json: AsJson = False, settings: SettingsFile = None
) -> int:
    """Call an issue off: whoever has not got it gets nothing.

    \b
    Example:
      pressrun issue cancel morning --why "overtaken by events"
    """
    from desk.cli.calling_off import tell_called_off
    from desk.cli.opening import opened
    from scheduler import newsroom

    if not why.strip():
        raise WrongUsage("Say why it is called off: the reason stands in the log.")
    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        number = _delivery(desk, name)
        tell_called_off(desk, [newsroom.cancel(desk.app, number, actor=desk.actor, reason=why)])
    return 0


def correct(
    name: OneIssue,
    story: Story,
    note: Annotated[str, typer.Option("--note", metavar="N", help="What was wrong, in a sentence for readers.")],
    text: Annotated[
        str | None, typer.Option("--text", metavar="T", help="The story's right words; without it its newest ones.")
    ] = None,
    why: Annotated[str, typer.Option("--why", metavar="W", help="The reason, kept in the audit.")] = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Put right what an issue said about a story.

    Whoever has the wrong words, or may have them, gets a correction at once, unless they have left since. Copies that
    have not begun say it right, and the next issue tells everybody in a box.

    \b
    Example:
      pressrun issue correct morning "ferry" --note "The ferry runs until one."
    """
    from desk.cli.naming import find_story
    from desk.cli.opening import opened
    from desk.cli.standing_words import tell_delivery
    from scheduler import newsroom
    from scheduler.issue_standing import find_issue

    if not note.strip():
        raise WrongUsage("Say in a sentence for readers what was wrong: --note.")
    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        article = find_story(desk, story)
        with desk.app.ground.reading() as tx:
            wrong = find_issue(desk.app, tx, name)
        if article.id not in wrong.article_ids:
            has = ", ".join(str(number) for number in wrong.article_ids)
            raise WrongUsage(f"Issue {wrong.id} does not carry story {article.id}; it has: {has}.")
        said = text if text is not None else _words(desk, wrong.channel, article.id)
        done = newsroom.correct_mail(
            desk.app, article.id, wrong.channel, said, actor=desk.actor, reason=why or note, note=note
        )
        page = desk.page
        for one in done.renewed:
            page.say(f"Issue {one.subject_id} had not begun; it says it right.")
        if done.exchanged:
            page.say(f"{done.exchanged:,} copies that had not begun say it right.")
        if done.mails:
            page.say(f"{done.misled:,} readers have, or may have, the wrong words; a correction goes to them at once.")
        if done.noted:
            page.say(f"The next issue of {wrong.channel} tells everybody in a box.")
        for one in done.mails:
            tell_delivery(desk, one)
        page.give(
            issue=wrong.id,
            misled=done.misled,
            exchanged=done.exchanged,
            renewed=[one.subject_id for one in done.renewed],
            corrections=[one.subject_id for one in done.mails],
            in_next_issue=done.noted,
        )
    return 0


def _words(desk: Desk, channel: str, article_id: int) -> str:
    """The story's newest words for this newsletter: whoever edited them before need not write them again."""
    from db import teasers
    from db.records import SubjectKind

    with desk.app.ground.reading() as tx:
        newest = teasers.newest(tx, SubjectKind.ARTICLE, article_id, channel)
    return newest.text if newest is not None else ""


def _delivery(desk: Desk, name: str) -> int:
    from scheduler.issue_standing import delivery_of, find_issue

    with desk.app.ground.reading() as tx:
        return delivery_of(tx, find_issue(desk.app, tx, name)).id


def _tell(desk: Desk, number: int, **more: object) -> None:
    """How an issue's delivery stands now."""
    from db import deliveries
    from desk.cli.forms import delivery_form
    from desk.cli.standing_words import tell_delivery, tell_zone

    with desk.app.ground.reading() as tx:
        delivery = deliveries.get(tx, number)
    tell_delivery(desk, delivery)
    tell_zone(desk, [delivery])
    desk.page.give(
        timezone=desk.times.name, issue=delivery.subject_id, delivery=delivery_form(delivery, desk.times), **more
    )


def _findings(found: Sequence[Finding]) -> list[dict[str, str]]:
    return [{"name": one.name, "level": one.level.value, "sentence": one.sentence} for one in found]
