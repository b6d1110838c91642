"""One reader's story as the terminal and programs get it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from desk.cli.columns import Column
from desk.cli.printing import Table

if TYPE_CHECKING:
    from db.readers import Subscription
    from desk.cli.moments import Times
    from desk.cli.opening import Desk
    from desk.shapes.readers import CopyForm, ReaderForm, TieForm
    from scheduler.reader_story import IssueStory, ReaderStory


def tell_reader(desk: Desk, story: ReaderStory) -> None:
    """Prints who it is, what they asked for, what proves it, and each issue with its outcome."""
    page, times = desk.page, desk.times
    person = story.subscriber
    if person is None:
        page.say(f"{story.address} is nobody's address here.")
    else:
        page.say(f"{person.address}, reader {person.id}")
        page.facts({"name": person.name, "language": person.language})
    for order in story.orders:
        where = f'to the list "{order.list_name}"' if order.list_name else "at all"
        why = f" ({order.reason})" if order.reason else ""
        page.say(f"Must not be written {where}: {order.cause}{why}, since {times.show(order.since_at)} by {order.by}")
    if person is not None:
        _tell_ties(desk, story)
        _tell_issues(desk, story.issues)
    page.give(timezone=times.name, **reader_form(times, story))


def _tell_ties(desk: Desk, story: ReaderStory) -> None:
    from scheduler.exporting import say_sections

    page, times = desk.page, desk.times
    for tie in story.subscriptions:
        chosen = tie.choices
        page.say("", f'List "{tie.list_name}": {tie.tie}')
        page.facts(
            {
                "since": times.show(tie.since_at),
                "ended": times.show(tie.ended_at, absent=""),
                "sections": say_sections(chosen),
                "paused": f"until {times.show(chosen.paused_until)}" if chosen.paused_until else "",
                "quiet": f"{chosen.quiet_start:%H:%M} to {chosen.quiet_end:%H:%M}"
                if chosen.quiet_start is not None and chosen.quiet_end is not None
                else "",
                "zone": chosen.zone,
                "alerts": f"{chosen.alerts_a_day} a day at most" if chosen.alerts_a_day is not None else "",
                "language": f"stories in {chosen.language} only" if chosen.language else "",
            }
        )
    if story.consents:
        page.say("", "Consent")
        rows = [
            [
                times.show(one.proof.at),
                one.proof.event.value,
                one.list_name,
                (f"issue {one.issue_id}: " if one.issue_id else "") + one.proof.source,
                one.proof.wording or one.reason,
            ]
            for one in story.consents
        ]
        heads = [Column("at"), Column("what"), Column("list"), Column("how", flexible=True)]
        page.table(Table([*heads, Column("wording, or why", flexible=True)], rows))
    if story.letters:
        page.say("", "Letters")
        rows = [
            [times.show(one.created_at), one.purpose.value, one.state.value, str(one.tries), one.detail or one.code]
            for one in story.letters
        ]
        heads = [Column("asked"), Column("for"), Column("state"), Column("tries", right=True)]
        page.table(Table([*heads, Column("what the server said", flexible=True)], rows))


def _tell_issues(desk: Desk, issues: Any) -> None:
    page, times = desk.page, desk.times
    if not issues:
        page.say("", "No issue has been cut for them yet.")
        return
    page.say("", "Issues, newest first")
    rows = [
        [
            str(one.issue_id),
            one.window,
            one.outcome,
            times.show(one.closed_at),
            one.why or one.code or "",
            one.subject,
        ]
        for one in issues
    ]
    heads = [Column("issue", right=True), Column("window"), Column("outcome"), Column("at")]
    page.table(Table([*heads, Column("why", flexible=True), Column("subject", flexible=True)], rows))


def tie_form(one: Subscription) -> TieForm:
    """One subscription as the row of an export."""
    from scheduler.exporting import HEADS, row_of

    return cast("TieForm", dict(zip(HEADS, row_of(one), strict=True)))


def reader_form(times: Times, story: ReaderStory) -> ReaderForm:
    """A reader's whole story for programs."""
    iso = times.iso
    person = story.subscriber
    return {
        "address": story.address,
        "subscriber": person.id if person is not None else None,
        "name": person.name if person is not None else "",
        "subscriptions": [tie_form(one) for one in story.subscriptions],
        "suppressions": [
            {
                "list": one.list_name or None,
                "cause": one.cause,
                "reason": one.reason,
                "by": one.by,
                "since": iso(one.since_at),
            }
            for one in story.orders
        ],
        "consents": [
            {
                "at": iso(one.proof.at),
                "event": one.proof.event.value,
                "list": one.list_name,
                "source": one.proof.source,
                "wording": one.proof.wording,
                "form": one.proof.form,
                "wording_version": one.proof.wording_version,
                "ip": one.proof.ip or None,
                "issue": one.issue_id,
                "by": one.actor,
                "reason": one.reason,
            }
            for one in story.consents
        ],
        "letters": [
            {
                "asked": iso(one.created_at),
                "purpose": one.purpose.value,
                "list": one.list_name,
                "state": one.state.value,
                "tries": one.tries,
                "detail": one.detail,
                "code": one.code,
            }
            for one in story.letters
        ],
        "issues": [_issue_form(times, one) for one in story.issues],
    }


def _issue_form(times: Times, one: IssueStory) -> CopyForm:
    return {
        "issue": one.issue_id,
        "list": one.list_name,
        "mode": one.mode,
        "window": one.window,
        "subject": one.subject,
        "cut": times.iso(one.cut_at),
        "outcome": one.outcome,
        "why": one.why,
        "code": one.code,
        "tries": one.tries,
        "at": times.iso(one.closed_at),
    }
