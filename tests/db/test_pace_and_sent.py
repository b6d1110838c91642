"""What slows a channel down, what would expire, and what stands on it: the same on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection

from db import attempts, quota, sent_posts, stops
from db.backlog import waited_out_stop
from db.claims import Guards, kept_by_budget
from db.expiring import expiring
from db.records import (
    Bucket,
    Cause,
    Delivery,
    KnownBy,
    Mode,
    Money,
    Outcome,
    Priority,
    Quota,
    Receipt,
    Scope,
    State,
    Verb,
)
from db.records import Stop as StopRecord
from db.session import Ground
from tests.db.samples import ANNA, NOW, opened, stored_article, stored_delivery

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
REHEARSAL = Mode.REHEARSAL


def promised(tx: Connection, number: int = 1, **changes: object) -> Delivery:
    return stored_delivery(tx, stored_article(tx, url=f"https://example.org/{number}").id, **changes)


def stopped(tx: Connection, **changes: object) -> None:
    stop = StopRecord(Scope.CHANNEL, "x-main", REHEARSAL, Cause.UNAUTHORIZED, "401", "w", NOW)
    stops.lay(tx, replace(stop, **changes), **ANNA)  # type: ignore[arg-type]


def test_percentages_are_kept_with_the_moment_they_were_told(ground: Ground) -> None:
    with ground.transaction() as tx:
        told = (Bucket("app", used_percent=81.5), Bucket("15 minutes", remaining=3, reset_at=NOW + HOUR))
        quota.save(tx, REHEARSAL, "fb-main", Quota(told), now=NOW)
        assert quota.usages(tx, REHEARSAL, "fb-main") == [quota.Usage(81.5, NOW, None)]
        assert quota.usages(tx, REHEARSAL, "x-main") == []


def test_a_backlog_is_what_fell_due_before_the_stop_ended(ground: Ground) -> None:
    with ground.transaction() as tx:
        promised(tx, due_at=NOW - HOUR, next_at=NOW - HOUR)
        assert not waited_out_stop(tx, REHEARSAL, "x-main", NOW)  # there was no stop
        stopped(tx, until_at=NOW + 5 * MINUTE)
        assert not waited_out_stop(tx, REHEARSAL, "x-main", NOW + 4 * MINUTE)  # it still lies
        assert waited_out_stop(tx, REHEARSAL, "x-main", NOW + 5 * MINUTE)
        assert not waited_out_stop(tx, Mode.LIVE, "x-main", NOW + HOUR)
        assert not waited_out_stop(tx, REHEARSAL, "fb-main", NOW + HOUR)


def test_what_fell_due_after_the_stop_is_no_backlog(ground: Ground) -> None:
    with ground.transaction() as tx:
        stopped(tx, scope=Scope.EVERYTHING, target="", mode=None)
        stops.lift(tx, scope=Scope.EVERYTHING, target="", cause=Cause.UNAUTHORIZED, by="w", now=NOW + MINUTE)
        promised(tx, due_at=NOW + 2 * MINUTE, next_at=NOW + 2 * MINUTE)
        assert not waited_out_stop(tx, REHEARSAL, "x-main", NOW + HOUR)
        promised(tx, 2, due_at=NOW, next_at=NOW)
        assert waited_out_stop(tx, REHEARSAL, "x-main", NOW + HOUR)


def test_expiring_is_what_is_open_and_near_its_end(ground: Ground) -> None:
    with ground.transaction() as tx:
        soon = promised(tx, 1, latest_at=NOW + HOUR, state=State.WAITING)
        sooner = promised(tx, 2, latest_at=NOW + MINUTE)
        promised(tx, 3, latest_at=NOW + HOUR + MINUTE)
        promised(tx, 4, latest_at=NOW)
        promised(tx, 5, latest_at=None)
        promised(tx, 6, latest_at=NOW + MINUTE, state=State.CANCELLED)
        assert [one.id for one in expiring(tx, NOW, HOUR)] == [sooner.id, soon.id]


def test_the_budget_keeps_what_it_cannot_pay(ground: Ground) -> None:
    guards = Guards(timedelta(0), None, NOW, NOW, Money(100), Money(40), NOW - HOUR)
    with ground.transaction() as tx:
        dear = promised(tx, 1, cost=Money(70))
        promised(tx, 2, cost=Money(60))
        promised(tx, 3, cost=Money(70), priority=Priority.BREAKING)
        promised(tx, 4, cost=Money(500), next_at=NOW + MINUTE)
        assert kept_by_budget(tx, REHEARSAL, "x-main", guards, NOW) == {dear.id}
        assert kept_by_budget(tx, REHEARSAL, "x-main", replace(guards, budget=None), NOW) == set()


def sent(tx: Connection, number: int, **changes: object) -> Delivery:
    delivery = promised(tx, number, state=State.SENT, **changes)
    attempts.close_sent(tx, opened(tx, delivery), Receipt(id=f"post-{number}"), known_by=KnownBy.ANSWERED, now=NOW)
    return delivery


def test_standing_is_what_was_sent_in_the_span_and_not_taken_down(ground: Ground) -> None:
    with ground.transaction() as tx:
        stays, gone = sent(tx, 1), sent(tx, 2)
        promised(tx, 3)
        sent(tx, 4, channel="fb-main")
        stored_delivery(tx, gone.subject_id, purpose=f"takedown-{gone.id}", state=State.SENT)

        def standing(since: timedelta, before: timedelta, limit: int = 9) -> list[int]:
            found = sent_posts.standing(tx, REHEARSAL, "x-main", since=NOW + since, before=NOW + before, limit=limit)
            return [one.id for one in found]

        assert standing(-MINUTE, MINUTE) == [stays.id]
        assert standing(MINUTE, HOUR) == []
        assert standing(-HOUR, timedelta(0)) == []
        newer = sent(tx, 5)
        assert standing(-MINUTE, MINUTE) == [newer.id, stays.id]
        assert standing(-MINUTE, MINUTE, limit=1) == [newer.id]


def test_a_later_look_is_told_apart_from_the_one_that_found_the_post(ground: Ground) -> None:
    with ground.transaction() as tx:
        found = promised(tx, state=State.SENT)
        first = attempts.open_attempt(tx, replace(opened(tx, found), verb=Verb.LOOK), **ANNA)
        attempts.close_sent(tx, first, Receipt(id="post-1"), known_by=KnownBy.LOOKING, now=NOW)
        again = attempts.open_attempt(tx, replace(first, part=0), **ANNA)
        attempts.close_look(tx, again, Outcome.FOUND, "It is still up.", now=NOW)
        (look,) = sent_posts.looks_again(tx, [found.id])
        assert (look.delivery_id, look.part, look.outcome) == (found.id, 0, Outcome.FOUND)
        assert sent_posts.looks_again(tx, []) == []
