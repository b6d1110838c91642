"""Sending one issue to its readers: one row, one attempt, one conversation, one answer at a time.

A copy's attempt is committed before MAIL FROM and closed after the answer to the final dot, so that after any crash
"who got it, who did not, and of whom do we not know" has an answer. A copy whose outcome is unknown is unsettled:
it never goes again by itself. The issue's own delivery stays ``sending`` under its worker's claim meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from channels.errors import ChannelError, Unauthorized
from db import deliveries, embargoes, posts, recipients, stops, subscribers, suppressions
from db.recipients import Counts, Try
from db.records import Claim, Delivery, Failure, Issue, Outcome, Receipt, Recipient, State
from db.session import Ground
from db.subscribers import Candidate, Tie
from scheduler import mail_retry
from scheduler.audience import freeze_audience, why_suppressed
from scheduler.clock import Clock

if TYPE_CHECKING:
    from channels.email.channel import EmailChannel
    from channels.email.message import Compiled
    from channels.email.smtp import Relay

__all__ = ["Ended", "Progress", "freeze_audience", "send_to_recipients", "settle", "summary"]

CLAIM_MARGIN = timedelta(seconds=15)
FAULTS_IN_A_ROW = 3
"""After so many copies in a row that were put off or left in doubt the run waits, so that the list is not used up."""
REFUSALS_IN_A_ROW = 20
"""After so many refused in a row the fault may be the issue's: the run waits, and the desk has time to see it."""
UNWANTED_AT_ONCE = 200
"""Copies withdrawn in one transaction (design rule 12)."""

Record = Callable[[Callable[[Connection], None]], None]
"""Writes a result in a transaction and does not let go of it while the database is away."""


class Ended(StrEnum):
    """Why a run came back."""

    DONE = "done"  # nothing is open
    LATER = "later"  # what is open is not due yet
    TIME = "time"  # the moment given has come, or the caller said stop
    HELD = "held"  # a stop, a wish, or the delivery is somebody else's by now
    WAIT = "wait"  # the server is away or asks to wait


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an issue is. ``again_at``: when it is worth coming back, None when nothing is open or it is unknown.

    ``sentence`` says in words why it is not done. The issue is sent only when nothing is open or unknown.
    """

    ended: Ended
    counts: Counts
    again_at: datetime | None = None
    sentence: str = ""

    @property
    def complete(self) -> bool:
        """True when every reader's copy has an outcome that we know."""
        return not self.counts.open and not self.counts.unknown


def send_to_recipients(
    ground: Ground,
    clock: Clock,
    delivery: Delivery,
    issue: Issue,
    channel: EmailChannel,
    relay: Relay,
    worker: str,
    until: datetime,
    *,
    renew: Callable[[], bool],
    is_dead: Callable[[Claim], bool],
    record: Record,
) -> Progress:
    """Works the frozen audience of ``issue`` until nothing is due, ``until``, or something stands in the way.

    The caller holds the claim of ``delivery`` (state ``sending``); ``renew`` extends it before each copy and says
    whether to go on. Raises ``Unauthorized`` when the server does not let us in or refuses our mail as such: the
    copy at hand is planned again, and the caller stops the channel. Raises ``GroundLost`` when the database is away.
    """
    run = _Run(ground, clock, delivery, channel, relay, worker, is_dead, record)
    run.leave_abandoned()
    with ground.reading() as tx:
        (part,) = posts.get(tx, delivery.post_id).parts
    compiled = channel.compile(part, issue_key(issue))
    give_up = mail_retry.give_up_at(delivery.due_at, delivery.latest_at)
    ended, sentence, again_at = run.work(compiled, until, give_up, renew)
    with ground.reading() as tx:
        counts = recipients.counts(tx, issue.id)
        due_at = recipients.next_moment(tx, delivery) or _claims_end(recipients.in_flight(tx, delivery))
    if not counts.open:
        return Progress(Ended.DONE, counts)
    return Progress(ended, counts, _later(again_at, due_at), sentence)


def summary(tx: Connection, issue_id: int) -> Counts:
    """Where the candidates of an issue stand: sent, refused, unknown, excluded, open, expired, cancelled."""
    return recipients.counts(tx, issue_id)


def settle(tx: Connection, issue_id: int, verdict: State, *, actor: str, now: datetime, reason: str) -> int:
    """A person says what became of every unsettled copy of an issue; how many that was.

    ``verdict`` is ``SENT``, ``UNKNOWN`` (nobody can say; final) or ``PLANNED`` (they did not get it: send again).
    """
    if verdict not in (State.SENT, State.UNKNOWN, State.PLANNED):
        raise ValueError(f"a person's verdict on a copy is sent, unknown or planned, not {verdict}")
    unsettled = recipients.of_issue(tx, issue_id, {State.UNSETTLED})
    return sum(recipients.move(tx, one, verdict, actor=actor, now=now, reason=reason) for one in unsettled)


def issue_key(issue: Issue) -> str:
    """The name of an issue for life: readers' Message-IDs are made from it."""
    return f"{issue.mode}/issue-{issue.id}/{issue.channel}/{issue.window}"


class _Run:
    """One worker's pass over one issue."""

    def __init__(
        self,
        ground: Ground,
        clock: Clock,
        delivery: Delivery,
        channel: EmailChannel,
        relay: Relay,
        worker: str,
        is_dead: Callable[[Claim], bool],
        record: Record,
    ) -> None:
        self._ground, self._clock, self._delivery, self._channel = ground, clock, delivery, channel
        self._relay, self._worker, self._is_dead, self._record = relay, worker, is_dead, record

    def leave_abandoned(self) -> None:
        """Copies whose worker died in the middle: the mail may have gone, so nobody sends them again by itself."""
        now = self._clock.now()
        with self._ground.transaction() as tx:
            for copy in recipients.in_flight(tx, self._delivery):
                if copy.claim is None or self._is_dead(copy.claim):
                    reason = "the worker that was sending it died; the mail may have gone"
                    recipients.abandon(tx, copy, actor=self._worker, now=now, reason=reason)

    def work(
        self, compiled: Compiled, until: datetime, give_up_at: datetime, renew: Callable[[], bool]
    ) -> tuple[Ended, str, datetime | None]:
        """Copy after copy; why it ended, in a word and in a sentence, and when to come back if that is known."""
        faults = refusals = 0
        while True:
            now = self._clock.now()
            if now >= until:
                return Ended.TIME, "the time given is over; the rest follows", None
            if not renew():
                return Ended.TIME, "asked to stop; the rest follows", None
            try:
                self._relay.open()
            except Unauthorized:
                raise
            except ChannelError as error:
                pause = error.failure.retry_after or mail_retry.ASK_AGAIN / 5
                return Ended.WAIT, error.failure.sentence, now + pause
            got = self._next(now, give_up_at)
            if got is None:
                continue
            if not isinstance(got, _Copy):
                return got
            failure = self._try(compiled, got, give_up_at)
            if failure is None:
                faults = refusals = 0
                continue
            if failure.outcome is Outcome.REJECTED and failure.again_after is None:
                faults, refusals = 0, refusals + 1
            else:
                faults += 1
            closing = failure.outcome is Outcome.RATE_LIMITED and not self._relay.is_open
            if closing or faults >= FAULTS_IN_A_ROW or refusals >= REFUSALS_IN_A_ROW:
                pause = failure.retry_after or mail_retry.ASK_AGAIN
                return Ended.WAIT, failure.sentence, self._clock.now() + pause

    def _next(self, now: datetime, give_up_at: datetime) -> _Copy | tuple[Ended, str, datetime | None] | None:
        """Claims the next copy that may go: guards, claim and attempt in one transaction (design rules 2 and 3).

        None: those at the head of the line were withdrawn; ask again.
        """
        with self._ground.transaction() as tx:
            held = self._held(tx, now)
            if held:
                return Ended.HELD, held, None
            if now >= give_up_at:
                recipients.expire(
                    tx, self._delivery, actor=self._worker, now=now, reason="its latest time passed before its turn"
                )
            for _ in range(UNWANTED_AT_ONCE):
                tried = recipients.claim_next(tx, self._delivery, self._claim(), now=now)
                if tried is None:
                    return Ended.LATER, "the rest is not due yet", None
                reader = subscribers.on_list(tx, self._channel.list_name, tried.recipient.subscriber_id)
                why = self._unwanted(tx, reader)
                if not why and reader is not None:
                    return _Copy(tried, reader)
                recipients.withdraw(tx, tried, actor=self._worker, now=now, reason=why)
        return None

    def _held(self, tx: Connection, now: datetime) -> str:
        """Why no further copy may go: what the tables say at this very moment; "" when all agrees."""
        row = deliveries.get(tx, self._delivery.id)
        owner = self._delivery.claim.owner if self._delivery.claim else self._worker
        if row.state is not State.SENDING or row.claim is None or row.claim.owner != owner:
            return "the issue is no longer this worker's to send"
        if row.wish is not None:
            return "a person called the issue back"
        lying = stops.over(tx, row, now)
        if lying:
            return lying[0].reason or "a stop lies over it"
        return "one of its stories is under embargo" if embargoes.keeps(tx, row, now) else ""

    def _unwanted(self, tx: Connection, reader: Candidate | None) -> str:
        """Why this reader no longer wants the mail, or "" when nothing has changed since the audience was frozen."""
        if reader is None:
            return "the reader was erased"
        if reader.tie is not Tie.CONFIRMED:
            return "unsubscribed after the audience was frozen"
        hashes = self._channel.suppression_hashes(reader.address_key)
        return why_suppressed(suppressions.standing(tx, hashes), hashes)

    def _try(self, compiled: Compiled, copy: _Copy, give_up_at: datetime) -> Failure | None:
        """One conversation and its record. Raises ``Unauthorized`` after the copy is planned again."""
        failure, receipt = self._deliver(compiled, copy)
        now = self._clock.now()
        if failure is None:
            self._record(lambda tx: recipients.close_sent(tx, copy.tried, receipt, actor=self._worker, now=now))
            return None
        after = mail_retry.after_failure(
            copy.tried.recipient, copy.tried.number, failure, give_up_at=give_up_at, now=now
        )
        self._record(
            lambda tx: recipients.close_failed(
                tx,
                copy.tried,
                failure,
                after.state,
                sentence=after.sentence,
                send_at=after.send_at,
                spends_try=after.spends_try,
                actor=self._worker,
                now=now,
            )
        )
        if failure.outcome is Outcome.UNAUTHORIZED and after.state is State.PLANNED:
            raise Unauthorized(failure)
        return failure

    def _deliver(self, compiled: Compiled, copy: _Copy) -> tuple[Failure | None, Receipt]:
        nothing = Receipt(id="")
        try:
            reader = self._channel.reader(copy.reader.subscriber)
            message = compiled.for_recipient(reader, self._clock.now())
        except ValueError as error:  # an address or a name that no header may carry
            sentence = f"the mail could not be written: {error}"
            return Failure(Outcome.REJECTED, code="not called", sentence=sentence), nothing
        try:
            receipt = self._relay.deliver(self._channel.sender.address, reader.address, message)
        except ChannelError as error:
            return error.failure, nothing
        except Exception as error:
            # Anything at all may have left the house: in doubt it is never sent again by itself.
            self._relay.close()
            sentence = "Pressrun met a fault of its own while sending; the mail may have gone"
            return Failure(Outcome.UNCERTAIN, code=type(error).__name__, sentence=sentence), nothing
        return None, receipt if receipt.id else Receipt(compiled.message_id(reader), code=receipt.code)

    def _claim(self) -> Claim:
        span = self._relay.deadlines.total + CLAIM_MARGIN
        return Claim(
            owner=self._worker,
            machine=self._clock.machine,
            boot_id=self._clock.boot_id,
            until_boot=self._clock.boot() + span.total_seconds(),
            until_at=self._clock.now() + span,
        )


@dataclass(frozen=True, slots=True)
class _Copy:
    """A claimed copy and whom it is for."""

    tried: Try
    reader: Candidate


def _claims_end(in_flight: list[Recipient]) -> datetime | None:
    """When the first of the copies that others are sending is free again."""
    return min((copy.claim.until_at for copy in in_flight if copy.claim is not None), default=None)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    """The later of two moments, either of which may be missing."""
    known = [moment for moment in (one, other) if moment is not None]
    return max(known) if known else None
