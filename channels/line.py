"""Connections that know which side of the line a request is on, and that can be cut at any moment.

What may be tried again hangs on one fact: did a byte of the request leave this house? The exception's type does
not tell (a reset may come before or after), so the connection itself notes it, in the very method that writes. A
``Call`` also ends in time: finding the name, connecting, the TLS handshake, headers that drip and a body that drips
all stop at one moment, because a watchman shuts the socket down then.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from enum import StrEnum
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError
from urllib3.util.connection import create_connection

_CURRENT: ContextVar[Call] = ContextVar("call")


class Stage(StrEnum):
    """How far a request has come; everything before ``LEFT`` is safe to try again."""

    READY = "ready"
    NAME = "name"
    CONNECT = "connect"
    TLS = "tls"
    LEFT = "left"


class NotHere(OSError):
    """The address is not on this machine, and this call may not leave it."""


class Call:
    """One request on its way: how far it came, and the scissors.

    ``until`` is a moment on the monotonic clock. After ``sever`` nothing more is written, for certain: writing
    and cutting take the same lock.
    """

    def __init__(self, until: float, *, stay_home: bool) -> None:
        self.until = until
        self.stay_home = stay_home
        self.stage = Stage.READY
        self.severed = False
        self._lock = threading.Lock()
        self._lines: list[socket.socket] = []

    @property
    def left(self) -> bool:
        """True from the moment the first byte was handed to the line."""
        return self.stage is Stage.LEFT

    def remaining(self) -> float:
        """Seconds until the deadline; raises ``TimeoutError`` when there are none."""
        span = self.until - time.monotonic()
        if span <= 0 or self.severed:
            raise TimeoutError("the deadline has passed")
        return span

    def reach(self, stage: Stage) -> None:
        """Notes how far it came. Going back is impossible once it left."""
        with self._lock:
            if self.severed:
                raise TimeoutError("the deadline has passed")
            if self.stage is not Stage.LEFT:
                self.stage = stage

    def watch(self, line: socket.socket) -> None:
        """Puts a connected socket under the scissors (a duplicate: TLS takes the original's descriptor away)."""
        with self._lock:
            copy = line.dup()
            self._lines.append(copy)
            if self.severed:
                _shut(copy)

    def sever(self) -> None:
        """Cuts every line at once; whoever reads or writes on one wakes up."""
        with self._lock:
            self.severed = True
            for line in self._lines:
                _shut(line)

    def end(self) -> None:
        """Lets go of the duplicates; the lines themselves stay with their pool."""
        with self._lock:
            for line in self._lines:
                line.close()
            self._lines.clear()


def _shut(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


@contextmanager
def watched(until: float, *, stay_home: bool) -> Iterator[Call]:
    """The span of one request. The connections made or used in it, on this thread, belong to it."""
    call = Call(until, stay_home=stay_home)
    token = _CURRENT.set(call)
    watchman = threading.Timer(max(0.0, until - time.monotonic()), call.sever)
    watchman.daemon = True
    watchman.start()
    try:
        yield call
    finally:
        watchman.cancel()
        call.end()
        _CURRENT.reset(token)


def is_home(host: str) -> bool:
    """True for this machine itself: a loopback address or ``localhost``. Asks no name server."""
    bare = host.strip("[]").rstrip(".").lower()
    if bare == "localhost":
        return True
    try:
        return ipaddress.ip_address(bare).is_loopback
    except ValueError:
        return False


def _addresses(host: str, port: int, call: Call) -> list[str]:
    """The host's addresses, in the system's order, found within the call's time.

    The system's resolver cannot be interrupted, so it works on a thread of its own that is left behind when the
    time is over; it only asks for a name and sends nothing of ours.
    """
    answer: list[list[str]] = []
    trouble: list[OSError] = []

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answer.append([str(row[4][0]) for row in rows])
        except (OSError, UnicodeError) as error:
            trouble.append(error if isinstance(error, OSError) else OSError(str(error)))

    asking = threading.Thread(target=ask, daemon=True, name="name look-up")
    asking.start()
    asking.join(call.remaining())
    if trouble:
        raise trouble[0]
    if not answer:
        raise TimeoutError("the name was not found in time")
    return list(dict.fromkeys(answer[0]))


class _Watched:
    """What both connection classes add: bounded look-up and connecting, and the note on the first byte."""

    _dns_host: str
    port: int
    sock: Any
    socket_options: Any

    def _new_conn(self) -> socket.socket:
        call = _CURRENT.get()
        call.reach(Stage.NAME)
        addresses = _addresses(self._dns_host, self.port, call)
        if call.stay_home and not all(map(is_home, addresses)):
            raise NotHere(f"{self._dns_host} is not on this machine")
        call.reach(Stage.CONNECT)
        trouble: OSError = OSError("no address")
        for address in addresses:
            try:
                line = create_connection((address, self.port), call.remaining(), socket_options=self.socket_options)
            except OSError as error:
                trouble = error
                continue
            call.watch(line)
            call.reach(Stage.TLS)
            return line
        raise NewConnectionError(self, str(trouble))  # type: ignore[arg-type]

    def send(self, data: Any) -> None:
        call = _CURRENT.get()
        if self.sock is None:
            self.connect()  # type: ignore[attr-defined]
        elif call.stage is Stage.READY:  # a kept connection, used again
            call.watch(self.sock)
        call.reach(Stage.LEFT)
        super().send(data)  # type: ignore[misc]


class _PlainConnection(_Watched, HTTPConnection):
    pass


class _TlsConnection(_Watched, HTTPSConnection):
    pass


class PlainPool(HTTPConnectionPool):
    """A pool of watched plain connections."""

    ConnectionCls = _PlainConnection


class TlsPool(HTTPSConnectionPool):
    """A pool of watched TLS connections."""

    ConnectionCls = _TlsConnection
