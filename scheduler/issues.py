"""An issue's crowd: walking it through the lane, and what its readers' rows make of the issue.

An issue is a delivery like any other to the desk. Behind it every reader has a row with a life of its own
(``scheduler.mailing``), so that the issue itself is never claimed for a second send: only rows still open are.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from channels.email.channel import EmailChannel
from channels.errors import ChannelError
from db import attempts, deliveries, issues, notices, recipients, subscribers, tries
from db.deliveries import Stale
from db.issue_counts import Counts
from db.records import (
    Attempt,
    Delivery,
    Failure,
    KnownBy,
    Outcome,
    Receipt,
    State,
)
from scheduler import mailing, retry
from scheduler.adopting import LOOKED_FOR
from scheduler.app import App, Outlet
from scheduler.mail_allowance import Allowance
from scheduler.outcomes import apply_decision, note_stop, note_success, record, to_sent
from scheduler.settings import EmailChannel as EmailSettings
from scheduler.variants import TemplatesChanged
from scheduler.work import Work

ASK_AGAIN = timedelta(seconds=30)
"""When to come back to an issue whose open rows wait for something that has no moment of its own."""


def send_issue(app: App, outlet: Outlet, work: Work, attempt: Attempt) -> Delivery:
    """Freezes the audience at the first time, then sends to every reader whose row is open.

    The delivery is sent when no row is open or unknown, planned again while some wait for their next try, and a
    person's matter when the outcome of some cannot be known.
    """
    from scheduler.preflight import before_it_goes  # late: the verbs it knows end here

    channel = app.channel(outlet)
    assert isinstance(channel, EmailChannel)
    with app.ground.reading() as tx:
        issue = issues.get(tx, work.delivery.subject_id)
    why = before_it_goes(app, outlet, work.delivery)
    if why:
        return record(app, lambda tx: _hold_back(app, tx, work, attempt, why))
    try:
        mailing.freeze_audience(
            app.ground,
            app.clock,
            issue,
            work.delivery,
            channel,
            actor=app.worker,
            letter=outlet.letter,
            go_on=_Renewal(app, outlet, work.delivery, channel.list_name).while_freezing,
        )
    except TemplatesChanged as changed:
        sentence = str(changed)
        return record(app, lambda tx: _hold_back(app, tx, work, attempt, sentence))
    finally:
        app.mail_room.prepared(work.delivery.id)
    with app.ground.reading() as tx:
        frozen = issues.prepared_at(tx, issue.id) is not None
    if not frozen:  # told to stop in between: nobody gets it before everybody's row is there
        return record(app, lambda tx: _freeze_later(app, tx, work, attempt))
    try:
        progress = mailing.send_to_recipients(
            app.mail_room,
            app.ground,
            app.clock,
            work.delivery,
            issue,
            channel,
            channel.relays(),
            app.worker,
            datetime.max.replace(tzinfo=UTC),
            connections=channel.connections,
            renew=_Renewal(app, outlet, work.delivery),
            is_dead=app.is_dead,
            giving_up=app.giving_up,
            allowance=_allowance(app, outlet),
        )
    except ChannelError as error:
        failure = error.failure
        return record(app, lambda tx: _close_failed(app, outlet, tx, work, attempt, failure))
    return record(app, lambda tx: _close(app, outlet, tx, work, attempt, progress))


def _allowance(app: App, outlet: Outlet) -> Allowance:
    """The limits a day of the channel that an issue goes through."""
    asked = app.settings.channels.get(_through(outlet))
    ramp = asked.ramp if isinstance(asked, EmailSettings) else ()
    return Allowance(app.settings.newsroom.zone, ramp)


def _through(outlet: Outlet) -> str:
    return outlet.letter.channel if outlet.letter is not None else outlet.name


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

    def __init__(self, app: App, outlet: Outlet, delivery: Delivery, list_name: str = "") -> None:
        self._app, self._outlet, self._delivery = app, outlet, delivery
        self._list_name, self._on_list = list_name, 0
        self._renewed = app.clock.boot()

    def while_freezing(self, candidates: int) -> bool:
        """The same, asked after each page of the audience; how far that is can be seen in the mail room."""
        if not self._on_list:
            with self._app.ground.reading() as tx:
                self._on_list = subscribers.how_many(tx, self._list_name)
        self._app.mail_room.preparing(self._delivery.id, self._delivery.channel, candidates, self._on_list)
        return self()

    def __call__(self) -> bool:
        """False when the worker was told to stop, nothing may be begun now, or the issue is no longer its own."""
        app = self._app
        if app.stopping() or app.safeguard.refusal() is not None:
            return False
        if app.clock.boot() - self._renewed < self._outlet.claim_span.total_seconds() / 2:
            return True
        self._renewed = app.clock.boot()
        with app.ground.transaction() as tx:
            return deliveries.renew(tx, self._delivery, app.claim(self._outlet.claim_span))


def _freeze_later(app: App, tx: Connection, work: Work, attempt: Attempt) -> Delivery:
    now, why = app.clock.now(), "asked to stop while its audience was frozen; that goes on"
    attempts.close_failed(tx, attempt, Failure(Outcome.UNREACHABLE, "not called", why), now=now)
    delivery = deliveries.locked(tx, work.delivery.id)
    if delivery.version != work.delivery.version:
        return delivery
    return deliveries.move(tx, delivery, State.PLANNED, actor=app.worker, now=now, reason=why, next_at=now)


def _hold_back(app: App, tx: Connection, work: Work, attempt: Attempt, why: str) -> Delivery:
    """Nobody has it yet, and it must not go so: it waits for a person, and the desk is told."""
    now = app.clock.now()
    attempts.close_failed(tx, attempt, Failure(Outcome.UNREACHABLE, "not called", why), now=now)
    delivery = deliveries.locked(tx, work.delivery.id)
    if delivery.version != work.delivery.version:
        return delivery
    planned = deliveries.move(tx, delivery, State.PLANNED, actor=app.worker, now=now, reason=why)
    waiting = deliveries.move(tx, planned, State.WAITING, actor=app.worker, now=now, reason=why)
    sentence = f"issue {delivery.subject_id} of {delivery.channel} does not go yet: {why}"
    remedy = f"pressrun issue preview {delivery.subject_id}"
    notices.tell_once(tx, f"pre-flight {delivery.id}", sentence, remedy, now=now)
    return waiting


# --- the crowd's outcome ---------------------------------------------------------------------------


def _close(
    app: App, outlet: Outlet, tx: Connection, work: Work, attempt: Attempt, progress: mailing.Progress
) -> Delivery:
    now = app.clock.now()
    counts = progress.counts
    told = counts_told(counts)
    tell_of_servers(outlet, tx, progress, now)
    if progress.complete:
        receipt = Receipt(id=f"issue-{work.delivery.subject_id}", code=told)
        attempts.close_sent(tx, attempt, receipt, known_by=KnownBy.ANSWERED, now=now)
        note_success(app, outlet, tx, now)
        return to_sent(app, tx, work, known_by=KnownBy.ANSWERED, reason=told)
    sentence = f"{told}: {progress.sentence}" if progress.sentence else told
    attempts.close_look(tx, attempt, Outcome.UNCERTAIN, sentence, now=now)
    return _settle(app, tx, work, progress)


def tell_of_servers(outlet: Outlet, tx: Connection, progress: mailing.Progress, now: datetime) -> None:
    """One of several mail servers does not let us in: the others carried its share, and the desk hears of it once."""
    for server, failure in progress.servers.items():
        cause = f"mail server {server} of {_through(outlet)}"
        if failure is None:
            notices.clear(tx, cause, now=now)
            continue
        sentence = f"{server} does not let us in, the other mail servers carry its share: {failure.sentence}"
        notices.tell_once(tx, cause, sentence, f"pressrun channels check {_through(outlet)}", now=now)


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
    frozen = issues.prepared_at(tx, delivery.subject_id) is not None
    if counts.open or (not frozen and over is None):
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
    for copy in tries.in_flight(tx, delivery):
        if copy.claim is None or app.is_dead(copy.claim):
            reason = "the worker that was sending it died; the mail may have gone"
            tries.abandon(tx, copy, actor=app.worker, now=now, reason=reason)
    after = State.EXPIRED if over.state is State.EXPIRED else State.CANCELLED
    recipients.expire(tx, delivery, actor=app.worker, now=now, reason=over.sentence, after=after)


def counts_told(counts: Counts) -> str:
    """An issue's numbers in words, with what is still open."""
    told = [f"{counts.sent} sent", f"{counts.refused} refused", f"{counts.unknown} unknown"]
    told.append(f"{counts.excluded} excluded")
    told += [f"{number} {name}" for number, name in ((counts.open, "open"), (counts.expired, "expired")) if number]
    return ", ".join(told)
