"""Where a request comes from: its real address and scheme behind a named proxy, its host, and whether our own page sent it.

Pure: headers in, answers out.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

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
    """Where a request comes from. Forwarded headers count only from a peer among ``proxies``."""
    address = request.client.host if request.client is not None else ""
    scheme, netloc = request.url.scheme, request.headers.get("host", "")
    if address in proxies:
        forwarded = [one.strip() for one in request.headers.get("x-forwarded-for", "").split(",") if one.strip()]
        while forwarded and address in proxies:  # the last that none of ours wrote is the caller
            address = forwarded.pop()
        if request.headers.get("x-forwarded-proto", "").split(",")[-1].strip() == "https":
            scheme = "https"
    try:
        host = urlsplit(f"//{netloc}").hostname or ""
    except ValueError:
        host = ""
    return Origin(address, scheme, host, netloc)


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
