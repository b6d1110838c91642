"""One call of a webhook: through the same gate as a source's fetch, within a total deadline, following nothing.

The address may itself be a secret (chat hooks are), so no sentence shows more of it than its host, and what the far
side answers is masked before it is kept.
"""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

import httpcore2

from channels.masking import Mask
from scheduler.intake.errors import IntakeError
from scheduler.intake.fetching import host_of, retry_after, wire_url
from scheduler.intake.gate import GatedNetwork, Resolve, resolve

SECONDS = 10.0
_KEPT = 200
_MOST_READ = 64 * 1024
GONE = 410


@dataclass(frozen=True, slots=True)
class Target:
    """Where a webhook is called, and with which secrets. ``local`` lets it lie on this machine or a private network."""

    name: str
    url: str = field(repr=False)
    secrets: Sequence[str] = field(repr=False)
    local: bool = False
    seconds: float = SECONDS


@dataclass(frozen=True, slots=True)
class Answer:
    """How a call ended. ``status`` None: no answer came. ``again_after``: the far side asked for so much patience."""

    status: int | None
    sentence: str
    again_after: timedelta | None = None

    @property
    def is_yes(self) -> bool:
        """Any 2xx."""
        return self.status is not None and 200 <= self.status < 300


def post(target: Target, headers: Mapping[str, str], body: bytes, *, resolve: Resolve = resolve) -> Answer:
    """Makes the call. Never raises for what the far side or the network does."""
    where = shown(target.url)
    network = GatedNetwork(local=target.local, deadline=time.monotonic() + target.seconds, resolve=resolve)
    sent = {
        "Host": host_of(target.url),
        "User-Agent": "Pressrun/1",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
        **headers,
    }
    wire_headers = [(name.encode(), value.encode("latin-1")) for name, value in sent.items()]
    context = httpcore2.default_ssl_context() if target.url.startswith("https:") else None
    try:
        with (
            httpcore2.ConnectionPool(network_backend=network, ssl_context=context, retries=0) as pool,
            pool.stream("POST", wire_url(target.url), headers=wire_headers, content=body) as response,
        ):
            return _read(response, target, where)
    except IntakeError:
        return Answer(None, f"{where} is not on the public internet; set local = true if it is your own machine")
    except (httpcore2.TimeoutException, TimeoutError):
        return Answer(None, f"{where} did not answer within {target.seconds:g} s")
    except httpcore2.ConnectError as error:
        return Answer(None, _unreached(where, error))
    except ssl.SSLError:
        return Answer(None, f"{where} has no valid certificate")
    except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError, ValueError):
        return Answer(None, f"{where} broke off its answer")


def shown(url: str) -> str:
    """All of an address that may be shown: its host."""
    return urlsplit(url).hostname or "nowhere"


def _read(response: httpcore2.Response, target: Target, where: str) -> Answer:
    said = bytearray()
    for chunk in response.iter_stream():
        said += chunk
        if len(said) > _MOST_READ:
            break
    status = response.status
    if 200 <= status < 300:
        return Answer(status, f"{where} answered {status}")
    if 300 <= status < 400:
        return Answer(status, f"{where} points elsewhere ({status}); write its new address in [webhooks.{target.name}]")
    text = Mask((*target.secrets, target.url))(said.decode("utf-8", "replace"))
    text = re.sub(r"\s+", " ", "".join(sign if sign.isprintable() else " " for sign in text)).strip()[:_KEPT]
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
    return Answer(status, f"{where} answered {status}" + (f": {text}" if text else ""), retry_after(headers))


def _unreached(where: str, error: Exception) -> str:
    said = str(error).lower()
    if any(word in said for word in ("certificate", "ssl", "tls")):
        return f"{where} has no valid certificate"
    if "not known" in said:
        return f"nobody knows the name {where}"
    return f"{where} cannot be reached"
