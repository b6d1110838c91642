"""A threaded TCP server whose plug can be pulled: nobody listens at its port until it is put in again."""

from __future__ import annotations

import contextlib
import logging
import os
import selectors
import socket
import socketserver
import sys
import threading
from collections.abc import Callable, Iterator

from channels.rehearsal import line

_log = logging.getLogger(__name__)
_POLL = 0.25
_LAST_WORDS = 2.0


class Plug(socketserver.ThreadingTCPServer):
    """Listens on 127.0.0.1, one thread a connection.

    ``unplugged`` is asked after each ``wake`` and four times a second; while it is true the port refuses, and open
    connections are cut.
    """

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = os.name == "posix"
    request_queue_size = 256

    def __init__(
        self, port: int, handler: type[socketserver.BaseRequestHandler], unplugged: Callable[[], bool] = lambda: False
    ) -> None:
        """Binds at once (port 0: any free one). Raises ``OSError`` when the port is taken."""
        super().__init__(("127.0.0.1", port), handler)
        self.port: int = self.server_address[1]
        self.stopping = threading.Event()
        self._unplugged = unplugged
        self._open: set[socket.socket] = set()
        self._asked = self._answered = self._serving = 0
        self._guard = threading.Condition()
        self._bell, self._ear = socket.socketpair()
        self._bell.setblocking(False)
        self._thread = threading.Thread(target=self._listen, name=f"rehearsal-{self.port}", daemon=True)

    def start(self) -> None:
        """Begins to answer."""
        self._thread.start()

    def wake(self) -> None:
        """Makes the server ask whether it is unplugged, and returns when it has done what follows from it."""
        with self._guard:
            self._asked += 1
            wanted = self._asked
        self._ring()
        if self._thread.is_alive():
            with self._guard:
                self._guard.wait_for(lambda: self._answered >= wanted or self.stopping.is_set(), timeout=_LAST_WORDS)

    @contextlib.contextmanager
    def serving(self, connection: socket.socket) -> Iterator[bool]:
        """Around what the platform does for one request: whether its caller is still there.

        What a caller asked for who has left meanwhile must not be done: else a busy machine could publish long after
        everybody was told that the call is over.
        """
        with self._guard:
            self._serving += 1
        try:
            yield not line.has_left(connection)
        finally:
            with self._guard:
                self._serving -= 1
                self._guard.notify_all()

    def rest(self, patience: float) -> bool:
        """Waits until no request is being served: whatever was asked by callers who have left is done, or never will.

        False when that took longer than ``patience`` seconds.
        """
        with self._guard:
            return self._guard.wait_for(lambda: self._serving == 0, timeout=patience)

    def _ring(self) -> None:
        with contextlib.suppress(OSError):
            self._bell.send(b"!")

    def stop(self) -> None:
        """Stops listening and cuts every open connection. What a handler is doing to the store is finished."""
        self.stopping.set()
        self._ring()
        if self._thread.ident is not None:
            self._thread.join()
        self._cut()
        with self._guard:
            self._guard.wait_for(lambda: not self._open, timeout=_LAST_WORDS)
        self.server_close()
        self._bell.close()
        self._ear.close()

    def _listen(self) -> None:
        listening = True
        with selectors.DefaultSelector() as selector:
            selector.register(self._ear, selectors.EVENT_READ)
            selector.register(self.socket, selectors.EVENT_READ)
            while not self.stopping.is_set():
                ready = {key.fileobj for key, _ in selector.select(_POLL)}
                if self._ear in ready:
                    self._ear.recv(4096)
                if self.stopping.is_set():
                    return
                with self._guard:
                    asked = self._asked
                if self._unplugged() is listening:
                    if listening:
                        selector.unregister(self.socket)
                    listening = not listening
                    self._rebind(listen=listening)
                    if listening:
                        selector.register(self.socket, selectors.EVENT_READ)
                elif listening and self.socket in ready:
                    self._accept()
                with self._guard:
                    self._answered = asked
                    self._guard.notify_all()

    def _rebind(self, *, listen: bool) -> None:
        """Holds the port, listening or deaf; cuts what is open when it goes deaf."""
        self.socket.close()
        self.socket = socket.socket(self.address_family, self.socket_type)
        self.server_address = ("127.0.0.1", self.port)
        self.server_bind()
        if listen:
            self.server_activate()
        else:
            self._cut()

    def _accept(self) -> None:
        try:
            connection, client = self.get_request()
        except OSError:
            return
        with self._guard:
            self._open.add(connection)
        self.process_request(connection, client)

    def _cut(self) -> None:
        with self._guard:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def shutdown_request(self, request: object) -> None:
        """Closes one connection."""
        if isinstance(request, socket.socket):
            with self._guard:
                self._open.discard(request)
                self._guard.notify_all()
            super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that left is no error; anything else is a defect and goes to the log."""
        error = sys.exc_info()[1]
        if self.stopping.is_set() or isinstance(error, (ConnectionError, TimeoutError, OSError)):
            return
        _log.exception("the rehearsal server at port %s failed", self.port)
