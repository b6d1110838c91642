"""What the newsroom's verbs ask of the tables: what a stop keeps, what an embargo keeps, what belongs together."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from db import articles, audit, deliveries, embargoes, held, issues, sections, stops, ties
from db.records import Cause, Delivery, Issue, Mode, Scope, State, Stop, SubjectKind, Teaser
from db.session import Ground
from db.tables import deliveries as table
from tests.db.samples import ANNA, NOW, stored_article, stored_delivery

MINUTE = timedelta(minutes=1)
HELD = Stop(
    scope=Scope.CHANNEL, target="x-main", mode=None, cause=Cause.PERSON, reason="strike", by="anna", since_at=NOW
)


def lay(tx: Connection, scope: Scope, target: str, **said: Any) -> Stop:
    return stops.lay(tx, replace(HELD, scope=scope, target=target, **said), **ANNA)


def one(tx: Connection, **changes: Any) -> Delivery:
    story = stored_article(tx, url=None)
    return stored_delivery(tx, story.id, **changes)


def issue_with(tx: Connection, article_id: int) -> Delivery:
    """An issue of the newsletter that carries one story, planned."""
    from db import teasers

    words = Teaser(channel="mail", kind="email", text="Words", article_id=article_id, revision=1)
    teaser = teasers.add(tx, SubjectKind.ARTICLE, article_id, words, **ANNA)
    delivery = one(tx, channel="mail")
    cut = issues.add(
        tx, Issue(delivery.mode, "mail", "2026-09-21", cut_at=NOW, post_id=delivery.post_id), [teaser], **ANNA
    )
    assert cut is not None
    kind = {"subject_kind": SubjectKind.ISSUE, "subject_id": cut.id, "purpose": "digest"}
    tx.execute(update(table).where(table.c.id == delivery.id).values(**kind))
    return deliveries.get(tx, delivery.id)


def test_a_stop_keeps_what_is_due_and_counts_what_is_to_come(ground: Ground) -> None:
    with ground.transaction() as tx:
        due = one(tx, due_at=NOW, next_at=NOW)
        newer = one(tx, due_at=NOW + MINUTE, next_at=NOW + MINUTE)
        one(tx, due_at=NOW + 60 * MINUTE, next_at=NOW + 60 * MINUTE)
        one(tx, channel="fb")
        stop = lay(tx, Scope.CHANNEL, due.channel)
        found = held.due(tx, [stop.id], NOW + 2 * MINUTE)
        assert [it.id for it in found] == [newer.id, due.id]
        assert held.count_planned(tx, [stop.id]) == 3
        lay(tx, Scope.DELIVERY, str(due.id))
        assert [it.id for it in held.due(tx, [stop.id], NOW + 2 * MINUTE)] == [newer.id]


def test_what_expires_under_a_stop_and_what_is_in_flight_is_found(ground: Ground) -> None:
    with ground.transaction() as tx:
        stale, flying = one(tx), one(tx)
        stop = lay(tx, Scope.CHANNEL, stale.channel)
        deliveries.move(tx, stale, State.EXPIRED, actor="w", now=NOW + MINUTE)
        deliveries.move(tx, flying, State.SENDING, actor="w", now=NOW)
        assert [it.id for it in held.grown_stale(tx, [stop.id], NOW)] == [stale.id]
        assert held.grown_stale(tx, [stop.id], NOW + 2 * MINUTE) == []
        assert [it.id for it in held.in_flight(tx, [stop.id])] == [flying.id]


def test_a_stop_on_a_story_or_its_section_reaches_the_issue_that_carries_it(ground: Ground) -> None:
    with ground.transaction() as tx:
        story = stored_article(tx, url=None, section="Sport")
        issue = issue_with(tx, story.id)
        for scope, target in ((Scope.STORY, str(story.id)), (Scope.SECTION, "sport")):
            assert not stops.over(tx, issue, NOW)
            stop = lay(tx, scope, target)
            assert [it.id for it in stops.over(tx, issue, NOW)] == [stop.id]
            going = select(table.c.id).where(table.c.id == issue.id, stops.not_stopped(NOW))
            assert tx.execute(going).first() is None
            stops.lift(tx, scope=scope, target=target, cause=Cause.PERSON, by="ben", now=NOW)


def test_a_kill_stands_until_it_is_lifted_and_lets_take_downs_pass(ground: Ground) -> None:
    with ground.transaction() as tx:
        delivery = one(tx)
        assert stops.killed(tx, delivery.subject_id) is None
        stop = lay(tx, Scope.STORY, str(delivery.subject_id), cause=Cause.KILLED)
        assert stops.killed(tx, delivery.subject_id) == stop
        assert stops.over(tx, delivery, NOW) == [stop]
        assert stops.over(tx, replace(delivery, purpose="takedown-1"), NOW) == []


def test_an_embargo_keeps_a_story_until_its_end_or_a_pass_by_name(ground: Ground) -> None:
    with ground.transaction() as tx:
        delivery = one(tx)
        other = one(tx)
        for it in (delivery, other):
            articles.set_embargo(tx, it.subject_id, NOW + MINUTE, **ANNA)
        issue = issue_with(tx, delivery.subject_id)
        assert [embargoes.keeps(tx, it, NOW) for it in (delivery, other, issue)] == [True, True, True]
        assert not embargoes.keeps(tx, delivery, NOW + MINUTE)
        embargoes.let_pass(tx, delivery, NOW + MINUTE, actor="ben", now=NOW, reason="it is out elsewhere")
        assert [embargoes.keeps(tx, it, NOW) for it in (delivery, other, issue)] == [False, True, True]
        audit.write(tx, embargoes.SET, f"story {other.subject_id}", actor="ada", now=NOW)
        assert not embargoes.keeps(tx, delivery, NOW)
        audit.write(tx, embargoes.SET, f"story {delivery.subject_id}", actor="ada", now=NOW)
        assert embargoes.keeps(tx, delivery, NOW)


def test_a_story_leaves_an_issue_and_may_come_into_another(ground: Ground) -> None:
    with ground.transaction() as tx:
        story = stored_article(tx, url=None)
        issue = issue_with(tx, story.id)
        issues.carry(tx, issue.subject_id, issue.post_id, without=story.id, **ANNA)
        assert issues.stories(tx, issue.subject_id) == []
        (ready,) = issues.waiting_stories(tx, issue.mode, "mail", NOW)
        assert ready.article_id == story.id


def test_the_sections_are_those_that_stories_stand_in(ground: Ground) -> None:
    with ground.transaction() as tx:
        for section in ("Sport", "", "City", "Sport"):
            stored_article(tx, url=None, section=section)
        assert sections.known(tx) == ["City", "Sport"]


def test_corrections_and_take_downs_are_tied_to_their_delivery_and_to_no_other(ground: Ground) -> None:
    with ground.transaction() as tx:
        first = one(tx, mode=Mode.LIVE)
        mine = [f"correction-{first.id}-edit", f"takedown-{first.id}", f"takedown-{first.id}-2"]
        for purpose in (*mine, f"takedown-{first.id}1", "again-1"):
            deliveries.add(tx, replace(first, purpose=purpose, slot_at=None), **ANNA)
        assert [it.purpose for it in ties.about(tx, first)] == mine
