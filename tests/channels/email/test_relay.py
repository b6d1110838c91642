"""The line to the mail server: every reply and every cut ends as one of five, and none is guessed."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from channels.email.addresses import parse_address
from channels.email.line import Line
from channels.email.session import Session
from channels.email.smtp import Deadlines, Relay, RelayConfig
from channels.errors import ChannelError, RateLimited, Rejected, Unauthorized, Uncertain, Unreachable
from db.records import Failure, Outcome
from tests.channels.email.certificates import contexts
from tests.channels.email.scripted_server import CUT, DRIP, SILENT, Script, ScriptedServer

SENDER = parse_address("morning@news.example.org")
READER = parse_address("ann@example.org")
MAIL = b"Subject: x\r\n\r\nhello\r\n..dots\r\n.\r\n.end\r\n"
QUICK = Deadlines(connect=timedelta(seconds=30), before=timedelta(seconds=30), dot=timedelta(seconds=30))
SHORT = Deadlines(connect=timedelta(seconds=0.5), before=timedelta(seconds=0.5), dot=timedelta(seconds=0.5))


def relay(server: ScriptedServer, deadlines: Deadlines = QUICK, **more: object) -> Relay:
    settings: dict[str, object] = {"tls": "none", "hello": "client.example.org", **more}
    return Relay(RelayConfig(host="127.0.0.1", port=server.port, deadlines=deadlines, **settings))  # type: ignore[arg-type]


def failing(script: Script, deadlines: Deadlines = QUICK) -> tuple[ChannelError, ScriptedServer, bool]:
    with ScriptedServer(script) as server, relay(server, deadlines) as line:
        with pytest.raises(ChannelError) as caught:
            line.deliver(SENDER, READER, MAIL)
        return caught.value, server, line.is_open


def test_a_mail_arrives_byte_for_byte_and_the_queue_id_is_kept() -> None:
    with ScriptedServer() as server, relay(server) as line:
        receipt = line.deliver(SENDER, READER, MAIL)
    (mail,) = server.taken
    assert mail.raw == MAIL
    assert (mail.sender, mail.recipient) == (SENDER.wire, READER.wire)
    assert (receipt.id, receipt.code) == ("Q00001", "250 2.0.0")
    assert server.commands[-1] == "QUIT"


def test_one_line_serves_many_readers_and_is_renewed_after_its_share() -> None:
    with ScriptedServer() as server, relay(server, per_connection=2) as line:
        for _ in range(5):
            line.deliver(SENDER, READER, MAIL)
        assert server.connections == 3
        assert len(server.taken) == 5


@pytest.mark.parametrize(
    ("stage", "answer", "kind", "code", "stands"),
    [
        ("banner", "554 5.7.1 no service for you", Unauthorized, "554 5.7.1", False),
        ("banner", "554 go away", Unauthorized, "554", False),
        ("banner", "421 4.3.2 busy", RateLimited, "421 4.3.2", False),
        ("banner", "450 not now", Unreachable, "450", False),
        ("MAIL", "530 5.7.0 sign in first", Unauthorized, "530 5.7.0", True),
        ("MAIL", "550 5.1.8 bad sender", Unauthorized, "550 5.1.8", True),
        ("MAIL", "451 4.3.0 try later", Unreachable, "451 4.3.0", True),
        ("MAIL", "421 4.7.0 too many", RateLimited, "421 4.7.0", False),
        ("MAIL", "454 4.7.0 throttled", RateLimited, "454 4.7.0", True),
        ("MAIL", "552 5.3.4 too big", Rejected, "552 5.3.4", True),
        ("RCPT", "550 5.1.1 no such user", Rejected, "550 5.1.1", True),
        ("RCPT", "550 no such user", Rejected, "550", True),
        ("RCPT", "552 5.2.2 mailbox full", Rejected, "552 5.2.2", True),
        ("RCPT", "452 4.2.2 mailbox full", Unreachable, "452 4.2.2", True),
        ("RCPT", "452 4.5.3 too many", RateLimited, "452 4.5.3", True),
        ("RCPT", "450 4.7.1 greylisted", RateLimited, "450 4.7.1", True),
        ("RCPT", "451 4.3.0 later", Unreachable, "451 4.3.0", True),
        ("RCPT", "550 5.7.1 relay denied", Unauthorized, "550 5.7.1", True),
        ("RCPT", "550 5.7.26 not authenticated", Unauthorized, "550 5.7.26", True),
        ("RCPT", "550 5.4.5 daily quota exceeded", RateLimited, "550 5.4.5", True),
        ("RCPT", "421 4.3.2 closing", RateLimited, "421 4.3.2", False),
        ("DATA", "451 4.3.0 later", Unreachable, "451 4.3.0", True),
        ("DATA", "250 what", Unreachable, "250", True),
        ("dot", "451 4.3.0 local error", Rejected, "451 4.3.0", True),
        ("dot", "554 5.6.0 refused", Rejected, "554 5.6.0", True),
        ("dot", "550 5.7.515 domain not authenticated", Unauthorized, "550 5.7.515", True),
        ("dot", "421 4.3.2 closing", RateLimited, "421 4.3.2", False),
        ("dot", "354 what", Uncertain, "354", False),
        ("dot", "999 what", Uncertain, "999", False),
    ],
)
def test_each_reply_is_told_by_its_code(
    stage: str, answer: str, kind: type[ChannelError], code: str, stands: bool
) -> None:
    error, server, is_open = failing(Script(answers={stage: [answer]}))
    assert type(error) is kind
    assert error.failure.code == code
    assert is_open is stands
    assert not server.taken
    if kind is RateLimited:
        assert error.failure.retry_after is not None


@pytest.mark.parametrize("stage", ["banner", "EHLO", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("how", [CUT, SILENT, DRIP])
def test_a_line_that_dies_before_the_dot_took_nothing(stage: str, how: str) -> None:
    error, server, is_open = failing(Script(answers={stage: [how] * 3}), SHORT)
    assert type(error) is Unreachable
    assert not is_open
    assert not server.taken


@pytest.mark.parametrize("how", [CUT, SILENT, DRIP])
def test_a_line_that_dies_after_the_dot_leaves_it_uncertain(how: str) -> None:
    patient = replace(SHORT, connect=timedelta(seconds=60), before=timedelta(seconds=60))
    error, server, is_open = failing(Script(answers={"dot": [f"taken {how}"]}), patient)
    assert type(error) is Uncertain
    assert not is_open
    assert len(server.taken) == 1


def test_a_server_that_drips_holds_nobody_longer_than_the_deadline() -> None:
    began = time.monotonic()
    failing(Script(answers={"RCPT": [DRIP]}), SHORT)
    assert time.monotonic() - began < 15


def test_a_mail_put_off_after_the_dot_may_be_asked_again() -> None:
    error, _, _ = failing(Script(answers={"dot": ["451 4.3.0 local error"]}))
    assert error.failure.again_after is not None
    assert error.failure.at_most > 1


def test_the_wait_after_the_dot_has_a_deadline_of_its_own() -> None:
    slow = Deadlines(connect=timedelta(seconds=30), before=timedelta(seconds=1.5), dot=timedelta(seconds=30))

    def rule(verb: str, argument: str) -> str | None:
        if verb == "dot":
            time.sleep(1.8)
        return None

    with ScriptedServer(Script(rule=rule)) as server, relay(server, slow) as line:
        assert line.deliver(SENDER, READER, MAIL).id == "Q00001"


def test_an_answer_too_many_is_not_taken_for_the_one_to_the_message() -> None:
    error, server, is_open = failing(Script(answers={"DATA": ["354 go\r\n250 2.0.0 Ok"], "dot": ["554 5.6.0 refused"]}))
    assert (type(error), is_open, server.taken) == (Unreachable, False, [])


def test_an_answer_too_many_is_not_taken_for_one_to_the_next_message() -> None:
    script = Script(answers={"dot": ["250 2.0.0 Ok: queued as Q1\r\n250 2.0.0 Ok"], "RCPT": ["250 Ok", "550 5.1.1 no"]})
    with ScriptedServer(script) as server, relay(server) as line:
        assert line.deliver(SENDER, READER, MAIL).id == "Q1"
        assert not line.is_open
        with pytest.raises(Rejected):
            line.deliver(SENDER, READER, MAIL)
        assert len(server.taken) == 1


def test_a_yes_to_half_a_message_is_no_receipt() -> None:
    ours, theirs = socket.socketpair()
    offers = SimpleNamespace(
        has_extn=lambda name: name == "pipelining", esmtp_features={"pipelining": ""}, release=lambda: (ours, b"")
    )
    session = Session(cast("Line", offers), "mx.example.org", before=30, dot=30)
    with closing(theirs), closing(session):
        assert session.begin(SENDER, READER, MAIL + b"x\r\n" * 3_000_000) is None
        theirs.sendall(b"250 Ok\r\n250 Ok\r\n354 go\r\n")
        assert session.advance() is None
        theirs.sendall(b"250 2.0.0 Ok: queued as Q1\r\n")
        ended = session.advance()
        assert isinstance(ended, Failure)
        assert (ended.outcome, session.is_open) == (Outcome.UNCERTAIN, False)


def test_after_a_refused_reader_the_next_one_goes_over_the_same_line() -> None:
    with ScriptedServer(Script(answers={"RCPT": ["550 5.1.1 no such user"]})) as server, relay(server) as line:
        with pytest.raises(Rejected):
            line.deliver(SENDER, READER, MAIL)
        line.deliver(SENDER, parse_address("bob@example.org"), MAIL)
    assert server.connections == 1
    assert [mail.recipient for mail in server.taken] == ["bob@example.org"]


def test_nobody_listening_is_unreachable() -> None:
    with ScriptedServer() as server:
        port = server.port
    line = Relay(RelayConfig(host="127.0.0.1", port=port, tls="none", deadlines=QUICK))
    with pytest.raises(Unreachable, match="cannot be reached"):
        line.deliver(SENDER, READER, MAIL)


def test_rehearsal_speaks_to_this_machine_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def elsewhere(*args: object, **more: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", ("192.0.2.1", 25))]

    monkeypatch.setattr("socket.getaddrinfo", elsewhere)
    line = Relay(RelayConfig(host="mail.example.org", port=25, tls="none", deadlines=QUICK))
    with pytest.raises(Unauthorized, match="this machine only"):
        line.open()


def test_a_readers_address_never_stands_in_what_we_keep() -> None:
    answer = "550 5.1.1 <ann@example.org>: ann@example.org is not here"
    error, _, _ = failing(Script(answers={"RCPT": [answer]}))
    assert "ann@" not in error.failure.sentence + error.failure.raw
    assert "<address>" in error.failure.sentence


@pytest.mark.parametrize(
    ("answer", "id"),
    [
        ("250 2.0.0 Ok: queued as 4F1A2B", "4F1A2B"),
        ("250 OK id=1sX9aB-000abc-1Q", "1sX9aB-000abc-1Q"),
        ("250 2.0.0 OK: queued as <a1b2.3@news.example.org>", "a1b2.3@news.example.org"),
        ("250 Great success", ""),
        ("250 Ok 0100018f2b3c-7d-000000", "0100018f2b3c-7d-000000"),
        ("250 2.0.0 48L6uB3k012345 Message accepted for delivery", "48L6uB3k012345"),
        ("250 2.0.0 OK  1695278400 d9-2002 - gsmtp", "1695278400"),
        ("250 OK", ""),
        ("251 2.1.5 forwarded", ""),
    ],
)
def test_the_queue_id_is_read_from_the_usual_answers(answer: str, id: str) -> None:
    with ScriptedServer(Script(answers={"dot": [answer]})) as server, relay(server) as line:
        assert line.deliver(SENDER, READER, MAIL).id == id


def test_a_mail_larger_than_the_server_takes_is_refused_before_it_leaves() -> None:
    with (
        ScriptedServer(Script(offers=("SIZE 20",))) as server,
        relay(server) as line,
        pytest.raises(Rejected, match="takes 20"),
    ):
        line.deliver(SENDER, READER, MAIL)
    assert not any(command.startswith("MAIL") for command in server.commands)


def test_an_address_beyond_ascii_goes_only_where_smtputf8_is_offered() -> None:
    reader = parse_address("użytkownik@example.org")
    with ScriptedServer() as server, relay(server) as line, pytest.raises(Rejected, match="beyond ASCII"):
        line.deliver(SENDER, reader, MAIL)
    with ScriptedServer(Script(offers=("SMTPUTF8", "8BITMIME"))) as server, relay(server) as line:
        line.deliver(SENDER, reader, MAIL)
    assert server.taken[0].recipient == reader.wire
    assert any("SMTPUTF8" in command for command in server.commands if command.startswith("MAIL"))


# --- signing in and encryption -----------------------------------------------------------------


def test_it_signs_in_where_a_user_is_set() -> None:
    script = Script(users={"desk": "s3cret"})
    with ScriptedServer(script) as server, relay(server, username="desk", password="s3cret") as line:
        line.deliver(SENDER, READER, MAIL)
    assert len(server.taken) == 1


def test_a_wrong_password_is_unauthorized_and_never_shown() -> None:
    with ScriptedServer(Script(users={"desk": "right"})) as server:
        line = relay(server, username="desk", password="wr0ng-s3cret")
        with pytest.raises(Unauthorized) as caught:
            line.open()
    assert caught.value.failure.code == "535 5.7.8"
    assert "s3cret" not in f"{caught.value.failure!r} {line!r}"


def test_a_password_is_not_sent_over_a_live_line_in_clear() -> None:
    with ScriptedServer(Script(users={"desk": "x"})) as server:
        line = relay(server, username="desk", password="x", loopback_only=False)
        with pytest.raises(Unauthorized, match="in clear"):
            line.open()
    assert not any(command.startswith("AUTH") for command in server.commands)


def test_a_server_without_sign_in_is_told_apart() -> None:
    with ScriptedServer() as server, pytest.raises(Unauthorized, match="no sign-in"):
        relay(server, username="desk", password="x").open()


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_mail_goes_over_a_line_whose_certificate_is_trusted(tmp_path: Path, tls: str) -> None:
    server_side, client_side = contexts(tmp_path)
    offers = ("STARTTLS",) if tls == "starttls" else ()
    script = Script(offers=offers, context=server_side, implicit=tls == "tls", users={"desk": "x"})
    with (
        ScriptedServer(script) as server,
        relay(server, tls=tls, context=client_side, username="desk", password="x", loopback_only=False) as line,
    ):
        line.deliver(SENDER, READER, MAIL)
    assert server.taken[0].raw == MAIL


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_certificate_nobody_vouches_for_stops_the_channel(tmp_path: Path, tls: str) -> None:
    server_side, _ = contexts(tmp_path)
    offers = ("STARTTLS",) if tls == "starttls" else ()
    with (
        ScriptedServer(Script(offers=offers, context=server_side, implicit=tls == "tls")) as server,
        pytest.raises(Unauthorized, match="could not be trusted"),
    ):
        relay(server, tls=tls).open()


def test_a_certificate_for_another_host_stops_the_channel(tmp_path: Path) -> None:
    server_side, client_side = contexts(tmp_path, "127.0.0.9")
    with (
        ScriptedServer(Script(offers=("STARTTLS",), context=server_side)) as server,
        pytest.raises(Unauthorized, match="could not be trusted"),
    ):
        relay(server, tls="starttls", context=client_side).open()


def test_a_server_that_hides_starttls_gets_no_mail_in_clear() -> None:
    with ScriptedServer() as server, pytest.raises(Unauthorized, match="does not offer STARTTLS"):
        relay(server, tls="starttls").deliver(SENDER, READER, MAIL)
    assert not server.taken


@pytest.mark.parametrize("build", [lambda: "a\r\nRCPT TO:<x@example.org>", lambda: "a\0b"])
def test_no_address_can_add_a_command(build: Callable[[], str]) -> None:
    evil = type(READER)(text="x", key="x", wire=f"{build()}@example.org")
    with ScriptedServer() as server, relay(server) as line:
        with pytest.raises(ValueError, match="one line"):
            line.deliver(SENDER, evil, MAIL)
        assert not line.is_open
    assert not server.taken
