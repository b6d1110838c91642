"""The commands under ``pressrun issue`` that set its stories and the words above it: order, leave-out, words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from desk.cli.options import AsJson, AsName, SettingsFile, Story, Why, WrongUsage

if TYPE_CHECKING:
    from db.records import Frequency, Issue
    from desk.cli.opening import Desk

Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME", help="A newsletter, for what has not gone yet; or an issue: 12, morning/2026-09-21."
    ),
]
Weekly = Annotated[bool, typer.Option("--weekly", help="The week's issue instead of the day's.")]


def frequency_of(weekly: bool) -> Frequency:
    """The frequency that ``--weekly`` means."""
    from db.records import Frequency

    return Frequency.WEEKLY if weekly else Frequency.DAILY


def add_order(issue: typer.Typer) -> None:
    """Puts the commands under ``pressrun issue``."""
    issue.command()(order)
    issue.command("leave-out")(leave_out)
    issue.command()(words)


def order(
    name: Name,
    stories: Annotated[
        list[str], typer.Argument(metavar="STORY...", help="The stories in order, by number or words of the headline.")
    ],
    weekly: Weekly = False,
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Put an issue's stories in order, the lead first; those not named follow as they stand.

    An issue that is cut can be changed until its first reader is written to; it then waits for a yes to what it says
    now.

    \b
    Examples:
      pressrun issue order morning "ferry" "violins"
      pressrun issue order 12 31 28
    """
    from desk.cli.naming import find_story
    from desk.cli.opening import opened
    from scheduler import newsroom

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        first = [find_story(desk, one).id for one in stories]
        issue = _not_begun(desk, name)
        if issue is None:
            found = newsroom.order_next(desk.app, name.strip(), first, frequency_of(weekly), actor=desk.actor)
            desk.page.say(f"The next issue of {name} has them in this order: {', '.join(map(str, found))}")
            desk.page.give(newsletter=name.strip(), stories=found)
            return 0
        missing = [number for number in first if number not in issue.article_ids]
        if missing:
            has = ", ".join(map(str, issue.article_ids))
            raise WrongUsage(f"Issue {issue.id} does not carry story {missing[0]}; it has: {has}.")
        wanted = [*first, *(number for number in issue.article_ids if number not in first)]
        done = newsroom.arrange_issue(desk.app, _delivery(desk, issue), wanted, actor=desk.actor)
        _tell(desk, issue, done.delivery.id)
    return 0


def leave_out(
    name: Name,
    story: Story,
    back: Annotated[bool, typer.Option("--back", help="Put the story back.")] = False,
    why: Why = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Leave a story out of a newsletter until it is put back; out of an issue that is cut, too, while it has not begun.

    Alerts go their own way.

    \b
    Examples:
      pressrun issue leave-out morning "ferry"
      pressrun issue leave-out morning "ferry" --back
    """
    from desk.cli.naming import find_story
    from desk.cli.opening import opened
    from scheduler import newsroom

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        article = find_story(desk, story)
        issue = _not_begun(desk, name)
        if issue is not None and (article.id in issue.article_ids) is not back:
            rest = [number for number in issue.article_ids if number != article.id]
            wanted = [*rest, *([article.id] if back else [])]
            done = newsroom.arrange_issue(desk.app, _delivery(desk, issue), wanted, actor=desk.actor, reason=why)
            _tell(desk, issue, done.delivery.id)
            return 0
        channel = issue.channel if issue is not None else name.strip()
        changed = newsroom.leave_out(desk.app, channel, article.id, actor=desk.actor, back=back, reason=why)
        stands = "comes again" if back else "is left out until it is put back"
        desk.page.say(f"Story {article.id} {stands}." if changed else "It stood so already.")
        desk.page.give(newsletter=channel, story=article.id, left_out=not back, changed=changed)
    return 0


def words(
    name: Name,
    subject: Annotated[
        str | None, typer.Option("--subject", metavar="S", help='The subject; "" for the lead story\'s.')
    ] = None,
    preheader: Annotated[
        str | None, typer.Option("--preheader", metavar="P", help='The inbox\'s second line; "" for the headlines.')
    ] = None,
    weekly: Weekly = False,
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Write an issue's subject and second line yourself; they hold while the story leads that leads now.

    \b
    Example:
      pressrun issue words morning --subject "The ferry stays"
    """
    from db import issue_wishes
    from desk.cli.opening import opened
    from scheduler import newsroom

    if subject is None and preheader is None:
        raise WrongUsage('Say which words: --subject, --preheader, or both; "" takes yours away.')
    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        issue = _not_begun(desk, name)
        if issue is None:
            frequency = frequency_of(weekly)
            with desk.app.ground.reading() as tx:
                kept = issue_wishes.words(tx, name.strip(), frequency)
            said = [
                given if given is not None else (was or "")
                for given, was in (
                    (subject, kept.subject if kept else ""),
                    (preheader, kept.preheader if kept else ""),
                )
            ]
            own = newsroom.word_next(desk.app, name.strip(), frequency, said[0], said[1], actor=desk.actor)
            desk.page.say("They stand above the next issue." if own else "It says what its stories say.")
            desk.page.give(
                newsletter=name.strip(),
                subject=own.subject if own else "",
                preheader=own.preheader if own else "",
            )
            return 0
        done = newsroom.arrange_issue(
            desk.app, _delivery(desk, issue), actor=desk.actor, subject=subject, preheader=preheader
        )
        _tell(desk, issue, done.delivery.id)
    return 0


def _not_begun(desk: Desk, name: str) -> Issue | None:
    """The cut issue that a name means, None where it means a newsletter's next one."""
    from scheduler.issue_standing import find_issue, newsletter_named, not_begun

    with desk.app.ground.reading() as tx:
        if name.strip() not in desk.app.outlets:
            return find_issue(desk.app, tx, name)
        return not_begun(tx, newsletter_named(desk.app, name.strip()))


def _delivery(desk: Desk, issue: Issue) -> int:
    from scheduler.issue_standing import delivery_of

    with desk.app.ground.reading() as tx:
        return delivery_of(tx, issue).id


def _tell(desk: Desk, issue: Issue, number: int) -> None:
    from db import deliveries, issues
    from desk.cli.forms import delivery_form
    from desk.cli.standing_words import tell_delivery

    with desk.app.ground.reading() as tx:
        delivery = deliveries.get(tx, number)
        stories = issues.get(tx, issue.id).article_ids
    desk.page.say(f"Issue {issue.id} carries: {', '.join(map(str, stories))}")
    tell_delivery(desk, delivery)
    desk.page.give(issue=issue.id, stories=list(stories), delivery=delivery_form(delivery, desk.times))
