"""An issue put together and promised: its words, its stories, its delivery, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from channels.email.channel import EmailChannel
from db import deliveries, issue_corrections, issue_pins, issue_variants, issue_wishes, issues, posts, teasers
from db.records import (
    MACHINE,
    Delivery,
    Issue,
    IssueCorrection,
    OwnWords,
    Post,
    Priority,
    Problem,
    Publish,
    State,
    SubjectKind,
)
from scheduler.app import App, Outlet
from scheduler.approval import approval
from scheduler.first_posts import rules_now
from scheduler.lineup import Lineup, words_of
from scheduler.plan import Rules, yes_wanted
from scheduler.variants import box

DIGEST = "digest"
"""The purpose of an issue that is cut by the clock, or in its place."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What is to be promised: the stories, why it goes, from when and for how long it makes sense.

    ``corrects`` is the issue that it puts right, ``told`` what was wrong there. ``approved_by`` is who ordered it by
    name: then it needs no other yes. ``waits`` says why it waits for a person's yes whatever the newsletter asks for.
    """

    lineup: Lineup
    purpose: str
    due_at: datetime
    latest: timedelta | None
    priority: Priority = Priority.NORMAL
    corrects: int | None = None
    approved_by: str | None = None
    ordered_by: str = MACHINE
    reason: str = ""
    waits: str = ""


def promise_issue(app: App, outlet: Outlet, cut: Cut, now: datetime) -> Delivery | None:
    """Stores the issue and its delivery; None where somebody cut it, or one of its stories, in this very moment."""
    with app.ground.reading() as tx:
        untold = _to_tell(tx, outlet, cut, now)
        boxes = tuple(box(one.note, teasers.get(tx, one.teaser_id)) for one in untold)
        own: OwnWords | None = (
            issue_wishes.words(tx, outlet.name, cut.lineup.frequency) if cut.purpose == DIGEST else None
        )
    lineup = cut.lineup if cut.corrects is not None else replace(cut.lineup, corrections=boxes, own=own)
    if own is not None and own.lead_id == lineup.stories[0].article_id and app.settings.rights.four_eyes:
        waits = f"{own.by} wrote the words above it, and [rights] four_eyes asks for another person's yes."
        cut = replace(cut, waits=waits)
    post, problems = compose(app, outlet, lineup)
    with app.ground.transaction() as tx:
        delivery = store_issue(tx, outlet, replace(cut, lineup=lineup), post, problems, now)
        if delivery is None:
            tx.rollback()
            return None
        if untold:
            issue_corrections.note_told(tx, [one.id for one in untold], delivery.subject_id, actor=MACHINE, now=now)
        return delivery


def compose(app: App, outlet: Outlet, lineup: Lineup) -> tuple[Post, tuple[Problem, ...]]:
    """The whole issue as one post, and what an editor must fix. Raises the template's own fault."""
    channel = app.silent(outlet)
    assert isinstance(channel, EmailChannel)
    assert outlet.letter is not None
    post = channel.compose_issue(words_of(outlet.letter, lineup))
    return post, tuple(channel.validate(post))


def store_issue(
    tx: Connection, outlet: Outlet, cut: Cut, post: Post, problems: tuple[Problem, ...], now: datetime
) -> Delivery | None:
    """The rows of an issue that was composed; None where its window or a story of it is taken."""
    actor, lineup = cut.approved_by or MACHINE, cut.lineup
    stored = posts.add(tx, post, problems, teaser_id=None, actor=actor, now=now)
    asked = Issue(
        outlet.mode,
        outlet.name,
        lineup.window,
        cut_at=now,
        post_id=stored.id,
        frequency=lineup.frequency,
        corrects=cut.corrects,
        own=lineup.own if lineup.own is not None and lineup.own.lead_id == lineup.stories[0].article_id else None,
    )
    issue = issues.add(tx, asked, lineup.stories, actor=actor, now=now, reason=cut.reason)
    if issue is None:
        return None
    issue_variants.add(tx, issue.id, stored, issue.article_ids, actor=actor, now=now)
    if cut.purpose == DIGEST:
        issue_pins.unpin(tx, outlet.name, issue.article_ids)
        issue_wishes.word(tx, outlet.name, lineup.frequency, None, actor=actor, now=now)
    rules = rules_now(tx, outlet)
    return deliveries.add(tx, _delivery(outlet, rules, cut, issue, stored, problems, now), actor=actor, now=now)


def _to_tell(tx: Connection, outlet: Outlet, cut: Cut, now: datetime) -> list[IssueCorrection]:
    """The corrections that this issue's box will tell: a digest tells what no box has told."""
    return issue_corrections.untold(tx, outlet.mode, outlet.name, now) if cut.purpose == DIGEST else []


def _delivery(
    outlet: Outlet, rules: Rules, cut: Cut, issue: Issue, post: Post, problems: tuple[Problem, ...], now: datetime
) -> Delivery:
    reasons = [problem.message for problem in problems if problem.stops]
    if rules.asks is Publish.APPROVE and cut.approved_by is None:
        reasons.append(yes_wanted(rules))
    if cut.waits:
        reasons.append(cut.waits)
    promise = Delivery(
        mode=outlet.mode,
        subject_kind=SubjectKind.ISSUE,
        subject_id=issue.id,
        channel=outlet.name,
        kind=outlet.kind,
        purpose=cut.purpose,
        post_id=post.id,
        fingerprint=post.fingerprint,
        state=State.WAITING if reasons else State.PLANNED,
        due_at=cut.due_at,
        next_at=cut.due_at,
        latest_at=cut.due_at + cut.latest if cut.latest is not None else None,
        priority=cut.priority,
        ordered_by=cut.approved_by or cut.ordered_by,
        reason=" ".join(reasons) or cut.reason,
    )
    return replace(promise, **approval(cut.approved_by or MACHINE, post, now, given=not reasons))
