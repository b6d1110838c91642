"""The one door to HTTP: what it adds to a session, and what it keeps in the house."""

from __future__ import annotations

import logging
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from channels import wire
from channels.line import Call, PlainPool, Stage, is_home, watched
from channels.wire import Answer, WireFault
from db.records import Mode
from tests.channels.scripted import Heard, answering, dripping, reply, serving
from tests.channels.wire_ground import DEADLINE, GRACE, SDK, fault_of, session_to


def test_the_sdk_s_host_is_rewritten_and_the_answer_is_kept() -> None:
    answer = reply(b'{"a": 1}', headers="X-Rate-Limit-Reset: 5\r\nDate: Sun, 22 Nov 2026 10:00:00 GMT\r\n")
    with serving(answering(answer)) as heard, session_to(heard.url) as session:
        assert session.request("GET", SDK + "/2/users/me").json() == {"a": 1}
        assert heard.requests[0].startswith(b"GET /2/users/me HTTP/1.1")
        assert session.last is not None
        assert session.last.status == 200
        assert session.last.headers["x-rate-limit-reset"] == "5"
        assert session.last.content() == {"a": 1}
        assert session.last.date_at() == datetime(2026, 11, 22, 10, tzinfo=UTC)


def test_a_host_that_only_begins_alike_is_not_rewritten() -> None:
    with session_to("http://127.0.0.1:1") as session:
        fault = fault_of(session, SDK + ".example.com/2/tweets")
    assert fault.code == "refused address"


def test_in_rehearsal_no_other_machine_is_called_nor_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: asked.append(a))
    for base in ("https://api.x.com", "http://192.0.2.1:80", "http://127.0.0.1.example.com", "https://[2001:db8::1]"):
        with session_to(base, DEADLINE) as session:
            fault = fault_of(session)
        assert (fault.left, fault.code) == (False, "refused address")
        assert "nothing leaves this machine" in str(fault)
    assert asked == []


def test_in_rehearsal_a_name_for_this_machine_must_lead_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    row = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 80))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: [row])
    with session_to("http://localhost:1", DEADLINE) as session:
        fault = fault_of(session)
    assert (fault.left, fault.code) == (False, "name")


def test_live_never_calls_another_machine_without_encryption() -> None:
    with session_to("http://api.x.com", DEADLINE, mode=Mode.LIVE) as session:
        fault = fault_of(session)
    assert (fault.left, fault.code) == (False, "refused address")


@pytest.mark.parametrize(
    ("host", "home"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("[::1]", True), ("LocalHost.", True)]
    + [(host, False) for host in ("", "0.0.0.0", "10.0.0.1", "localhost.example.com", "api.x.com", "2130706433")],
)
def test_home_is_this_machine_only(host: str, home: bool) -> None:
    assert is_home(host) is home


def test_a_redirect_is_an_answer_and_never_followed() -> None:
    moved = reply(b"", "301 Moved Permanently", "Location: /elsewhere\r\n")
    with serving(answering(moved, reply())) as heard, session_to(heard.url) as session:
        assert session.request("POST", SDK + "/2/tweets", json={}, allow_redirects=True).status_code == 301
        assert len(heard.requests) == 1


def test_a_redirect_to_nonsense_is_still_an_answer() -> None:
    moved = reply(b"", "302 Found", "Location: http://[bad\xff\r\n")
    with serving(answering(moved)) as heard, session_to(heard.url) as session:
        assert session.request("POST", SDK + "/2/tweets").status_code == 302


def test_one_connection_carries_call_after_call() -> None:
    with serving(answering(*[reply()] * 3)) as heard, session_to(heard.url) as session:
        for _ in range(3):
            session.request("GET", SDK + "/")
        assert heard.connections == 1


def test_a_connection_that_lay_idle_is_not_trusted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "IDLE_LIMIT", -1.0)
    with serving(answering(*[reply()] * 3)) as heard, session_to(heard.url) as session:
        for _ in range(3):
            session.request("GET", SDK + "/")
        assert heard.connections == 3


def test_a_kept_connection_that_was_closed_meanwhile_is_replaced_before_anything_is_sent() -> None:
    closed = threading.Event()

    def play(line: socket.socket, heard: Heard) -> None:
        heard.read(line)
        line.sendall(reply())
        line.shutdown(socket.SHUT_RDWR)
        closed.set()

    with serving(play) as heard, session_to(heard.url) as session:
        session.request("POST", SDK + "/")
        assert closed.wait(60)
        session.request("POST", SDK + "/")
        assert (heard.connections, len(heard.requests)) == (2, 2)


def test_a_kept_connection_that_is_closed_at_the_second_request_is_told_as_left() -> None:
    def play(line: socket.socket, heard: Heard) -> None:
        heard.read(line)
        line.sendall(reply())
        heard.read(line)

    with serving(play) as heard, session_to(heard.url, DEADLINE) as session:
        session.request("GET", SDK + "/")
        fault = fault_of(session)
        assert len(heard.requests) == 2
    assert (fault.left, fault.code) == (True, "cut")


def test_a_kept_connection_that_drips_at_the_second_request_is_cut_too() -> None:
    def play(line: socket.socket, heard: Heard) -> None:
        heard.read(line)
        line.sendall(reply())
        dripping(b"H" * 900, 0.05)(line, heard)

    with serving(play) as heard, session_to(heard.url, DEADLINE) as session:
        session.request("GET", SDK + "/")
        fault = fault_of(session)
    assert (fault.left, fault.code) == (True, "deadline")


def test_the_token_leaves_address_and_body_and_the_caller_s_own_values_stay() -> None:
    values = {"access_token": "EAASECRETSECRET", "fields": "id"}
    with serving(answering(reply(), reply())) as heard, session_to(heard.url, bearer=True) as session:
        session.request("GET", SDK + "/me", params=values)
        session.request("POST", SDK + "/1/feed", params={}, data=values)
    for request in heard.requests:
        head, _, body = request.partition(b"\r\n\r\n")
        assert b"Authorization: Bearer EAASECRETSECRET" in head
        assert b"EAASECRET" not in head.split(b"\r\n")[0] + body
        assert b"fields=id" in head.split(b"\r\n")[0] + body
    assert values == {"access_token": "EAASECRETSECRET", "fields": "id"}


def test_all_requests_in_one_span_share_its_deadline() -> None:
    def play(line: socket.socket, heard: Heard) -> None:
        while heard.read(line) and not heard.over.wait(0.1):
            line.sendall(reply())

    with serving(play) as heard, session_to(heard.url) as session:

        def ask_often() -> None:
            for _ in range(20):
                session.request("GET", SDK + "/")

        began = time.monotonic()
        with session.within(DEADLINE), pytest.raises(WireFault):
            ask_often()
        assert time.monotonic() - began < DEADLINE.total_seconds() + GRACE
        session.request("GET", SDK + "/")


def test_with_no_time_left_nothing_leaves() -> None:
    with serving(answering(reply())) as heard, session_to(heard.url) as session:
        with session.within(timedelta(0)), pytest.raises(WireFault) as caught:
            session.request("POST", SDK + "/")
        assert heard.requests == []
    assert (caught.value.left, caught.value.code) == (False, "deadline")


def test_after_the_cut_not_one_byte_can_leave() -> None:
    call = Call(time.monotonic() + 60, stay_home=True)
    call.sever()
    with pytest.raises(TimeoutError):
        call.reach(Stage.LEFT)
    assert not call.left


def test_a_connection_cut_before_it_wrote_writes_nothing_and_says_that_nothing_left() -> None:
    with serving(answering(reply())) as heard, watched(time.monotonic() + 60, stay_home=True) as call:
        connection = PlainPool.ConnectionCls("127.0.0.1", heard.port, timeout=60)
        connection.connect()
        call.sever()
        with pytest.raises(TimeoutError):
            connection.send(b"POST / HTTP/1.1\r\n\r\n")
        connection.close()
    assert not call.left
    assert heard.requests == []


def test_a_line_watched_after_the_cut_is_shut_at_once() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        call = Call(time.monotonic() + 60, stay_home=True)
        call.sever()
        call.watch(ours)
        assert theirs.recv(1) == b""
        call.end()


def test_an_endless_answer_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "LARGEST_BODY", 100_000)
    with (
        serving(answering(reply(b" " * 300_000))) as heard,
        session_to(heard.url) as session,
        pytest.raises(WireFault) as caught,
    ):
        session.request("GET", SDK + "/")
    assert (caught.value.left, caught.value.code) == (True, "too long")


def test_of_a_long_answer_64_kb_are_kept_and_all_is_handed_over() -> None:
    with serving(answering(reply(b" " * 100_000))) as heard, session_to(heard.url) as session:
        assert len(session.request("GET", SDK + "/").content) == 100_000
        assert session.last is not None
        assert len(session.last.body) == 64 * 1024


def test_no_cookie_proxy_or_netrc_of_the_surroundings_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    answer = reply(headers="Set-Cookie: guest=1; Path=/\r\n")
    with serving(answering(answer, answer)) as heard, session_to(heard.url) as session:
        session.request("GET", SDK + "/")
        session.request("GET", SDK + "/")
    assert b"cookie" not in heard.requests[1].lower()
    assert b"authorization" not in heard.requests[1].lower()


def test_a_header_that_cannot_be_put_on_the_wire_never_left() -> None:
    with serving(answering(reply())) as heard, session_to(heard.url) as session:
        with pytest.raises(WireFault) as caught:
            session.request("GET", SDK + "/", headers={"Authorization": "Bearer secretsecret\nX: y"})
        assert heard.connections == 0
    assert (caught.value.left, caught.value.code) == (False, "unsendable")
    assert "secretsecret" not in str(caught.value)


def test_not_a_word_is_logged_of_addresses_and_headers(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(answering(reply())) as heard, session_to(heard.url, bearer=True) as session:
        session.request("GET", SDK + "/me", params={"access_token": "EAASECRETSECRET", "input_token": "EAAOTHERTOKEN"})
    assert "EAA" not in caplog.text


@pytest.mark.parametrize("date", ["", "yesterday", "Sun, 99 Nov 2026 10:00:00 GMT"])
def test_a_date_that_is_none_is_none(date: str) -> None:
    assert Answer(200, {"date": date}, b"").date_at() is None


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a": ', b"\xff\xfe\xff", b"[" * 100_000])
def test_a_body_that_is_no_json_is_none(body: bytes) -> None:
    assert Answer(200, {}, body).content() is None
