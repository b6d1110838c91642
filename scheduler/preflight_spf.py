"""SPF as a receiver works it out: one record, and no more look-ups than it may ask for (RFC 7208 section 4.6.4).

A record counts as broken, however right its words are, when it needs more than ten look-ups, when more than two of them
find nothing, or when a domain that it names by ``mx`` has more than ten mail servers. Mail services are added by
include, and their own records include others, so it is found only by counting. What depends on the single mail is not
asked: a name with a macro in it, and the names behind ``ptr``, of which receivers look at ten and leave the rest.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from scheduler.preflight_finding import Finding, fine, note, stop

MOST_LOOKUPS = 10
MOST_EMPTY = 2
MOST_SERVERS = 10
_SHOWN = 60
_RECORD = re.compile(r"v=spf1(?: |$)", re.IGNORECASE)
_ASKS = frozenset({"include", "a", "mx", "ptr", "exists", "redirect"})


class Ask(Protocol):
    """Asks the DNS for the records of a name: their texts, [] where there are none. Raises ``OSError`` without answer.

    ``kind`` is TXT, A, AAAA or MX; of an MX record only the server's name matters.
    """

    def __call__(self, name: str, kind: str = "TXT") -> Sequence[str]:
        """One question."""
        ...


class _Broken(Exception):
    """What makes every receiver give up on the record; ``str()`` is the end of a sentence about it."""


def spf(returns_to: str, sender: str, ask: Ask) -> Finding:
    """What SPF says of the return path's domain, or of the sender's where a mail service has its own ("").

    Raises ``OSError`` when no name server answers.
    """
    asked = returns_to or sender
    found = _records(asked, ask)
    if len(found) > 1:
        return stop("SPF", f"{asked} has {len(found)} SPF records, and more than one counts as none; join them")
    if not found and not returns_to:
        return note("SPF", f"{asked} has none; the mail service's own return path is what counts")
    if not found:
        return stop("SPF", f'{asked} has no SPF record; add a TXT record "v=spf1 … -all" that names your mail server')
    walk = _Walk(ask)
    try:
        walk.through(asked, found[0])
    except _Broken as why:
        # Only the return path's record is weighed for this mail.
        return stop("SPF", f"{asked} {why}") if returns_to else note("SPF", f"{asked} {why}")
    if re.search(r"(?:^| )\+?all(?: |$)", found[0], re.IGNORECASE):
        return note("SPF", f"{asked} lets anybody send in its name (all); end the record with -all")
    return fine("SPF", f"{asked} says {_short(found[0])} ({walk.number} of {MOST_LOOKUPS} look-ups)")


@dataclass
class _Walk:
    """One way through a record and all that it names, as a receiver goes it for mail that nothing in it matches."""

    ask: Ask
    number: int = 0
    empty: list[str] = field(default_factory=list)  # the terms whose look-up found nothing

    def through(self, name: str, record: str) -> None:
        """Counts a record's look-ups. Raises ``_Broken``.

        What stands behind ``all`` is never looked at; ``redirect`` only where there is no ``all``.
        """
        later = ""
        for term in record.split()[1:]:
            word, target = _term(term)
            if word == "all":
                return
            if word == "redirect":
                later = target
                continue
            if word in _ASKS:
                self._one_more()
            if word == "include":
                self._follow(name, word, target)
            elif word in ("a", "mx", "exists"):
                self._look(word, target or name, f"{term} in the record of {name}")
        if later:
            self._one_more()
            self._follow(name, "redirect", later)

    def _follow(self, name: str, word: str, target: str) -> None:
        if "%" in target:  # a macro: another name for each mail
            return
        found = _records(target, self.ask)
        if len(found) != 1:
            has = "no SPF record" if not found else f"{len(found)} SPF records"
            raise _Broken(f"names {target} ({word} in the record of {name}), which has {has}, and so counts as broken")
        self.through(target, found[0])

    def _look(self, word: str, target: str, where: str) -> None:
        if "%" in target:
            return
        if word == "mx":
            servers = self.ask(target, "MX")
            if len(servers) > MOST_SERVERS:
                raise _Broken(
                    f"names {target} ({where}), which has {len(servers)} mail servers, more than {MOST_SERVERS}, and so "
                    "counts as broken; name the addresses of those that send, with ip4: and ip6:"
                )
            there = bool(servers)
        else:
            there = bool(self.ask(target, "A")) or (word == "a" and bool(self.ask(target, "AAAA")))
        if there:
            return
        self.empty.append(where)
        if len(self.empty) > MOST_EMPTY:
            raise _Broken(
                f"asks for more than {MOST_EMPTY} names behind which there is nothing ({'; '.join(self.empty)}), and so "
                "counts as broken; take out what is no longer there"
            )

    def _one_more(self) -> None:
        if self.number >= MOST_LOOKUPS:
            raise _Broken(
                f"needs more than {MOST_LOOKUPS} look-ups, with those of the services it includes, and so counts as "
                "broken; take out services that no longer send for you, or name their addresses with ip4: and ip6:"
            )
        self.number += 1


def _term(term: str) -> tuple[str, str]:
    """A mechanism or modifier by its name, and the domain it names."""
    found = re.match(r"[+?~-]?([a-z0-9_.-]+)(?:[:=]([^/]*))?", term, re.IGNORECASE)
    return (found[1].lower(), found[2] or "") if found else ("", "")


def _records(name: str, ask: Ask) -> list[str]:
    return [one for one in ask(name) if _RECORD.match(one)]


def _short(record: str) -> str:
    return record if len(record) <= _SHOWN else f"{record[: _SHOWN - 2]} …"
