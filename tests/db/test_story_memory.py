"""What is remembered of a story beside its words: its twins' marks, looks at its address, its evergreen rule."""

from __future__ import annotations

from datetime import timedelta

from db import breaking, deliveries, evergreens, sightings, stops, text_marks
from db.evergreens import Mark
from db.records import Cause, Mode, Priority, Scope, State, Stop
from db.session import Ground
from db.sightings import Found
from tests.db.samples import NOW, stored_article, stored_delivery

DAY = timedelta(days=1)
BIG = 2**63 - 1


def test_stories_that_share_marks_are_found_those_that_share_most_first(ground: Ground) -> None:
    with ground.transaction() as tx:
        one, other = stored_article(tx, url="https://a.example/1").id, stored_article(tx, url="https://a.example/2").id
        text_marks.save(tx, one, (1, 2, 3, BIG), actor="ada", now=NOW)
        text_marks.save(tx, other, (2, 3, 4), actor="ada", now=NOW)
        since = NOW - DAY
        assert text_marks.sharing(tx, (1, 2, 3, BIG), since=since, at_least=2, limit=5) == [one, other]
        assert text_marks.sharing(tx, (4, 5), since=since, at_least=2, limit=5) == []
        assert text_marks.sharing(tx, (1, 2, 3), since=NOW + DAY, at_least=1, limit=5) == []
        assert text_marks.sharing(tx, (), since=since, at_least=1, limit=5) == []
        text_marks.save(tx, one, (9,), actor="ada", now=NOW)
        assert text_marks.sharing(tx, (1, 2, 3), since=since, at_least=2, limit=5) == [other]


def test_a_look_is_asked_for_once_and_noted(ground: Ground) -> None:
    with ground.transaction() as tx:
        story = stored_article(tx).id
        assert sightings.get(tx, story) is None
        sightings.ask(tx, story, now=NOW)
        sightings.ask(tx, story, now=NOW + DAY)
        (asked,) = sightings.asked(tx, 5)
        assert asked.asked_at == NOW
        sightings.note(tx, story, Found.THERE, headline="Bread", now=NOW + DAY)
        assert sightings.asked(tx, 5) == []
        sightings.note(tx, story, Found.UNKNOWN, headline=None, now=NOW + 2 * DAY)
        seen = sightings.get(tx, story)
        assert seen is not None
        assert (seen.found, seen.headline, seen.seen_at, seen.tried_at) == (
            Found.THERE,
            "Bread",
            NOW + DAY,
            NOW + 2 * DAY,
        )
        sightings.ask(tx, story, now=NOW + 3 * DAY)
        assert sightings.several(tx, [story])[story].asked_at == NOW + 3 * DAY


def test_only_what_is_held_for_its_address_is_looked_at_again(ground: Ground) -> None:
    with ground.transaction() as tx:
        story = stored_article(tx).id
        sightings.note(tx, story, Found.GONE, headline=None, now=NOW)
        assert sightings.to_look_at_again(tx, NOW + DAY, 5) == []
        stop = Stop(Scope.STORY, str(story), None, Cause.SOURCE, "gone", "site", NOW)
        stops.lay(tx, stop, actor="pressrun", now=NOW)
        assert [one.article_id for one in sightings.to_look_at_again(tx, NOW + DAY, 5)] == [story]
        assert sightings.to_look_at_again(tx, NOW - DAY, 5) == []
        sightings.note(tx, story, Found.WITHDRAWN, headline=None, now=NOW)
        assert sightings.to_look_at_again(tx, NOW + DAY, 5) == []


def test_a_mark_is_kept_renewed_and_ended(ground: Ground) -> None:
    with ground.transaction() as tx:
        story = stored_article(tx).id
        rule = Mark(
            story, 30 * DAY, "ada", NOW, times=3, until_at=NOW + 90 * DAY, season="11-15..12-24", channels=("x",)
        )
        assert evergreens.mark(tx, rule) == rule
        assert evergreens.active(tx) == [rule]
        delivery = stored_delivery(tx, story)
        assert evergreens.deliveries_of_marked(tx) == {story: [delivery]}
        assert evergreens.end(tx, story, actor="ben", now=NOW + DAY, reason="old")
        assert not evergreens.end(tx, story, actor="ben", now=NOW + DAY, reason="old")
        assert (evergreens.active(tx), evergreens.deliveries_of_marked(tx)) == ([], {})
        again = evergreens.mark(tx, Mark(story, 7 * DAY, "ben", NOW + 2 * DAY))
        assert (again.every, again.marked_by, again.marked_at, again.ended_at) == (7 * DAY, "ben", NOW + 2 * DAY, None)


def test_marks_come_by_pages_the_oldest_first_and_a_mark_that_ended_still_says_where_a_page_ended(
    ground: Ground,
) -> None:
    with ground.transaction() as tx:
        first, second, third, fourth = (stored_article(tx).id for _ in range(4))
        for story, at in ((third, NOW), (first, NOW + DAY), (second, NOW + DAY), (fourth, NOW + 2 * DAY)):
            evergreens.mark(tx, Mark(story, 30 * DAY, "ada", at))
        assert [one.article_id for one in evergreens.page(tx, 2)] == [third, first]
        evergreens.end(tx, first, actor="ben", now=NOW + 3 * DAY, reason="")
        assert [one.article_id for one in evergreens.page(tx, 2, first)] == [second, fourth]
        assert evergreens.page(tx, 2, fourth) == evergreens.page(tx, 2, fourth + 1) == []
        kept = stored_delivery(tx, second)
        stored_delivery(tx, fourth)
        assert evergreens.deliveries_of_marked(tx, [second, third]) == {second: [kept]}


def test_breaking_runs_from_an_hour_before_until_an_hour_after(ground: Ground) -> None:
    with ground.transaction() as tx:
        story = stored_article(tx).id
        urgent = stored_delivery(
            tx, story, priority=Priority.BREAKING, state=State.PLANNED, due_at=NOW, next_at=NOW + timedelta(minutes=50)
        )
        assert breaking.runs(tx, urgent.mode, NOW)
        assert not breaking.runs(tx, urgent.mode, NOW - timedelta(minutes=20))
        other = Mode.LIVE if urgent.mode is Mode.REHEARSAL else Mode.REHEARSAL
        assert not breaking.runs(tx, other, NOW)
        sending = deliveries.move(tx, urgent, State.SENDING, actor="w", now=NOW)
        assert breaking.runs(tx, urgent.mode, NOW + timedelta(hours=5))
        assert not breaking.runs(tx, urgent.mode, NOW + 3 * DAY)
        deliveries.move(tx, sending, State.SENT, actor="w", now=NOW)
        assert breaking.runs(tx, urgent.mode, NOW + timedelta(minutes=59))
        assert not breaking.runs(tx, urgent.mode, NOW + timedelta(minutes=61))
