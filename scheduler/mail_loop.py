"""The loop over all lines to mail servers: one commit a turn, and the disk at work while the lines are.

A turn gathers what the servers answered, then writes in one transaction (synchronous) how those copies ended and which
come next, and says MAIL FROM for them only when that is on disk. So every copy's attempt is there before the server
hears of it and its answer before the line is used again, and rows that are open never outnumber the lines. While the
disk works the next mails are put together and the other lines' answers are heard: they make the next commit.

While a breaking issue is open no other one opens a further copy.
"""

from __future__ import annotations

import os
import selectors
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from db import deliveries, server_days
from db.records import Failure, Outcome, Receipt
from db.session import GroundLost, Hold
from scheduler.clock import Clock
from scheduler.mail_lines import Line
from scheduler.mail_retry import Lane
from scheduler.mail_run import Load, Run

LOOK_EVERY = 0.25
"""Seconds: so often deadlines, paces and stops are looked at although nobody answers."""
RENEW_EVERY = 5.0
GATHER = 0.004
"""Seconds at most that answers already in are held back for those about to come: one commit then serves them all."""
SHARE = 1.5
"""Of so many copies in hand one answered is enough for a commit: a turn's own work costs as much as four mails."""
AGAIN_AFTER_LOSS = 1.0


@dataclass(slots=True)
class Writing:
    """What a commit that is on its way says: which copies ended, which come next, since when."""

    done: list[tuple[Line, Load]]
    loaded: list[Line]
    began: float


class MailLoop:
    """Worked by one thread at a time; what it has in hand passes on to the next.

    ``joined`` moves fresh issues into ``runs`` and gives them; ``over`` is told of each that is let go.
    """

    def __init__(self, clock: Clock, joined: Callable[[], list[Run]], over: Callable[[Run], None]) -> None:
        self.runs: list[Run] = []
        self._clock, self._joined, self._over = clock, joined, over
        self._finished: list[Line] = []
        self._writing: Writing | None = None
        self._selector: selectors.BaseSelector | None = None
        self._waking = threading.Lock()
        self._waker: tuple[int, int] | None = None
        self._commit_took = GATHER
        self._renewed = time.monotonic()
        self._elsewhere = False

    def wake(self) -> None:
        """Makes the loop look around at once. From any thread."""
        with self._waking:
            if self._waker is not None:
                try:
                    os.write(self._waker[1], b"!")
                except BlockingIOError:
                    pass  # it has been woken often enough

    def work(self, hold: Hold, run: Run) -> None:
        """Works all issues until ``run`` is over. Raises what made it impossible; the others go on under the next."""
        try:
            with self._watching():
                try:
                    while not run.over:
                        self._turn(hold)
                finally:
                    self._leave(hold, run)
        except BaseException:
            self._break(run)
            raise

    def _leave(self, hold: Hold, run: Run) -> None:
        """Sees a commit that is on its way through, for the issues that stay."""
        if self._writing is not None:
            try:
                self._land(hold, but=None if run.over else run)
            except Exception:
                pass  # the answers are in hand again: the next one writes them, and meets what stood in the way

    def _break(self, run: Run) -> None:
        """The loop itself failed: its own issue ends with the error, the others go on under the next leader.

        What is in hand on the broken issue's lines is left as it stands: a dead claim makes it unsettled.
        """
        run.lines.abandon()
        run.over = True
        self._finished = [line for line in self._finished if _load(line).run is not run]
        if run in self.runs:
            self.runs.remove(run)

    @contextmanager
    def _watching(self) -> Iterator[None]:
        """The selector of this leader, with the lines that are open already."""
        reading, writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        with selectors.DefaultSelector() as selector:
            selector.register(reading, selectors.EVENT_READ)
            self._selector = selector
            with self._waking:
                self._waker = (reading, writing)
            for run in self.runs:
                for line in run.lines.open:
                    line.watched = 0
                    self._watch(line)
            try:
                yield
            finally:
                with self._waking:
                    self._waker = None
                self._selector = None
        os.close(reading)
        os.close(writing)

    # --- a turn ------------------------------------------------------------------------------------

    def _turn(self, hold: Hold) -> None:
        self._joined()
        self._gather(hold)
        now = time.monotonic()
        self._expire(now)
        for run in self.runs:
            for line in run.lines.arrived():
                self._watch(line)
        if self._writing is not None and hold.landed:
            self._land(hold)
            self._gather(hold)
        if self._writing is None:
            for run in [one for one in self.runs if one.seen_through]:
                self._let_go(run)
            self._write(hold, now)
        for run in self.runs:
            self._tidy(run)

    def _gather(self, hold: Hold) -> None:
        """Waits for the disk, or for answers and then a moment more, so that one commit serves many."""
        if self._writing is not None:
            while not hold.landed and self._listen(self._patience()):
                pass
            return
        busy = sum(run.in_hand for run in self.runs)
        now = time.monotonic()
        ready = self._finished or any(
            run.seen_through or run.asks(now) or (run.hungry(now) and run.lines.idle(now)) for run in self.runs
        )
        self._listen(0.0 if ready else self._patience())
        if not self._finished:
            return
        until = time.monotonic() + min(GATHER, self._commit_took)
        while len(self._finished) * SHARE < busy:
            left = until - time.monotonic()
            if left <= 0 or not self._listen(left):
                return

    def _patience(self) -> float:
        """How long nothing needs us."""
        now = time.monotonic()
        moments = [now + LOOK_EVERY]
        for run in self.runs:
            moments.append(run.kept_until)
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
        return next(run for run in self.runs if line in run.lines.open)

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
        for run in self.runs:
            for line in [one for one in run.lines.open if one.session.until <= now and one.session.busy]:
                self._unwatch(line)
                self._after_words(line, line.session.expire())

    # --- what is written ---------------------------------------------------------------------------

    def _write(self, hold: Hold, now: float) -> None:
        """One transaction: closes what was answered, opens what comes next; its commit is on its way afterwards.

        While the database is away the answers are kept and nothing new is begun; nor is an answer lost by a fault of
        one issue, for the next leader closes what belongs to the others.
        """
        writes = self._finished or any(run.wants(now) for run in self.runs)
        self._renew(now, opening=bool(writes))
        if not writes:
            return
        # A line whose load has just ended takes the next one in this same commit, if it still stands.
        writing = Writing([(line, _load(line)) for line in self._finished], [], time.monotonic())
        self._finished = []
        try:
            with hold.transaction(self.wake) as tx:
                changed = hold.others_wrote()
                answered = [(run, [load for _, load in writing.done if load.run is run]) for run in self.runs]
                server_days.lock(tx, {one for run, mine in answered for one in run.servers_written(mine)})
                for run, mine in answered:
                    if mine:
                        run.close(tx, mine)
                for line, load in writing.done:
                    line.load = None
                    load.run.hear(line, load)
                breaking = any(run.lane is Lane.BREAKING and run.end is None for run in self.runs)
                breaking = breaking or self._breaking_elsewhere(tx, changed)
                for run in self.runs:
                    yields = breaking and run.lane is not Lane.BREAKING
                    free = [line for line in run.lines.idle(now) if not self._spent(line)]
                    fresh = run.take(tx, free, now, changed=changed or not run.started, yields=yields)
                    writing.loaded += fresh
                    for line in fresh:
                        run.compiled(tx, _load(line).tried.recipient.fingerprint)
        except BaseException as error:
            self._undo(writing, error)
            return
        self._writing = writing
        for line in writing.loaded:
            load = _load(line)
            load.run.in_hand += 1
            try:
                load.run.put_together(line)
            except Exception as error:
                sentence = "Pressrun met a fault of its own while writing the mail; nothing has left"
                load.mail = Failure(Outcome.UNREACHABLE, code=type(error).__name__, sentence=sentence)

    def _land(self, hold: Hold, but: Run | None = None) -> None:
        """The commit is over: what it opened may begin, but for the issue ``but``."""
        writing, self._writing = self._writing, None
        assert writing is not None
        try:
            hold.finish()
        except BaseException as error:
            for line in writing.loaded:
                _load(line).run.in_hand -= 1
            self._undo(writing, error)
            return
        self._commit_took = 0.8 * self._commit_took + 0.2 * (time.monotonic() - writing.began)
        for _, load in writing.done:
            load.run.in_hand -= 1
        for line in writing.loaded:
            if _load(line).run is not but:
                self._begin(line)

    def _undo(self, writing: Writing, error: BaseException) -> None:
        """Nothing of it was written: the answers are in hand again. Raises ``error`` where that is no matter of time."""
        for line in writing.loaded:
            line.load = None
        for line, load in writing.done:
            line.load = load
        self._finished = [line for line, _ in writing.done] + self._finished
        for run in self.runs:
            run.undone()
        if not isinstance(error, GroundLost) or any(run.giving_up() for run in self.runs):
            raise error
        self._clock.sleep(AGAIN_AFTER_LOSS)

    def _renew(self, now: float, *, opening: bool) -> None:
        """Asks each issue's worker whether to go on, which keeps its claim: now and then, and before copies are opened.

        Outside our transaction, which would keep it from writing.
        """
        if now - self._renewed > RENEW_EVERY:
            self._renewed = now
            asked = list(self.runs)
        elif opening:
            ending = {id(_load(line).run) for line in self._finished}
            asked = [run for run in self.runs if id(run) in ending or run.lines.idle(now)]
        else:
            return
        for run in asked:
            try:
                if run.end is None and not run.told_to_stop and not run.renew():
                    run.told_to_stop = True
            except GroundLost:
                if run.giving_up():
                    raise

    def _spent(self, line: Line) -> bool:
        return line.session.taken >= line.station.relay.config.per_connection

    def _breaking_elsewhere(self, tx: Connection, changed: bool) -> bool:
        """Whether another process has a breaking issue under way."""
        if changed or self._elsewhere:
            self._elsewhere = deliveries.breaking_mail_open(tx, self._clock.now())
        return self._elsewhere

    # --- lines -------------------------------------------------------------------------------------

    def _begin(self, line: Line) -> None:
        load = _load(line)
        try:
            answer = load.run.begin(line)
        except Exception as error:
            # Anything at all may have left the house: in doubt it is never sent again by itself.
            line.session.abandon()
            sentence = "Pressrun met a fault of its own while sending; the mail may have gone"
            answer = Failure(Outcome.UNCERTAIN, code=type(error).__name__, sentence=sentence)
        self._after_words(line, answer)

    def _tidy(self, run: Run) -> None:
        """Loses lines that are gone or spent, and opens those wanted."""
        lines = run.lines
        for line in [one for one in lines.open if one.load is None]:
            if not line.session.is_open or self._spent(line) or lines.idles(line):
                self._unwatch(line)
                lines.lose(line)
        if run.end is None:
            lines.want(run.wanted_lines)
            run.look_at_lines()

    def _let_go(self, run: Run) -> None:
        for line in run.lines.open:
            self._unwatch(line)
        run.lines.close()
        self.runs.remove(run)
        self._over(run)


def _load(line: Line) -> Load:
    load = line.load
    assert isinstance(load, Load)
    return load
