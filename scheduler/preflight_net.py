"""What only the net can tell before an issue goes: the one-click answers, links answer, the sender's domain is in order.

Each question has a short limit. What cannot be asked at all is told as not asked, never as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Protocol
from urllib.parse import urlsplit

from scheduler.intake.errors import IntakeError, MissingPage
from scheduler.intake.wanted import Fetched, Wanted
from scheduler.preflight_finding import Finding, fine, note, skipped, stop

SECONDS = 10.0
MOST_LINKS = 40
GONE = (404, 410)
"""Answers that say that there is no such page; any other may be a busy moment, a wall, or a guard against programs."""


class TextRecords(Protocol):
    """Asks for the TXT records of a name: the texts, [] where there are none. Raises ``OSError`` when nobody answers."""

    def __call__(self, name: str) -> Sequence[str]:
        """One question."""
        ...


def one_click_answers(url: str) -> Finding:
    """POSTs to a one-click address that belongs to nobody, as a mailbox provider would (RFC 8058 section 3.2)."""
    from channels.email.one_click import press  # late: the way to the web is heavy

    base, _, token = url.rpartition("/u/")
    problem = press(base, token, deadline=timedelta(seconds=SECONDS))
    if problem is not None:
        return stop("one-click answers", problem.message)
    return fine("one-click answers", f"a POST to {urlsplit(url).netloc} was answered with 200")


def links_answer(links: Sequence[str], fetch: Callable[[Wanted], Fetched]) -> Finding:
    """Opens each link of the issue once. A page that is not there stops it; one that is slow or shut to us is told."""
    gone: list[str] = []
    unsure: list[str] = []
    for link in links[:MOST_LINKS]:
        try:
            fetch(Wanted(link, seconds=SECONDS))
        except IntakeError as error:
            (gone if error.status in GONE or isinstance(error, MissingPage) else unsure).append(f"{link}: {error}")
    for broken, tell in ((gone, stop), (unsure, note)):
        if broken:
            more = f" and {len(broken) - 1} more" if len(broken) > 1 else ""
            return tell("links", f"{broken[0]}{more}")
    return fine("links", f"all {len(links[:MOST_LINKS])} answer" if links else "there are none")


def domain_is_ready(domain: str, selector: str, ask: TextRecords) -> Iterator[Finding]:
    """SPF, DKIM and DMARC of the sender's domain: what Gmail, Yahoo and Microsoft ask of whoever sends many."""
    try:
        spf = [one for one in ask(domain) if one.lower().startswith("v=spf1")]
        if len(spf) == 1:
            yield fine("SPF", f"{domain} says {spf[0][:60]}")
        elif spf:
            yield stop("SPF", f"{domain} has {len(spf)} SPF records, and more than one counts as none; join them")
        else:
            yield stop(
                "SPF", f'{domain} has no SPF record; add a TXT record "v=spf1 … -all" that names your mail server'
            )
        yield _dkim(domain, selector, ask)
        yield _dmarc(domain, ask)
    except OSError:
        yield skipped(
            "domain", f"no name server answers here, so SPF, DKIM and DMARC of {domain} could not be looked at"
        )


def _dkim(domain: str, selector: str, ask: TextRecords) -> Finding:
    if not selector:
        return skipped("DKIM", "signed by the mail service, whose selector is not known here")
    name = f"{selector}._domainkey.{domain}"
    found = [one for one in ask(name) if "p=" in one]
    if not found:
        return stop("DKIM", f"{name} holds no key; publish the public half of dkim_key_file there")
    return fine("DKIM", f"{name} holds a key")


def _dmarc(domain: str, ask: TextRecords) -> Finding:
    labels = domain.split(".")
    for name in dict.fromkeys((domain, ".".join(labels[-2:]))):
        found = [one for one in ask(f"_dmarc.{name}") if one.upper().startswith("V=DMARC1")]
        if found:
            return fine("DMARC", f"{name} says {found[0][:60]}")
    return stop("DMARC", f'{domain} has no DMARC record; add a TXT record at _dmarc.{domain}: "v=DMARC1; p=none"')


def txt_records(name: str) -> Sequence[str]:
    """The TXT records of a name from this machine's name servers. Raises ``OSError`` when none of them answers."""
    import dns.exception
    import dns.resolver

    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=SECONDS / 2)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except dns.exception.DNSException as error:
        raise OSError(str(error)) from error
    return [b"".join(one.strings).decode("utf-8", "replace") for one in answer]
