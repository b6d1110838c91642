"""smtplib on a socket of ours, with total deadlines over everything that is read or written."""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from datetime import timedelta

from channels.email.replies import Reply, reply

_LONGEST_REPLY_LINE = 8192


class Line(smtplib.SMTP):
    """One SMTP connection. Use ``within`` before each phase; what outlasts it ends as ``TimeoutError``."""

    def __init__(self, sock: socket.socket, hello: str) -> None:
        super().__init__(local_hostname=hello)
        self._until = time.monotonic()
        self._attach(sock)

    def within(self, span: timedelta) -> None:
        """From now on everything must be done in ``span``, else ``TimeoutError``."""
        self._until = time.monotonic() + span.total_seconds()

    def encrypt(self, context: ssl.SSLContext, host: str) -> None:
        """Wraps the line in TLS, the certificate checked for ``host``, and forgets what was said in clear."""
        self._wire.settimeout(self._left())
        self._attach(context.wrap_socket(self._wire, server_hostname=host))
        self.helo_resp, self.ehlo_resp, self.esmtp_features, self.does_esmtp = None, None, {}, False

    def ask(self, command: str) -> Reply:
        """Sends one command and reads its answer. Raises ``ValueError`` for a command of more than one line."""
        if any(mark in command for mark in "\r\n\0"):
            raise ValueError("an SMTP command is one line")
        self.put(f"{command}\r\n".encode())
        return self.answer()

    def answer(self) -> Reply:
        """Reads one answer, all its lines."""
        return reply(*self.getreply())

    def put(self, content: bytes) -> None:
        """Sends bytes as they are."""
        self.send(content)

    def send(self, s: bytes | str) -> None:  # type: ignore[override]
        """smtplib's own way out, under our deadline: ``sendall`` takes its timeout as a total."""
        self._wire.settimeout(self._left())
        self._wire.sendall(s.encode("ascii") if isinstance(s, str) else s)

    def release(self) -> tuple[socket.socket, bytes]:
        """The socket, for somebody else to drive, and what was heard beyond the last answer."""
        return self._wire, self._answers.kept

    def _attach(self, sock: socket.socket) -> None:
        self.sock = self._wire = sock
        self.file = self._answers = _Answers(sock, self._left)

    def _left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return left


class _Answers:
    """What smtplib reads answers from: ``readline`` under a total deadline."""

    def __init__(self, sock: socket.socket, left: Callable[[], float]) -> None:
        self._sock, self._left, self.kept = sock, left, b""

    def readline(self, limit: int = -1) -> bytes:
        """One line with its end, or what came before the peer hung up. Raises ``TimeoutError``."""
        most = limit if limit >= 0 else _LONGEST_REPLY_LINE
        while b"\n" not in self.kept and len(self.kept) < most:
            self._sock.settimeout(self._left())
            more = self._sock.recv(4096)
            if not more:
                line, self.kept = self.kept, b""
                return line
            self.kept += more
        end = self.kept.find(b"\n") + 1 or most
        line, self.kept = self.kept[: min(end, most)], self.kept[min(end, most) :]
        return line

    def close(self) -> None:
        """Nothing to let go: the socket belongs to the line."""
