"""DKIM signatures (RFC 6376) over mail that is ready to leave, where nobody further on signs it.

relaxed/relaxed; the fields of ``SIGNED`` are named once more than they occur ("oversigned", RFC 6376 section 8.15), so
that nobody can add a second From, Subject or List-Unsubscribe to a mail that still verifies. List-Unsubscribe and
List-Unsubscribe-Post are covered: without that no receiver offers the one-click button (RFC 8058 section 4).
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

OVERSIGNED = ("from", "to", "subject", "date", "reply-to", "list-unsubscribe", "list-unsubscribe-post")
SIGNED_ONCE = ("message-id", "list-id", "feedback-id", "auto-submitted", "mime-version", "content-type")
SMALLEST_RSA = 1024
"""Gmail's least; 2048 is what it advises."""

_FOLD = re.compile(rb"\r\n(?=[ \t])")
_SPACES = re.compile(rb"[ \t]+")
_TRAILING = re.compile(rb"[ \t]+(?=\r\n|\Z)")
_LINE = 76


class BadKey(ValueError):
    """A key that cannot sign. ``str()`` says why and what to do."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs for one domain and selector."""

    domain: str
    selector: str
    key: RSAPrivateKey = field(repr=False)

    @property
    def published(self) -> str:
        """The key's public half as its TXT record holds it behind ``p=`` (RFC 6376 section 3.6.1)."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        der = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(der).decode()

    def sign(self, message: bytes, at: datetime) -> bytes:
        """The message with a DKIM-Signature on top. ``message`` is 7-bit or declared 8-bit, with CRLF line ends."""
        head, _, body = message.partition(b"\r\n\r\n")
        fields = _fields(head)
        names = [name for name in (*OVERSIGNED, *SIGNED_ONCE) if name in OVERSIGNED or name.encode() in fields]
        named, hashed = _chosen(names, fields)
        opening = (
            f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={self.domain};\r\n"
            f" s={self.selector}; t={int(at.timestamp())};\r\n"
            f" h={_folded(named)};\r\n"
            f" bh={base64.b64encode(hashlib.sha256(_relaxed_body(body)).digest()).decode()};\r\n"
            " b="
        ).encode("ascii")
        hashed += b"dkim-signature:" + _relaxed_value(opening)
        signature = base64.b64encode(self._signature(hashed)).decode()
        lines = [signature[at : at + _LINE - 2] for at in range(0, len(signature), _LINE - 2)]
        return b"DKIM-Signature: " + opening + "\r\n ".join(lines).encode("ascii") + b"\r\n" + message

    def _signature(self, hashed: bytes) -> bytes:
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        return self.key.sign(hashed, PKCS1v15(), SHA256())


def read_signer(path: Path, domain: str, selector: str) -> Signer:
    """The signer whose private key lies in a PEM file. Raises ``BadKey``; no part of the key stands in its words."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except OSError as error:
        raise BadKey(f"the DKIM key {path} cannot be read ({error.strerror}); name the file and own it") from None
    except (ValueError, TypeError):
        raise BadKey(f"{path} holds no private key in PEM without a password; make one with openssl genrsa") from None
    if not isinstance(key, RSAPrivateKey):
        raise BadKey(f"the key in {path} is not RSA, which is all that every receiver verifies; openssl genrsa 2048")
    if key.key_size < SMALLEST_RSA:
        raise BadKey(f"the key in {path} has {key.key_size} bits; mailbox providers want 2048")
    return Signer(domain, selector, key)


def _fields(head: bytes) -> dict[bytes, list[bytes]]:
    """Header fields by lower-case name, in order, each relaxed to ``name:value`` CRLF (RFC 6376 section 3.4.2)."""
    found: dict[bytes, list[bytes]] = {}
    for line in _FOLD.sub(b"", head).split(b"\r\n"):
        name, _, value = line.partition(b":")
        key = name.strip().lower()
        found.setdefault(key, []).append(key + b":" + _relaxed_value(value) + b"\r\n")
    return found


def _chosen(names: list[str], fields: dict[bytes, list[bytes]]) -> tuple[list[str], bytes]:
    """What stands in ``h=``, and the octets it stands for: the last field of a name first (section 5.4.2)."""
    named: list[str] = []
    octets: list[bytes] = []
    for name in names:
        lines = fields.get(name.encode(), [])
        named += [name] * (len(lines) + (name in OVERSIGNED))
        octets += reversed(lines)
    return named, b"".join(octets)


def _relaxed_value(value: bytes) -> bytes:
    return _SPACES.sub(b" ", _FOLD.sub(b"", value)).strip(b" \t")


def _relaxed_body(body: bytes) -> bytes:
    """RFC 6376 section 3.4.4; what is relaxed already, as our encodings make it, is left as it is."""
    if b"  " in body or b"\t" in body or b" \r\n" in body:
        body = _TRAILING.sub(b"", _SPACES.sub(b" ", body))
    body = body.rstrip(b"\r\n")
    return body + b"\r\n" if body else b""


def _folded(names: list[str]) -> str:
    lines = [""]
    for name in names:
        if len(lines[-1]) + len(name) + 1 > _LINE - 4:
            lines.append("")
        lines[-1] += f"{name}:"
    return "\r\n  ".join(lines)[:-1]
