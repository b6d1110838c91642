"""Limits a day: the service's over all newsletters, a list's ramp day by day; the rest waits and spends no try."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from db import issue_counts, recipients
from db.issue_counts import Counts
from db.records import State
from tests.scheduler.house import MAIL, SETTINGS, House, house

SLOW = MAIL.replace("connections = 1", 'connections = 3\nlatest = "3 days"\n{}')


def sent(h: House, issue: int = 1) -> Counts:
    with h.app.ground.reading() as tx:
        return issue_counts.counts(tx, issue)


def work(h: House) -> None:
    for _ in range(3):
        h.work()


def test_what_is_over_the_days_limit_goes_tomorrow_and_spends_no_try(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + SLOW.format("per_day = 5")) as h:
        h.readers(8)
        h.take()
        work(h)
        assert sent(h) == Counts(sent=5, open=3)
        work(h)
        assert sent(h) == Counts(sent=5, open=3)
        with h.app.ground.reading() as tx:
            assert {row.tries for row in recipients.of_issue(tx, 1, {State.PLANNED})} == {0}
        h.clock.advance(timedelta(days=1))
        work(h)
        assert sent(h) == Counts(sent=8)


def test_a_new_list_begins_slowly_and_is_free_after_the_ramp(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + SLOW.format("ramp = [2, 3]")) as h:
        h.readers(9)
        h.take()
        numbers = []
        for _ in range(3):
            work(h)
            numbers.append(sent(h).sent)
            h.clock.advance(timedelta(days=1))
        assert numbers == [2, 5, 9]
