"""Where a request comes from: its real address and scheme behind a named proxy, its host, and whether our own page sent it.

Pure: headers in, answers out.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from desk.web.callers import caller_of, is_named, is_passed_on
from scheduler.setting_types import is_loopback


@dataclass(frozen=True, slots=True)
class Origin:
    """The caller's address, the scheme and host they asked for, and the scheme, host and port as one origin."""

    address: str
    scheme: str
    host: str
    netloc: str

    @property
    def is_safe(self) -> bool:
        """Whether nobody on the way can read along: https, or this very machine."""
        return self.scheme == "https" or (is_loopback(self.host) and is_loopback(self.address))

    @property
    def text(self) -> str:
        """As browsers write it in ``Origin``."""
        return f"{self.scheme}://{self.netloc}"


def origin_of(request: HTTPConnection, proxies: Collection[str]) -> Origin:
    """Where a request comes from. Forwarded headers count only from a peer among ``proxies``.

    What a proxy passes on that nobody named comes from nowhere: its own address would make a stranger this machine.
    """
    address = "" if is_passed_on(request, proxies) else caller_of(request, proxies)
    scheme, netloc = request.url.scheme, request.headers.get("host", "")
    if request.client is not None and is_named(request.client.host, proxies):
        told = ",".join(request.headers.getlist("x-forwarded-proto"))
        if told.split(",")[-1].strip() == "https":
            scheme = "https"
    try:
        host = urlsplit(f"//{netloc}").hostname or ""
    except ValueError:
        host = ""
    return Origin(address, scheme, "" if "@" in netloc else host, netloc)


def host_is_ours(origin: Origin, hosts: Collection[str]) -> bool:
    """Whether the host asked for is one of ours: a foreign name that leads here could read pages (DNS rebinding)."""
    return is_loopback(origin.host) or origin.host in hosts


def is_from_our_pages(request: HTTPConnection, origin: Origin) -> bool:
    """Whether a form was sent by our own page, as the browser tells (Fetch Metadata; else ``Origin``)."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        return False
    sent = request.headers.get("origin")
    return sent == origin.text if sent is not None else site == "same-origin"
