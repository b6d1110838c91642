"""The signature of a call, as the Standard Webhooks specification writes it (version v1). Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

PREFIX = "whsec_"


def key_of(secret: str) -> bytes:
    """The key behind a secret: base64 after ``whsec_``, else the text itself as it stands."""
    if secret.startswith(PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            pass
    return secret.encode()


def headers_of(secrets: Sequence[str], event_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """``webhook-id``, ``webhook-timestamp`` (seconds) and ``webhook-signature`` of a call.

    The signature is ``v1,`` and the base64 HMAC-SHA256 of ``ID.SECONDS.BODY``, one for each secret with a space between:
    while a secret is being changed, a receiver may know either.
    """
    seconds = str(int(at.timestamp()))
    signed = f"{event_id}.{seconds}.".encode() + body
    digests = [hmac.new(key_of(secret), signed, hashlib.sha256).digest() for secret in secrets]
    signature = " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)
    return {"webhook-id": event_id, "webhook-timestamp": seconds, "webhook-signature": signature}
