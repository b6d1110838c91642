"""Time-based one-time codes: RFC 6238 with SHA-1, six digits, thirty seconds, one step of grace on either side."""

from __future__ import annotations

import base64
import hmac
import secrets
import struct
from datetime import datetime
from urllib.parse import quote

STEP = 30
DIGITS = 6


def new_secret() -> str:
    """160 random bits in base32, as apps take them."""
    return base64.b32encode(secrets.token_bytes(20)).decode("ascii")


def step_of(moment: datetime) -> int:
    """The time step a moment lies in."""
    return int(moment.timestamp()) // STEP


def code_at(secret: str, step: int) -> str:
    """The code of one step (RFC 4226 section 5.3)."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", step), "sha1")
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_matching(secret: str, code: str, now: datetime) -> int | None:
    """The step whose code this is, of the present one and its neighbours; None for a wrong code."""
    code = "".join(code.split())
    here = step_of(now)
    for step in (here, here - 1, here + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode("utf-8", "replace")):
            return step
    return None


def address_for(secret: str, person: str, newsroom: str) -> str:
    """The ``otpauth:`` address that an app reads."""
    return f"otpauth://totp/{quote(newsroom)}:{quote(person)}?secret={secret}&issuer={quote(newsroom)}"
