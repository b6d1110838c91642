"""Evergreen stories through the house: again by rule, in other words, never beside breaking news."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from db import deliveries, evergreens, posts
from db.records import Delivery, Mode, Priority, Scope, State, SubjectKind
from scheduler import journey, newsroom
from scheduler.newsroom import Reach, Refused
from tests.scheduler.house import MAIL, PATIENT, House, house

DAY = timedelta(days=1)
STORY = (
    "The ferry will run until midnight from 2 May, the council of Port Selwyn decided on Tuesday by 19 votes to 12.",
    "Councillors from both banks had asked for later boats since the bridge was closed to cars in the autumn of last year.",
    '"We have waited ten years for this," said mayor Jo Smith, who took the first late boat across the bay on Tuesday night.',
    "Boats leave from the old pier, where the town has put up new lamps, benches and a shelter against the wind.",
    "The service will cost 340,000 pounds a year and adds six late sailings on every weekday of the summer.",
)
"""It offers two wordings: its news, and its quotation."""

ONE = PATIENT[: PATIENT.index("[channels.fb-main]")]


def rounds(h: House, story: int, channel: str = "x-main") -> list[Delivery]:
    with h.app.ground.reading() as tx:
        return deliveries.of_subject(tx, SubjectKind.ARTICLE, story, channel=channel)


def texts(h: House, found: list[Delivery]) -> list[str]:
    with h.app.ground.reading() as tx:
        return [posts.get(tx, one.post_id).parts[0].text for one in found]


def out(h: House, **rule: object) -> int:
    """A story that is out, and evergreen."""
    story = h.take(paragraphs=STORY)
    h.work()
    newsroom.mark_evergreen(h.app, story, actor="ada", **({"every": 30 * DAY} | rule))  # type: ignore[arg-type]
    return story


def later(h: House, span: timedelta) -> None:
    h.clock.advance(span)
    h.work()


def test_it_comes_again_by_its_rule_each_time_a_delivery_of_its_own_in_other_words(tmp_path: Path) -> None:
    with house(tmp_path, ONE) as h:
        story = out(h, times=2)
        first = h.attempts(rounds(h, story)[0])[0].receipt_id
        later(h, 29 * DAY)
        assert len(rounds(h, story)) == 1
        assert journey.next_moment(h.app, h.clock.now()) == h.clock.now() + DAY
        later(h, DAY)
        later(h, 30 * DAY)
        later(h, 30 * DAY)
        found = rounds(h, story)
        assert [(one.purpose, one.state) for one in found] == [
            ("first", State.SENT),
            ("evergreen-1", State.SENT),
            ("evergreen-2", State.SENT),
        ]
        said = texts(h, found)
        assert "We have waited ten years" not in said[0]
        assert "We have waited ten years" in said[1]
        assert said[2].split("https")[0] == said[0].split("https")[0]  # the one used longest ago
        assert all(one.priority is Priority.EVERGREEN for one in found[1:])
        receipts = [h.attempts(one)[0].receipt_id for one in found]
        assert receipts[0] == first
        assert len(set(receipts)) == 3
        with h.app.ground.reading() as tx:
            mark = evergreens.get(tx, story)
        assert mark is not None
        assert mark.ended_at is not None  # it has come for the last time


def test_words_come_round_again_only_after_the_window_and_the_desk_is_told_meanwhile(tmp_path: Path) -> None:
    with house(tmp_path, ONE) as h:
        story = out(h, every=2 * DAY)
        for _ in range(12):
            later(h, 2 * DAY)
        found = rounds(h, story)
        said = texts(h, found)
        for at, text in enumerate(said):
            for before, other in enumerate(said[:at]):
                if text.split("https")[0] == other.split("https")[0]:
                    assert found[at].due_at - found[before].due_at >= timedelta(days=14)
        assert [one.due_at - found[0].due_at for one in found] == [0 * DAY, 2 * DAY, 14 * DAY, 16 * DAY]
        assert any("has no words that x-main may have again before" in one for one in h.notices())


def test_a_turn_out_of_season_waits_for_the_season_and_none_comes_after_the_last_day(tmp_path: Path) -> None:
    with house(tmp_path, ONE) as h:
        story = out(h, season="11-15..12-24", until=datetime(2026, 12, 1, tzinfo=UTC))
        later(h, 35 * DAY)
        assert len(rounds(h, story)) == 1
        h.clock.advance(datetime(2026, 11, 15, 8, 0, tzinfo=UTC) - h.clock.now())
        h.work()
        assert rounds(h, story)[-1].purpose == "evergreen-1"
        later(h, 40 * DAY)
        assert len(rounds(h, story)) == 2


def test_nothing_evergreen_goes_while_something_breaking_runs(tmp_path: Path) -> None:
    with house(tmp_path, PATIENT) as h:
        story = out(h)
        h.clock.advance(30 * DAY)
        urgent = h.promise("Quake off the coast", "fb-main", priority=Priority.BREAKING)
        h.work()
        assert h.see(urgent).state is State.SENT
        assert len(rounds(h, story)) == 1
        later(h, timedelta(minutes=50))
        assert len(rounds(h, story)) == 1
        later(h, timedelta(minutes=11))
        assert rounds(h, story)[-1].purpose == "evergreen-1"


def test_one_that_is_planned_already_is_kept_at_the_claim_when_something_breaks(tmp_path: Path) -> None:
    slotted = (
        ONE.replace('kind = "x"', 'kind = "x"\nslots = ["daily 18:15"]')
        + PATIENT[PATIENT.index("[channels.fb-main]") :]
    )
    with house(tmp_path, slotted) as h:
        story = h.take(paragraphs=STORY)
        h.work()
        later(h, timedelta(hours=10))
        newsroom.mark_evergreen(h.app, story, actor="ada", every=30 * DAY, channels=["x-main"])
        later(h, 30 * DAY)
        waits = rounds(h, story)[-1]
        assert (waits.purpose, waits.state) == ("evergreen-1", State.PLANNED)
        h.clock.advance(waits.due_at - h.clock.now())
        h.promise("Quake off the coast", "fb-main", priority=Priority.BREAKING)
        h.work()
        assert h.see(waits).state is State.PLANNED
        later(h, timedelta(minutes=61))
        assert h.see(waits).state is State.SENT


def test_off_ends_it_and_calls_off_what_is_planned(tmp_path: Path) -> None:
    slotted = ONE.replace('kind = "x"', 'kind = "x"\nslots = ["daily 18:15"]')
    with house(tmp_path, slotted) as h:
        story = h.take(paragraphs=STORY)
        h.work()
        later(h, timedelta(hours=10))
        newsroom.mark_evergreen(h.app, story, actor="ada", every=30 * DAY)
        later(h, 30 * DAY)
        done = newsroom.end_evergreen(h.app, story, actor="ada", reason="the ferry is gone")
        assert [one.state for one in done.called_off] == [State.CANCELLED]
        later(h, 60 * DAY)
        assert len(rounds(h, story)) == 2
        assert newsroom.evergreen_stories(h.app) == []


def test_a_held_or_killed_story_does_not_come_again(tmp_path: Path) -> None:
    with house(tmp_path, ONE) as h:
        held, killed = out(h), h.take("Library opens on Sundays", paragraphs=STORY[1:])
        h.work()
        newsroom.mark_evergreen(h.app, killed, actor="ada", every=30 * DAY)
        newsroom.hold(h.app, Reach(Scope.STORY, str(held)), actor="ada", reason="being checked")
        newsroom.kill(h.app, killed, actor="ada", reason="wrong")
        later(h, 31 * DAY)
        assert len(rounds(h, held)) == 1
        assert not [one for one in rounds(h, killed) if one.purpose.startswith("evergreen")]
        newsroom.resume(h.app, Reach(Scope.STORY, str(held)), actor="ada")
        h.work()
        assert rounds(h, held)[-1].purpose == "evergreen-1"


def test_a_turn_that_expired_is_not_made_up_for_at_once(tmp_path: Path) -> None:
    with house(tmp_path, ONE.replace('kind = "x"', 'kind = "x"\npublish = "approve"')) as h:
        story = h.take(paragraphs=STORY)
        h.work()
        newsroom.approve(h.app, story, actor="ada")
        h.work()
        newsroom.mark_evergreen(h.app, story, actor="ada", every=30 * DAY)
        later(h, 30 * DAY)
        assert rounds(h, story)[-1].state is State.WAITING  # where posts need a yes, each turn does
        later(h, DAY)
        assert rounds(h, story)[-1].state is State.EXPIRED
        later(h, DAY)
        assert len(rounds(h, story)) == 2
        later(h, 29 * DAY)
        assert rounds(h, story)[-1].purpose == "evergreen-2"


def test_two_workers_plan_one_turn_once(tmp_path: Path) -> None:
    from scheduler.evergreen import _plan

    with house(tmp_path, ONE) as h:
        story = out(h)
        h.clock.advance(30 * DAY)
        with h.app.ground.reading() as tx:
            (mark,) = evergreens.active(tx)
            found = evergreens.deliveries_of_marked(tx)[story]
        outlet = h.app.outlets["x-main"]
        assert [_plan(h.app, outlet, mark, found, h.clock.now()) for _ in range(2)] == [True, False]
        assert len(rounds(h, story)) == 2


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ({"every": timedelta(hours=2)}, "too often"),
        ({"times": 0}, "once at least"),
        ({"until": datetime(2026, 1, 1, tzinfo=UTC)}, "is past"),
        ({"season": "winter"}, "not a season"),
        ({"channels": ["mail"]}, "sends issues"),
        ({"channels": ["x-other"]}, "no channel"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(rule: dict[str, object], why: str, tmp_path: Path) -> None:
    with house(tmp_path, ONE + MAIL) as h:
        story = h.take(paragraphs=STORY)
        with pytest.raises(Refused, match=why):
            newsroom.mark_evergreen(h.app, story, actor="ada", **({"every": 30 * DAY} | rule))  # type: ignore[arg-type]
        with pytest.raises(Refused, match="is not evergreen"):
            newsroom.end_evergreen(h.app, story, actor="ada")
        assert Mode.REHEARSAL in h.app.modes()
