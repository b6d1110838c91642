"""Our own one-click address is pressed before readers get it, and says plainly why it would not work."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from channels.email.one_click import BODY, press

TOKEN = "abcdef-secret"


class Pages(ThreadingHTTPServer):
    """A server that answers with one status and keeps what it was asked."""

    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Page)
        self.asked: list[tuple[str, str, bytes]] = []

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_port}"


class _Page(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Pages)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server.asked.append((self.path, self.headers["Content-Type"], body))
        self.send_response(server.status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *words: object) -> None:
        """Says nothing."""


@pytest.fixture
def pages() -> Iterator[Pages]:
    """Readers' pages somewhere."""
    with Pages() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_it_is_pressed_as_a_mail_program_presses_it(pages: Pages) -> None:
    assert press(pages.url, TOKEN) is None
    assert pages.asked == [(f"/u/{TOKEN}", "application/x-www-form-urlencoded", BODY)]


@pytest.mark.parametrize(
    ("status", "says"),
    [(302, "redirect (302), which mail programs do not follow"), (404, "does not know"), (503, "answered 503")],
)
def test_what_does_not_work_is_said_without_the_token(pages: Pages, status: int, says: str) -> None:
    pages.status = status
    problem = press(pages.url, TOKEN)
    assert problem is not None
    assert problem.stops
    assert says in problem.message
    assert TOKEN not in problem.message
    assert len(pages.asked) == 1, "a redirect was followed"


def test_an_address_where_nobody_answers_is_said_so(pages: Pages) -> None:
    url = pages.url
    pages.server_close()
    problem = press(url, TOKEN)
    assert problem is not None
    assert "could not be asked" in problem.message
    assert TOKEN not in problem.message
