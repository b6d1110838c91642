"""The web door of ``pressrun serve``: its address, its headers, its readers, and what it says when it cannot."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from typing import Any

import pytest

from channels.email.links import make_token
from db import subscribers
from db.session import GroundLost
from desk.web.answers import HEADERS
from desk.web.app import web_app
from desk.web.serving import CannotListen, WebServer, _listen
from scheduler.app import App
from scheduler.keys import keys_in
from tests.desk.newsdesk import SETTINGS, Newsdesk, start


@pytest.fixture
def served(room: Newsdesk) -> Iterator[tuple[App, str]]:
    """A newsroom with its web door open."""
    app = room.app()
    server = WebServer(web_app(app), "127.0.0.1", 0)
    server.start()
    yield app, server.address
    server.stop()
    app.close()


def ask(address: str, path: str, method: str = "GET", body: bytes | None = None) -> tuple[int, Message, str]:
    """One request: status, headers, body."""
    request = urllib.request.Request(f"{address}{path}", data=body, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode()


def test_a_reader_leaves_the_list_with_one_press(room: Newsdesk, served: tuple[App, str]) -> None:
    app, address = served
    file = room.folder / "readers.csv"
    file.write_text("email\nlea@example.org\n", encoding="utf-8")
    statement = ("--source", "fair", "--date", "2026-09-01", "--wording", "Get our briefing")
    told = room.tell("lists", "import", "morning", "readers.csv", *statement)
    assert told.code == 0, told.err
    with app.ground.reading() as tx:
        (reader,) = subscribers.candidates(tx, "morning")
    path = f"/u/{make_token(keys_in(app.folder).link, 'morning', reader.subscriber.token_seed)}"
    status, headers, page = ask(address, path)
    assert (status, "Morning briefing" in page) == (200, True)
    assert "style-src 'sha256-" in headers["Content-Security-Policy"]
    assert ask(address, path, "POST", b"List-Unsubscribe=One-Click")[0] == 200
    with app.ground.reading() as tx:
        assert list(subscribers.candidates(tx, "morning")) == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", "/u/nonsense", 404),
        ("GET", "/docs", 404),
        ("GET", "/openapi.json", 404),
        ("GET", "/intake/inbox", 405),
        ("POST", "/intake/inbox", 404),
        ("DELETE", "/healthz", 405),
        ("GET", "/%00/../../etc/passwd", 404),
    ],
)
def test_every_answer_carries_the_strict_headers_and_names_no_software(
    method: str, path: str, status: int, served: tuple[App, str]
) -> None:
    found, headers, _ = ask(served[1], path, method)
    assert found == status
    assert all(headers[name] for name in HEADERS)
    assert headers["Server"] is None
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_a_lost_database_is_503_and_a_fault_of_our_own_500_without_its_words(
    served: tuple[App, str], monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    told, heard = list[str](), threading.Event()

    def trouble(sentence: str) -> None:
        told.append(sentence)
        heard.set()

    monkeypatch.setattr(served[0], "trouble", trouble)

    def lost(tx: object) -> None:
        raise GroundLost("the database /srv/secret/place is away")

    def broken(tx: object) -> None:
        raise KeyError("s3cret")

    monkeypatch.setattr("db.sources.every", lost)
    status, headers, body = ask(served[1], "/healthz")
    assert (status, headers["Retry-After"]) == (503, "300")
    assert "/srv" not in body
    monkeypatch.setattr("db.sources.every", broken)
    status, headers, body = ask(served[1], "/healthz")
    assert status == 500
    assert json.loads(body) == {"error": "Pressrun met a fault of its own; those who run it have been told."}
    assert headers["X-Frame-Options"] == "DENY"
    assert heard.wait(60)
    assert told == ["web: Pressrun met a fault of its own (KeyError)"]
    out, err = capsysbinary.readouterr()
    assert b"s3cret" not in out + err
    assert b"Traceback" not in out + err


def test_healthz_says_that_we_are_stopping(served: tuple[App, str]) -> None:
    served[0].stop()
    assert ask(served[1], "/healthz")[0] == 503


def test_what_is_no_http_does_no_harm(served: tuple[App, str]) -> None:
    host, port = served[1].removeprefix("http://").split(":")
    for rubbish in (b"\x16\x03\x01\x02\x00", b"GET / HTTP/9\r\n\r\n", b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n"):
        with socket.create_connection((host, int(port)), timeout=60) as line:
            try:
                line.sendall(rubbish)
                line.shutdown(socket.SHUT_WR)
                line.recv(1000)
            except OSError:
                continue
    assert ask(served[1], "/healthz")[0] == 200


def test_addresses_that_cannot_be_served_are_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(
            CannotListen, match=f"Port {port} on 127.0.0.1 is taken, by .*PRESSRUN_SERVE__PORT="
        ) as told:
            WebServer(lambda *_: None, "127.0.0.1", port)  # type: ignore[arg-type]
        if sys.platform == "linux":
            assert f"(process {os.getpid()})" in str(told.value)
        with pytest.raises(CannotListen, match=r"PRESSRUN_SERVE__PUBLIC_PORT=.*set public_port under"):
            WebServer(lambda *_: None, "127.0.0.1", port, key="public_port")  # type: ignore[arg-type]
    with pytest.raises(CannotListen, match=r"Nobody knows the name nobody\.invalid"):
        WebServer(lambda *_: None, "nobody.invalid", 0)  # type: ignore[arg-type]


def test_serve_answers_while_it_works_logs_no_address_and_frees_its_port(room: Newsdesk) -> None:
    process = start(room.folder, "serve")
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "REHEARSAL: nothing leaves this machine\n"
        address = process.stdout.readline().strip().removeprefix("Answering at ").rstrip(".")
        assert process.stdout.readline() == "Set up the desk, once, within a day:\n"
        assert process.stdout.readline().startswith(f"{address}/enter/")
        assert process.stdout.readline().startswith("Working.")
        assert json.loads(ask(address, "/healthz")[2]) == {"status": "ok"}
        assert ask(address, "/u/a-readers-token")[0] == 404
        process.terminate()
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert (process.returncode, out, err) == (0, "Stopped; nothing is in flight.\n", "")
    host, port = address.removeprefix("http://").split(":")
    with socket.create_server((host, int(port))):
        pass


def test_readers_pages_have_a_port_of_their_own_and_a_letter_leaves_within_moments_of_the_form(room: Newsdesk) -> None:
    room.set(SETTINGS.replace("port = 0", "port = 0\npublic_port = 0"))
    process = start(room.folder, "serve")
    assert process.stdout is not None
    try:
        lines = [process.stdout.readline() for _ in range(6)]
        (told,) = [line for line in lines if line.startswith("Readers' pages alone at ")]
        address = told.strip().removeprefix("Readers' pages alone at ").rstrip(".")
        assert lines[-1].startswith("Working.")
        assert "Morning briefing" in ask(address, "/")[2]
        assert ask(address, "/desk")[0] == ask(address, "/intake/inbox")[0] == ask(address, "/enter/x")[0] == 404
        status, _, page = ask(address, "/n/morning", "POST", b"email=lea%40example.org")
        assert (status, "Look into your mailbox" in page) == (200, True)
        state, end = "", time.monotonic() + 60
        while state != "sent" and time.monotonic() < end:
            story = room.tell("subscribers", "show", "lea@example.org", "--json").json
            state = story["letters"][0]["state"]
        assert state == "sent"
        process.terminate()
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert (process.returncode, err) == (0, "")
    assert "lea" not in out


def test_no_address_is_told_where_the_other_port_is_taken(room: Newsdesk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        room.set(SETTINGS.replace("port = 0", f"port = 0\npublic_port = {other.getsockname()[1]}"))
        told = room.tell("serve", "--enter", "Ada")
    assert (told.code, told.lines) == (3, ["REHEARSAL: nothing leaves this machine"])
    assert "PRESSRUN_SERVE__PUBLIC_PORT=" in told.err


def test_a_port_that_is_taken_ends_serve_with_3_and_no_web_works_without(room: Newsdesk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        room.set(SETTINGS.replace("port = 0", f"port = {port}"))
        told = room.tell("serve")
        assert (told.code, told.lines) == (3, ["REHEARSAL: nothing leaves this machine"])
        assert told.err.startswith(f"Port {port} on 127.0.0.1 is taken, by ")
        assert told.err.count("\n") == 1
        process = start(room.folder, "serve", "--no-web")
        try:
            assert process.stdout is not None
            process.stdout.readline()
            assert process.stdout.readline().startswith("Working.")
            process.terminate()
            assert process.wait(60) == 0
        finally:
            process.kill()
            process.communicate()


def test_a_program_reads_what_serve_does_as_lines_of_json_that_hold_no_secret(room: Newsdesk) -> None:
    room.tell("people", "add", "Ada", "--role", "admin")
    token = room.tell("people", "token", "Ada", "--for", "the CMS", "--may", "word", "--json").json["token"]
    process = start(room.folder, "serve", "--log-format", "json")
    said, lines = process.stderr, list[dict[str, Any]]()
    assert said is not None

    def until(event: str) -> dict[str, Any]:
        """Reads on to the line of this event; the end of the lines fails."""
        while True:
            lines.append(json.loads(said.readline() or '{"event": "the end"}'))
            assert lines[-1]["event"] != "the end", lines
            if lines[-1]["event"] == event:
                return lines[-1]

    try:
        address = until("listening")["message"].removeprefix("Answering at ").rstrip(".")
        until("working")
        words = json.dumps({"text": "Is the press running?", "channel": "x-main", "at": "in 3h"}).encode()
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k-0817", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{address}/api/v1/posts", words, headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            (made,) = json.load(answer)["deliveries"]
        planned = until("delivery.planned")
        assert (planned["delivery"], planned["channel"]) == (made["delivery"], "x-main")
        assert (planned["by"], planned["mode"], planned["level"]) == ("Ada (the CMS)", "rehearsal", "info")
        process.terminate()
        assert until("stopped")["message"] == "Stopped; nothing is in flight."
        out, rest = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert (process.returncode, rest) == (0, "")
    assert all(isinstance(line[name], str) for line in lines for name in ("time", "level", "event", "message"))
    told = out + json.dumps(lines)
    assert not [secret for secret in (token, token.removeprefix("pressrun_"), "k-0817", "/enter/") if secret in told]


def test_an_answers_body_does_not_wait_until_its_head_is_confirmed() -> None:
    """Nagle's delay held each page back for 40 ms."""

    async def delayed() -> bool:
        met: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def meet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            inner = writer.get_extra_info("socket")
            met.set_result(not inner.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listener = _listen("127.0.0.1", 0)
        async with await asyncio.start_server(meet, sock=listener):
            _, writer = await asyncio.open_connection(*listener.getsockname())
            try:
                return await met
            finally:
                writer.close()

    assert not asyncio.run(delayed())
