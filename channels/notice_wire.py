"""The line on which the desk is told: a signed webhook, and a ping that says "a run has ended".

It goes through the one door to HTTP, so it has a total deadline, follows no redirect and stays on this machine in
rehearsal. The address may itself be a secret (chat hooks are), so no sentence shows more of it than its host.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from channels.line import is_home
from channels.wire import PinnedSession, WireFault
from db.records import Mode

SIGNATURE_HEADER: Final = "Pressrun-Signature"
_AGENT: Final = "Pressrun"


class NotTold(Exception):
    """It could not be handed over; ``str()`` says why and what to do, and never shows a secret."""


@dataclass(frozen=True, slots=True)
class WebhookConfig:
    """Where notices go as JSON. With an empty ``secret`` they are not signed."""

    url: str = field(repr=False)
    mode: Mode
    secret: str = field(default="", repr=False)
    deadline: timedelta = timedelta(seconds=10)


def signature(secret: str, at: datetime, body: bytes) -> str:
    """The header's value: ``t=SECONDS,v1=HEX``, the HMAC-SHA256 of ``SECONDS.BODY`` under the secret.

    The moment is signed too, so that whoever listens can refuse what was recorded and is played again.
    """
    seconds = int(at.timestamp())
    signed = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256)
    return f"t={seconds},v1={signed.hexdigest()}"


def post_json(config: WebhookConfig, body: bytes, at: datetime) -> None:
    """Hands one JSON body over, signed at ``at``; any 2xx answer is a yes. Raises ``NotTold``."""
    headers = {"Content-Type": "application/json", "User-Agent": _AGENT}
    if config.secret:
        headers[SIGNATURE_HEADER] = signature(config.secret, at, body)
    _ask("POST", "webhook", config.url, config.mode, config.deadline, headers, body)


def ping(url: str, mode: Mode, deadline: timedelta = timedelta(seconds=10)) -> None:
    """One GET; any 2xx answer is a yes. Raises ``NotTold``."""
    _ask("GET", "heartbeat_url", url, mode, deadline, {"User-Agent": _AGENT}, None)


def stays_home(url: str) -> bool:
    """Whether an address is on this machine, and so may be called in rehearsal. Asks no name server."""
    return is_home(urlsplit(url).hostname or "")


def _ask(
    method: str, key: str, url: str, mode: Mode, deadline: timedelta, headers: dict[str, str], body: bytes | None
) -> None:
    host = urlsplit(url).hostname or "nowhere"
    where = f"the {key} at {host}"
    if mode is not Mode.LIVE and not stays_home(url):
        raise NotTold(f"{where} is not called: in rehearsal nothing leaves this machine; it is once a channel is live")
    if not url.startswith("https://") and not stays_home(url):
        raise NotTold(f"{where} would be called without encryption; write https:// in [notices] {key}")
    with PinnedSession({}, deadline=deadline, mode=mode) as session:
        try:
            status = session.request(method, url, headers=headers, data=body).status_code
        except WireFault as fault:
            raise NotTold(f"{where} could not be told: {fault}; it is tried again by itself") from None
    if 300 <= status < 400:
        raise NotTold(f"{where} points elsewhere ({status}); write its new address in [notices] {key}")
    if not 200 <= status < 300:
        raise NotTold(f"{where} answered {status}; look there, it is tried again by itself")
