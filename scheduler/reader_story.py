"""All that is known of one reader: did they get it, and why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from channels.email.addresses import parse_address
from db import consents, deliveries, exclusions, issues, letters, posts, readers, recipients, subscribers
from db.consents import ConsentRow
from db.letters import Letter
from db.moves import OPEN
from db.readers import Subscription
from db.records import Issue, Mode, SubjectKind, Subscriber
from db.suppressions import Suppression
from scheduler.app import App
from scheduler.public_lists import public_lists
from scheduler.readership import orders_over

NEWEST = 50
"""So many issues of each list are told of."""


@dataclass(frozen=True, slots=True)
class IssueStory:
    """One issue and this reader: ``outcome`` is the state of their copy, ``excluded``, or ``no candidate``; and why."""

    issue_id: int
    list_name: str
    mode: Mode
    window: str
    subject: str
    cut_at: datetime
    outcome: str
    why: str = ""
    code: str = ""
    tries: int = 0
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReaderStory:
    """A reader's whole story; without ``subscriber`` nobody of this address is known, and orders may still stand."""

    address: str
    subscriber: Subscriber | None
    subscriptions: Sequence[Subscription] = ()
    consents: Sequence[ConsentRow] = ()
    orders: Sequence[Suppression] = ()
    letters: Sequence[Letter] = ()
    issues: Sequence[IssueStory] = ()


def reader_story(app: App, address: str) -> ReaderStory:
    """What is known of the person with this address. Raises ``BadAddress``."""
    found = parse_address(address)
    with app.ground.reading() as tx:
        orders = orders_over(app, tx, found)
        person = subscribers.find(tx, found.key)
        if person is None:
            return ReaderStory(found.text, None, orders=orders)
        ties = readers.of_person(tx, person.id)
        return ReaderStory(
            address=person.address,
            subscriber=person,
            subscriptions=ties,
            consents=consents.history(tx, person.id),
            orders=orders,
            letters=letters.of_person(tx, person.id),
            issues=_issues(app, tx, person, ties),
        )


def _issues(app: App, tx: Connection, person: Subscriber, ties: Sequence[Subscription]) -> list[IssueStory]:
    """Every issue that has a row of this reader, and the newest of their lists that have none, newest first."""
    copies = {one.issue_id: one for one in recipients.of_subscriber(tx, person.id)}
    left_out = {one.issue_id: one for one in exclusions.of_subscriber(tx, person.id)}
    lists = {one.channel: one for one in public_lists(app.settings).values()}
    by_list = {one.list_name: one for one in ties}
    found = {number: issues.get(tx, number) for number in {*copies, *left_out}}
    for to in lists.values():
        if to.name in by_list:
            found |= {one.id: one for one in issues.newest(tx, to.mode, to.channel, NEWEST)}
    told = []
    for issue in sorted(found.values(), key=lambda one: (one.cut_at, one.id), reverse=True):
        list_name = lists[issue.channel].name if issue.channel in lists else issue.channel
        subject = posts.get(tx, issue.post_id).parts[0].subject
        story = IssueStory(issue.id, list_name, issue.mode, issue.window, subject, issue.cut_at, "no candidate")
        if issue.id in copies:
            copy = copies[issue.id]
            story = _with(story, copy.state.value, copy.detail, copy.code, copy.tries, copy.closed_at)
        elif issue.id in left_out:
            story = _with(story, "excluded", left_out[issue.id].reason)
        else:
            story = _with(story, "no candidate", _why_none(tx, issue, by_list.get(list_name)))
        told.append(story)
    return told


def _with(
    story: IssueStory, outcome: str, why: str, code: str = "", tries: int = 0, closed_at: datetime | None = None
) -> IssueStory:
    return replace(story, outcome=outcome, why=why, code=code, tries=tries, closed_at=closed_at)


def _why_none(tx: Connection, issue: Issue, tie: Subscription | None) -> str:
    """Why an issue has no row of somebody on its list."""
    prepared_at = issues.prepared_at(tx, issue.id)
    if prepared_at is None:
        mine = deliveries.of_subject(tx, SubjectKind.ISSUE, issue.id)
        over = bool(mine) and mine[-1].state not in OPEN
        return "it ended before its audience was frozen" if over else "its audience is not frozen yet"
    if tie is None:
        return "not on its list"
    if tie.since_at >= prepared_at or (tie.consent_at is not None and tie.consent_at >= prepared_at):
        return "subscribed after its audience was frozen"
    if tie.ended_at is not None and tie.ended_at <= prepared_at:
        return "had unsubscribed before"
    return "did not ask for what it carries"


__all__ = ["IssueStory", "ReaderStory", "reader_story"]
