"""How long the web server waits for whoever calls, and whom it lets go when too many are there."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.responses import PlainTextResponse
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive, Scope, Send

from desk.web import patience
from desk.web.answers import HEADERS, SlowBody, StrictAnswers
from desk.web.patience import BODY_WITHIN, LEAST_A_SECOND, PatientBodies
from desk.web.serving import WebServer

ASKED = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
HOLDING = b"POST /hold HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\n\r\n"


class Server:
    """An application that answers, or holds a request until ``go_on``; ``held`` counts those that it holds."""

    def __init__(self) -> None:
        self.held, self.go_on = threading.Semaphore(0), threading.Event()
        self._web = WebServer(StrictAnswers(self._answer, lambda fault: None), "127.0.0.1", 0)
        self._web.start()
        self._lines: list[socket.socket] = []

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/hold":
            self.held.release()
            while not self.go_on.is_set():
                await asyncio.sleep(0.01)
        await PlainTextResponse("here")(scope, receive, send)

    def line(self, sent: bytes = b"") -> socket.socket:
        """A line to the server, on which something was said."""
        port = int(self._web.address.rpartition(":")[2])
        self._lines.append(socket.create_connection(("127.0.0.1", port), timeout=60))
        self._lines[-1].sendall(sent)
        return self._lines[-1]

    def stop(self) -> None:
        """Ends it all."""
        self.go_on.set()
        for one in self._lines:
            one.close()
        self._web.stop()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


def said(line: socket.socket) -> bytes:
    """All that comes until the line ends."""
    return b"".join(iter(lambda: line.recv(65_536), b""))


def run(coroutine: Coroutine[None, None, None]) -> None:
    """In a thread: whoever drives a browser has a loop in this one."""
    with ThreadPoolExecutor(1) as beside:
        beside.submit(asyncio.run, coroutine).result()


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: he"])
def test_who_does_not_ask_in_time_is_let_go(server: Server, sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "HEAD_WITHIN", 0.01)
    assert said(server.line(sent)) == b""


def test_an_answered_line_on_which_more_trickles_in_ends_too(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    line = server.line(HOLDING + b"half")
    assert server.held.acquire(timeout=60)
    monkeypatch.setattr(patience, "HEAD_WITHIN", 0.01)
    server.go_on.set()
    assert said(line).startswith(b"HTTP/1.1 200 OK")


def test_when_too_many_are_here_the_longest_silent_makes_room(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "AT_ONCE", 2)
    silent = [server.line(), server.line()]
    assert server.line(ASKED).recv(65_536).startswith(b"HTTP/1.1 200 OK")
    assert said(silent[0]) == b""


def test_where_everybody_is_at_work_one_more_is_told_to_come_back(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "AT_ONCE", 2)
    for _ in range(2):
        server.line(HOLDING)
        assert server.held.acquire(timeout=60)
    told = said(server.line(ASKED)).lower()
    assert told.startswith(b"http/1.1 503 ")
    assert b"retry-after: 300" in told
    assert all(f"\r\n{name.lower()}: ".encode() in told for name in HEADERS)


def test_what_is_no_http_is_refused_with_the_strict_headers(server: Server) -> None:
    told = said(server.line(b"GARBAGE\r\n\r\n")).lower()
    assert told.startswith(b"http/1.1 400 ")
    assert all(f"\r\n{name.lower()}: ".encode() in told for name in HEADERS)


def test_a_body_has_as_long_as_its_length_needs() -> None:
    sent = iter([(BODY_WITHIN - 1, LEAST_A_SECOND * 60), (BODY_WITHIN + 61, 1)])
    now, came = 0.0, list[int]()

    async def receive() -> Message:
        nonlocal now
        there = next(sent, None)
        if there is None:
            await asyncio.Event().wait()  # nothing more comes
        assert there is not None
        now, length = there
        return {"type": "http.request", "body": b"." * length, "more_body": True}

    async def read(scope: Scope, receive: Receive, send: Send) -> None:
        async for chunk in Request(scope, receive).stream():
            came.append(len(chunk))

    async def unsent(message: Message) -> None: ...

    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    with pytest.raises(SlowBody):
        run(PatientBodies(read, lambda: now)(scope, receive, unsent))
    assert came == [LEAST_A_SECOND * 60, 1]


def test_who_leaves_in_the_middle_of_a_request_is_no_fault_of_ours() -> None:
    faults: list[BaseException] = []

    def raising(fault: Exception) -> StrictAnswers:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            raise fault

        return StrictAnswers(app, faults.append)

    async def nothing() -> Message:
        return {}

    async def unsent(message: Message) -> None: ...

    mine = KeyError("mine")
    for one in (ClientDisconnect(), mine):
        run(raising(one)({"type": "http"}, nothing, unsent))
    assert faults == [mine]
