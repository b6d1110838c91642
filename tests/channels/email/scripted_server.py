"""A mail server that answers as a test tells it, and keeps what it took. One thread a connection."""

from __future__ import annotations

import base64
import socketserver
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from types import TracebackType
from typing import ClassVar, Self

CUT = "cut"
SILENT = "silent"
DRIP = "drip"


@dataclass
class Taken:
    """One mail the server has taken: it said 250, or had decided to."""

    sender: str
    recipient: str
    raw: bytes


@dataclass
class Script:
    """What to answer. ``answers`` maps a verb (or ``banner``, ``dot``) to replies used up one by one, then the usual.

    ``rule`` may answer by verb and argument; None means: as usual.
    """

    answers: dict[str, list[str]] = field(default_factory=dict)
    rule: Callable[[str, str], str | None] = lambda verb, argument: None
    offers: tuple[str, ...] = ("PIPELINING", "SIZE 1000000", "8BITMIME")
    users: dict[str, str] = field(default_factory=dict)
    context: ssl.SSLContext | None = None
    implicit: bool = False


class ScriptedServer(AbstractContextManager["ScriptedServer"]):
    """Listens on a free loopback port between ``with`` and its end."""

    def __init__(self, script: Script | None = None) -> None:
        self.script = script or Script()
        self.taken: list[Taken] = []
        self.commands: list[str] = []
        self.connections = 0
        self.ended = threading.Semaphore(0)
        self.stopping = threading.Event()
        handler = type("Handler", (_Handler,), {"owner": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def taken_by(self, recipient: str) -> int:
        return sum(mail.recipient == recipient for mail in self.taken)

    def heard(self) -> list[str]:
        """Every command so far, once all connections have ended: a client need not wait for its QUIT to be read."""
        for _ in range(self.connections):
            assert self.ended.acquire(timeout=30), "a connection is still open"
        return self.commands

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up in the middle is part of the tests."""


class _Leave(Exception):
    pass


class _Handler(socketserver.StreamRequestHandler):
    owner: ClassVar[ScriptedServer]

    def handle(self) -> None:
        owner, script = self.owner, self.owner.script
        owner.connections += 1
        self.sender = self.recipient = ""
        self.ready = False  # MAIL and RCPT were both taken
        try:
            if script.implicit and script.context is not None:
                self._encrypt(script.context)
            self._answer("banner", "", "220 scripted ESMTP")
            while True:
                line = self.rfile.readline()
                if not line:
                    return
                command = line.decode().rstrip("\r\n")
                owner.commands.append(command)
                self._command(command)
        except (_Leave, OSError):
            return
        finally:
            owner.ended.release()

    def _command(self, command: str) -> None:
        script = self.owner.script
        verb, _, argument = command.partition(" ")
        verb = verb.upper()
        if verb == "EHLO":
            offers = [*script.offers, *(["AUTH PLAIN"] if script.users else [])]
            self._answer(verb, argument, "\r\n".join(["250-scripted", *(f"250-{one}" for one in offers), "250 HELP"]))
        elif verb == "STARTTLS":
            if self._answer(verb, argument, "220 go ahead").startswith("220") and script.context is not None:
                self._encrypt(script.context)
        elif verb == "AUTH":
            _, user, password = base64.b64decode(argument.partition(" ")[2]).decode().split("\0")
            good = script.users.get(user) == password
            self._answer(verb, "", "235 2.7.0 welcome" if good else "535 5.7.8 bad credentials")
        elif verb == "MAIL":
            self.sender = argument[argument.index("<") + 1 : argument.index(">")]
            self.ready = False
            self.mail_taken = self._answer(verb, argument, "250 2.1.0 Ok").startswith("2")
        elif verb == "RCPT":
            self.recipient = argument[argument.index("<") + 1 : argument.index(">")]
            self.ready = self._answer(verb, self.recipient, "250 2.1.5 Ok").startswith("2") and self.mail_taken
        elif verb == "DATA":
            if not self.ready:
                self._say("554 5.5.1 no valid recipients")
            elif self._answer(verb, "", "354 go").startswith("354"):
                self._data()
        elif verb == "QUIT":
            self._answer(verb, "", "221 2.0.0 bye")
            raise _Leave
        else:
            self._answer(verb, argument, "250 2.0.0 Ok" if verb in ("RSET", "NOOP") else "500 5.5.2 what?")

    def _data(self) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                raise _Leave
            lines.append(line[1:] if line.startswith(b".") else line)
        owner = self.owner
        mail = Taken(self.sender, self.recipient, b"".join(lines))
        usual = f"250 2.0.0 Ok: queued as Q{len(owner.taken) + 1:05d}"
        answer = self._chosen("dot", self.recipient, usual)
        if answer[:1] == "2" or answer.startswith("taken "):
            owner.taken.append(mail)
        self._say(answer.removeprefix("taken "))

    def _answer(self, verb: str, argument: str, usual: str) -> str:
        answer = self._chosen(verb, argument, usual)
        self._say(answer)
        return answer

    def _chosen(self, verb: str, argument: str, usual: str) -> str:
        script = self.owner.script
        waiting = script.answers.get(verb)
        return waiting.pop(0) if waiting else script.rule(verb, argument) or usual

    def _say(self, answer: str) -> None:
        if answer == CUT:
            raise _Leave
        if answer == SILENT:
            self.owner.stopping.wait(20)
            raise _Leave
        if answer == DRIP:
            while not self.owner.stopping.is_set():
                self.wfile.write(b"2")
                time.sleep(0.02)
            raise _Leave
        self.wfile.write(answer.encode() + b"\r\n")
        if answer.startswith("421"):
            raise _Leave

    def finish(self) -> None:
        try:
            super().finish()
        except (OSError, ValueError):
            pass  # the client has gone
        self.request.close()

    def _encrypt(self, context: ssl.SSLContext) -> None:
        self.request = context.wrap_socket(self.request, server_side=True)
        self.setup()
