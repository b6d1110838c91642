"""A day of alerts and a digest, against a real mail server: each reader gets exactly what they chose, when they chose."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from db import exclusions, issue_counts, issues
from db.claims import claim_next
from db.records import Delivery, Frequency, Mode, Priority, State
from scheduler import cutting
from scheduler.clock import HeldClock
from tests.scheduler.house import House, house
from tests.scheduler.readers import LETTERS, Wish, bodies, inbox, subscribe

NOW, DAY, WEEK, NEVER = Frequency.IMMEDIATE, Frequency.DAILY, Frequency.WEEKLY, Frequency.NEVER

SETTINGS = (
    LETTERS
    + """
daily = ["daily 07:00"]
weekly = ["sun 09:00"]
local_times = true
alerts = "all"
alerts_a_day = 3
alert_latest = "2h"

[sections.Politics]
[sections.Sport]
[sections.Culture]
"""
)

WISHES = {
    # London: politics at once and whatever is left of it in the morning, sport in the morning, nothing else.
    "ann": Wish({"Politics": (NOW, DAY), "Sport": (DAY,), "": (NEVER,)}, zone="Europe/London"),
    # New York: the newsletter as it comes, at seven o'clock there, and never at night.
    "ben": Wish(zone="America/New_York", quiet=(time(22), time(6))),
    # Tokyo: politics and sport at once, at most one a day, not at night; culture once a week.
    "chie": Wish(
        {"Politics": (NOW,), "Sport": (NOW,), "Culture": (WEEK,), "": (NEVER,)},
        zone="Asia/Tokyo",
        quiet=(time(23), time(7)),
        alerts_a_day=1,
    ),
}

STORIES = [
    # UTC (London is an hour ahead): headline, section, priority
    ("05:00", "Library lends violins", "Culture", Priority.NORMAL),
    ("05:30", "Council votes on budget", "Politics", Priority.NORMAL),
    ("10:00", "Rowing club wins the cup", "Sport", Priority.NORMAL),
    ("13:00", "Mayor resigns", "Politics", Priority.BREAKING),
    ("15:30", "Harbour festival begins", "Culture", Priority.NORMAL),
]


def _the_day(h: House) -> None:
    """From 04:30 to the next morning's 12:30, UTC, a tick each half hour."""
    for _ in range(64):
        at = f"{h.clock.now():%H:%M}"
        if h.clock.now().day == 21:
            for when, headline, section, priority in STORIES:
                if when == at:
                    h.take(headline, section=section, priority=priority)
        h.work()
        h.clock.advance(timedelta(minutes=30))


def test_three_readers_in_three_zones_get_exactly_what_they_chose_when_they_chose_it(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS, clock=HeldClock(datetime(2026, 9, 21, 4, 30, tzinfo=UTC))) as h:
        numbers = subscribe(h, WISHES)
        _the_day(h)
        # 07:00 in London is 06:00 UTC: the alert of 05:30 is not told again, politics were not new in the digest.
        # On the second day rowing and the rest came; the resignation went to her at once.
        assert inbox(h, "ann") == [
            ("05:30", "Council votes on budget"),
            ("13:00", "Mayor resigns"),
            ("06:00", "Rowing club wins the cup"),
        ]
        # 07:00 in New York is 11:00 UTC; the two of the morning together, the next day all that came since.
        assert [at for at, _ in inbox(h, "ben")] == ["11:00", "11:00"]
        first, second = bodies(h, "ben")
        assert "Council votes on budget" in first
        assert "Library lends violins" in first
        for headline in ("Mayor resigns", "Rowing club wins the cup", "Harbour festival begins"):
            assert headline in second
            assert headline not in first
        assert "Council votes on budget" not in second
        # 14:30 in Tokyo is 05:30 UTC; then her one alert of the day is used up. Culture comes on Sunday.
        assert inbox(h, "chie") == [("05:30", "Council votes on budget")]
        with h.app.ground.reading() as tx:
            why = {
                (issue.window, one.reason)
                for issue in issues.recent(tx, Mode.REHEARSAL, "morning")
                for one in exclusions.of_issue(tx, issue.id)
                if one.subscriber_id == numbers["chie"]
            }
        assert ("2026-09-21", "chose no section of it for this issue") in why
        assert {reason for _, reason in why if "alerts" in reason} == {
            "has had as many alerts that day as they want: 1"
        }
        assert not h.troubles


def test_the_week_brings_what_the_days_did_not(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS, clock=HeldClock(datetime(2026, 9, 26, 4, 30, tzinfo=UTC))) as h:
        subscribe(h, WISHES)
        for headline, section in (("Library lends violins", "Culture"), ("Budget passed", "Politics")):
            h.take(headline, section=section)
        for _ in range(60):
            h.work()
            h.clock.advance(timedelta(minutes=30))
        # Sunday 09:00 in London has passed 09:00 in Tokyo: at once.
        assert inbox(h, "chie") == [("04:30", "Budget passed"), ("08:00", "Library lends violins")]
        assert "Budget passed" not in bodies(h, "chie")[1]
        assert all("Budget passed" not in one for one in bodies(h, "ann")[1:])


def test_an_alert_waits_for_the_end_of_quiet_hours_or_is_given_up(tmp_path: Path) -> None:
    late = {
        "soon": Wish({"": (NOW,)}, zone="Europe/London", quiet=(time(4), time(6))),
        "asleep": Wish({"": (NOW,)}, zone="Europe/London", quiet=(time(4), time(9))),
    }
    with house(tmp_path, SETTINGS, clock=HeldClock(datetime(2026, 9, 21, 4, 30, tzinfo=UTC))) as h:
        subscribe(h, late)
        h.take("Storm at sea", section="Weather", priority=Priority.BREAKING)
        for _ in range(12):
            h.work()
            h.clock.advance(timedelta(minutes=30))
        assert inbox(h, "soon") == [("05:00", "Storm at sea")]  # 06:00 in London
        assert inbox(h, "asleep") == []
        with h.app.ground.reading() as tx:
            issue = issues.find(tx, Mode.REHEARSAL, "morning", "alert-1")
            assert issue is not None
            (left_out,) = exclusions.of_issue(tx, issue.id)
            assert left_out.reason == "is in quiet hours until it is too late"
            assert issue_counts.counts(tx, issue.id).candidates == 2


def test_nobody_gets_a_story_twice_whichever_issue_comes_first(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS, clock=HeldClock(datetime(2026, 9, 21, 4, 30, tzinfo=UTC))) as h:
        subscribe(h, {"both": Wish({"": (NOW, DAY, WEEK)}, zone="Europe/London")})
        h.take("First of the day", section="Sport")
        h.work()
        h.take("Second of the day", section="Sport")
        for _ in range(8 * 24):
            h.work()
            h.clock.advance(timedelta(hours=1))
        assert [subject for _, subject in inbox(h, "both")] == ["First of the day", "Second of the day"]


def test_an_alert_goes_while_a_digest_is_in_flight(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS, clock=HeldClock(datetime(2026, 9, 21, 5, 30, tzinfo=UTC))) as h:
        subscribe(h, {"early": Wish({"": (NOW,)}, zone="Europe/London"), "usual": Wish(zone="Asia/Tokyo")})
        h.take("Plain news", section="Sport")
        h.work()
        h.clock.advance(timedelta(minutes=30))
        cutting.walk_issues(h.app)
        outlet, claim = h.app.outlets["morning"], replace(h.app.claim(timedelta(hours=2)), owner="another worker")
        with h.app.ground.transaction() as tx:
            guards = outlet.guards_now(tx, h.clock.now())
            digest = claim_next(tx, outlet.mode, "morning", guards, claim, now=h.clock.now(), urgent=False)
            assert isinstance(digest, Delivery)
            assert (digest.purpose, digest.state) == ("digest", State.SENDING)
        h.take("Bridge closed", section="Sport", priority=Priority.BREAKING)
        h.work()
        assert inbox(h, "early") == [("05:30", "Plain news"), ("06:00", "Bridge closed")]
        assert inbox(h, "usual") == []
        assert h.see(digest).state is State.SENDING
