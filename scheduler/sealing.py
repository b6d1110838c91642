"""Secrets that lie in the database: AES-256-GCM under the newsroom's key, bound to the one field they belong to.

A sealed text names its key, so that a newer key seals while older ones still open. What is copied into another row,
or changed, does not open.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Sequence

_NONCE = 12
_FORM = "v1"


class NotSealedHere(Exception):
    """It was sealed with another key or for another place; ``str()`` says what to do."""

    exit_code = 3


def seal(text: str, place: str, keys: Sequence[bytes]) -> str:
    """``text`` sealed for ``place`` (table/row/field) with the first key."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    key, nonce = keys[0], secrets.token_bytes(_NONCE)
    box = AESGCM(key).encrypt(nonce, text.encode(), place.encode())
    return f"{_FORM}.{_name(key)}.{base64.urlsafe_b64encode(nonce + box).decode('ascii')}"


def unseal(sealed: str, place: str, keys: Sequence[bytes]) -> str:
    """The text again. Raises ``NotSealedHere``."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    form, _, rest = sealed.partition(".")
    name, _, box = rest.partition(".")
    for key in keys:
        if form == _FORM and _name(key) == name:
            try:
                raw = base64.urlsafe_b64decode(box)
                return AESGCM(key).decrypt(raw[:_NONCE], raw[_NONCE:], place.encode()).decode()
            except (InvalidTag, ValueError):
                break
    raise NotSealedHere(
        f"The secret of {place} was not sealed with the keys in pressrun.key: restore that file, or set it anew."
    )


def is_sealed_with(sealed: str, key: bytes) -> bool:
    """Whether a sealed text names this key."""
    return sealed.startswith(f"{_FORM}.{_name(key)}.")


def _name(key: bytes) -> str:
    return hashlib.sha256(b"name" + key).hexdigest()[:8]
