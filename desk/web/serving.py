"""The web server of ``pressrun serve``: uvicorn in a thread of its own, on a socket that is taken before work begins."""

from __future__ import annotations

import errno
import socket
import threading

import uvicorn
from starlette.types import ASGIApp

from desk.web.patience import PatientLine
from desk.web.port_holder import free_port, holder_of

_LAST_ANSWERS = 5
"""Seconds that answers under way may take once we stop."""
_BEGIN = 10.0


class CannotListen(Exception):
    """The address cannot be served; ``str()`` says why and what to do."""

    exit_code = 3


class WebServer:
    """Serves an application until ``stop``. Nothing of a request is ever logged: addresses hold readers' tokens."""

    def __init__(self, application: ASGIApp, host: str, port: int, *, key: str = "port") -> None:
        """Takes the address at once; ``key`` under [serve] is where the port was named. Raises ``CannotListen``."""
        self._socket = _listen(host, port, key)
        bound = self._socket.getsockname()[1]
        self.address = f"http://[{host}]:{bound}" if ":" in host else f"http://{host}:{bound}"
        self._server = uvicorn.Server(
            uvicorn.Config(
                application,
                loop="asyncio",
                http=PatientLine,
                ws="none",
                lifespan="off",
                access_log=False,
                log_config=None,
                log_level="critical",
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=_LAST_ANSWERS,
            )
        )
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)

    def start(self) -> None:
        """Begins to answer; returns once it does. Raises ``CannotListen``."""
        self._thread.start()
        waited = threading.Event()
        for _ in range(int(_BEGIN / 0.01)):
            if self._server.started:
                return
            if not self._thread.is_alive():
                break
            waited.wait(0.01)
        self.stop()
        raise CannotListen(f"The web server did not start on {self.address}: run pressrun serve --no-web meanwhile.")

    def stop(self) -> None:
        """Takes no further request, lets answers under way end, frees the address. May be called at any time."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(_LAST_ANSWERS + 2)
        self._socket.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])


def _listen(host: str, port: int, key: str = "port") -> socket.socket:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = found[0]
        return _said_to_be_tcp(socket.create_server(address[:2], family=family, backlog=128))
    except socket.gaierror:
        raise CannotListen(f"Nobody knows the name {host}: mend host under [serve] in settings.toml.") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotListen(_taken(host, port, key)) from None
        why = {
            errno.EACCES: "this account may not listen there; choose a port from 1024 on",
            errno.EADDRNOTAVAIL: "this machine has no such address; mend host",
        }.get(error.errno or 0, f"the system says: {error.strerror}; choose another port")
        raise CannotListen(
            f"Port {port} on {host} cannot be served: {why} under [serve] in settings.toml, or work without with --no-web."
        ) from None


def _taken(host: str, port: int, key: str) -> str:
    holder, free = holder_of(port), free_port(host, port)
    told = f"Port {port} on {host} is taken, by {holder or 'another program'}"
    if holder.startswith("a pressrun"):
        told += "; if it serves this newsroom, its desk is open there, and pressrun people enter NAME prints a way in"
    return (
        f"{told}. Stop it, or put PRESSRUN_SERVE__{key.upper()}={free or 'PORT'} before the same command; "
        f"for good, set {key} under [serve] in settings.toml. Without the desk: pressrun serve --no-web."
    )


def _said_to_be_tcp(taken: socket.socket) -> socket.socket:
    """The same socket, its protocol named.

    asyncio turns Nagle's delay off only where the protocol stands on the socket, and ``create_server`` leaves it 0. With
    the delay on, an answer's body waits for the reader's machine to confirm its head: 40 ms a page.
    """
    return socket.socket(taken.family, taken.type, socket.IPPROTO_TCP, fileno=taken.detach())
