"""SPF as a receiver works it out: one record, and no more look-ups than it may ask for (RFC 7208 section 4.6.4).

A record that needs more than ten counts as broken for every receiver, however right its words are. Mail services are
added by include, and their own records include others, so it is found only by counting.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from scheduler.preflight_finding import Finding, fine, note, stop

MOST_LOOKUPS = 10
_SHOWN = 60
_RECORD = re.compile(r"v=spf1(?: |$)", re.IGNORECASE)
_ASKS = frozenset({"include", "a", "mx", "ptr", "exists", "redirect"})

Ask = Callable[[str], Sequence[str]]


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
    try:
        number = _count(asked, found[0], ask, 0)
    except _Broken as why:
        # Only the return path's record is weighed for this mail.
        return stop("SPF", f"{asked} {why}") if returns_to else note("SPF", f"{asked} {why}")
    if re.search(r"(?:^| )\+?all(?: |$)", found[0], re.IGNORECASE):
        return note("SPF", f"{asked} lets anybody send in its name (all); end the record with -all")
    return fine("SPF", f"{asked} says {_short(found[0])} ({number} of {MOST_LOOKUPS} look-ups)")


def _count(name: str, record: str, ask: Ask, before: int) -> int:
    """The look-ups after this record has been worked through, ``before`` of them made already. Raises ``_Broken``.

    What stands behind ``all`` is never looked at; ``redirect`` only where there is no ``all``.
    """
    number, later = before, ""
    for term in record.split()[1:]:
        word, target = _term(term)
        if word == "all":
            return number
        if word == "redirect":
            later = target
            continue
        if word in _ASKS:
            number = _one_more(number)
        if word == "include":
            number = _follow(name, word, target, ask, number)
    return _follow(name, "redirect", later, ask, _one_more(number)) if later else number


def _follow(name: str, word: str, target: str, ask: Ask, number: int) -> int:
    if "%" in target:  # a macro: another name for each mail
        return number
    found = _records(target, ask)
    if len(found) != 1:
        has = "no SPF record" if not found else f"{len(found)} SPF records"
        raise _Broken(f"names {target} ({word} in the record of {name}), which has {has}, and so counts as broken")
    return _count(target, found[0], ask, number)


def _one_more(number: int) -> int:
    if number >= MOST_LOOKUPS:
        raise _Broken(
            f"needs more than {MOST_LOOKUPS} look-ups, with those of the services it includes, and so counts as broken; "
            "take out services that no longer send for you, or name their addresses with ip4: and ip6:"
        )
    return number + 1


def _term(term: str) -> tuple[str, str]:
    """A mechanism or modifier by its name, and the domain it names."""
    found = re.match(r"[+?~-]?([a-z0-9_.-]+)(?:[:=]([^/]*))?", term, re.IGNORECASE)
    return (found[1].lower(), found[2] or "") if found else ("", "")


def _records(name: str, ask: Ask) -> list[str]:
    return [one for one in ask(name) if _RECORD.match(one)]


def _short(record: str) -> str:
    return record if len(record) <= _SHOWN else f"{record[: _SHOWN - 2]} …"
