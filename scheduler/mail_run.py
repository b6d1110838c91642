"""One issue on its way: what may still go, who comes next, and what an answer makes of a copy.

Everything that writes happens inside the transaction of the loop's turn (``scheduler.mail_room``): the copies that
were answered are closed and the next ones opened in one commit. What was read ahead is used only as long as nobody
else has written: an unsubscribe, a stop or a wish is seen by the very next turn.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from channels.email.replies import asks_all_to_wait
from channels.errors import ChannelError, Unauthorized
from db import deliveries, embargoes, issue_corrections, posts, recipients, stops, subscribers, suppressions, tries
from db.records import Claim, Delivery, Failure, Issue, Mode, Outcome, Receipt, Recipient, State
from db.subscribers import Candidate, Tie
from db.tries import Try
from scheduler import mail_retry
from scheduler.audience import why_suppressed
from scheduler.clock import Clock
from scheduler.mail_allowance import Allowance
from scheduler.mail_lines import Line, Lines, Station
from scheduler.mail_retry import Lane
from scheduler.reputation import refused

if TYPE_CHECKING:
    from channels.email.addresses import Address
    from channels.email.channel import EmailChannel
    from channels.email.message import Compiled

CLAIM_MARGIN = timedelta(seconds=15)
FAULTS_IN_A_ROW = 3
"""After so many copies in a row whose line was cut or whose end nobody knows the run waits: the list is not used up."""
REFUSALS_IN_A_ROW = 20
"""After so many refused or put off in a row the fault may be the issue's: the run waits, and the desk has time to look."""
SMALLEST_PAGE, LARGEST_PAGE = 20, 500
VARIANTS_KEPT = 256
"""So many variants of an issue are kept compiled: more than there can be lines."""
LOOK_EVERY = 0.25
"""Seconds after which is looked again whether what kept an issue back still does."""
COUNT_EVERY = 30.0
"""Seconds for which the day's count is believed."""


class Ended(StrEnum):
    """Why a run came back."""

    DONE = "done"  # nothing is open
    LATER = "later"  # what is open is not due yet
    TIME = "time"  # the moment given has come, or the caller said stop
    HELD = "held"  # a stop, a wish, or the delivery is somebody else's by now
    WAIT = "wait"  # the server is away or asks to wait


@dataclass(frozen=True, slots=True)
class End:
    """Why nothing more goes, in a word and a sentence, and when to come back if that is known."""

    why: Ended
    sentence: str
    again_at: datetime | None = None
    error: ChannelError | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """A copy as it goes over its line: the envelope and every octet."""

    sender: Address
    to: Address
    message: bytes
    named: str = ""  # what the service's feedback calls it where its answer holds no id


@dataclass(slots=True)
class Load:
    """A copy on a line: whom it is for, the try that was opened for it, the mail, how it ended once it has."""

    run: Run
    tried: Try
    reader: Candidate
    station: Station
    mail: Mail | Failure | None = None
    answer: Receipt | Failure | None = None
    heard: bool = False


@dataclass(eq=False)
class Run:
    """One worker's pass over one issue. ``end`` is set once nothing further may go; what is in hand is seen through."""

    clock: Clock
    delivery: Delivery
    issue: Issue
    channel: EmailChannel
    lines: Lines
    worker: str
    until: datetime
    renew: Callable[[], bool]
    giving_up: Callable[[], bool]
    issue_key: str
    allowance: Allowance
    total: int = 0  # readers of the issue
    done: int = 0  # of those, how many had an outcome before, or have one or were put off now
    end: End | None = None
    started: bool = False  # the first copies have been read
    told_to_stop: bool = False
    in_hand: int = 0
    over: bool = False  # the loop has let go of it
    error: BaseException | None = None
    _ahead: deque[tuple[Recipient, Candidate]] = field(default_factory=deque)
    _page: int = SMALLEST_PAGE
    _read_out: bool = False  # the last look found nothing more that is due
    _left: int | None = None  # copies that may still begin today
    _counted: float = 0.0  # when that was counted, on ``time.monotonic``
    kept_until: float = 0.0  # idle lines found nothing that may go before that moment, on ``time.monotonic``
    _faults: int = 0
    _refusals: int = 0
    _compiled: dict[str, Compiled] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lane = Lane.of(self.delivery)
        self.give_up_at = mail_retry.give_up_at(self.delivery.due_at, self.delivery.latest_at, self.lane)
        self._counts_days = any(one.relay.config.per_day is not None for one in self.lines.stations)
        self.claim_span = max(relay.deadlines.total for relay in self.lines.relays) + CLAIM_MARGIN

    @property
    def wanted_lines(self) -> int:
        """How many lines would have something to do."""
        return len(self._ahead) + sum(line.load is not None for line in self.lines.open)

    def hungry(self, now: float) -> bool:
        """Whether an idle line would find something to do."""
        return self.end is None and now >= self.kept_until and (bool(self._ahead) or not self._read_out)

    def asks(self, now: float) -> bool:
        """Whether the tables are to be asked although no line is idle: for the first copies, or whether it is over."""
        return self.end is None and now >= self.kept_until and not self._ahead and not self.in_hand

    def wants(self, now: float) -> bool:
        """Whether the tables are to be asked now."""
        if self.end is not None or now < self.kept_until:
            return False
        return self.kept_until > 0 or self.asks(now) or (self.hungry(now) and bool(self.lines.idle(now)))

    @property
    def seen_through(self) -> bool:
        """Whether nothing further may go and nothing is in hand any more."""
        return self.end is not None and not self.in_hand

    def servers_written(self, loads: Sequence[Load]) -> set[tuple[Mode, str]]:
        """The mail servers whose day a turn with these answers may write: the counted, and those that ask to wait."""
        counted = {one.relay.config.name for one in self.lines.stations if one.relay.config.per_day is not None}
        waiting = {load.station.relay.config.name for load in loads if isinstance(load.answer, Failure)}
        return {(self.delivery.mode, name) for name in counted | waiting if name}

    def forget(self) -> None:
        """What was read ahead may no longer be true."""
        self._ahead.clear()
        self._read_out = False

    def undone(self) -> None:
        """A turn came to nothing: the copies that it counted to the day have not begun."""
        self.forget()
        self._counted = 0.0

    # --- what goes next ----------------------------------------------------------------------------

    def take(self, tx: Connection, idle: Sequence[Line], now: float, *, changed: bool, yields: bool) -> list[Line]:
        """Gives idle lines their next copies, claimed and their attempts opened in ``tx`` (design rules 2 and 3).

        ``changed``: somebody else wrote since the last turn. ``yields``: breaking mail is under way, so this issue
        opens nothing. ``now`` is on ``time.monotonic``. Gives back the lines that got a load.
        """
        self.kept_until = 0.0
        if self.end is not None:
            return []
        self.started = True
        at = self.clock.now()
        if at >= self.until:
            self.end = End(Ended.TIME, "the time given is over; the rest follows")
            return []
        if changed:
            self.forget()
            held = self._held(tx, at)
            if held:
                self.end = End(Ended.HELD, held)
                return []
        if self.told_to_stop:
            self.end = End(Ended.TIME, "asked to stop; the rest follows")
            return []
        if yields:
            self.kept_until = now + LOOK_EVERY
            return []
        if at >= self.give_up_at:
            reason = "its latest time passed before its turn"
            recipients.expire(tx, self.delivery, actor=self.worker, now=at, reason=reason)
            self.forget()
        if len(self._ahead) < max(len(idle), 1) and not self._read_out:
            self._read_ahead(tx, at, max(len(idle), SMALLEST_PAGE if changed else self._page))
        if not self._ahead and not self.in_hand:
            self.end = End(Ended.LATER, "the rest is not due yet")
            return []
        if changed or self._counts_days:
            self.allowance.look(tx, self.delivery.mode, self.lines.stations, at, self.clock.boot())
        idle = idle[: self._allowed(tx, now, at)]
        if not self.in_hand and (self._left == 0 or self.lines.day_is_over()):
            self.end = self._rest_tomorrow(at)
            return []
        loaded = self._load(tx, idle, now, at)
        if self._left is not None:
            self._left -= len(loaded)
        return loaded

    def _rest_tomorrow(self, at: datetime) -> End:
        said = "as many as may go today have gone; the rest goes tomorrow"
        return End(Ended.LATER, said, self.allowance.tomorrow(at))

    def _allowed(self, tx: Connection, now: float, at: datetime) -> int | None:
        """How many copies may begin now; counted anew now and then, since other issues count too."""
        if self.allowance.ramp and (not self._counted or now - self._counted > COUNT_EVERY):
            self._left, self._counted = self.allowance.left(tx, self.delivery, self.lane, at), now
        return self._left

    def _load(self, tx: Connection, idle: Sequence[Line], now: float, at: datetime) -> list[Line]:
        chosen = []
        for line in idle:
            if not line.station.pace.ready(now) or line.station.left == 0:
                continue
            found = self._next_copy(now)
            if found is None:
                break
            line.station.pace.take(now)
            if line.station.left is not None:
                line.station.left -= 1
            chosen.append((line, *found))
        opened = tries.open_tries(tx, [copy for _, copy, _ in chosen], self._claim(at), now=at)
        by_id = {one.recipient.id: one for one in opened}
        # Who is missing there was moved by somebody in this very moment.
        loads = [
            (line, Load(self, by_id[copy.id], reader, line.station))
            for line, copy, reader in chosen
            if copy.id in by_id
        ]
        self.allowance.count(tx, self.delivery.mode, [line.station for line, _ in loads], at)
        for line, load in loads:  # when nothing can fail any more: a line with a load that nobody begins is lost
            line.load = load
        loaded = [line for line, _ in loads]
        if not loaded and self._ahead and (idle or self._left == 0):
            slowed = self.lines.domains.next_ready()
            self.kept_until = now + LOOK_EVERY if slowed is None else max(now, min(slowed, now + LOOK_EVERY))
        return loaded

    def _next_copy(self, now: float) -> tuple[Recipient, Candidate] | None:
        """The first copy read ahead whose domain may get one now."""
        domains = self.lines.domains
        for _ in range(len(self._ahead)):
            copy, reader = self._ahead.popleft()
            domain = _domain(reader)
            if domains.ready(domain, now):
                domains.take(domain, now)
                return copy, reader
            self._ahead.append((copy, reader))
        return None

    def _read_ahead(self, tx: Connection, at: datetime, page: int) -> None:
        known = {copy.id for copy, _ in self._ahead}
        rows = [row for row in tries.due(tx, self.delivery, now=at, limit=page + len(known)) if row.id not in known]
        self._read_out = not rows
        self._page = min(LARGEST_PAGE, self._page * 2)
        people = subscribers.many_on_list(tx, self.channel.list_name, [row.subscriber_id for row in rows])
        hashes = {number: self.channel.suppression_hashes(one.address_key) for number, one in people.items()}
        orders = suppressions.standing(tx, [one for both in hashes.values() for one in both])
        for row in rows:
            reader = people.get(row.subscriber_id)
            why = _unwanted(reader) or why_suppressed(orders, hashes[row.subscriber_id])
            if why or reader is None:
                recipients.move(tx, row, State.CANCELLED, actor=self.worker, now=at, reason=why)
            else:
                self._ahead.append((row, reader))

    def _held(self, tx: Connection, now: datetime) -> str:
        """Why no further copy may go: what the tables say at this very moment; "" when all agrees."""
        row = deliveries.get(tx, self.delivery.id)
        owner = self.delivery.claim.owner if self.delivery.claim else self.worker
        if row.state is not State.SENDING or row.claim is None or row.claim.owner != owner:
            return "the issue is no longer this worker's to send"
        if row.wish is not None:
            return "a person called the issue back"
        lying = stops.over(tx, row, now)
        if lying:
            return lying[0].reason or "a stop lies over it"
        return "one of its stories is under embargo" if embargoes.keeps(tx, row, now) else ""

    def _claim(self, now: datetime) -> Claim:
        return Claim(
            owner=self.worker,
            machine=self.clock.machine,
            boot_id=self.clock.boot_id,
            until_boot=self.clock.boot() + self.claim_span.total_seconds(),
            until_at=now + self.claim_span,
        )

    # --- the mail itself ---------------------------------------------------------------------------

    def compiled(self, tx: Connection, fingerprint: str) -> None:
        """Makes sure that what copies of this fingerprint carry is compiled."""
        if fingerprint in self._compiled:
            self._compiled[fingerprint] = self._compiled.pop(fingerprint)  # the one used last goes last
            return
        post = posts.by_fingerprint(tx, self.channel.name, fingerprint)
        assert post is not None, f"no post is kept under {fingerprint}, which a copy names"
        (part,) = post.parts
        if len(self._compiled) >= VARIANTS_KEPT:
            del self._compiled[next(iter(self._compiled))]
        self._compiled[fingerprint] = self.channel.compile(part, self.issue_key, lane=self.lane)

    def put_together(self, line: Line) -> None:
        """Writes the mail for the load of a line; nothing is said yet."""
        load = line.load
        assert isinstance(load, Load)
        copy, provider, now = load.tried.recipient, line.station.relay.config.provider, self.clock.now()
        try:
            reader = self.channel.reader(load.reader.subscriber, copy.issue_id)
            message = self._compiled[copy.fingerprint].for_recipient(reader, now)
            sender = self.channel.return_path(copy, provider)
            named = self._compiled[copy.fingerprint].message_id(reader).strip("<>") if provider.names_message_id else ""
            load.mail = Mail(sender, reader.address, self.channel.sealed(message, provider, now), named)
        except ValueError as error:  # an address or a name that no header may carry
            load.mail = Failure(Outcome.REJECTED, code="not called", sentence=f"the mail could not be written: {error}")

    def begin(self, line: Line) -> Receipt | Failure | None:
        """Says the first words for the load of a line; how it has ended if it has."""
        load = line.load
        assert isinstance(load, Load)
        mail = load.mail
        if isinstance(mail, Mail):
            return line.session.begin(mail.sender, mail.to, mail.message)
        return mail

    # --- what became of it -------------------------------------------------------------------------

    def close(self, tx: Connection, loads: Sequence[Load]) -> None:
        """Writes down how these ended. May run again after a failed commit: writing twice changes nothing."""
        now = self.clock.now()
        sent = [(load.tried, _kept(load, load.answer)) for load in loads if isinstance(load.answer, Receipt)]
        tries.close_sent(tx, sent, actor=self.worker, now=now)
        for load in loads:
            if isinstance(load.answer, Failure):
                self._close_failed(tx, load.tried, load.answer, now)
                self._keep_wait(tx, load, load.answer, now)
                if load.answer.outcome is Outcome.REJECTED:
                    hashed, _ = self.channel.suppression_hashes(load.reader.address_key)
                    said, code = load.answer.sentence, load.answer.code
                    refused(tx, load.tried.recipient, self.delivery.channel, code, said, hashed, now)

    def _keep_wait(self, tx: Connection, load: Load, failure: Failure, now: datetime) -> None:
        """A quota or no room: said for all our mail, so it holds after a restart too. 421 is about one line."""
        if asks_all_to_wait(failure) and failure.retry_after is not None and not failure.code.startswith("421"):
            self.allowance.note_wait(tx, self.delivery.mode, load.station, now + failure.retry_after, now)

    def _close_failed(self, tx: Connection, tried: Try, failure: Failure, now: datetime) -> None:
        after = mail_retry.after_failure(
            tried.recipient, tried.number, failure, give_up_at=self.give_up_at, now=now, lane=self.lane
        )
        tries.close_failed(
            tx,
            tried,
            failure,
            after.state,
            sentence=after.sentence,
            send_at=after.send_at,
            spends_try=after.spends_try,
            actor=self.worker,
            now=now,
        )
        if after.state is State.PLANNED:  # it goes once more: in the right words, if it was corrected meanwhile
            number, wrong = tried.recipient.issue_id, tried.recipient.fingerprint
            right = issue_corrections.right_instead(tx, number, wrong)
            if right is not None:
                reason = "the issue was corrected before its next try"
                recipients.exchange(tx, number, wrong, right, actor=self.worker, now=now, reason=reason)

    def hear(self, line: Line, load: Load) -> None:
        """What an answer says about the reader's domain, the server and the issue as a whole."""
        if load.heard:  # before a commit that came to nothing
            return
        load.heard = True
        answer, domain = load.answer, _domain(load.reader)
        self.done += 1
        if isinstance(answer, Receipt):
            self._faults = self._refusals = 0
            self.lines.domains.took_one(domain)
            return
        assert answer is not None
        self.lines.told(line, answer)
        if answer.outcome is Outcome.UNAUTHORIZED:
            self._refused_by_policy(load, answer)
        elif answer.outcome is Outcome.RATE_LIMITED:
            if line.session.is_open and " 4.7" in answer.code:
                self.lines.domains.slow_down(domain, time.monotonic())
            self._refusals += 1
        elif answer.outcome is Outcome.UNCERTAIN or not line.session.is_open:
            self._faults += 1
        else:
            self._faults, self._refusals = 0, self._refusals + 1
        if self._faults >= FAULTS_IN_A_ROW or self._refusals >= REFUSALS_IN_A_ROW:
            pause = answer.retry_after or mail_retry.ASK_AGAIN
            self.end = self.end or End(Ended.WAIT, answer.sentence, self.clock.now() + pause)

    def _refused_by_policy(self, load: Load, failure: Failure) -> None:
        """5.7.x is our fault, not the reader's: nothing further goes and the desk is told (the channel stops)."""
        if load.tried.number < mail_retry.POLICY_TRIES:
            self.end = End(Ended.WAIT, failure.sentence, error=Unauthorized(failure))

    def look_at_lines(self) -> None:
        """Ends the run where no server can be reached any more."""
        if self.end is not None or self.in_hand:
            return
        stuck = self.lines.stuck()
        if stuck is None:
            return
        if self.lines.day_is_over():
            self.end = self._rest_tomorrow(self.clock.now())
            return
        failure, pause = stuck
        error = Unauthorized(failure) if failure.outcome is Outcome.UNAUTHORIZED else None
        self.end = End(Ended.WAIT, failure.sentence, self.clock.now() + pause, error)


def _kept(load: Load, receipt: Receipt) -> Receipt:
    """The server's yes under the name by which its feedback will speak of the mail."""
    mail = load.mail
    return replace(receipt, id=mail.named) if not receipt.id and isinstance(mail, Mail) and mail.named else receipt


def _unwanted(reader: Candidate | None) -> str:
    """Why this reader no longer wants the mail, or "" when nothing has changed since the audience was frozen."""
    if reader is None:
        return "the reader was erased"
    return "" if reader.tie is Tie.CONFIRMED else "unsubscribed after the audience was frozen"


def _domain(reader: Candidate) -> str:
    return reader.address_key.rpartition("@")[2]
