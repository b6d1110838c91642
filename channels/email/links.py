"""Unsubscribe links: opaque, signed, good for years (RFC 8058 §3.1).

A token names a list and a subscriber's random seed, never an address. It begins with the id of the key that signed
it, so that keys rotate while every link ever mailed goes on working as long as its key is kept.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

SEED_BYTES = 16
_MAC_BYTES = 16
_KEY_ID_LENGTH = 6


class BadToken(ValueError):
    """Forged, damaged, or signed with a key that is no longer kept."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """What a token says: this subscriber leaves this list."""

    list_name: str
    seed: str


def make_token(key: bytes, list_name: str, seed: str) -> str:
    """The token for one subscriber (``seed`` is 32 hex digits) and one list; URL-safe characters only."""
    body = _seed_bytes(seed) + list_name.encode()
    return f"{key_id(key)}-{_packed(body + _mac(key, body))}"


def read_token(token: str, keys: Iterable[bytes]) -> Leaving:
    """What the token says. ``keys`` are the present one and all older ones. Raises ``BadToken``."""
    named, dash, packed = token.partition("-")
    try:
        content = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadToken("the link is damaged") from error
    body, mac = content[:-_MAC_BYTES], content[-_MAC_BYTES:]
    if not dash or len(body) <= SEED_BYTES or _packed(content) != packed:
        raise BadToken("the link is damaged")
    for key in keys:
        if hmac.compare_digest(key_id(key), named) and hmac.compare_digest(_mac(key, body), mac):
            return Leaving(body[SEED_BYTES:].decode(), body[:SEED_BYTES].hex())
    raise BadToken("the link was not made here, or its key is no longer kept")


def key_id(key: bytes) -> str:
    """The public name of a key: tells which one signed, says nothing of what it is."""
    return hashlib.sha256(b"key id\0" + key).hexdigest()[:_KEY_ID_LENGTH]


def suppression_hash(key: bytes, address_key: str, list_name: str = "") -> str:
    """The keyed hash under which a suppression is kept, so that it survives the erasing of the address.

    With a ``list_name`` it stands for that list alone (somebody unsubscribed), without for all mail (a hard bounce,
    a complaint). ``key`` must stay the same for ever: the addresses behind the hashes are not kept.
    """
    return hmac.new(key, f"suppression\0{list_name}\0{address_key}".encode(), hashlib.sha256).hexdigest()


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, b"unsubscribe\0" + body, hashlib.sha256).digest()[:_MAC_BYTES]


def _packed(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _seed_bytes(seed: str) -> bytes:
    content = bytes.fromhex(seed)
    if len(content) != SEED_BYTES:
        raise ValueError(f"a token seed is {SEED_BYTES * 2} hex digits")
    return content
