"""The crowd: after anything that can happen it is known who got the issue, who did not, and of whom nobody knows."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from channels.email.addresses import Address
from channels.email.links import read_token, suppression_hash
from channels.email.providers import PROVIDERS
from channels.email.session import Session
from channels.email.smtp import Relay
from channels.errors import Unauthorized
from db import deliveries, exclusions, recipients, stops, subscribers, suppressions, tries
from db.issue_counts import Counts
from db.records import Cause, Delivery, Failure, Issue, Mode, Receipt, Scope, State, Stop, Wish
from db.schema import create_or_check
from db.session import Ground, open_ground
from scheduler import audience, mail_run, mailing
from scheduler.mailing import Ended
from tests.channels.email.scripted_server import CUT, Script, ScriptedServer
from tests.channels.email.strict import raw_header, read_strictly, text_of
from tests.scheduler.crowd import SHORT, START, Crowd, email_channel


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("mailing") / "pressrun.db"
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


def address(name: str) -> str:
    return f"{name}@example.org"


def states(crowd: Crowd, issue_id: int) -> dict[str, State]:
    """Reader's address -> where their copy stands."""
    found = {}
    with crowd.ground.reading() as tx:
        people = {one.subscriber.id: one.subscriber.address for one in subscribers.candidates(tx, "daily")}
        for copy in recipients.of_issue(tx, issue_id):
            found[people.get(copy.subscriber_id, "gone")] = copy.state
    return found


# --- the audience ------------------------------------------------------------------------------


def test_everybody_on_the_list_is_a_recipient_or_an_exclusion_with_its_reason(crowd: Crowd) -> None:
    crowd.subscribe("ann", "bob", "cid", "dan")
    with crowd.ground.transaction() as tx:
        key = b"suppression"
        suppressions.add(tx, suppression_hash(key, address("bob")), suppressions.COMPLAINT, actor="x", now=START)
        here = suppression_hash(key, address("cid"), "daily")
        suppressions.add(tx, here, suppressions.UNSUBSCRIBED, actor="x", now=START)
        elsewhere = suppression_hash(key, address("dan"), "weekly")
        suppressions.add(tx, elsewhere, suppressions.UNSUBSCRIBED, actor="x", now=START)
    issue, delivery = crowd.promise()
    crowd.freeze(issue, delivery)
    with crowd.ground.reading() as tx:
        assert mailing.summary(tx, issue.id) == Counts(open=2, excluded=2)
        reasons = {one.reason for one in exclusions.of_issue(tx, issue.id)}
    assert reasons == {"suppressed: complaint", "suppressed: unsubscribed"}
    assert set(states(crowd, issue.id)) == {address("ann"), address("dan")}


def test_who_has_not_confirmed_is_excluded(crowd: Crowd) -> None:
    crowd.subscribe("ann")
    with crowd.ground.transaction() as tx:
        tx.exec_driver_sql("update subscriptions set state = 'unconfirmed'")
    issue, delivery = crowd.promise()
    crowd.freeze(issue, delivery)
    with crowd.ground.reading() as tx:
        assert [one.reason for one in exclusions.of_issue(tx, issue.id)] == [audience.UNCONFIRMED]


def test_a_freeze_that_was_cut_off_goes_on_and_nobody_comes_twice(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audience, "PAGE", 3)
    crowd.subscribe(*[f"reader{number}" for number in range(10)])
    issue, delivery = crowd.promise()
    naps = []

    def power_cut(seconds: float, wake: object = None) -> None:
        naps.append(seconds)
        if len(naps) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(crowd.clock, "sleep", power_cut)
        with pytest.raises(KeyboardInterrupt):
            crowd.freeze(issue, delivery)
    with crowd.ground.reading() as tx:
        assert mailing.summary(tx, issue.id).open == 6
    crowd.freeze(issue, delivery)
    crowd.subscribe("latecomer")
    crowd.freeze(issue, delivery)
    with crowd.ground.reading() as tx:
        assert mailing.summary(tx, issue.id) == Counts(open=10)


# --- sending -----------------------------------------------------------------------------------


def frozen(crowd: Crowd, *names: str, latest: timedelta | None = None) -> tuple[Issue, Delivery]:
    crowd.subscribe(*names)
    issue, delivery = crowd.promise(START + latest if latest else None)
    crowd.freeze(issue, delivery)
    return issue, delivery


def test_each_reader_gets_their_own_copy_once_and_the_servers_id_is_kept(crowd: Crowd) -> None:
    issue, delivery = frozen(crowd, "ann", "bob", "cid")
    progress = crowd.send(issue, delivery)
    assert (progress.ended, progress.counts, progress.complete) == (Ended.DONE, Counts(sent=3), True)
    assert sorted(mail.recipient for mail in crowd.server.taken) == [address(name) for name in ("ann", "bob", "cid")]
    with crowd.ground.reading() as tx:
        rows = recipients.of_issue(tx, issue.id)
        seeds = {one.subscriber.address: one.subscriber.token_seed for one in subscribers.candidates(tx, "daily")}
    assert sorted(row.receipt_id or "" for row in rows) == ["Q00001", "Q00002", "Q00003"]
    ids = set()
    for mail in crowd.server.taken:
        message = read_strictly(mail.raw)
        ids.add(message["Message-ID"])
        link = raw_header(mail.raw, "List-Unsubscribe").decode().strip("<>")
        leaving = read_token(link.rpartition("/u/")[2], [b"link"])
        assert (leaving.list_name, leaving.seed) == ("daily", seeds[mail.recipient])
        assert link in text_of(message, "plain")
        assert link in text_of(message, "html")
    assert len(ids) == 3
    assert crowd.send(issue, delivery).counts == Counts(sent=3)
    assert len(crowd.server.taken) == 3


def test_each_copy_leaves_with_its_own_return_path_signed_and_as_the_service_wants_it(
    ground: Ground, server: ScriptedServer
) -> None:
    import dkim  # type: ignore[import-untyped]

    from channels.email.returning import returned_to
    from tests.channels.email.test_dkim import SIGNER, dns

    crowd = Crowd(ground, server)
    crowd.channel = email_channel(bounce_address="bounce@news.example.org", signer=SIGNER)
    issue, delivery = frozen(crowd, "ann", "bob")
    assert crowd.send(issue, delivery).counts == Counts(sent=2)
    with ground.reading() as tx:
        rows = {row.id for row in recipients.of_issue(tx, issue.id)}
    assert {returned_to(mail.sender, [b"link"]) for mail in server.taken} == rows
    assert all(dkim.verify(mail.raw, dnsfunc=dns) for mail in server.taken)
    assert len({mail.sender for mail in server.taken}) == 2

    issue, delivery = crowd.promise(window="next")
    crowd.freeze(issue, delivery)
    postmark = Relay(replace(crowd.relay().config, provider=PROVIDERS["postmark"]))
    assert crowd.send(issue, delivery, relay=postmark).counts == Counts(sent=2)
    for mail in server.taken[2:]:
        assert mail.sender == "daily@news.example.org"
        assert mail.raw.startswith(b"X-PM-Message-Stream: broadcast\r\n")
        assert b"DKIM-Signature" not in mail.raw


@pytest.mark.parametrize(("answer", "kept"), [("250 Great success", "ours"), ("250 2.0.0 OK: queued as Q7", "Q7")])
def test_where_a_service_names_no_id_our_message_id_is_kept_by_which_its_feedback_finds_the_copy(
    crowd: Crowd, answer: str, kept: str
) -> None:
    crowd.server.script.rule = lambda verb, to: answer if verb == "dot" else None
    issue, delivery = frozen(crowd, "ann")
    mailgun = Relay(replace(crowd.relay().config, provider=PROVIDERS["mailgun"]))
    assert crowd.send(issue, delivery, relay=mailgun).counts == Counts(sent=1)
    (mail,) = crowd.server.taken
    ours = message_from_bytes(mail.raw)["Message-ID"].strip("<>")
    with crowd.ground.reading() as tx:
        (row,) = recipients.of_issue(tx, issue.id)
        assert row.receipt_id is not None
        assert row.receipt_id == (ours if kept == "ours" else kept)
        assert recipients.by_receipt(tx, row.receipt_id) == row


def test_the_attempt_is_on_disk_before_the_server_hears_of_the_reader(crowd: Crowd) -> None:
    issue, delivery = frozen(crowd, "ann")
    seen = []

    def rule(verb: str, argument: str) -> str | None:
        if verb == "MAIL":
            with crowd.ground.reading() as tx:
                (row,) = recipients.of_issue(tx, issue.id)
                seen.append((row.state, tries.attempts_of(tx, row.id)))
        return None

    crowd.server.script.rule = rule
    crowd.send(issue, delivery)
    assert seen == [(State.SENDING, [(1, None, "", "")])]


def test_one_refused_reader_does_not_keep_the_others_waiting(crowd: Crowd) -> None:
    issue, delivery = frozen(crowd, "ann", "bob", "cid")
    crowd.server.script.rule = lambda verb, to: (
        "550 5.1.1 no such user" if verb == "RCPT" and to == address("bob") else None
    )
    progress = crowd.send(issue, delivery)
    assert (progress.counts, progress.complete) == (Counts(sent=2, refused=1), True)
    assert states(crowd, issue.id)[address("bob")] is State.FAILED


@pytest.mark.parametrize(
    ("answer", "suppresses"),
    [
        ("550 5.1.1 no such user", True),
        ("550 5.2.1 closed", True),
        ("550 5.2.2 full", False),
        ("554 5.6.0 no", False),
    ],
)
def test_no_such_mailbox_is_a_hard_bounce_and_ends_mail_to_that_reader(
    crowd: Crowd, answer: str, suppresses: bool
) -> None:
    issue, delivery = frozen(crowd, "ann")
    crowd.server.script.answers["RCPT"] = [answer]
    assert crowd.send(issue, delivery).counts == Counts(refused=1)
    key = suppression_hash(b"suppression", address("ann"))
    with crowd.ground.reading() as tx:
        standing = suppressions.standing(tx, [key])
    assert standing == ({key: suppressions.HARD_BOUNCE} if suppresses else {})


def test_a_mailbox_that_is_full_day_after_day_gets_nothing_more_and_a_mail_refused_for_itself_counts_nothing(
    crowd: Crowd,
) -> None:
    crowd.subscribe("ann", "bob")
    crowd.server.script.rule = lambda verb, to: (
        ("552 5.2.2 full" if to == address("ann") else "554 5.6.0 not like this") if verb == "RCPT" else None
    )
    counts = []
    for day in range(11):
        issue, delivery = crowd.promise(window=f"day-{day}", due_at=crowd.clock.now())
        crowd.freeze(issue, delivery)
        counts.append(crowd.send(issue, delivery).counts)
        crowd.clock.advance(timedelta(days=1))
    assert counts == [Counts(refused=2)] * 10 + [Counts(refused=1, excluded=1)]


@pytest.mark.parametrize(
    ("stage", "answer"),
    [("RCPT", "451 4.3.0 later"), ("RCPT", "450 4.7.1 greylisted"), ("dot", "451 4.3.0 later"), ("DATA", CUT)],
)
def test_a_copy_that_is_put_off_goes_later_and_once(crowd: Crowd, stage: str, answer: str) -> None:
    issue, delivery = frozen(crowd, "ann", "bob")
    crowd.server.script.answers[stage] = [answer]
    progress = crowd.send(issue, delivery)
    assert progress.counts == Counts(sent=1, open=1)
    assert progress.ended is Ended.LATER
    assert progress.again_at is not None
    assert progress.again_at > crowd.clock.now()
    assert crowd.send(issue, delivery).counts == Counts(sent=1, open=1)
    crowd.clock.advance(progress.again_at - crowd.clock.now())
    assert crowd.send(issue, delivery).counts == Counts(sent=2)
    assert [crowd.server.taken_by(address(name)) for name in ("ann", "bob")] == [1, 1]


def test_a_line_cut_after_the_dot_leaves_one_reader_unsettled_and_never_sends_again(crowd: Crowd) -> None:
    issue, delivery = frozen(crowd, "ann", "bob", "cid")
    crowd.server.script.answers["dot"] = [f"taken {CUT}"]
    for _ in range(3):
        progress = crowd.send(issue, delivery)
        crowd.clock.advance(timedelta(hours=6))
    assert progress.counts == Counts(sent=2, unknown=1)
    assert not progress.complete
    assert sorted(states(crowd, issue.id).values()) == [State.SENT, State.SENT, State.UNSETTLED]
    assert all(crowd.server.taken_by(address(name)) == 1 for name in ("ann", "bob", "cid"))


def test_a_server_that_swallows_one_mail_after_the_other_does_not_use_up_the_list(crowd: Crowd) -> None:
    issue, delivery = frozen(crowd, *[f"reader{number}" for number in range(12)])
    crowd.server.script.rule = lambda verb, to: f"taken {CUT}" if verb == "dot" else None
    progress = crowd.send(issue, delivery)
    assert progress.ended is Ended.WAIT
    assert progress.counts == Counts(unknown=mail_run.FAULTS_IN_A_ROW, open=12 - mail_run.FAULTS_IN_A_ROW)


def test_an_issue_that_everybody_is_refused_waits_for_somebody_to_look(crowd: Crowd) -> None:
    issue, delivery = frozen(crowd, *[f"reader{number}" for number in range(25)])
    crowd.server.script.rule = lambda verb, to: "554 5.6.0 not this" if verb == "dot" else None
    progress = crowd.send(issue, delivery)
    assert progress.ended is Ended.WAIT
    assert progress.counts == Counts(refused=mail_run.REFUSALS_IN_A_ROW, open=25 - mail_run.REFUSALS_IN_A_ROW)


def test_a_server_that_closes_is_left_alone_for_a_while(crowd: Crowd) -> None:
    issue, delivery = frozen(crowd, "ann", "bob", "cid")
    crowd.server.script.answers["MAIL"] = ["250 2.1.0 Ok", "421 4.7.0 too many"]
    progress = crowd.send(issue, delivery)
    assert (progress.ended, progress.counts) == (Ended.WAIT, Counts(sent=1, open=2))
    assert "asked again soon" in progress.sentence
    assert progress.again_at is not None
    crowd.clock.advance(progress.again_at - crowd.clock.now())
    assert crowd.send(issue, delivery).counts == Counts(sent=3)


def test_a_server_that_is_away_costs_nobody_a_try(crowd: Crowd, ground: Ground) -> None:
    issue, delivery = frozen(crowd, "ann", "bob")
    with ScriptedServer() as gone:
        nobody = Crowd(ground, gone)
    progress = nobody.send(issue, delivery)
    assert (progress.ended, progress.counts) == (Ended.WAIT, Counts(open=2))
    with ground.reading() as tx:
        assert all(not tries.attempts_of(tx, row.id) for row in recipients.of_issue(tx, issue.id))


def test_a_server_that_does_not_let_us_in_stops_the_channel(crowd: Crowd) -> None:
    issue, delivery = frozen(crowd, "ann")
    crowd.server.script.answers["banner"] = ["554 5.7.1 not you"]
    with pytest.raises(Unauthorized):
        crowd.send(issue, delivery)
    assert states(crowd, issue.id) == {address("ann"): State.PLANNED}


def test_a_refusal_of_policy_stops_the_channel_and_becomes_the_readers_only_after_three(crowd: Crowd) -> None:
    issue, delivery = frozen(crowd, "ann", "bob")
    crowd.server.script.rule = lambda verb, to: "550 5.7.1 policy" if verb == "RCPT" and to == address("ann") else None
    for _ in range(2):
        with pytest.raises(Unauthorized, match="SPF"):
            crowd.send(issue, delivery)
        crowd.clock.advance(timedelta(minutes=15))
    with crowd.ground.reading() as tx:
        assert {row.tries for row in recipients.of_issue(tx, issue.id)} <= {0, 1}
    assert crowd.send(issue, delivery).counts == Counts(sent=1, refused=1)


def test_who_unsubscribed_after_the_freeze_gets_nothing(crowd: Crowd) -> None:
    issue, delivery = frozen(crowd, "ann", "bob", "cid")
    with crowd.ground.transaction() as tx:
        ann, _, _ = [one.subscriber for one in subscribers.candidates(tx, "daily")]
        subscribers.end_subscription(tx, "daily", ann.id, source="one-click", actor="reader", now=START)
        hash_of_bob = suppression_hash(b"suppression", address("bob"))
        suppressions.add(tx, hash_of_bob, suppressions.HARD_BOUNCE, actor="x", now=START)
    progress = crowd.send(issue, delivery)
    assert (progress.counts, progress.complete) == (Counts(sent=1, cancelled=2), True)
    assert [mail.recipient for mail in crowd.server.taken] == [address("cid")]


def test_past_the_latest_time_nobody_gets_it_any_more(crowd: Crowd) -> None:
    issue, delivery = frozen(crowd, "ann", "bob", latest=timedelta(hours=2))
    crowd.server.script.answers["RCPT"] = ["451 4.3.0 later"]
    assert crowd.send(issue, delivery).counts == Counts(sent=1, open=1)
    crowd.clock.advance(timedelta(hours=2))
    progress = crowd.send(issue, delivery)
    assert (progress.counts, progress.complete) == (Counts(sent=1, expired=1), True)
    assert len(crowd.server.taken) == 1


def test_a_reader_whose_mail_cannot_be_written_fails_alone(crowd: Crowd) -> None:
    issue, delivery = frozen(crowd, "ann", "bob")
    with crowd.ground.transaction() as tx:
        tx.exec_driver_sql("update subscribers set name = 'A' || char(10) || 'B' where address like 'ann%'")
    assert crowd.send(issue, delivery).counts == Counts(sent=1, refused=1)
    assert states(crowd, issue.id)[address("ann")] is State.FAILED


# --- what stands in the way --------------------------------------------------------------------


def test_a_stop_keeps_the_rest_from_going(crowd: Crowd) -> None:
    issue, delivery = frozen(crowd, "ann", "bob", "cid")

    def rule(verb: str, argument: str) -> str | None:
        if verb == "dot":
            stop = Stop(Scope.CHANNEL, "daily-mail", Mode.REHEARSAL, Cause.PERSON, "wrong photo", "ann", START)
            with crowd.ground.transaction() as tx:
                stops.lay(tx, stop, actor="ann", now=START)
        return None

    crowd.server.script.rule = rule
    progress = crowd.send(issue, delivery)
    assert (progress.ended, progress.counts) == (Ended.HELD, Counts(sent=1, open=2))
    assert progress.sentence == "wrong photo"


def test_a_wish_to_call_it_back_keeps_the_rest_from_going(crowd: Crowd) -> None:
    issue, delivery = frozen(crowd, "ann", "bob")

    def rule(verb: str, argument: str) -> str | None:
        if verb == "MAIL":
            with crowd.ground.transaction() as tx:
                deliveries.wish(tx, delivery.id, Wish.CANCEL, actor="ann", now=START, reason="wrong")
        return None

    crowd.server.script.rule = rule
    assert crowd.send(issue, delivery).counts == Counts(sent=1, open=1)


def test_an_issue_that_another_worker_took_over_is_let_go(crowd: Crowd) -> None:
    issue, delivery = frozen(crowd, "ann", "bob")

    def rule(verb: str, argument: str) -> str | None:
        if verb == "MAIL":
            crowd.claim(delivery, "worker-2")
        return None

    crowd.server.script.rule = rule
    progress = crowd.send(issue, delivery)
    assert (progress.ended, progress.counts) == (Ended.HELD, Counts(sent=1, open=1))


def test_a_worker_told_to_stop_finishes_the_copy_in_hand(crowd: Crowd) -> None:
    issue, delivery = frozen(crowd, "ann", "bob", "cid")
    answers = iter([True, False])
    progress = crowd.send(issue, delivery, renew=lambda: next(answers))
    assert (progress.ended, progress.counts) == (Ended.TIME, Counts(sent=1, open=2))
    assert crowd.send(issue, delivery, until=START).counts == Counts(sent=1, open=2)
    assert crowd.send(issue, delivery).counts == Counts(sent=3)


# --- crashes -----------------------------------------------------------------------------------


class PowerCut(BaseException):
    """The process is gone: nothing after this line runs."""


class DyingRelay(Relay):
    """A server whose client dies at the n-th reader: before the mail leaves, or after the server took it."""

    def __init__(self, crowd: Crowd, dies_at: int, after: bool) -> None:
        super().__init__(crowd.relay().config)
        self.to_go, self.took_it = dies_at, after

    def session(self) -> Session:
        session = super().session()
        begin, advance = session.begin, session.advance

        def counted(sender: Address, recipient: Address, message: bytes) -> Failure | None:
            self.to_go -= 1
            if self.to_go == 0 and not self.took_it:
                raise PowerCut
            return begin(sender, recipient, message)

        def answered() -> Receipt | Failure | None:
            answer = advance()
            if self.to_go <= 0 and answer is not None:
                raise PowerCut
            return answer

        session.begin, session.advance = counted, answered  # type: ignore[method-assign]
        return session


@pytest.mark.parametrize("after", [False, True])
def test_a_worker_that_dies_leaves_one_reader_unsettled_and_nobody_twice(crowd: Crowd, after: bool) -> None:
    issue, delivery = frozen(crowd, "ann", "bob", "cid", "dan")
    with pytest.raises(PowerCut):
        crowd.send(issue, delivery, relay=DyingRelay(crowd, 2, after))
    assert crowd.send(issue, delivery, worker="worker-2").counts == Counts(sent=3, open=1)
    crowd.clock.advance(timedelta(minutes=5))
    progress = crowd.send(issue, delivery, worker="worker-2")
    assert (progress.counts, progress.complete) == (Counts(sent=3, unknown=1), False)
    assert sorted(states(crowd, issue.id).values()).count(State.UNSETTLED) == 1
    assert all(crowd.server.taken_by(address(name)) <= 1 for name in ("ann", "bob", "cid", "dan"))


@pytest.mark.parametrize(
    ("verdict", "taken", "counts"),
    [
        (State.SENT, 1, Counts(sent=2)),
        (State.UNKNOWN, 1, Counts(sent=1, unknown=1)),
        (State.PLANNED, 2, Counts(sent=2)),
    ],
)
def test_only_a_persons_word_settles_a_reader(crowd: Crowd, verdict: State, taken: int, counts: Counts) -> None:
    issue, delivery = frozen(crowd, "ann", "bob")
    crowd.server.script.answers["dot"] = [CUT]
    assert crowd.send(issue, delivery).counts == Counts(sent=1, unknown=1)
    with crowd.ground.transaction() as tx:
        assert mailing.settle(tx, issue.id, verdict, actor="ann", now=START, reason="asked the operator") == 1
        assert mailing.settle(tx, issue.id, verdict, actor="ann", now=START, reason="again") == 0
    assert crowd.send(issue, delivery).counts == counts
    assert len(crowd.server.taken) == taken


def test_a_verdict_that_is_none_is_refused(crowd: Crowd) -> None:
    with crowd.ground.transaction() as tx, pytest.raises(ValueError, match="not failed"):
        mailing.settle(tx, 1, State.FAILED, actor="ann", now=START, reason="")


@pytest.mark.parametrize("seed", range(4))
def test_whatever_the_server_does_and_whenever_we_die_nobody_gets_it_twice(
    ground: Ground, server: ScriptedServer, seed: int
) -> None:
    """Every recipient at most once, sent exactly once, and the numbers add up at every moment."""
    chance = random.Random(seed)
    crowd = Crowd(ground, server, SHORT)
    names = [f"reader{number:02}" for number in range(30)]
    issue, delivery = frozen(crowd, *names)

    def rule(verb: str, argument: str) -> str | None:
        if verb not in ("MAIL", "RCPT", "DATA", "dot") or chance.random() > 0.12:
            return None
        bad = ["451 4.3.0 later", "450 4.7.1 slow", "550 5.1.1 nobody", "421 4.3.2 closing", CUT]
        return chance.choice([*bad, f"taken {CUT}"] if verb == "dot" else bad)

    server.script.rule = rule
    for round_number in range(60):
        dying = chance.random() < 0.3
        relay = DyingRelay(crowd, chance.randint(1, 6), chance.random() < 0.5) if dying else None
        try:
            crowd.send(issue, delivery, worker=f"worker-{round_number}", relay=relay)
        except (PowerCut, Unauthorized):
            pass
        with ground.reading() as tx:
            counts = mailing.summary(tx, issue.id)
        assert counts.candidates == len(names)
        if not counts.open:
            break
        crowd.clock.advance(timedelta(minutes=20))
    assert not counts.open
    for reader, state in states(crowd, issue.id).items():
        times = server.taken_by(reader)
        assert times <= 1
        assert times == 1 if state is State.SENT else state is not State.FAILED or times == 0
    assert counts.sent > 10
