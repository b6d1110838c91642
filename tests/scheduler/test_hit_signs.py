"""Machines give themselves away by what they say, or by their haste; people are not taken for machines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from db.hits import Hit
from db.records import HitKind
from scheduler.hit_signs import sign_of, swept

AT = datetime(2026, 9, 21, 6, 30, tzinfo=UTC)
LATER = timedelta(hours=1)
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"


@pytest.mark.parametrize(
    ("method", "agent", "after", "click", "expected"),
    [
        ("GET", IPHONE, LATER, True, ("", False)),
        ("GET", IPHONE, LATER, False, ("", False)),
        ("GET", "Mozilla/5.0", LATER, False, ("apple", True)),
        ("GET", GMAIL, LATER, False, ("gmail", True)),
        (
            "GET",
            "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
            LATER,
            False,
            ("yahoo", True),
        ),
        ("GET", "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0; Pro)", LATER, False, ("", False)),
        (
            "GET",
            "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.0",
            LATER,
            False,
            ("", False),
        ),
        ("HEAD", IPHONE, LATER, True, ("head", True)),
        ("GET", "", LATER, True, ("scanner", True)),
        ("GET", "python-requests/2.32", LATER, True, ("scanner", True)),
        ("GET", "Mozilla/5.0 (compatible; Barracuda Sentinel)", LATER, True, ("scanner", True)),
        ("GET", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", LATER, True, ("scanner", True)),
        ("GET", IPHONE, timedelta(seconds=1), False, ("instant", True)),
        ("GET", IPHONE, timedelta(seconds=20), True, ("early", False)),
        ("GET", IPHONE, timedelta(seconds=20), False, ("", False)),
    ],
)
def test_who_calls_is_told_by_what_they_say_and_when(
    method: str, agent: str, after: timedelta, click: bool, expected: tuple[str, bool]
) -> None:
    assert sign_of(method, {"user-agent": agent} if agent else {}, after, click=click) == expected


def test_a_browser_that_fetches_ahead_is_a_machine() -> None:
    for name in ("purpose", "sec-purpose", "x-moz"):
        assert sign_of("GET", {"user-agent": IPHONE, name: "prefetch"}, LATER, click=True) == ("prefetch", True)


def click(number: int, seconds: float, sign: str = "", link: str = "") -> Hit:
    at = AT + timedelta(seconds=seconds)
    return Hit(7, "copy", HitKind.CLICK, link or f"link{number}", sign, False, at, id=number)


def test_a_person_who_follows_links_one_after_the_other_stays_a_person() -> None:
    assert swept([click(1, 0), click(2, 60), click(3, 150), click(4, 200), click(5, 260)], 5) == set()
    assert swept([click(1, 0), click(2, 4)], 6) == set()
    assert swept([click(1, 5, "early"), click(2, 40, "early")], 6) == set()


def test_the_only_link_of_an_alert_may_be_followed_at_once() -> None:
    assert swept([click(1, 5, "early")], 1) == set()


def test_every_link_in_one_go_is_a_guards_round() -> None:
    assert swept([click(1, 0), click(2, 3), click(3, 7)], 3) == {1, 2, 3}
    assert swept([click(number, number) for number in range(1, 6)], 40) == {1, 2, 3, 4, 5}
    assert swept([click(1, 5, "early"), click(2, 30, "early"), click(3, 55, "early")], 20) == {1, 2, 3}
    assert swept([click(1, 5, "early"), click(2, 30, "early")], 2) == {1, 2}


def test_what_a_person_follows_after_the_guards_round_is_theirs() -> None:
    round_ = [click(number, number, "early") for number in range(1, 4)]
    assert swept([*round_, click(9, 4_000, "", "link2")], 3) == {1, 2, 3}
