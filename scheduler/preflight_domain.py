"""SPF, DKIM and DMARC of whoever vouches for a newsletter's mail: what Gmail, Yahoo and Microsoft ask of bulk senders.

Asked of the machine's own name servers. Where none answers that is said, and nothing else is claimed.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.preflight_finding import Finding, fine, note, skipped, stop
from scheduler.preflight_spf import Ask, spf

if TYPE_CHECKING:
    from dns.resolver import Resolver

SECONDS = 5.0
_SHOWN = 60
_POLICIES = ("none", "quarantine", "reject")


@dataclass(frozen=True, slots=True)
class SendingDomain:
    """The domains a newsletter's mail is judged by.

    ``sender`` is the From line's. ``returns_to`` is the envelope's, whose SPF counts; "" where a mail service has its
    own. ``signs`` and ``selector`` are our DKIM signature's, ``key`` the public half as its record must hold it; "" where
    a service signs.
    """

    sender: str
    returns_to: str = ""
    signs: str = ""
    selector: str = ""
    key: str = ""


def domain_is_ready(domain: SendingDomain, ask: Ask) -> Iterator[Finding]:
    """One finding for each of SPF, DKIM, DMARC and whether one of the first two vouches for the From line's domain."""
    try:
        yield spf(domain.returns_to, domain.sender, ask)
        yield _dkim(domain, ask)
        dmarc, tags = _dmarc(domain.sender, ask)
        yield dmarc
        if domain.signs and domain.returns_to:
            yield _alignment(domain, tags)
    except OSError:
        yield skipped(
            "domain",
            f"no name server answers here, so SPF, DKIM and DMARC of {domain.sender} could not all be looked at",
        )


def _dkim(domain: SendingDomain, ask: Ask) -> Finding:
    if not domain.signs:
        return skipped("DKIM", "signed by the mail service, whose selector is not known here")
    name = f"{domain.selector}._domainkey.{domain.signs}"
    found = [tags for tags in map(_tags, ask(name)) if "p" in tags and tags.get("v", "DKIM1") == "DKIM1"]
    if not found:
        return stop("DKIM", f"{name} holds no key; publish the public half of dkim_key_file there")
    (tags, *more) = found
    if more:
        return stop("DKIM", f"{name} holds {len(found)} keys, and receivers choose any of them; keep one")
    there = re.sub(r"\s+", "", tags["p"])
    if not there:
        return stop("DKIM", f"the key at {name} is revoked (p= is empty); publish the public half of dkim_key_file")
    if there != domain.key:
        return stop("DKIM", f"{name} holds another key than dkim_key_file; publish the public half of that one")
    if "y" in tags.get("t", "").lower().split(":"):
        return note("DKIM", f"{name} says t=y (only testing), so receivers may ignore it; take it out")
    bits = _bits(there)
    if bits < 2_048:
        return note("DKIM", f"{name} holds our key, of {bits} bits; mailbox providers advise 2048")
    return fine("DKIM", f"{name} holds our key")


def _dmarc(sender: str, ask: Ask) -> tuple[Finding, dict[str, str]]:
    """Looks at the sender's domain, then upwards: a record above holds for what is below it (RFC 7489 section 6.6.3)."""
    labels = sender.split(".")
    for place in range(max(1, len(labels) - 1)):
        name = ".".join(labels[place:])
        found = [one for one in ask(f"_dmarc.{name}") if re.match(r"v=DMARC1\s*(?:;|$)", one, re.IGNORECASE)]
        if len(found) > 1:
            return stop("DMARC", f"_dmarc.{name} has {len(found)} records, and more than one counts as none"), {}
        if found:
            tags = _tags(found[0])
            if tags.get("p", "").lower() not in _POLICIES:
                return stop("DMARC", f"_dmarc.{name} says no policy; write p=none, p=quarantine or p=reject"), tags
            return fine("DMARC", f"{name} says {_short(found[0])}"), tags
    said = f'{sender} has no DMARC record; add a TXT record at _dmarc.{sender}: "v=DMARC1; p=none"'
    return stop("DMARC", said), {}


def _alignment(domain: SendingDomain, tags: dict[str, str]) -> Finding:
    """DMARC passes where the signature's domain or the return path's belongs to the From line's."""
    strict_dkim, strict_spf = tags.get("adkim", "r").lower() == "s", tags.get("aspf", "r").lower() == "s"
    if _belongs(domain.signs, domain.sender, strict=strict_dkim):
        return fine("alignment", f"the signature's {domain.signs} vouches for {domain.sender}")
    if _belongs(domain.returns_to, domain.sender, strict=strict_spf):
        return fine("alignment", f"the return path's {domain.returns_to} vouches for {domain.sender}")
    return stop(
        "alignment",
        f"neither the signature ({domain.signs}) nor the return path ({domain.returns_to}) is of {domain.sender}, so "
        "DMARC fails; sign with dkim_domain of the sender's own domain",
    )


def _belongs(one: str, other: str, *, strict: bool) -> bool:
    """The same domain, or, unless ``strict``, of the same organisation as far as the last two labels tell."""
    return one == other if strict else one.split(".")[-2:] == other.split(".")[-2:]


def _tags(record: str) -> dict[str, str]:
    """``k=v; k=v`` of a DKIM or DMARC record (RFC 6376 section 3.2)."""
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): value.strip() for name, equals, value in pairs if equals}


def _bits(key: str) -> int:
    """The size of an RSA key in a record, 0 for what is none."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        found = load_der_public_key(base64.b64decode(key, validate=True))
    except (ValueError, binascii.Error):
        return 0
    return found.key_size if isinstance(found, RSAPublicKey) else 0


def _short(record: str) -> str:
    return record if len(record) <= _SHOWN else f"{record[: _SHOWN - 2]} …"


def dns_records(name: str, kind: str = "TXT", resolver: Resolver | None = None) -> Sequence[str]:
    """The records of a name from this machine's name servers, as ``Ask`` says. ``OSError`` when none of them answers."""
    import dns.exception
    import dns.resolver

    try:
        answer = (resolver or dns.resolver.Resolver()).resolve(name, kind, lifetime=SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except dns.exception.DNSException as error:
        raise OSError(str(error)) from error
    if kind != "TXT":
        return [one.to_text() for one in answer]
    return [b"".join(one.strings).decode("utf-8", "replace") for one in answer]
