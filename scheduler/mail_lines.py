"""The lines of one issue to its mail servers: opened beside the loop, shared out by weight, moved when one is away.

A server that cannot be reached or closes on us gets no new line for a while and its share goes to the others; one
that does not let us in is left out for the rest of the issue.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from channels.email.replies import asks_all_to_wait
from channels.email.session import Session
from channels.email.smtp import Relay
from channels.errors import ChannelError
from db.records import Failure, Outcome
from scheduler.clock import Clock
from scheduler.mail_pace import Domains, Pace

AWAY = timedelta(minutes=3)
"""How long a server that cannot be reached is left alone."""


@dataclass(slots=True)
class Station:
    """One mail server as this issue finds it."""

    relay: Relay
    pace: Pace
    lines: int = 0  # open or being opened
    no_line_before: float = 0.0  # on the boot clock
    no_mail_before: float = 0.0  # on the boot clock
    failure: Failure | None = None  # the last one that made us wait
    barred: bool = False  # it does not let us in
    let_in: bool = False  # it did so for a line of this issue
    left: int | None = None  # mails it may still get today; None: no limit

    def usable(self, now: float) -> bool:
        """Whether a line may be opened now."""
        return not self.barred and now >= max(self.no_line_before, self.no_mail_before)

    def wait(self, failure: Failure, until: datetime, now: datetime, boot: float) -> None:
        """It gets no mail before ``until``; ``now`` and ``boot`` are the same moment on the two clocks."""
        pause = boot + (until - now).total_seconds()
        if pause > self.no_mail_before:
            self.no_mail_before, self.failure = pause, failure


@dataclass(slots=True, eq=False)
class Line:
    """One open line; ``load`` is whatever its owner has in hand on it."""

    session: Session
    station: Station
    load: object | None = None
    watched: int = 0  # what the loop watches its socket for; 0: not watched yet


@dataclass(slots=True)
class Lines:
    """All lines of one issue. Used by the loop's thread; only the opening happens beside it."""

    relays: Sequence[Relay]
    most: int
    clock: Clock
    wake: Callable[[], None]
    domains: Domains = field(default_factory=Domains)
    stations: list[Station] = field(init=False)
    open: list[Line] = field(init=False, default_factory=list)
    _arrivals: queue.SimpleQueue[tuple[Station, Session | ChannelError | BaseException]] = field(
        init=False, default_factory=queue.SimpleQueue
    )
    _ended: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.stations = [Station(relay, Pace(relay.config.per_second)) for relay in self.relays]

    # --- opening -----------------------------------------------------------------------------------

    def want(self, number: int) -> None:
        """Opens lines until there are ``number`` (at most ``most``), the lightest laden server first."""
        now = self.clock.boot()
        while sum(station.lines for station in self.stations) < min(number, self.most):
            usable = [station for station in self.stations if station.usable(now)]
            if not usable:
                return
            station = min(usable, key=lambda one: (one.lines + 1) / one.relay.config.weight)
            station.lines += 1
            opening = threading.Thread(target=self._open, args=(station,), name="mail line", daemon=True)
            opening.start()

    def arrived(self) -> list[Line]:
        """The lines that were opened since the last call; what kept others from opening is noted on their station."""
        fresh: list[Line] = []
        while True:
            try:
                station, got = self._arrivals.get_nowait()
            except queue.Empty:
                return fresh
            if isinstance(got, Session):
                line = Line(got, station)
                station.let_in = True
                if station.usable(self.clock.boot()):  # else another line was told meanwhile that all are to wait
                    station.failure = None
                self.open.append(line)
                fresh.append(line)
                continue
            station.lines -= 1
            if not isinstance(got, ChannelError):
                raise got
            self._note(station, got.failure)

    @property
    def opening(self) -> int:
        """How many lines are being opened."""
        return sum(station.lines for station in self.stations) - len(self.open)

    def idle(self, now: float) -> list[Line]:
        """The lines that may take a message now; ``now`` is on ``time.monotonic``, as paces are."""
        boot = self.clock.boot()
        return [
            line
            for line in self.open
            if line.load is None
            and line.session.is_open
            and boot >= line.station.no_mail_before
            and line.station.pace.ready(now)
        ]

    def idles(self, line: Line) -> bool:
        """Whether a line keeps its place for a server that is to wait, while another could take mail over it."""
        now = self.clock.boot()
        return now < line.station.no_mail_before and any(station.usable(now) for station in self.stations)

    # --- ending ------------------------------------------------------------------------------------

    def lose(self, line: Line) -> None:
        """A line is gone, or has had its share."""
        line.session.close()
        if line in self.open:
            self.open.remove(line)
            line.station.lines -= 1

    def told(self, line: Line, failure: Failure) -> None:
        """What a failed message says about the server behind the line."""
        if failure.outcome is not Outcome.RATE_LIMITED:
            return
        if not line.session.is_open:
            self._note(line.station, failure)
        elif asks_all_to_wait(failure):
            line.station.failure = failure
            pause = failure.retry_after or AWAY
            line.station.no_mail_before = self.clock.boot() + pause.total_seconds()

    def stuck(self) -> tuple[Failure, timedelta] | None:
        """Why no line can take mail and none is coming, and when to try again; None while one may."""
        now = self.clock.boot()
        if self.opening or any(station.usable(now) for station in self.stations):
            return None
        if any(now >= line.station.no_mail_before for line in self.open):
            return None
        away = [one for one in self.stations if not one.barred and one.failure is not None]
        if not away:
            return next(one.failure for one in self.stations if one.failure is not None), timedelta(0)
        soonest = min(away, key=lambda one: max(one.no_line_before, one.no_mail_before))
        assert soonest.failure is not None
        until = max(soonest.no_line_before, soonest.no_mail_before)
        return soonest.failure, timedelta(seconds=max(0.0, until - now))

    def day_is_over(self) -> bool:
        """Whether every server that lets us in has had all it may get today."""
        there = [one for one in self.stations if not one.barred]
        return bool(there) and all(one.left == 0 for one in there)

    def standing(self) -> dict[str, Failure | None]:
        """The servers that were asked for a line, as ``host:port``: why one does not let us in, None where it did."""
        return {
            f"{one.relay.config.host}:{one.relay.config.port}": one.failure if one.barred else None
            for one in self.stations
            if one.barred or one.let_in
        }

    def close(self) -> None:
        """Says goodbye on every line; those still being opened are let go when they come."""
        self._ended = True
        for line in self.open:
            line.session.close()
        self.open.clear()
        self.arrived_late()

    def abandon(self) -> None:
        """Lets every line go in the middle of whatever was being said."""
        for line in self.open:
            line.session.abandon()
        self.close()

    def arrived_late(self) -> None:
        """Closes lines that came after the end."""
        while True:
            try:
                _, got = self._arrivals.get_nowait()
            except queue.Empty:
                return
            if isinstance(got, Session):
                got.close()

    def _open(self, station: Station) -> None:
        try:
            got: Session | BaseException = station.relay.session()
        except BaseException as error:
            got = error
        self._arrivals.put((station, got))
        if self._ended:
            self.arrived_late()
        else:
            self.wake()

    def _note(self, station: Station, failure: Failure) -> None:
        station.failure = failure
        if failure.outcome is Outcome.UNAUTHORIZED:
            station.barred = True
            return
        pause = failure.retry_after or AWAY
        station.no_line_before = max(station.no_line_before, self.clock.boot() + pause.total_seconds())
