"""The lines of an issue to its mail servers: what one server said to one line, for all of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from channels.email.session import Session
from channels.email.smtp import Relay, RelayConfig
from db.records import Failure, Outcome
from scheduler.clock import HeldClock
from scheduler.mail_lines import Line, Lines

SLOWLY = Failure(Outcome.RATE_LIMITED, "451", "the server asks to slow down", retry_after=timedelta(minutes=5))


def test_a_line_that_comes_after_all_were_told_to_wait_changes_nothing_of_the_wait() -> None:
    clock = HeldClock(datetime(2026, 9, 21, 6, 30, tzinfo=UTC))
    lines = Lines([Relay(RelayConfig("127.0.0.1", 9, tls="none"))], 2, clock, lambda: None)
    (station,) = lines.stations
    first, second = Session.__new__(Session), Session.__new__(Session)
    lines.open.append(Line(first, station))
    station.lines = 2  # the second is on its way
    station.failure, station.no_mail_before = SLOWLY, clock.boot() + 300
    lines._arrivals.put((station, second))
    assert [line.session for line in lines.arrived()] == [second]
    assert lines.stuck() == (SLOWLY, timedelta(minutes=5))
    clock.advance(timedelta(minutes=5))
    assert lines.stuck() is None
