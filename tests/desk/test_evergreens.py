"""``pressrun evergreen``: marked, shown, ended, and refused with a sentence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.desk.newsdesk import Newsdesk


def test_a_story_is_marked_shown_and_let_go_again(room: Newsdesk) -> None:
    number = room.prepared()
    room.clock.advance(timedelta(hours=11))
    room.tell("tick")
    rule = (
        "--every",
        "30d",
        "--times",
        "3",
        "--season",
        "11-15..12-24",
        "--until",
        "2027-01-01",
        "--channel",
        "x-main",
    )
    told = room.tell("evergreen", str(number), *rule)
    assert told.code == 0, told.err
    words = " ".join(told.out.split())
    assert "every 30 days, at most 3 times, until Fri 01 Jan 2027" in words
    assert "from 11-15 to 12-24, on x-main, by ada" in words
    assert "x-main: came again 0 times, next Sun 15 Nov" in words
    (form,) = room.tell("evergreen", "--json").json["evergreen"]
    assert (form["story"], form["times"], form["season"]) == (number, 3, "11-15..12-24")
    assert form["turns"][0]["next_at"].startswith("2026-11-1")
    assert "It comes again no more." in room.tell("evergreen", str(number), "--off", "--why", "outdated").out
    assert "No story is evergreen" in room.tell("evergreen").out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["1"], "Say one of the two"),
        (["1", "--every", "30d", "--off"], "Say one of the two"),
        (["--every", "30d"], "Name the story"),
        (["1", "--every", "soon"], "not a span of time"),
        (["1", "--every", "2h"], "too often"),
        (["1", "--every", "30d", "--season", "winter"], "not a season"),
        (["1", "--every", "30d", "--channel", "nowhere"], "no channel"),
        (["1", "--off"], "is not evergreen"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(words: list[str], why: str, room: Newsdesk) -> None:
    room.story()
    told = room.tell("evergreen", *words)
    assert told.code == 2
    assert why in told.err
