"""Sending one issue to its readers: what a caller may ask for, and what comes back.

A copy's attempt is committed before MAIL FROM and closed after the answer to the final dot, so that after any crash
"who got it, who did not, and of whom do we not know" has an answer. A copy whose outcome is unknown is unsettled:
it never goes again by itself. The issue's own delivery stays ``sending`` under its worker's claim meanwhile. The work
itself is done by ``scheduler.mail_room`` (the loop) and ``scheduler.mail_run`` (one issue in it).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db import issue_corrections, issue_counts, recipients, tries
from db.issue_counts import Counts
from db.records import Claim, Delivery, Failure, Issue, Recipient, State
from db.session import Ground
from scheduler.audience import freeze_audience
from scheduler.clock import Clock
from scheduler.mail_allowance import Allowance
from scheduler.mail_lines import Lines
from scheduler.mail_room import MailRoom
from scheduler.mail_run import Ended, Run

if TYPE_CHECKING:
    from channels.email.channel import EmailChannel
    from channels.email.smtp import Relay

UNLIMITED = Allowance(ZoneInfo("UTC"))

__all__ = ["Ended", "Progress", "freeze_audience", "send_to_recipients", "settle", "summary"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an issue is. ``again_at``: when it is worth coming back, None when nothing is open or it is unknown.

    ``sentence`` says in words why it is not done. The issue is sent only when nothing is open or unknown. ``servers``:
    each that was asked for a line, with why it does not let us in, None where it did.
    """

    ended: Ended
    counts: Counts
    again_at: datetime | None = None
    sentence: str = ""
    servers: Mapping[str, Failure | None] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """True when every reader's copy has an outcome that we know."""
        return not self.counts.open and not self.counts.unknown


def send_to_recipients(
    room: MailRoom,
    ground: Ground,
    clock: Clock,
    delivery: Delivery,
    issue: Issue,
    channel: EmailChannel,
    relays: Sequence[Relay],
    worker: str,
    until: datetime,
    *,
    connections: int,
    renew: Callable[[], bool],
    is_dead: Callable[[Claim], bool],
    giving_up: Callable[[], bool] = lambda: False,
    allowance: Allowance = UNLIMITED,
) -> Progress:
    """Works the frozen audience of ``issue`` until nothing is due, ``until``, or something stands in the way.

    The caller holds the claim of ``delivery`` (state ``sending``); ``renew`` extends it before copies are opened and
    says whether to go on. At most ``connections`` lines are open at once, shared out over ``relays``. While the database
    is away results are kept and written when it is back, unless ``giving_up``: then ``GroundLost``. Raises
    ``Unauthorized`` when no server lets us in or one refuses our mail as such: the copies at hand are planned again,
    and the caller stops the channel.
    """
    lines = Lines(relays, connections, clock, room.wake, room.domains(delivery.channel))
    with ground.transaction() as tx:
        allowance.note_servers(tx, delivery.mode, lines.stations, clock.now())
    _leave_abandoned(ground, clock, delivery, worker, is_dead)
    key = issue_key(issue)
    run = Run(clock, delivery, issue, channel, lines, worker, until, renew, giving_up, key, allowance)
    with ground.reading() as tx:
        before = issue_counts.counts(tx, issue.id)
    run.total, run.done = before.candidates - before.excluded, before.candidates - before.excluded - before.open
    room.work(run)
    end = run.end
    assert end is not None
    if end.error is not None:
        raise end.error
    with ground.reading() as tx:
        counts = issue_counts.counts(tx, issue.id)
        due_at = tries.next_moment(tx, delivery) or _claims_end(tries.in_flight(tx, delivery))
    if not counts.open:
        return Progress(Ended.DONE, counts, servers=lines.standing())
    return Progress(end.why, counts, _later(end.again_at, due_at), end.sentence, lines.standing())


def summary(tx: Connection, issue_id: int) -> Counts:
    """Where the candidates of an issue stand: sent, refused, unknown, excluded, open, expired, cancelled."""
    return issue_counts.counts(tx, issue_id)


def settle(tx: Connection, issue_id: int, verdict: State, *, actor: str, now: datetime, reason: str) -> int:
    """A person says what became of every unsettled copy of an issue; how many that was.

    ``verdict`` is ``SENT``, ``UNKNOWN`` (nobody can say; final) or ``PLANNED`` (they did not get it: send again, in the
    right words where the issue was corrected meanwhile).
    """
    if verdict not in (State.SENT, State.UNKNOWN, State.PLANNED):
        raise ValueError(f"a person's verdict on a copy is sent, unknown or planned, not {verdict}")
    unsettled = recipients.of_issue(tx, issue_id, {State.UNSETTLED})
    moved = sum(recipients.move(tx, one, verdict, actor=actor, now=now, reason=reason) for one in unsettled)
    for wrong in {one.fingerprint for one in unsettled} if verdict is State.PLANNED else ():
        right = issue_corrections.right_instead(tx, issue_id, wrong)
        if right is not None:
            corrected = "the issue was corrected before its next try"
            recipients.exchange(tx, issue_id, wrong, right, actor=actor, now=now, reason=corrected)
    return moved


def issue_key(issue: Issue) -> str:
    """The name of an issue for life: readers' Message-IDs are made from it."""
    return f"{issue.mode}/issue-{issue.id}/{issue.channel}/{issue.window}"


def _leave_abandoned(
    ground: Ground, clock: Clock, delivery: Delivery, worker: str, is_dead: Callable[[Claim], bool]
) -> None:
    """Copies whose worker died in the middle: the mail may have gone, so nobody sends them again by itself."""
    now = clock.now()
    with ground.transaction() as tx:
        for copy in tries.in_flight(tx, delivery):
            if copy.claim is None or is_dead(copy.claim):
                reason = "the worker that was sending it died; the mail may have gone"
                tries.abandon(tx, copy, actor=worker, now=now, reason=reason)


def _claims_end(in_flight: list[Recipient]) -> datetime | None:
    """When the first of the copies that others are sending is free again."""
    return min((copy.claim.until_at for copy in in_flight if copy.claim is not None), default=None)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    """The later of two moments, either of which may be missing."""
    known = [moment for moment in (one, other) if moment is not None]
    return max(known) if known else None
