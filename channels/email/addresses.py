"""E-mail addresses: read, normalised, compared.

Three forms, one meaning each: ``text`` is what people see and what is stored (Unicode, NFC), ``wire`` is what SMTP
carries (the domain as IDNA A-labels), ``key`` is what two spellings of one mailbox share.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LOCAL_OCTETS = 64  # RFC 5321 §4.5.3.1.1
ADDRESS_OCTETS = 254  # RFC 5321 §4.5.3.1.3: a path of 256 less its angle brackets


class BadAddress(ValueError):
    """Not an address that mail can go to. ``str()`` says why, for a person."""


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox in its three forms."""

    text: str
    key: str
    wire: str

    @property
    def domain(self) -> str:
        """The domain as SMTP carries it, lower case ASCII."""
        return self.wire.rpartition("@")[2]

    @property
    def needs_smtputf8(self) -> bool:
        """True when the part before the @ is not ASCII: only a server that offers SMTPUTF8 takes it (RFC 6531)."""
        return not self.wire.isascii()


def parse_address(text: str) -> Address:
    """Reads one bare address (no display name). Raises ``BadAddress``.

    The key folds the case of the whole address: the standard lets a host tell Ann@ from ann@, none that readers
    use does, and two copies to one person is the worse fault.
    """
    from email_validator import EmailNotValidError, validate_email

    try:
        valid = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=True)
    except EmailNotValidError as error:
        raise BadAddress(str(error)) from error
    local, domain = valid.local_part, valid.ascii_domain.lower()
    if len(local.encode()) > LOCAL_OCTETS:
        raise BadAddress(f"The part before the @-sign is longer than {LOCAL_OCTETS} bytes.")
    wire = f"{local}@{domain}"
    if len(wire.encode()) > ADDRESS_OCTETS:
        raise BadAddress(f"The address is longer than {ADDRESS_OCTETS} bytes.")
    return Address(text=f"{local}@{valid.domain}", key=f"{local.casefold()}@{domain}", wire=wire)


_PLAIN = re.compile(
    r"[A-Za-z0-9_+=-]+(?:\.[A-Za-z0-9_+=-]+)*@((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24})", re.ASCII
)


def stored_address(text: str) -> Address:
    """Reads an address that ``parse_address`` has passed before, as a list holds it: the plain ones at once.

    Raises ``BadAddress`` as ``parse_address`` does.
    """
    if len(text) <= LOCAL_OCTETS and "--" not in text and _PLAIN.fullmatch(text):
        return Address(text=text, key=text.lower(), wire=text)
    return parse_address(text)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A display name and an address, as From and Reply-To carry them."""

    name: str
    address: Address


def parse_mailbox(text: str) -> Mailbox:
    """Reads ``Name <a@b>``, ``"Name, Jr." <a@b>`` or a bare address. Raises ``BadAddress``."""
    text = text.strip()
    if any(ord(mark) < 32 or ord(mark) == 127 for mark in text):
        raise BadAddress("The address holds a line break or another control character.")
    name, bracket, rest = text.rpartition("<")
    if not bracket:
        return Mailbox("", parse_address(text))
    if not rest.endswith(">"):
        raise BadAddress("The closing > is missing; write it as: Name <name@example.org>.")
    name = name.strip()
    if len(name) >= 2 and name[0] == name[-1] == '"':
        name = name[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return Mailbox(name, parse_address(rest[:-1]))
