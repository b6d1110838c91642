"""Many lines in one loop: group commits, servers by weight, breaking first, and nobody twice."""

from __future__ import annotations

import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from channels.email.smtp import Deadlines, Relay, RelayConfig
from db import deliveries, recipients, stops, tries
from db.issue_counts import Counts
from db.records import Cause, Delivery, Issue, Priority, Scope, State, Stop
from db.schema import create_or_check
from db.session import Ground, GroundLost, Hold, open_ground
from scheduler import mail_lines, mailing
from scheduler.mail_allowance import Allowance
from scheduler.mail_run import LOOK_EVERY
from scheduler.mailing import UNLIMITED, Ended
from tests.channels.email.scripted_server import CUT, Script, ScriptedServer
from tests.scheduler.crowd import QUICK, START, Crowd


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("room") / "pressrun.db"
    ground = open_ground(f"sqlite:///{file}")
    create_or_check(ground)
    ground.close()
    return file


@pytest.fixture
def ground(template: Path, tmp_path: Path) -> Iterator[Ground]:
    shutil.copy(template, tmp_path / "pressrun.db")
    ground = open_ground(f"sqlite:///{tmp_path / 'pressrun.db'}")
    yield ground
    ground.close()


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer(Script()) as server:
        yield server


@pytest.fixture
def crowd(ground: Ground, server: ScriptedServer) -> Crowd:
    return Crowd(ground, server)


PATIENT = Deadlines(timedelta(minutes=2), timedelta(minutes=2), timedelta(minutes=2))


def frozen(crowd: Crowd, number: int) -> tuple[Issue, Delivery]:
    crowd.subscribe(*[f"reader{one:03}" for one in range(number)])
    issue, delivery = crowd.promise()
    crowd.freeze(issue, delivery)
    return issue, delivery


def times(server: ScriptedServer) -> Counter[int]:
    """How often a reader was taken -> how many readers."""
    return Counter(Counter(mail.recipient for mail in server.taken).values())


def relay_to(server: ScriptedServer, **more: object) -> Relay:
    config = RelayConfig("127.0.0.1", server.port, tls="none", hello="client.example.org", deadlines=QUICK)
    return Relay(replace(config, **more))  # type: ignore[arg-type]


def send_over(
    crowd: Crowd, issue: Issue, delivery: Delivery, relays: list[Relay], lines: int, allowance: Allowance = UNLIMITED
) -> mailing.Progress:
    return mailing.send_to_recipients(
        crowd.room,
        crowd.ground,
        crowd.clock,
        crowd.claim(delivery),
        issue,
        crowd.channel,
        relays,
        "worker-1",
        START + timedelta(days=30),
        connections=lines,
        renew=lambda: True,
        is_dead=crowd.is_dead,
        allowance=allowance,
    )


@pytest.mark.parametrize("offers", [("PIPELINING", "SIZE 1000000"), ()])
def test_many_lines_serve_every_reader_once_and_open_rows_never_outnumber_them(
    crowd: Crowd, offers: tuple[str, ...]
) -> None:
    crowd.server.script.offers = offers
    issue, delivery = frozen(crowd, 60)
    most_open, lock = [0], threading.Lock()

    def rule(verb: str, argument: str) -> str | None:
        if verb == "RCPT":
            with crowd.ground.reading() as tx:
                rows = recipients.of_issue(tx, issue.id, {State.SENDING})
                (mine,) = [row for row in rows if reader_of(crowd, row.subscriber_id) == argument]
                told = tries.attempts_of(tx, mine.id)
            with lock:
                most_open[0] = max(most_open[0], len(rows))
            assert told == [(1, None, "", "")]
        return None

    crowd.server.script.rule = rule
    progress = crowd.send(issue, delivery, connections=6)
    assert (progress.ended, progress.counts) == (Ended.DONE, Counts(sent=60))
    assert times(crowd.server) == {1: 60}
    assert 1 < most_open[0] <= 6
    assert crowd.server.connections == 6


def reader_of(crowd: Crowd, number: int) -> str:
    return f"reader{number - 1:03}@example.org"


def test_mail_leaves_in_one_write_where_the_server_pipelines(crowd: Crowd) -> None:
    issue, delivery = frozen(crowd, 3)
    crowd.server.script.rule = lambda verb, to: "550 5.1.1 nobody" if verb == "RCPT" and "001" in to else None
    assert crowd.send(issue, delivery).counts == Counts(sent=2, refused=1)
    said = [line.partition(" ")[0].partition(":")[0] for line in crowd.server.heard()]
    assert said[1:] == [*["MAIL", "RCPT", "DATA"] * 2, "RSET", "MAIL", "RCPT", "DATA", "QUIT"]


def test_a_line_is_renewed_after_its_share(crowd: Crowd) -> None:
    issue, delivery = frozen(crowd, 12)
    progress = send_over(crowd, issue, delivery, [relay_to(crowd.server, per_connection=3)], 1)
    assert progress.counts == Counts(sent=12)
    assert crowd.server.connections == 4


def test_a_short_issue_opens_no_more_lines_than_it_has_readers(crowd: Crowd) -> None:
    issue, delivery = frozen(crowd, 2)
    assert crowd.send(issue, delivery, connections=20).counts == Counts(sent=2)
    assert crowd.server.connections <= 2


def test_how_far_an_issue_is_can_be_asked_while_it_goes(crowd: Crowd) -> None:
    issue, delivery = frozen(crowd, 10)
    seen: list[tuple[int, int]] = []

    def rule(verb: str, argument: str) -> str | None:
        if verb == "dot":
            seen.extend((one.done, one.total) for one in crowd.room.under_way())
        return None

    crowd.server.script.rule = rule
    crowd.send(issue, delivery)
    assert seen == [(number, 10) for number in range(10)]
    assert crowd.room.under_way() == []


# --- several servers ---------------------------------------------------------------------------


def test_servers_share_the_lines_by_weight(crowd: Crowd) -> None:
    issue, delivery = frozen(crowd, 80)
    barrier = threading.Barrier(8)

    def rule(verb: str, argument: str) -> str | None:
        if verb == "banner":
            barrier.wait(60)  # nobody is served before all lines stand
        return None

    with ScriptedServer(Script(rule=rule)) as light:
        crowd.server.script.rule = rule
        relays = [relay_to(crowd.server, weight=3), relay_to(light, weight=1)]
        assert send_over(crowd, issue, delivery, relays, 8).counts == Counts(sent=80)
        assert (crowd.server.connections, light.connections) == (6, 2)
        assert light.taken


def test_the_others_take_over_from_a_server_that_is_away(crowd: Crowd) -> None:
    with ScriptedServer() as gone:
        away = relay_to(gone)
    issue, delivery = frozen(crowd, 10)
    progress = send_over(crowd, issue, delivery, [away, relay_to(crowd.server)], 4)
    assert (progress.ended, progress.counts) == (Ended.DONE, Counts(sent=10))


def test_the_others_take_over_from_a_server_that_does_not_let_us_in(crowd: Crowd) -> None:
    issue, delivery = frozen(crowd, 10)
    with ScriptedServer(Script(rule=lambda verb, _: "554 5.7.1 not you" if verb == "banner" else None)) as strict:
        progress = send_over(crowd, issue, delivery, [relay_to(strict), relay_to(crowd.server)], 4)
    assert progress.counts == Counts(sent=10)
    assert not strict.taken
    refused = progress.servers[f"127.0.0.1:{strict.port}"]
    assert refused is not None
    assert "554 5.7.1" in refused.sentence
    assert progress.servers[f"127.0.0.1:{crowd.server.port}"] is None


def test_one_line_that_is_closed_leaves_its_reader_to_the_others(crowd: Crowd) -> None:
    issue, delivery = frozen(crowd, 30)
    crowd.server.script.answers["MAIL"] = ["421 4.3.2 closing this line"]
    progress = crowd.send(issue, delivery, connections=3)
    assert progress.counts == Counts(sent=29, open=1)
    assert progress.ended is Ended.LATER
    crowd.clock.advance(timedelta(minutes=2))
    assert crowd.send(issue, delivery).counts == Counts(sent=30)
    assert times(crowd.server) == {1: 30}


def test_a_quota_that_is_used_up_waits_and_costs_nobody_a_try(crowd: Crowd) -> None:
    issue, delivery = frozen(crowd, 20)
    crowd.server.script.rule = lambda verb, to: (
        "454 4.7.0 Throttling failure: Daily message quota exceeded"
        if verb == "dot" and len(crowd.server.taken) >= 5
        else None
    )
    progress = crowd.send(issue, delivery, connections=2)
    assert (progress.ended, progress.counts) == (Ended.WAIT, Counts(sent=5, open=15))
    assert progress.again_at is not None
    with crowd.ground.reading() as tx:
        assert {row.tries for row in recipients.of_issue(tx, issue.id, {State.PLANNED})} == {0}
    crowd.server.script.rule = lambda verb, to: None
    crowd.clock.advance(progress.again_at - crowd.clock.now())
    assert crowd.send(issue, delivery, connections=2).counts == Counts(sent=20)


def test_each_server_has_its_own_day_and_a_restart_forgets_none_of_it(crowd: Crowd) -> None:
    issue, delivery = frozen(crowd, 12)
    with ScriptedServer() as small:
        few, most = relay_to(small, name="relays.few", per_day=3), relay_to(crowd.server, name="channels.m", per_day=5)
        progress = send_over(crowd, issue, delivery, [most, few], 4)
        assert (progress.ended, progress.counts) == (Ended.LATER, Counts(sent=8, open=4))
        assert (len(crowd.server.taken), len(small.taken)) == (5, 3)
        midnight = datetime(2026, 9, 22, tzinfo=UTC)
        assert progress.again_at == midnight
        with crowd.ground.reading() as tx:
            assert {row.tries for row in recipients.of_issue(tx, issue.id, {State.PLANNED})} == {0}
        fresh = Crowd(crowd.ground, crowd.server)  # as after a restart: nothing is known but what the database holds
        assert send_over(fresh, issue, delivery, [most, few], 4).counts == Counts(sent=8, open=4)
        crowd.clock.advance(midnight - crowd.clock.now())
        assert send_over(crowd, issue, delivery, [most, few], 4).counts == Counts(sent=12)
        assert len({mail.recipient for one in (crowd.server, small) for mail in one.taken}) == 12


def test_two_workers_on_postgresql_share_the_day_of_two_servers_and_go_over_no_limit(server: ScriptedServer) -> None:
    from tests.postgres import postgres_url  # late: the server behind it takes a moment

    url, ready = postgres_url(), threading.Barrier(2)
    with ExitStack() as stack, ScriptedServer() as small:
        crowds = [Crowd(stack.enter_context(closing(open_ground(url))), server) for _ in range(2)]
        crowds[0].subscribe(*[f"reader{one:03}" for one in range(40)])
        few = relay_to(small, name="relays.few", per_day=11, deadlines=PATIENT)
        most = relay_to(server, name="channels.m", per_day=17, deadlines=PATIENT)

        def work(number: int) -> mailing.Progress:
            issue, delivery = crowds[number].promise(window=f"2026-09-2{number}")
            crowds[number].freeze(issue, delivery)
            ready.wait(300)
            return send_over(crowds[number], issue, delivery, [few, most] if number else [most, few], 4)

        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(work, range(2)))
        assert [one.ended for one in done] == [Ended.LATER, Ended.LATER]
        assert sum(one.counts.sent for one in done) == 28
        assert (len(small.taken), len(server.taken)) == (11, 17)


def test_a_server_whose_quota_is_used_up_waits_after_a_restart_too_and_the_others_carry_on(crowd: Crowd) -> None:
    issue, delivery = frozen(crowd, 20)
    with ScriptedServer(Script(rule=lambda verb, _: "550 5.4.5 daily quota" if verb == "dot" else None)) as spent:
        relays = [relay_to(spent, name="relays.spent"), relay_to(crowd.server, name="channels.m")]
        progress = send_over(crowd, issue, delivery, relays, 2)
        put_off = progress.counts.open  # copies that the spent server sent back: they spend no try
        assert progress.counts == Counts(sent=20 - put_off, open=put_off)
        assert 1 <= put_off <= 2
        asked = spent.connections
        fresh = Crowd(crowd.ground, crowd.server)
        fresh.clock.advance(timedelta(minutes=59))
        send_over(fresh, issue, delivery, relays, 2)
        assert spent.connections == asked


def test_a_server_gets_no_more_a_second_than_it_takes(crowd: Crowd) -> None:
    issue, delivery = frozen(crowd, 12)
    began = time.monotonic()
    assert send_over(crowd, issue, delivery, [relay_to(crowd.server, per_second=20.0)], 6).counts == Counts(sent=12)
    assert time.monotonic() - began >= 11 / 20


def test_a_domain_that_asks_to_slow_down_gets_less_and_the_others_do_not_wait(crowd: Crowd) -> None:
    issue, delivery = frozen(crowd, 4)
    crowd.server.script.answers["RCPT"] = ["450 4.7.1 too fast"]
    assert crowd.send(issue, delivery).counts == Counts(sent=3, open=1)
    rate = crowd.room.domains("daily-mail").rate("example.org")
    assert rate is not None
    assert rate < 20


# --- what comes first, what keeps it -----------------------------------------------------------


def test_while_a_breaking_issue_is_open_a_digest_opens_no_further_reader(crowd: Crowd) -> None:
    issue, digest = frozen(crowd, 40)
    urgent_issue, urgent = crowd.promise(window="alert", priority=Priority.BREAKING, purpose="alert")
    crowd.freeze(urgent_issue, urgent)
    begun = threading.Event()
    order: list[str] = []

    def rule(verb: str, argument: str) -> str | None:
        if verb == "dot" and not begun.is_set():
            begun.set()
            alert_in_line.wait(60)
        return None

    alert_in_line = threading.Event()
    crowd.server.script.rule = rule
    ends: list[mailing.Progress] = []
    long = threading.Thread(target=lambda: ends.append(crowd.send(issue, digest, connections=2)))
    long.start()
    assert begun.wait(60)

    def send_alert() -> None:
        ends.append(crowd.send(urgent_issue, urgent, worker="worker-2", connections=2))
        with crowd.ground.transaction() as tx:
            deliveries.move(tx, deliveries.get(tx, urgent.id), State.SENT, actor="w", now=crowd.clock.now())

    short = threading.Thread(target=send_alert)
    short.start()
    until = time.monotonic() + 60
    while not crowd.room.has(urgent.id) and time.monotonic() < until:
        time.sleep(0.01)
    alert_in_line.set()
    for thread in (short, long):
        thread.join(60)
    with crowd.ground.reading() as tx:
        order = [
            "alert" if row.issue_id == urgent_issue.id else "digest"
            for row in sorted(
                [*recipients.of_issue(tx, issue.id), *recipients.of_issue(tx, urgent_issue.id)], key=attempt_id(crowd)
            )
        ]
    first, last = order.index("alert"), len(order) - order[::-1].index("alert")
    assert set(order[first:last]) == {"alert"}
    assert first <= 2 + 2
    assert [end.counts for end in ends] == [Counts(sent=40), Counts(sent=40)]


def attempt_id(crowd: Crowd):  # type: ignore[no-untyped-def]
    """A copy -> the place of its attempt in the log."""
    with crowd.ground.reading() as tx:
        rows = tx.exec_driver_sql("select recipient_id, id from recipient_attempts").all()
    places = {row[0]: row[1] for row in rows}
    return lambda copy: places[copy.id]


def test_a_breaking_issue_of_another_process_is_waited_for_too(crowd: Crowd) -> None:
    issue, digest = frozen(crowd, 6)
    _, urgent = crowd.promise(window="alert", priority=Priority.BREAKING, purpose="alert")
    crowd.claim(urgent, "another process")
    ended: list[mailing.Progress] = []
    thread = threading.Thread(target=lambda: ended.append(crowd.send(issue, digest)))
    thread.start()
    thread.join(1.0)
    assert thread.is_alive()
    assert not crowd.server.taken
    with crowd.ground.transaction() as tx:
        deliveries.move(tx, deliveries.get(tx, urgent.id), State.SENT, actor="w", now=crowd.clock.now())
    thread.join(60)
    assert ended[0].counts == Counts(sent=6)


def test_a_stop_in_the_middle_of_many_lines_lets_only_what_is_in_hand_go(crowd: Crowd) -> None:
    issue, delivery = frozen(crowd, 100)
    laid: list[int] = []
    lock = threading.Lock()

    def rule(verb: str, argument: str) -> str | None:
        if verb == "dot":
            with lock:
                if len(crowd.server.taken) >= 20 and not laid:
                    stop = Stop(Scope.EVERYTHING, "", None, Cause.PERSON, "wrong photo", "ann", START)
                    with crowd.ground.transaction() as tx:
                        stops.lay(tx, stop, actor="ann", now=START)
                    laid.append(len(crowd.server.taken))
        return None

    crowd.server.script.rule = rule
    progress = crowd.send(issue, delivery, connections=5)
    assert (progress.ended, progress.sentence) == (Ended.HELD, "wrong photo")
    assert progress.counts.sent <= laid[0] + 2 * 5
    assert progress.counts.sent + progress.counts.open == 100


# --- when the ground or the line gives way -----------------------------------------------------


def test_answers_are_kept_while_the_database_is_away(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    issue, delivery = frozen(crowd, 10)
    away = [0]
    transaction = Hold.transaction

    def flaky(hold: Hold, then: Callable[[], None]):  # type: ignore[no-untyped-def]
        if len(crowd.server.taken) >= 4 and away[0] < 3:
            away[0] += 1
            raise GroundLost("the database is away")
        return transaction(hold, then)

    monkeypatch.setattr(Hold, "transaction", flaky)
    assert crowd.send(issue, delivery, connections=2).counts == Counts(sent=10)
    assert away[0] == 3
    assert times(crowd.server) == {1: 10}


def test_a_database_that_fails_in_the_middle_of_a_turn_loses_no_line(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue, delivery = frozen(crowd, 6)
    failed: list[int] = []
    count = Allowance.count

    def full(allowance: Allowance, *args: Any) -> None:
        if args[2] and not failed:
            failed.append(len(args[2]))
            raise GroundLost("the disk is full")
        count(allowance, *args)

    monkeypatch.setattr(Allowance, "count", full)
    pool = ThreadPoolExecutor(1)
    progress = pool.submit(crowd.send, issue, delivery, connections=1).result(60)  # for ever, if the line were lost
    pool.shutdown()
    assert (progress.counts, len(failed)) == (Counts(sent=6), 1)
    assert times(crowd.server) == {1: 6}


def test_while_the_last_answers_of_a_day_are_waited_for_the_database_is_left_to_others(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue, delivery = frozen(crowd, 5)
    begun, waited, transaction = [0], [0.0], Hold.transaction

    def counted(hold: Hold, then: Callable[[], None]):  # type: ignore[no-untyped-def]
        begun[0] += 1
        return transaction(hold, then)

    def slow(verb: str, to: str) -> None:
        if verb == "dot":
            start = time.monotonic()
            time.sleep(0.6)
            waited[0] += time.monotonic() - start

    monkeypatch.setattr(Hold, "transaction", counted)
    crowd.server.script.rule = slow
    ramp = Allowance(ZoneInfo("UTC"), (2,))
    progress = send_over(crowd, issue, delivery, [relay_to(crowd.server)], 3, ramp)
    assert (progress.ended, progress.counts) == (Ended.LATER, Counts(sent=2, open=3))
    assert begun[0] <= 10 + waited[0] / LOOK_EVERY


def test_lines_that_are_cut_before_the_dot_cost_their_reader_a_try_and_nobody_the_mail(crowd: Crowd) -> None:
    issue, delivery = frozen(crowd, 20)
    cuts = iter([CUT, CUT])
    crowd.server.script.rule = lambda verb, to: next(cuts, None) if verb == "DATA" else None
    progress = crowd.send(issue, delivery, connections=4)
    assert progress.counts == Counts(sent=18, open=2)
    crowd.clock.advance(timedelta(minutes=15) + mail_lines.AWAY)
    assert crowd.send(issue, delivery, connections=4).counts == Counts(sent=20)
    assert times(crowd.server) == {1: 20}


def test_a_policy_refusal_lets_the_other_lines_finish_before_the_channel_stops(crowd: Crowd) -> None:
    from channels.errors import Unauthorized

    issue, delivery = frozen(crowd, 10)
    crowd.server.script.answers["dot"] = ["550 5.7.26 not authenticated"]
    with pytest.raises(Unauthorized, match="DMARC"):
        crowd.send(issue, delivery, connections=3)
    with crowd.ground.reading() as tx:
        counts = mailing.summary(tx, issue.id)
        assert not tries.in_flight(tx, delivery)
    assert counts.sent == len(crowd.server.taken)
    assert counts.sent + counts.open == 10


def test_two_issues_at_once_share_the_loop_and_each_reaches_its_readers(crowd: Crowd) -> None:
    one, first = frozen(crowd, 15)
    two, second = crowd.promise(window="other")
    crowd.freeze(two, second)
    with ExitStack() as stack:
        ends: list[mailing.Progress] = []
        threads = [
            threading.Thread(target=lambda i=issue, d=delivery, w=worker: ends.append(crowd.send(i, d, worker=w)))
            for issue, delivery, worker in ((one, first, "worker-1"), (two, second, "worker-2"))
        ]
        for thread in threads:
            thread.start()
            stack.callback(thread.join, 60)
    assert [end.counts for end in ends] == [Counts(sent=15)] * 2
    assert times(crowd.server) == {2: 15}


def test_the_desk_hears_once_of_one_server_that_does_not_let_us_in(crowd: Crowd) -> None:
    from channels.email.replies import Stage, failure_of, reply
    from db import notices
    from scheduler import issues

    outlet = SimpleNamespace(name="daily-mail", letter=None)
    refused = failure_of(reply(535, "5.7.8 wrong"), Stage.SIGN_IN, "mail.example.org")
    for servers in ({"a:25": None, "b:25": refused}, {"a:25": None, "b:25": refused}):
        progress = mailing.Progress(Ended.DONE, Counts(sent=3), servers=servers)
        with crowd.ground.transaction() as tx:
            issues.tell_of_servers(outlet, tx, progress, START)  # type: ignore[arg-type]
            (told,) = notices.standing(tx)
            assert "b:25 does not let us in" in told.sentence
            assert told.remedy == "pressrun channels check daily-mail"
    with crowd.ground.transaction() as tx:
        let_in = mailing.Progress(Ended.DONE, Counts(sent=3), servers={"b:25": None})
        issues.tell_of_servers(outlet, tx, let_in, START)  # type: ignore[arg-type]
        assert notices.standing(tx) == []
