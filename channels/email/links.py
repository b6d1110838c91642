"""Readers' links: opaque, signed; those to leave a list or to change its choices are good for years (RFC 8058 §3.1).

A token names a list, a subscriber's random seed, and the issue that carried it (or the moment a letter was asked for),
never an address. It begins with the id of the key that signed it, so that keys rotate while every link ever mailed
goes on working as long as its key is kept.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

SEED_BYTES = 16
_MAC_BYTES = 16
_KEY_ID_LENGTH = 6
_NUMBER_BYTES = 6
_FIXED_BYTES = SEED_BYTES + _NUMBER_BYTES
_READER, _CONFIRM, _HIT = b"unsubscribe", b"confirm", b"hit"
_MARK_BYTES, _MOMENT_BYTES = 8, 5


class BadToken(ValueError):
    """Forged, damaged, or signed with a key that is no longer kept."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """What a reader's token says: this subscriber and this list; ``issue_id`` of the mail it came with, 0: of none."""

    list_name: str
    seed: str
    issue_id: int = 0


@dataclass(frozen=True, slots=True)
class Confirming:
    """What a confirmation's token says: this subscriber said yes to this list, asked at this moment (UTC seconds)."""

    list_name: str
    seed: str
    asked: int


@dataclass(frozen=True, slots=True)
class HitToken:
    """What a counted link says: which issue, when this copy left (UTC seconds), and a mark in place of the reader.

    The mark is the same in every link of one copy and another in every issue; no reader can be told from it.
    """

    issue_id: int
    at: int
    mark: str


def make_token(key: bytes, list_name: str, seed: str, issue_id: int = 0) -> str:
    """The token for one subscriber (``seed`` is 32 hex digits) and one list; URL-safe characters only."""
    return _made(key, _READER, seed, issue_id, list_name)


def read_token(token: str, keys: Iterable[bytes]) -> Leaving:
    """What the token says. ``keys`` are the present one and all older ones. Raises ``BadToken``."""
    seed, issue_id, list_name = _read(token, _READER, keys)
    return Leaving(list_name, seed, issue_id)


def make_confirm_token(key: bytes, list_name: str, seed: str, asked: int) -> str:
    """The token that confirms a subscription; ``asked`` is when, in UTC seconds. No reader's token passes for one."""
    return _made(key, _CONFIRM, seed, asked, list_name)


def read_confirm_token(token: str, keys: Iterable[bytes]) -> Confirming:
    """What the token says. Raises ``BadToken``."""
    seed, asked, list_name = _read(token, _CONFIRM, keys)
    return Confirming(list_name, seed, asked)


def make_hit_token(key: bytes, seed: str, issue_id: int, at: int) -> str:
    """The token of one copy's counted links; ``at`` is when it left, in UTC seconds. No other token passes for one."""
    mark = _signed(key, b"mark\0" + issue_id.to_bytes(_NUMBER_BYTES) + _seed_bytes(seed))[:_MARK_BYTES]
    body = mark + issue_id.to_bytes(_NUMBER_BYTES) + at.to_bytes(_MOMENT_BYTES)
    return f"{key_id(key)}-{_packed(body + _mac(key, _HIT, body))}"


def read_hit_token(token: str, keys: Iterable[bytes]) -> HitToken:
    """What the token says. Raises ``BadToken``."""
    body = _verified(token, _HIT, keys)
    if len(body) != _MARK_BYTES + _NUMBER_BYTES + _MOMENT_BYTES:
        raise BadToken("the link is damaged")
    number, at = body[_MARK_BYTES:-_MOMENT_BYTES], body[-_MOMENT_BYTES:]
    return HitToken(int.from_bytes(number), int.from_bytes(at), body[:_MARK_BYTES].hex())


def _made(key: bytes, purpose: bytes, seed: str, number: int, list_name: str) -> str:
    body = _seed_bytes(seed) + number.to_bytes(_NUMBER_BYTES) + list_name.encode()
    return f"{key_id(key)}-{_packed(body + _mac(key, purpose, body))}"


def _read(token: str, purpose: bytes, keys: Iterable[bytes]) -> tuple[str, int, str]:
    body = _verified(token, purpose, keys)
    if len(body) <= _FIXED_BYTES:
        raise BadToken("the link is damaged")
    return body[:SEED_BYTES].hex(), int.from_bytes(body[SEED_BYTES:_FIXED_BYTES]), body[_FIXED_BYTES:].decode()


def _verified(token: str, purpose: bytes, keys: Iterable[bytes]) -> bytes:
    """What was signed for this purpose with one of these keys. Raises ``BadToken``."""
    named, dash, packed = token.partition("-")
    try:
        content = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadToken("the link is damaged") from error
    body, mac = content[:-_MAC_BYTES], content[-_MAC_BYTES:]
    if not dash or not body or _packed(content) != packed or not named.isascii():
        raise BadToken("the link is damaged")
    for key in keys:
        if hmac.compare_digest(key_id(key), named) and hmac.compare_digest(_mac(key, purpose, body), mac):
            return body
    raise BadToken("the link was not made here, or its key is no longer kept")


@lru_cache(maxsize=64)
def key_id(key: bytes) -> str:
    """The public name of a key: tells which one signed, says nothing of what it is."""
    return hashlib.sha256(b"key id\0" + key).hexdigest()[:_KEY_ID_LENGTH]


def suppression_hash(key: bytes, address_key: str, list_name: str = "") -> str:
    """The keyed hash under which a suppression is kept, so that it survives the erasing of the address.

    With a ``list_name`` it stands for that list alone (somebody unsubscribed), without for all mail (a hard bounce,
    a complaint). ``key`` must stay the same for ever: the addresses behind the hashes are not kept.
    """
    return _signed(key, f"suppression\0{list_name}\0{address_key}".encode()).hex()


def _mac(key: bytes, purpose: bytes, body: bytes) -> bytes:
    return _signed(key, purpose + b"\0" + body)[:_MAC_BYTES]


def _signed(key: bytes, content: bytes) -> bytes:
    signing = _keyed(key).copy()
    signing.update(content)
    return signing.digest()


@lru_cache(maxsize=64)
def _keyed(key: bytes) -> hmac.HMAC:
    """HMAC-SHA256 that has read the key: half of the work, and the same for every link made with it."""
    return hmac.new(key, digestmod="sha256")


def _packed(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _seed_bytes(seed: str) -> bytes:
    content = bytes.fromhex(seed)
    if len(content) != SEED_BYTES:
        raise ValueError(f"a token seed is {SEED_BYTES * 2} hex digits")
    return content
