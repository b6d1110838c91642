"""The one loop of a process over all its lines to mail servers, with one commit a turn.

A turn gathers what the servers answered, then writes in one transaction (synchronous) how those copies ended and which
come next, and only then says MAIL FROM for them. So every copy's attempt is on disk before the server hears of it and
its answer before the line is used again, and rows that are open never outnumber the lines. While a breaking issue is
open no other one opens a further copy.

The thread that brings an issue works the loop until its issue is over, then hands it to the next that waits.
"""

from __future__ import annotations

import os
import selectors
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from db import deliveries
from db.records import Failure, Outcome, Receipt
from db.session import Ground, GroundLost, Hold
from scheduler.clock import Clock
from scheduler.mail_lines import Line
from scheduler.mail_pace import Domains
from scheduler.mail_retry import Lane
from scheduler.mail_run import Load, Run

LOOK_EVERY = 0.25
"""Seconds: so often deadlines, paces and stops are looked at although nobody answers."""
RENEW_EVERY = 5.0
GATHER = 0.004
"""Seconds at most that answers already in are held back for those about to come: one commit then serves them all."""
AGAIN_AFTER_LOSS = 1.0


@dataclass(frozen=True, slots=True)
class UnderWay:
    """How far an issue is: ``done`` of its ``total`` readers have an outcome or were put off."""

    delivery_id: int
    channel: str
    done: int
    total: int


class MailRoom:
    """Works any number of issues at once. Thread-safe; one a process."""

    def __init__(self, ground: Ground, clock: Clock) -> None:
        self._ground, self._clock = ground, clock
        self._changed = threading.Condition()
        self._leading = False
        self._joining: list[Run] = []
        self._runs: list[Run] = []
        self._finished: list[Line] = []
        self._selector: selectors.BaseSelector | None = None
        self._waker: tuple[int, int] | None = None
        self._commit_took = GATHER
        self._renewed = time.monotonic()
        self._elsewhere = False
        self._domains: dict[str, Domains] = {}

    def domains(self, channel: str) -> Domains:
        """What receiving domains have told this channel since the process began."""
        return self._domains.setdefault(channel, Domains())

    def has(self, delivery_id: int) -> bool:
        """Whether an issue is in line here, or under way."""
        with self._changed:
            return any(run.delivery.id == delivery_id for run in (*self._joining, *self._runs))

    def under_way(self) -> list[UnderWay]:
        """The issues that are being sent at this moment. From any thread."""
        with self._changed:
            runs = list(self._runs)
        return [UnderWay(run.delivery.id, run.delivery.channel, min(run.done, run.total), run.total) for run in runs]

    def wake(self) -> None:
        """Makes the loop look around at once. From any thread."""
        with self._changed:
            if self._waker is not None:
                try:
                    os.write(self._waker[1], b"!")
                except BlockingIOError:
                    pass  # it has been woken often enough

    def work(self, run: Run) -> None:
        """Returns once the run is over: ``run.end`` says why. Raises what made it impossible, ``GroundLost`` too."""
        with self._changed:
            self._joining.append(run)
        self.wake()
        with self._changed:
            self._changed.wait_for(lambda: run.over or not self._leading)
            if not run.over:
                self._leading = True
        if not run.over:
            self._lead(run)
        if run.error is not None:
            raise run.error

    # --- leading -----------------------------------------------------------------------------------

    def _lead(self, run: Run) -> None:
        hold = self._ground.hold()
        try:
            with self._watching():
                while not run.over:
                    self._turn(hold)
        except BaseException as error:
            self._break(run, error)
            raise
        finally:
            hold.close()
            with self._changed:
                self._leading = False
                self._changed.notify_all()

    def _break(self, run: Run, error: BaseException) -> None:
        """The loop itself failed: its own issue ends with the error, the others go on under the next leader.

        What is in hand on the broken issue's lines is left as it stands: a dead claim makes it unsettled.
        """
        run.lines.abandon()
        run.over = True
        self._finished = [line for line in self._finished if _load(line).run is not run]
        if run in self._runs:
            self._runs.remove(run)
        with self._changed:
            if run in self._joining:
                self._joining.remove(run)

    @contextmanager
    def _watching(self) -> Iterator[None]:
        """The selector of this leader, with the lines that are open already."""
        reading, writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        with selectors.DefaultSelector() as selector:
            selector.register(reading, selectors.EVENT_READ)
            self._selector = selector
            with self._changed:
                self._waker = (reading, writing)
            for run in self._runs:
                for line in run.lines.open:
                    line.watched = 0
                    self._watch(line)
            try:
                yield
            finally:
                with self._changed:
                    self._waker = None
                self._selector = None
        os.close(reading)
        os.close(writing)

    # --- a turn ------------------------------------------------------------------------------------

    def _turn(self, hold: Hold) -> None:
        with self._changed:
            self._runs += self._joining
            self._joining.clear()
        self._gather()
        now = time.monotonic()
        self._expire(now)
        for run in self._runs:
            for line in run.lines.arrived():
                self._watch(line)
        if now - self._renewed > RENEW_EVERY:
            self._renewed = now
            for run in self._runs:
                if run.end is None and not run.renew():
                    run.until = self._clock.now()
        loaded = self._commit(hold, now)
        for line in loaded:
            self._begin(line)
        for run in list(self._runs):
            self._tidy(run)

    def _gather(self) -> None:
        """Waits for answers, then a moment more for those that are on their way, so that one commit serves many."""
        busy = sum(run.in_hand for run in self._runs) - len(self._finished)
        now = time.monotonic()
        ready = self._finished or any(run.asks or (run.hungry and run.lines.idle(now)) for run in self._runs)
        self._listen(0.0 if ready else self._patience())
        if not self._finished:
            return
        until = time.monotonic() + min(GATHER, self._commit_took)
        while len(self._finished) < busy:
            left = until - time.monotonic()
            if left <= 0 or not self._listen(left):
                return

    def _patience(self) -> float:
        """How long nothing needs us."""
        now = time.monotonic()
        moments = [now + LOOK_EVERY]
        for run in self._runs:
            moments += [line.station.pace.free_at for line in run.lines.open if line.load is None]
            slowed = run.lines.domains.next_ready()
            if slowed is not None:
                moments.append(slowed)
        return max(0.0, min((one for one in moments if one > now), default=now) - now)

    def _listen(self, seconds: float) -> bool:
        """One look at the sockets. False when nothing stirred."""
        assert self._selector is not None
        events = self._selector.select(seconds)
        for key, _ in events:
            line = key.data
            if line is None:
                os.read(key.fd, 4096)
                continue
            answer = line.session.advance()
            self._after_words(line, answer)
        return bool(events)

    def _after_words(self, line: Line, answer: Receipt | Failure | None) -> None:
        """Notes how a load ended and what the socket is to be watched for."""
        if answer is not None:
            _load(line).answer = answer
            self._finished.append(line)
        if line.session.is_open:
            self._watch(line)
        else:
            self._unwatch(line)
            if line.load is None:
                self._run_of(line).lines.lose(line)

    def _run_of(self, line: Line) -> Run:
        return next(run for run in self._runs if line in run.lines.open)

    def _watch(self, line: Line) -> None:
        assert self._selector is not None
        wanted = line.session.wants
        if line.watched == wanted:
            return
        if line.watched:
            self._selector.modify(line.session, wanted, line)
        else:
            self._selector.register(line.session, wanted, line)
        line.watched = wanted

    def _unwatch(self, line: Line) -> None:
        assert self._selector is not None
        if line.watched:
            self._selector.unregister(line.session)
            line.watched = 0

    def _expire(self, now: float) -> None:
        for run in self._runs:
            for line in [one for one in run.lines.open if one.session.until <= now and one.session.busy]:
                self._unwatch(line)
                self._after_words(line, line.session.expire())

    def _commit(self, hold: Hold, now: float) -> list[Line]:
        """One transaction: closes what was answered, opens what comes next. Gives the lines that got a load.

        While the database is away the answers are kept and nothing new is begun; nor is an answer lost by a fault of
        one issue, for the next leader closes what belongs to the others.
        """
        wanting = [run for run in self._runs if run.end is None and (run.asks or run.kept or run.lines.idle(now))]
        if not self._finished and not wanting:
            return []
        # A line whose load has just ended takes the next one in this same commit, if it still stands.
        done = [(line, _load(line)) for line in self._finished]
        began = time.monotonic()
        loaded: list[Line] = []
        try:
            with hold.transaction() as tx:
                changed = hold.others_wrote()
                for run in self._runs:
                    mine = [load for _, load in done if load.run is run]
                    if mine:
                        run.close(tx, mine)
                for line, load in done:
                    line.load = None
                    load.run.hear(line, load)
                breaking = any(run.lane is Lane.BREAKING and run.end is None for run in self._runs)
                breaking = breaking or self._breaking_elsewhere(tx, changed)
                for run in self._runs:
                    yields = breaking and run.lane is not Lane.BREAKING
                    free = [line for line in run.lines.idle(now) if not self._spent(line)]
                    fresh = run.take(tx, free, now, changed=changed or not run.started, yields=yields)
                    for line in fresh:
                        run.compiled(tx, _load(line).tried.recipient.fingerprint)
                    loaded += fresh
        except BaseException as error:
            for line in loaded:
                line.load = None
            for line, load in done:
                line.load = load
            for run in self._runs:
                run.forget()
            if not isinstance(error, GroundLost) or any(run.giving_up() for run in self._runs):
                raise
            self._clock.sleep(AGAIN_AFTER_LOSS)
            return []
        self._commit_took = 0.8 * self._commit_took + 0.2 * (time.monotonic() - began)
        for _, load in done:
            load.run.in_hand -= 1
        self._finished.clear()
        return loaded

    def _spent(self, line: Line) -> bool:
        return line.session.taken >= line.station.relay.config.per_connection

    def _breaking_elsewhere(self, tx: Connection, changed: bool) -> bool:
        """Whether another process has a breaking issue under way."""
        if changed or self._elsewhere:
            self._elsewhere = deliveries.breaking_mail_open(tx, self._clock.now())
        return self._elsewhere

    def _begin(self, line: Line) -> None:
        load = _load(line)
        load.run.in_hand += 1
        try:
            answer = load.run.begin(line)
        except Exception as error:
            # Anything at all may have left the house: in doubt it is never sent again by itself.
            line.session.abandon()
            sentence = "Pressrun met a fault of its own while sending; the mail may have gone"
            answer = Failure(Outcome.UNCERTAIN, code=type(error).__name__, sentence=sentence)
        self._after_words(line, answer)

    def _tidy(self, run: Run) -> None:
        """Loses lines that are gone or spent, opens those wanted, and lets go of a run that is over."""
        lines = run.lines
        for line in [one for one in lines.open if one.load is None]:
            if not line.session.is_open or self._spent(line):
                self._unwatch(line)
                lines.lose(line)
        if run.end is None:
            lines.want(run.wanted_lines)
            run.look_at_lines()
        if run.end is not None and not run.in_hand:
            for line in lines.open:
                self._unwatch(line)
            lines.close()
            self._runs.remove(run)
            with self._changed:
                run.over = True
                self._changed.notify_all()


def _load(line: Line) -> Load:
    load = line.load
    assert isinstance(load, Load)
    return load
