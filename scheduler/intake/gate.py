"""Which machines intake may speak to. Only public ones, unless a source is marked as local.

The check is made on the addresses that a name resolved to, and the connection goes to exactly these, so no
spelling (decimal, IPv4 inside IPv6, a name that changes its mind) gets past it.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import httpcore2

from scheduler.intake.errors import IntakeError

Resolve = Callable[[str, int], list[str]]
"""Name and port to addresses; raises ``OSError`` for a name nobody knows."""

_NEVER = tuple(
    ip_network(net)
    for net in (
        "192.0.0.0/24",  # IETF protocol assignments; Python 3.11 calls parts of it global
        "192.88.99.0/24",  # 6to4 relay anycast
        "100.64.0.0/10",
        "198.18.0.0/15",
        "64:ff9b::/96",  # NAT64: leads to any IPv4 address
        "64:ff9b:1::/48",
        "2002::/16",  # 6to4: the same
        "2001::/32",  # Teredo: the same
        "::/96",  # IPv4-compatible: Python calls ::127.0.0.1 global
        "::ffff:0:0:0/96",  # IPv4-translated: the same
        "fec0::/10",
        "100::/64",
    )
)
_METADATA = frozenset(map(ip_address, ("169.254.169.254", "100.100.100.200", "192.0.0.192", "fd00:ec2::254")))
"""Where cloud machines keep their metadata and credentials: no source lies there, whatever it says."""
_LOOPBACK_OR_PRIVATE = tuple(
    ip_network(net)
    for net in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7")
)


def may_reach(address: str, *, local: bool) -> bool:
    """True for a public address, and with ``local`` also for loopback and private ones.

    Link-local is never reached: cloud machines keep their metadata and credentials at 169.254.169.254.
    """
    try:
        ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if ip in _METADATA:
        return False
    if local and any(ip.version == net.version and ip in net for net in _LOOPBACK_OR_PRIVATE):
        return True
    if ip.is_multicast or any(ip.version == net.version and ip in net for net in _NEVER):
        return False
    return ip.is_global


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, in the system's order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GatedNetwork(httpcore2.NetworkBackend):
    """The sockets of one fetch: resolved once, every address checked, and nothing lasts beyond ``deadline``.

    ``deadline`` is a reading of ``time.monotonic``. Raises ``IntakeError`` for a machine that may not be reached.
    """

    def __init__(self, *, local: bool, deadline: float, resolve: Resolve = resolve) -> None:
        self._local = local
        self._deadline = deadline
        self._resolve = resolve
        self._sockets = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connects to the first address that answers, of those the name has; all must be allowed."""
        addresses = self._looked_up(host.strip("[]"), port)
        if not all(may_reach(address, local=self._local) for address in addresses):
            raise IntakeError(
                f"{host} is not on the public internet. If it is your own machine, set local = true for this source."
            )
        error: Exception = httpcore2.ConnectError(f"{host} has no address")
        for address in addresses[:4]:
            try:
                stream = self._sockets.connect_tcp(address, port, timeout=_left(self._deadline, timeout))
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as refused:
                error = refused
                continue
            return _TimedStream(stream, self._deadline)
        raise error

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore2.NetworkStream:
        """Refused: no address leads to one."""
        raise httpcore2.ConnectError("unix sockets are not reached from here")

    def _looked_up(self, host: str, port: int) -> list[str]:
        """The system's resolver has no time limit of its own, so it works in a thread that may be left behind."""
        found: list[str] = []
        failed: list[Exception] = []

        def look() -> None:
            try:
                found.extend(self._resolve(host, port))
            except Exception as error:  # carried over to the thread that waits for it
                failed.append(error)

        thread = threading.Thread(target=look, daemon=True, name="intake-resolve")
        thread.start()
        thread.join(_left(self._deadline, None))
        if failed and not isinstance(failed[0], OSError | UnicodeError):
            raise failed[0]
        if failed:
            raise httpcore2.ConnectError(f"{host} is not known") from failed[0]
        if not found:
            raise httpcore2.ConnectTimeout(f"{host} could not be looked up in time")
        return found


class _TimedStream(httpcore2.NetworkStream):
    """A socket whose every wait ends at the deadline: a server that drips bytes cannot hold a fetch open."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline, timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        tls = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline, timeout))
        return _TimedStream(tls, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float, timeout: float | None) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout("the time for this fetch is over")
    return left if timeout is None else min(left, timeout)
