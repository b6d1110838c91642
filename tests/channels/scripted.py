"""A server on this machine that does to a connection exactly what a test says, byte by byte."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Script = Callable[[socket.socket, "Heard"], None]


@dataclass
class Heard:
    """What the server was told: whole requests as bytes, and how many connections were made."""

    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    over: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def read(self, line: socket.socket) -> bytes:
        """One request, head and body; b"" when the caller is gone."""
        data = b""
        while b"\r\n\r\n" not in data:
            piece = line.recv(65536)
            if not piece:
                return b""
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        length = 0
        for row in head.split(b"\r\n"):
            if row.lower().startswith(b"content-length:"):
                length = int(row.split(b":")[1])
        while len(body) < length:
            body += line.recv(65536)
        self.requests.append(head + b"\r\n\r\n" + body)
        return self.requests[-1]


def reply(body: bytes = b"{}", status: str = "200 OK", headers: str = "Content-Type: application/json\r\n") -> bytes:
    """An answer as it goes over the line."""
    return f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body


def answering(*answers: bytes) -> Script:
    """Answers one request after the other on the same connection, then closes it."""

    def play(line: socket.socket, heard: Heard) -> None:
        for answer in answers:
            if not heard.read(line):
                return
            line.sendall(answer)

    return play


def dripping(data: bytes, interval: float) -> Script:
    """Lets the answer drip, a byte each ``interval`` seconds."""

    def play(line: socket.socket, heard: Heard) -> None:
        heard.read(line)
        for byte in data:
            line.sendall(bytes([byte]))
            if heard.over.wait(interval):
                return

    return play


@contextmanager
def serving(script: Script, tls: ssl.SSLContext | None = None) -> Iterator[Heard]:
    """Runs ``script`` for each connection until the block ends."""
    heard = Heard()
    listener = socket.create_server(("127.0.0.1", 0))
    heard.port = listener.getsockname()[1]
    threads: list[threading.Thread] = []
    open_lines: list[socket.socket] = []

    def one(line: socket.socket) -> None:
        with suppress(OSError), line:
            if tls is not None:
                with tls.wrap_socket(line, server_side=True) as safe:
                    script(safe, heard)
            else:
                script(line, heard)

    def listen() -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            heard.connections += 1
            open_lines.append(line)
            thread = threading.Thread(target=one, args=(line,), daemon=True)
            threads.append(thread)
            thread.start()

    listening = threading.Thread(target=listen, daemon=True)
    listening.start()
    try:
        yield heard
    finally:
        heard.over.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for line in open_lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        for thread in [listening, *threads]:
            thread.join(2)
