"""Who calls: the address behind the proxies we believe, and how often one network may ask for mail to be sent."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Callable, Collection

from starlette.requests import HTTPConnection

_WRITTEN_BY_PROXIES = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
SPAN = 600.0
"""Seconds over which requests are counted."""
MOST_OF_ONE = 20
"""Forms that one network may send within ``SPAN``."""
MOST_OF_ALL = 2_000
"""Forms from everybody within ``SPAN``: a flood from a thousand networks is one, too."""
_MOST_KEPT = 20_000


def caller_of(request: HTTPConnection, proxies: Collection[str]) -> str:
    """The caller's address, "" when unknown: the nearest one in X-Forwarded-For that is no proxy of ours.

    The header is believed only as far as proxies of ours wrote it, be it one line or several; what stands before is
    anybody's word.
    """
    near = _address(request.client.host) if request.client else ""
    if near not in proxies:
        return near
    forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
    for said in reversed([part for part in forwarded.split(",") if part.strip()]):
        address = _address(said.strip())
        if address not in proxies:
            return address
        near = address
    return near


def is_passed_on(request: HTTPConnection, proxies: Collection[str]) -> bool:
    """Whether a proxy that nobody named stands between: then the nearest address is not the caller's."""
    near = request.client.host if request.client else ""
    return not is_named(near, proxies) and any(name in request.headers for name in _WRITTEN_BY_PROXIES)


def is_named(peer: str, proxies: Collection[str]) -> bool:
    """Whether a connection comes from a proxy of ours."""
    return _address(peer) in proxies


def _address(said: str) -> str:
    """An address without its port or brackets, one of IPv4 as such; "" for what is none."""
    bracketed, _, _ = said.partition("]")
    said = bracketed.removeprefix("[") if said.startswith("[") else said
    host = said.partition(":")[0] if said.count(":") == 1 else said
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return ""
    mapped = found.ipv4_mapped if found.version == 6 else None
    return str(mapped or found)


def network_of(address: str) -> str:
    """What is counted as one caller: an IPv4 address, or the 64 bits of an IPv6 one that a household shares."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 6 and found.ipv4_mapped is None:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return address


class Limiter:
    """Counts forms by network, in memory alone. Thread-safe; ``clock`` gives seconds that never go back.

    ``most`` are allowed of one within ``SPAN`` and ``most_of_all`` of everybody.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        *,
        most: int = MOST_OF_ONE,
        most_of_all: int = MOST_OF_ALL,
    ) -> None:
        self._clock, self._most, self._most_of_all = clock, most, most_of_all
        self._cleaned = clock()
        self._lock = threading.Lock()
        self._seen: dict[str, tuple[float, int]] = {}
        self._all = (0.0, 0)

    def allows(self, address: str) -> bool:
        """Counts one form of this caller; False when it is one too many, or there are too many of everybody's."""
        now, network = self._clock(), network_of(address)
        with self._lock:
            if len(self._seen) > _MOST_KEPT and now - self._cleaned > 1.0:
                self._cleaned = now
                self._seen = {one: kept for one, kept in self._seen.items() if now - kept[0] < SPAN}
            mine = _counted(self._seen.get(network), now)
            if len(self._seen) <= _MOST_KEPT or network in self._seen:
                self._seen[network] = mine
            self._all = _counted(self._all, now)
            return mine[1] <= self._most and self._all[1] <= self._most_of_all


def _counted(kept: tuple[float, int] | None, now: float) -> tuple[float, int]:
    if kept is None or now - kept[0] >= SPAN or not kept[1]:
        return now, 1
    return kept[0], kept[1] + 1
