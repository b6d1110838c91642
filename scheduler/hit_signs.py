"""Whether a person or a machine called an issue's pixel or link. Pure: no table, no clock, no wire.

Mailbox providers load pictures whether or not anybody reads, and guards follow every link before the reader sees the
mail. What they say of themselves tells some; the rest shows by its haste. Nobody is told apart with certainty, and so
both numbers are shown and neither is called readers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

from db.hits import Hit

INSTANT = timedelta(seconds=3)
"""Nobody opens a mail so soon after it has left."""
EARLY = timedelta(minutes=1)
"""So soon after a mail has left its links are followed by guards more often than by people."""
TOGETHER = timedelta(seconds=10)
"""Links followed within this were followed in one go."""
MANY, EARLY_MANY = 5, 3
"""So many different links in one go nobody follows, and so many early."""

_PROXIES = {
    "googleimageproxy": "gmail",
    "yahoomailproxy": "yahoo",
    "yahoo! slurp": "yahoo",
    "duckduckgo-mail": "proxy",
}
_PROGRAMS = re.compile(
    r"bot\b|bot/|crawl|spider|scan|preview|prefetch|safelinks|barracuda|proofpoint|mimecast|bitdefender|symantec|"
    r"messagelabs|trend ?micro|forcepoint|sophos|fortinet|fireeye|trellix|cloudmark|urldefense|googleother|"
    r"facebookexternalhit|whatsapp|slackbot|skypeuripreview|headless|phantomjs|puppeteer|playwright|selenium|"
    r"python-|python/|aiohttp|httpx|curl/|wget|go-http-client|java/|okhttp|libwww|lwp::|perl|ruby|axios|node-fetch|"
    r"undici|apache-httpclient|guzzle|winhttp|microsoft office existence|ms-office-link|powershell",
    re.IGNORECASE,
)


def sign_of(method: str, headers: Mapping[str, str], after: timedelta, *, click: bool) -> tuple[str, bool]:
    """What gave a caller away, "" for nothing, and whether that makes it a machine.

    ``headers`` with names in lower case; ``after`` is how long ago the copy left. ``early`` alone is no verdict: what
    follows it is, see ``swept``.
    """
    agent = headers.get("user-agent", "").strip()
    purpose = " ".join(headers.get(name, "") for name in ("purpose", "sec-purpose", "x-purpose", "x-moz")).lower()
    if method == "HEAD":
        return "head", True
    if agent == "Mozilla/5.0":
        return "apple", True  # what Apple's mail privacy calls itself, to the letter
    lower = agent.lower()
    for fragment, name in _PROXIES.items():
        if fragment in lower:
            return name, True
    if not agent or _PROGRAMS.search(agent):
        return "scanner", True
    if "prefetch" in purpose or "preview" in purpose:
        return "prefetch", True
    if after < INSTANT:
        return "instant", True
    return ("early", False) if click and after < EARLY else ("", False)


def swept(clicks: Sequence[Hit], links: int) -> set[int]:
    """The ids of one copy's clicks that a guard made who followed its links in one go. ``links``: how many there are."""
    one_by_one = sorted(clicks, key=lambda hit: hit.first_at)
    found: set[int] = set()
    early = [hit for hit in one_by_one if hit.sign == "early"]
    if _too_many(early, links, EARLY_MANY, least=2):
        found |= {hit.id for hit in early}
    for place, first in enumerate(one_by_one):
        together = [hit for hit in one_by_one[place:] if hit.first_at - first.first_at <= TOGETHER]
        if _too_many(together, links, MANY, least=3):
            found |= {hit.id for hit in together}
    return found


def _too_many(clicks: Sequence[Hit], links: int, many: int, *, least: int) -> bool:
    """Many different links, or every one there is where there are ``least`` at least."""
    different = len({hit.link for hit in clicks})
    return different >= many or (different >= links and different >= least)
