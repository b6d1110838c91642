"""The monthly budget: it stops before it is passed, and its end belongs to breaking news."""

from __future__ import annotations

import random
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from channels.rehearsal.faults import Fault
from db import attempts, deliveries
from db.claims import Refusal, claim_next
from db.records import Delivery, Outcome, Priority, State, Verb
from scheduler import journey, newsroom
from scheduler.work import attempt_for, read_work
from tests.scheduler.house import MORNING, SETTINGS, House, house

MINUTE = timedelta(minutes=1)
POST, LINKED, READ, DELETED = 15_000, 200_000, 1_000, 10_000  # what X bills, in millionths of a dollar


def with_budget(dollars: float, reserve: float = 0.0) -> str:
    lines = f'kind = "x"\nmonthly_budget = {dollars}\nbreaking_reserve = {reserve}'
    return SETTINGS.replace('kind = "x"', lines)


def spent(h: House) -> int:
    with h.app.ground.reading() as tx:
        since = h.app.outlets["x-main"].guards(h.clock.now()).month_began_at
        return attempts.spent(tx, h.app.outlets["x-main"].mode, "x-main", since).micros


def told(h: House) -> list[str]:
    return [one for one in h.notices() if "monthly budget" in one]


def test_it_stops_before_it_is_passed_and_tells_once(tmp_path: Path) -> None:
    with house(tmp_path, with_budget(0.05)) as h:
        posts = [h.promise(f"Post {number}") for number in range(5)]
        h.work()
        h.work()
        assert [h.see(one).state for one in posts].count(State.SENT) == 3
        assert spent(h) == 3 * POST
        assert len(told(h)) == 1
        assert "$0.050" in told(h)[0]
        assert h.platforms.spent(spender(h)) == 3 * POST


def spender(h: House) -> str:
    return h.platforms.published("x")[0].account


def test_a_budget_that_is_met_to_the_cent_is_not_passed(tmp_path: Path) -> None:
    with house(tmp_path, with_budget(0.03)) as h:
        posts = [h.promise(f"Post {number}") for number in range(2)]
        h.work()
        assert {h.see(one).state for one in posts} == {State.SENT}
        assert not told(h)


def test_the_reserve_is_for_breaking_news_alone(tmp_path: Path) -> None:
    with house(tmp_path, with_budget(0.045, reserve=0.03)) as h:
        usual = [h.promise(f"Post {number}") for number in range(3)]
        h.work()
        assert [h.see(one).state for one in usual].count(State.SENT) == 1
        breaking = [h.promise(f"Breaking {number}", priority=Priority.BREAKING) for number in range(3)]
        h.work()
        assert [h.see(one).state for one in breaking].count(State.SENT) == 2
        assert spent(h) == 45_000


def test_what_is_too_dear_does_not_hold_up_what_is_not(tmp_path: Path) -> None:
    with house(tmp_path, with_budget(0.1)) as h:
        dear = h.promise("Read https://news.example.org/ferry now", due_at=MORNING)
        cheap = h.promise("No link at all", due_at=MORNING - MINUTE)
        h.work()
        assert (h.see(dear).state, h.see(cheap).state) == (State.PLANNED, State.SENT)
        assert dear.cost.micros == LINKED


def test_a_new_month_of_the_newsrooms_zone_begins_anew_and_takes_the_notice_down(tmp_path: Path) -> None:
    with house(tmp_path, with_budget(0.02)) as h:
        first, second = h.promise("Post one"), h.promise("Post two", due_at=MORNING - MINUTE)
        h.work()
        assert (h.see(first).state, h.see(second).state) == (State.SENT, State.PLANNED)
        last = datetime(2026, 9, 30, 21, 59, tzinfo=UTC)  # a minute before midnight in Berlin
        h.clock.advance(last - h.clock.now())
        h.work()
        assert h.see(second).state is State.PLANNED
        assert told(h)
        h.clock.advance(MINUTE)
        h.work()
        assert h.see(second).state is State.SENT
        h.work()
        assert not told(h)


def test_breaking_news_from_the_reserve_does_not_take_the_notice_down(tmp_path: Path) -> None:
    with house(tmp_path, with_budget(0.03, reserve=0.03)) as h:
        h.promise("Post that waits")
        h.work()
        h.promise("Breaking", priority=Priority.BREAKING)
        h.work()
        h.work()
        assert len(h.platforms.published("x")) == 1
        assert len(told(h)) == 1


def test_what_may_have_gone_out_is_counted(tmp_path: Path) -> None:
    with house(tmp_path, with_budget(0.02)) as h:
        h.platforms.faults.add(Fault("x", "send", "closed", when="after"))
        lost, second = h.promise("Its answer was lost"), h.promise("Post two", due_at=MORNING - MINUTE)
        h.work()
        assert h.see(lost).state is State.UNCERTAIN
        assert spent(h) == POST
        assert h.see(second).state is State.PLANNED


def test_what_was_clearly_refused_costs_nothing(tmp_path: Path) -> None:
    with house(tmp_path, with_budget(0.02)) as h:
        h.platforms.faults.add(Fault("x", "send", "x-400"))
        refused, second = h.promise("It is refused"), h.promise("Post two", due_at=MORNING - MINUTE)
        h.work()
        assert h.see(refused).state is State.FAILED
        assert h.see(second).state is State.SENT


def test_looks_and_take_downs_stand_in_the_log_with_what_they_cost(tmp_path: Path) -> None:
    with house(tmp_path, with_budget(5.0)) as h:
        h.promise("Earlier post")
        h.work()
        h.platforms.faults.add(Fault("x", "send", "closed", when="after"))
        lost = h.promise("Its answer was lost")
        h.work()
        h.clock.advance(h.app.outlets["x-main"].policy.settle)
        h.work()
        assert h.see(lost).state is State.SENT
        looked = h.attempts(lost)[-1]
        assert (looked.verb, looked.cost.micros) == (Verb.LOOK, 2 * READ), "both posts were read back"
        done = newsroom.take_down(h.app, lost.id, actor="ben", reason="wrong picture")
        assert done.removal is not None
        h.work()
        assert [one.cost.micros for one in h.attempts(done.removal)] == [DELETED]
        assert spent(h) == 2 * POST + 2 * READ + DELETED == h.platforms.spent(spender(h))


def test_a_post_that_is_read_twice_on_a_day_is_paid_once(tmp_path: Path) -> None:
    with house(tmp_path, with_budget(5.0)) as h:
        outlet = h.app.outlets["x-main"]
        h.promise("Earlier post")
        h.work()
        for number in range(2):
            h.platforms.faults.add(Fault("x", "send", "closed", when="after"))
            h.promise(f"Its answer was lost {number}")
            h.work()
            h.clock.advance(outlet.policy.settle)
            h.work()
        assert spent(h) == 3 * POST + 3 * READ == h.platforms.spent(spender(h))


def test_an_attempt_in_flight_holds_its_money(tmp_path: Path) -> None:
    with house(tmp_path, with_budget(0.02)) as h:
        h.promise("Post one")
        h.promise("Post two", due_at=MORNING - MINUTE)
        outlet, now = h.app.outlets["x-main"], h.clock.now()
        with h.app.ground.transaction() as tx:
            got = claim_next(tx, outlet.mode, outlet.name, outlet.guards(now), h.app.claim(outlet.claim_span), now=now)
            assert isinstance(got, Delivery)
            row = attempt_for(read_work(tx, got), Verb.SEND, 0, worker="first", cost=got.cost)
            opened = attempts.open_attempt(tx, row, actor="first", now=now)
        with h.app.ground.transaction() as tx:
            again = claim_next(
                tx, outlet.mode, outlet.name, outlet.guards(now), h.app.claim(outlet.claim_span), now=now
            )
            assert isinstance(again, Refusal)
            assert again.why == "in flight"
            assert spent(h) == POST
        with h.app.ground.transaction() as tx:
            attempts.close_look(tx, opened, Outcome.UNCERTAIN, "nobody knows", now=now)
            deliveries.move(tx, got, State.UNCERTAIN, actor="first", now=now)
        with h.app.ground.transaction() as tx:
            third = claim_next(
                tx, outlet.mode, outlet.name, outlet.guards(now), h.app.claim(outlet.claim_span), now=now
            )
            assert isinstance(third, Refusal)
            assert third.why == "budget"


def test_two_processes_at_once_do_not_pass_it_together(tmp_path: Path) -> None:
    settings = with_budget(0.05)
    with house(tmp_path, settings) as one:
        for number in range(12):
            one.promise(f"Post {number}")
        with house(tmp_path, settings, clock=one.clock) as other:
            ready = threading.Barrier(2)

            def work(h: House) -> None:
                ready.wait()
                for _ in range(6):
                    journey.deliver_due(h.app)
                    assert h.app.engine.wait(120)

            workers = [threading.Thread(target=work, args=(h,)) for h in (one, other)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join(60)
            assert len(one.platforms.published("x")) == 3
            assert spent(one) == 3 * POST


@pytest.mark.parametrize("seed", range(3))
def test_in_no_order_do_posts_pass_the_budget_nor_usual_ones_the_reserve(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    with house(tmp_path, with_budget(1.1, reserve=0.4)) as h:
        posts = []
        for number in range(20):
            link = " https://news.example.org/ferry" if draw.random() < 0.5 else ""
            priority = draw.choice([Priority.BREAKING, Priority.NORMAL, Priority.EVERGREEN])
            due_at = MORNING + draw.randrange(5) * MINUTE
            posts.append(h.promise(f"Post {number}{link}", priority=priority, due_at=due_at))
        for _ in range(6):
            h.work()
            h.clock.advance(MINUTE)
        tries = sorted((one for post in posts for one in h.attempts(post)), key=lambda one: one.id)
        total = 0
        for one in tries:
            total += one.cost.micros
            breaking = h.see(one.delivery_id).priority is Priority.BREAKING
            assert total <= (1_100_000 if breaking else 700_000)
        assert total == spent(h) == h.platforms.spent(spender(h))
        assert total > 400_000
        assert told(h)
