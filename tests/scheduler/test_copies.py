"""What one reader's copy holds and when it goes: only what they chose, nothing twice, never in their quiet hours."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from db.records import EVERY_OTHER, Choices, Frequency, Mode, Publish
from scheduler.copies import HAD, NOT_CHOSEN, QUIET, Copy, Occasion, Piece, copy_for
from scheduler.periodical import Periodical
from scheduler.slots import Quiet, Slots, parse_slots

LONDON = ZoneInfo("Europe/London")
DUE = datetime(2026, 9, 21, 6, 0, tzinfo=UTC)  # 07:00 in London
ZONES = ("", "Europe/London", "America/New_York", "Asia/Tokyo", "Asia/Kathmandu", "Pacific/Apia", "America/St_Johns")


def letter(**more: object) -> Periodical:
    known: dict[str, object] = {
        "name": "morning",
        "channel": "mail",
        "title": "Morning briefing",
        "list_name": "morning",
        "sender": "a@news.example.org",
        "reply_to": "",
        "language": "en",
        "mode": Mode.REHEARSAL,
        "publish": Publish.AUTO,
        "zone": LONDON,
        "daily": parse_slots(["daily 07:00"]),
        "weekly": Slots(),
        "alerts": "all",
        "alerts_a_day": 3,
    }
    return Periodical(**(known | more))  # type: ignore[arg-type]


def occasion(
    frequency: Frequency = Frequency.DAILY, *, latest: timedelta = timedelta(hours=12), **more: object
) -> Occasion:
    pieces = [Piece(1, "Politics"), Piece(2, "Sport"), Piece(3, "")]
    return Occasion(letter(**more), frequency, pieces, DUE, DUE + latest)


def test_who_has_chosen_nothing_gets_the_newsletter_as_it_comes() -> None:
    assert copy_for(occasion(), Choices(), now=DUE) == Copy((1, 2, 3), DUE)
    assert copy_for(occasion(Frequency.WEEKLY), Choices(), now=DUE) == NOT_CHOSEN
    assert copy_for(occasion(Frequency.IMMEDIATE), Choices(), now=DUE) == NOT_CHOSEN


def test_a_newsletter_without_a_daily_issue_comes_weekly_and_one_without_both_as_alerts() -> None:
    weekly = occasion(Frequency.WEEKLY, daily=None)
    assert copy_for(weekly, Choices(), now=DUE) == Copy((1, 2, 3), DUE)
    alerts = occasion(Frequency.IMMEDIATE, daily=None, weekly=None)
    assert copy_for(alerts, Choices(), now=DUE) == Copy((1, 2, 3), DUE)


def test_what_a_reader_had_is_left_out_and_nothing_left_is_told() -> None:
    assert copy_for(occasion(), Choices(), had={2}, now=DUE) == Copy((1, 3), DUE)
    assert copy_for(occasion(), Choices(), had={1, 2, 3}, now=DUE) == HAD


def test_a_break_says_until_when_in_the_readers_own_zone() -> None:
    chosen = Choices(paused_until=DUE + timedelta(days=3), zone="Asia/Tokyo")
    assert copy_for(occasion(), chosen, now=DUE) == "has paused it until 2026-09-24 15:00 Asia/Tokyo"
    assert isinstance(copy_for(occasion(), chosen, now=DUE + timedelta(days=4)), Copy)


@pytest.mark.parametrize(
    ("zone", "at"),
    [("Asia/Tokyo", DUE), ("Europe/Berlin", DUE), ("America/New_York", DUE + timedelta(hours=5)), ("", DUE)],
)
def test_at_its_hour_of_each_readers_zone_or_at_once_where_that_has_passed(zone: str, at: datetime) -> None:
    copy = copy_for(occasion(local_times=True), Choices(zone=zone), now=DUE)
    assert copy == Copy((1, 2, 3), at)


@pytest.mark.parametrize(
    ("had", "chosen", "goes"), [(0, None, True), (3, None, False), (1, 1, False), (0, 0, False), (3, 9, False)]
)
def test_nobody_gets_more_alerts_a_day_than_the_newsletter_or_they_say(
    had: int, chosen: int | None, goes: bool
) -> None:
    wants = Choices(sections={EVERY_OTHER: frozenset({Frequency.IMMEDIATE})}, alerts_a_day=chosen)
    today = [DUE - timedelta(hours=1)] * had
    copy = copy_for(occasion(Frequency.IMMEDIATE), wants, alerts_at=today, now=DUE)
    assert isinstance(copy, Copy) is goes
    yesterday = [DUE - timedelta(hours=8)] * had  # 23:00 in London
    if chosen != 0:
        assert isinstance(copy_for(occasion(Frequency.IMMEDIATE), wants, alerts_at=yesterday, now=DUE), Copy)


def test_quiet_hours_that_end_too_late_are_told() -> None:
    asleep = Choices(zone="America/New_York", quiet_start=time(22), quiet_end=time(7))
    assert copy_for(occasion(latest=timedelta(hours=4)), asleep, now=DUE) == QUIET
    assert copy_for(occasion(latest=timedelta(hours=6)), asleep, now=DUE) == Copy((1, 2, 3), DUE + timedelta(hours=5))


FREQUENCIES = some.sampled_from([Frequency.IMMEDIATE, Frequency.DAILY, Frequency.WEEKLY])
CHOICES = some.builds(
    Choices,
    sections=some.dictionaries(
        some.sampled_from(["politics", "sport", EVERY_OTHER]),
        some.frozensets(FREQUENCIES, min_size=1) | some.just(frozenset({Frequency.NEVER})),
    ),
    zone=some.sampled_from(ZONES),
    quiet_start=some.just(time(22, 30)),
    quiet_end=some.sampled_from([time(6), time(23, 15), time(11)]),
    alerts_a_day=some.none() | some.integers(0, 4),
)


@given(CHOICES, FREQUENCIES, some.sets(some.integers(1, 3)), some.booleans())
def test_whatever_they_chose_they_get_that_and_nothing_else(
    chosen: Choices, frequency: Frequency, had: set[int], local: bool
) -> None:
    asked = occasion(frequency, latest=timedelta(hours=36), local_times=local)
    copy = copy_for(asked, chosen, had=had, now=DUE)
    wanted = {
        one.article_id
        for one in asked.pieces
        if chosen.wants(one.section, frequency, usual=asked.letter.usual) and one.article_id not in had
    }
    if isinstance(copy, str):
        assert not wanted or chosen.alerts_a_day == 0
        return
    assert set(copy.article_ids) == wanted
    assert list(copy.article_ids) == sorted(copy.article_ids)
    assert DUE <= copy.send_at < DUE + timedelta(hours=36)
    assert chosen.quiet_start is not None
    assert chosen.quiet_end is not None
    there = copy.send_at.astimezone(ZoneInfo(chosen.zone or "Europe/London")).time()
    assert not Quiet(chosen.quiet_start, chosen.quiet_end).holds(there)
