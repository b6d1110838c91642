"""Newsletters, the head's half: cutting one issue a day at its slot, and walking its crowd through the lane.

An issue is a delivery like any other to the desk. Behind it every reader has a row with a life of its own
(``scheduler.mailing``), so that the issue itself is never claimed for a second send: only rows still open are.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from channels.email.channel import EmailChannel
from channels.errors import ChannelError
from db import articles, attempts, deliveries, issues, notices, posts, recipients, subscribers, teasers
from db.deliveries import Stale
from db.recipients import Counts
from db.records import (
    MACHINE,
    Article,
    Attempt,
    Delivery,
    Failure,
    Issue,
    IssueWords,
    KnownBy,
    Outcome,
    Post,
    Priority,
    Problem,
    Publish,
    Receipt,
    State,
    SubjectKind,
    Teaser,
)
from scheduler import mailing, retry
from scheduler.adopting import LOOKED_FOR
from scheduler.app import App, Outlet
from scheduler.approval import approval
from scheduler.outcomes import apply_decision, note_stop, note_success, record, to_sent
from scheduler.plan import publish_of
from scheduler.slots import next_slots, start_of_day
from scheduler.work import Work

MADE_UP = timedelta(hours=36)
"""How long a slot that nobody kept is still made up for; older ones are let go."""

FRESH = timedelta(hours=1)
"""How long after its slot an issue still takes what comes in: a daily run takes in first and cuts then."""

ASK_AGAIN = timedelta(seconds=30)
"""When to come back to an issue whose open rows wait for something that has no moment of its own."""

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


def send_issue(app: App, outlet: Outlet, work: Work, attempt: Attempt) -> Delivery:
    """Freezes the audience at the first time, then sends to every reader whose row is open.

    The delivery is sent when no row is open or unknown, planned again while some wait for their next try, and a
    person's matter when the outcome of some cannot be known.
    """
    channel = app.channel(outlet)
    assert isinstance(channel, EmailChannel)
    with app.ground.reading() as tx:
        issue = issues.get(tx, work.delivery.subject_id)
    mailing.freeze_audience(app.ground, app.clock, issue, work.delivery, channel, actor=app.worker)
    with channel.relay() as relay:
        try:
            progress = mailing.send_to_recipients(
                app.ground,
                app.clock,
                work.delivery,
                issue,
                channel,
                relay,
                app.worker,
                datetime.max.replace(tzinfo=UTC),
                renew=_Renewal(app, outlet, work.delivery),
                is_dead=app.is_dead,
                record=lambda write: record(app, write),
            )
        except ChannelError as error:
            failure = error.failure
            return record(app, lambda tx: _close_failed(app, outlet, tx, work, attempt, failure))
    return record(app, lambda tx: _close(app, outlet, tx, work, attempt, progress))


def look_at_issue(app: App, outlet: Outlet, work: Work) -> None:
    """What became of an issue whose worker died: its readers' rows tell, nothing has to be asked of the server.

    In a database that forgot what it did the rows went back too, and a mail server cannot be asked: a person says.
    """
    if work.delivery.reason == LOOKED_FOR:
        sentence = "the database went back to an older moment: whether this issue went out then, only a person can say"
        decision = retry.Decision(State.UNSETTLED, sentence)
        record(app, lambda tx: apply_decision(app, tx, work, decision, app.clock.now()))
        return
    record(app, lambda tx: _settle(app, tx, work, None))


class _Renewal:
    """Keeps the issue's claim alive while its crowd is worked, a write only when half of it has passed."""

    def __init__(self, app: App, outlet: Outlet, delivery: Delivery) -> None:
        self._app, self._outlet, self._delivery = app, outlet, delivery
        self._renewed = app.clock.boot()

    def __call__(self) -> bool:
        """False when the worker was told to stop or the issue is no longer its own."""
        app = self._app
        if app.stopping():
            return False
        if app.clock.boot() - self._renewed < self._outlet.claim_span.total_seconds() / 2:
            return True
        self._renewed = app.clock.boot()
        with app.ground.transaction() as tx:
            return deliveries.renew(tx, self._delivery, app.claim(self._outlet.claim_span))


# --- cutting ---------------------------------------------------------------------------------------


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
    post = channel.compose_issue(_words(app, outlet, channel, window, stories))
    problems = tuple(channel.validate(post))
    with app.ground.transaction() as tx:
        stored = posts.add(tx, post, problems, teaser_id=None, actor=MACHINE, now=now)
        issue = Issue(outlet.mode, outlet.name, window, cut_at=now, post_id=stored.id)
        cut = issues.add(tx, issue, stories, actor=MACHINE, now=now)
        if cut is None:
            tx.rollback()
            return False  # another worker cut it in this very moment
        deliveries.add(tx, _promise(outlet, cut, stored, problems, slot, now), actor=MACHINE, now=now)
    return True


def ready_stories(tx: Connection, outlet: Outlet, now: datetime) -> list[Teaser]:
    """The stories that the next issue may carry: those whose source or section asks for a person have their yes."""
    waiting = issues.waiting_stories(tx, outlet.mode, outlet.name, now)
    stories = {story.id: story for story in articles.several(tx, [one.article_id for one in waiting])}
    yes = teasers.approved(tx, [one.id for one in waiting])
    return [one for one in waiting if one.id in yes or not asks_for_a_person(outlet, stories[one.article_id])]


def asks_for_a_person(outlet: Outlet, article: Article) -> bool:
    """Whether a story's source or section wants a yes to its words; the channel's own word is for whole issues."""
    return publish_of(article, Publish.AUTO, outlet.rules.sections) is Publish.APPROVE


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


def _words(app: App, outlet: Outlet, channel: EmailChannel, window: str, stories: list[Teaser]) -> IssueWords:
    """The lead story gives the subject; the next headlines stand behind it in the inbox."""
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
    outlet: Outlet, issue: Issue, post: Post, problems: tuple[Problem, ...], slot: datetime, now: datetime
) -> Delivery:
    reasons = [problem.message for problem in problems if problem.stops]
    if outlet.rules.publish is Publish.APPROVE:
        reasons.append("It waits for a person's yes.")
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


# --- the crowd's outcome ---------------------------------------------------------------------------


def _close(
    app: App, outlet: Outlet, tx: Connection, work: Work, attempt: Attempt, progress: mailing.Progress
) -> Delivery:
    now = app.clock.now()
    counts = progress.counts
    told = counts_told(counts)
    if progress.complete:
        receipt = Receipt(id=f"issue-{work.delivery.subject_id}", code=told)
        attempts.close_sent(tx, attempt, receipt, known_by=KnownBy.ANSWERED, now=now)
        note_success(app, outlet, tx, now)
        return to_sent(app, tx, work, known_by=KnownBy.ANSWERED, reason=told)
    sentence = f"{told}: {progress.sentence}" if progress.sentence else told
    attempts.close_look(tx, attempt, Outcome.UNCERTAIN, sentence, now=now)
    return _settle(app, tx, work, progress)


def _close_failed(app: App, outlet: Outlet, tx: Connection, work: Work, attempt: Attempt, failure: Failure) -> Delivery:
    """The mail server turned the whole issue away. Readers' rows say who is still to be served."""
    now = app.clock.now()
    attempts.close_failed(tx, attempt, failure, now=now)
    decision = retry.after_failure(work.delivery, failure, outlet.policy, now, app.jitter())
    note_stop(app, outlet, tx, failure, decision, now)
    if decision.state in (State.FAILED, State.CANCELLED):
        return _settle(app, tx, work, None, refused=decision)
    try:
        return apply_decision(app, tx, work, decision, now)
    except Stale:
        return deliveries.get(tx, work.delivery.id)


def _settle(
    app: App,
    tx: Connection,
    work: Work,
    progress: mailing.Progress | None,
    *,
    refused: retry.Decision | None = None,
) -> Delivery:
    """Open rows: planned for their next moment. None open: sent, or a person's matter where some are unknown.

    An issue that was called off, refused for good (``refused``), or is too late takes its open rows with it; whoever
    has their copy already keeps it, and then the issue is sent, to so many.
    """
    now = app.clock.now()
    delivery = deliveries.locked(tx, work.delivery.id)
    if delivery.version != work.delivery.version:
        return delivery
    over = refused or _over(delivery, now)
    if over is not None:
        _end_copies(app, tx, delivery, over, now)
    counts = mailing.summary(tx, delivery.subject_id)
    told = counts_told(counts)
    if over is not None and not counts.open and not counts.unknown and not counts.sent:
        if over.state is State.EXPIRED and delivery.state is State.SENDING:
            delivery = deliveries.move(tx, delivery, State.UNCERTAIN, actor=app.worker, now=now, reason=told)
        return apply_decision(app, tx, replace(work, delivery=delivery), over, now)
    if counts.open or (counts.candidates == 0 and over is None):
        again_at = progress.again_at if progress is not None else now
        next_at = max(now, again_at) if again_at is not None else now + ASK_AGAIN
        if progress is not None and progress.ended is mailing.Ended.TIME:
            next_at = now
        return deliveries.move(
            tx,
            delivery,
            State.PLANNED,
            actor=app.worker,
            now=now,
            reason=f"{told}: {progress.sentence}" if progress is not None and progress.sentence else told,
            next_at=next_at,
            look_at=None,
            uncertain_at=None,
        )
    if counts.unknown:
        if delivery.state is State.SENDING:
            delivery = deliveries.move(tx, delivery, State.UNCERTAIN, actor=app.worker, now=now, reason=told)
        unsettled = retry.Decision(State.UNSETTLED, f"{told}: whether those got it, only a person can say")
        return apply_decision(app, tx, replace(work, delivery=delivery), unsettled, now)
    return to_sent(app, tx, replace(work, delivery=delivery), known_by=KnownBy.ANSWERED, reason=told)


def _over(delivery: Delivery, now: datetime) -> retry.Decision | None:
    """Why no further copy goes, as the decision for an issue that nobody got; None: it goes on."""
    if delivery.wish is not None:
        return retry.Decision(State.CANCELLED, delivery.reason or "a person called it off")
    if delivery.latest_at is not None and delivery.latest_at <= now:
        return retry.Decision(State.EXPIRED, "its latest moment passed before anybody got it")
    return None


def _end_copies(app: App, tx: Connection, delivery: Delivery, over: retry.Decision, now: datetime) -> None:
    """Ends the copies that wait; one whose worker is dead may have gone and is a person's matter."""
    for copy in recipients.in_flight(tx, delivery):
        if copy.claim is None or app.is_dead(copy.claim):
            reason = "the worker that was sending it died; the mail may have gone"
            recipients.abandon(tx, copy, actor=app.worker, now=now, reason=reason)
    after = State.EXPIRED if over.state is State.EXPIRED else State.CANCELLED
    recipients.expire(tx, delivery, actor=app.worker, now=now, reason=over.sentence, after=after)


def counts_told(counts: Counts) -> str:
    """An issue's numbers in words, with what is still open."""
    told = [f"{counts.sent} sent", f"{counts.refused} refused", f"{counts.unknown} unknown"]
    told.append(f"{counts.excluded} excluded")
    told += [f"{number} {name}" for number, name in ((counts.open, "open"), (counts.expired, "expired")) if number]
    return ", ".join(told)
