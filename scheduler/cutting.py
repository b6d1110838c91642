"""Cutting issues: one a day at a newsletter's slot, from the stories that came since the last one. Never empty."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from channels.email.channel import EmailChannel
from db import articles, deliveries, issues, notices, posts, subscribers, teasers
from db.records import (
    MACHINE,
    Article,
    Delivery,
    Issue,
    IssueWords,
    Post,
    Priority,
    Problem,
    Publish,
    State,
    SubjectKind,
    Teaser,
)
from scheduler import story_rules
from scheduler.app import App, Outlet
from scheduler.approval import approval
from scheduler.first_posts import rules_now
from scheduler.plan import Rules, asked_by, yes_wanted
from scheduler.slots import next_slots, start_of_day

MADE_UP = timedelta(hours=36)
"""How long a slot that nobody kept is still made up for; older ones are let go."""

FRESH = timedelta(hours=1)
"""How long after its slot an issue still takes what comes in: a daily run takes in first and cuts then."""

MOST_STORIES = 25
"""How many stories an issue carries; the newest go first, the rest stay for the next one."""


def walk_issues(app: App) -> int:
    """Cuts every issue whose slot has come and that has something to say; returns how many."""
    now = app.clock.now()
    return sum(_cut(app, outlet, now) for outlet in app.outlets.values() if outlet.crowd)


def next_slot(app: App) -> datetime | None:
    """When the next issue could be cut, for the channels that have stories waiting; None when none has."""
    now = app.clock.now()
    moments = []
    for outlet in app.outlets.values():
        if not outlet.crowd:
            continue
        with app.ground.reading() as tx:
            if ready_stories(tx, outlet, now):
                moments.append(_slot_after(outlet, now))
    return min((moment for moment in moments if moment is not None), default=None)


def _cut(app: App, outlet: Outlet, now: datetime) -> bool:
    slot = _slot_due(outlet, now)
    if slot is None:
        return False
    window = slot.astimezone(outlet.rules.zone).date().isoformat()
    with app.ground.reading() as tx:
        if issues.find(tx, outlet.mode, outlet.name, window) is not None:
            return False
        waiting = ready_stories(tx, outlet, now)
        there = bool(waiting) and _was_there(tx, waiting, slot, now)
    if not there:
        return False  # never empty, and nobody is told at noon what the slot at eight had no word of
    channel = app.silent(outlet)
    assert isinstance(channel, EmailChannel)
    if not _has_reader(app, outlet, channel.list_name, now):
        return False
    stories = waiting[-MOST_STORIES:]
    post = channel.compose_issue(issue_words(app, outlet, channel, window, stories))
    problems = tuple(channel.validate(post))
    with app.ground.transaction() as tx:
        stored = posts.add(tx, post, problems, teaser_id=None, actor=MACHINE, now=now)
        issue = Issue(outlet.mode, outlet.name, window, cut_at=now, post_id=stored.id)
        cut = issues.add(tx, issue, stories, actor=MACHINE, now=now)
        if cut is None:
            tx.rollback()
            return False  # another worker cut it in this very moment
        rules = rules_now(tx, outlet)
        deliveries.add(tx, _promise(outlet, rules, cut, stored, problems, slot, now), actor=MACHINE, now=now)
    return True


def ready_stories(tx: Connection, outlet: Outlet, now: datetime) -> list[Teaser]:
    """The stories that the next issue may carry: no rule is silent about them, and those that ask for a person have
    their yes."""
    waiting = issues.waiting_stories(tx, outlet.mode, outlet.name, now)
    stories = {story.id: story for story in articles.several(tx, [one.article_id for one in waiting])}
    yes = teasers.approved(tx, [one.id for one in waiting])
    return [
        one
        for one in waiting
        if (one.id in yes or not asks_for_a_person(outlet, stories[one.article_id]))
        and not _is_silent(outlet, stories[one.article_id], now)
    ]


def asks_for_a_person(outlet: Outlet, article: Article) -> bool:
    """Whether a story's source, its section or a rule wants a yes to its words; the channel's own word is for whole issues."""
    return bool(asked_by(article, outlet.rules, Publish.AUTO))


def _is_silent(outlet: Outlet, article: Article, now: datetime) -> bool:
    """Whether a silence lies over the story now; hours and waits are for posts, an issue has its slot."""
    found = story_rules.fits([one for one in outlet.rules.stories if one.silence], article, outlet.name)
    return story_rules.opens(found, now, article.priority, by_person=True).by is not None


def _was_there(tx: Connection, waiting: list[Teaser], slot: datetime, now: datetime) -> bool:
    """Whether the slot had something to say: it has only just come, or a story was there by then and nobody ran."""
    if now - slot <= FRESH:
        return True
    stories = articles.several(tx, [story.article_id for story in waiting])
    return any(story.taken_in_at is not None and story.taken_in_at <= slot for story in stories)


def _has_reader(app: App, outlet: Outlet, list_name: str, now: datetime) -> bool:
    """Whether an issue would reach anybody. A list without readers is told once; its stories go on waiting."""
    cause = f"no reader {outlet.mode} {outlet.name}"
    with app.ground.reading() as tx:
        readers = sum(one.confirmed for one in subscribers.overview(tx) if one.name == list_name)
        told = any(one.cause_key == cause for one in notices.standing(tx))
    if bool(readers) is not told:
        return bool(readers)
    with app.ground.transaction() as tx:
        if readers:
            notices.clear(tx, cause, now=now)
        else:
            sentence = f"{outlet.name} has stories but its list {list_name} has no reader who confirmed"
            notices.tell_once(tx, cause, sentence, f"pressrun lists import {list_name} FILE.csv", now=now)
    return bool(readers)


def issue_words(app: App, outlet: Outlet, channel: EmailChannel, window: str, stories: list[Teaser]) -> IssueWords:
    """What an issue says. The lead story gives the subject; the next headlines stand behind it in the inbox."""
    lead = stories[0]
    others = " · ".join(story.headline for story in stories[1:4])
    return IssueWords(
        channel=outlet.name,
        newsletter=channel.newsletter,
        window=window,
        subject=lead.subject or lead.headline,
        preheader=others or lead.preheader,
        stories=tuple(stories),
        language=app.settings.newsroom.language,
    )


def _promise(
    outlet: Outlet,
    rules: Rules,
    issue: Issue,
    post: Post,
    problems: tuple[Problem, ...],
    slot: datetime,
    now: datetime,
) -> Delivery:
    reasons = [problem.message for problem in problems if problem.stops]
    if rules.asks is Publish.APPROVE:
        reasons.append(yes_wanted(rules))
    latest = outlet.rules.latest
    promise = Delivery(
        mode=outlet.mode,
        subject_kind=SubjectKind.ISSUE,
        subject_id=issue.id,
        channel=outlet.name,
        kind=outlet.kind,
        purpose="digest",
        post_id=post.id,
        fingerprint=post.fingerprint,
        state=State.WAITING if reasons else State.PLANNED,
        due_at=max(slot, now),
        next_at=max(slot, now),
        latest_at=max(slot, now) + latest if latest is not None else None,
        priority=Priority.NORMAL,
        reason=" ".join(reasons),
    )
    yes = approval(MACHINE, post, now, given=not reasons)
    return replace(promise, **yes)


def _slot_due(outlet: Outlet, now: datetime) -> datetime | None:
    """The newest slot that has come and is not too old; ``now`` itself for a channel without slots."""
    rules = outlet.rules
    if rules.slots.immediately:
        return None if now.astimezone(rules.zone).date() in rules.except_dates else now
    newest = None
    for slot in next_slots(rules.slots, rules.zone, now - MADE_UP, except_dates=rules.except_dates):
        if slot > now:
            return newest
        newest = slot
    return newest


def _slot_after(outlet: Outlet, now: datetime) -> datetime | None:
    rules = outlet.rules
    if rules.slots.immediately:
        tomorrow = now.astimezone(rules.zone).date() + timedelta(days=1)
        return start_of_day(tomorrow, rules.zone)
    return next(iter(next_slots(rules.slots, rules.zone, now, except_dates=rules.except_dates)), None)
