"""Return paths that say whose mail came back (VERP), where the return path is ours.

``bounce@example.org`` becomes ``bounce+TOKEN@example.org``. The token names one reader's copy and is signed, and it is
made of small letters and digits alone: servers on the way may change the case of a local part.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Iterable

from channels.email.addresses import LOCAL_OCTETS, Address

_MAC_BYTES = 7


def return_address(base: Address, key: bytes, recipient_id: int) -> Address:
    """The envelope's sender for one copy. Raises ``ValueError`` where ``base`` leaves no room for the token."""
    local, _, domain = base.wire.rpartition("@")
    number = recipient_id.to_bytes((recipient_id.bit_length() + 7) // 8 or 1, "big")
    token = base64.b32encode(number + _mac(key, number)).rstrip(b"=").decode().lower()
    wire = f"{local}+{token}@{domain}"
    if len(local) + 1 + len(token) > LOCAL_OCTETS:
        raise ValueError(f"{base.text} is too long for a return path; use a shorter one, such as b@{domain}")
    return Address(text=wire, key=wire.lower(), wire=wire)


def returned_to(address: str, keys: Iterable[bytes]) -> int | None:
    """Whose copy a bounce to ``address`` is about; None for an address that was not made here."""
    local, at, _ = address.strip().strip("<>").rpartition("@")
    _, plus, token = local.rpartition("+")
    if not at or not plus:
        return None
    try:
        content = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
    except (binascii.Error, ValueError):
        return None
    number, mac = content[:-_MAC_BYTES], content[-_MAC_BYTES:]
    if not number:
        return None
    for key in keys:
        if hmac.compare_digest(_mac(key, number), mac):
            return int.from_bytes(number, "big")
    return None


def _mac(key: bytes, number: bytes) -> bytes:
    return hmac.digest(key, b"return path\0" + number, "sha256")[:_MAC_BYTES]
