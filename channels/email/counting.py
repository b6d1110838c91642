"""Opens and clicks of an issue whose newsletter counts them: the pixel, the links that lead through our own server.

The words of an issue are stored as they are; only the HTML part's bytes for readers lead through us, so that the text
part, the archive, the preview and the desk's test mail hold the links themselves. A counted link names a link of its
own issue and holds no address: whatever it is asked, the server leads nowhere else. A token names no reader either, but
a mark that nobody without the key can tie to one, and another in each issue.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from channels.email.links import make_hit_token

OPEN_SLOT = "OPEN"
_LINK_SLOT = "LINK"
MARK_LENGTH = 10
LONGEST_TARGET = 2_000
"""A link longer than this is left as it is."""

_ANCHOR = re.compile(r"""(<a\b[^>]*?\shref=)(["'])(https?://[^"'<>\s]+)\2""", re.IGNORECASE)
_BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
_SLOT = re.compile(r"%%[A-Z]+%%")


@dataclass(frozen=True, slots=True)
class Counting:
    """A page with its links as slots, and what each slot stands for: slot -> address."""

    page: str
    targets: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HitLinks:
    """What makes one reader's counted links. ``base`` is the public address without a slash at its end."""

    base: str
    key: bytes = field(repr=False)
    seed: str
    issue_id: int

    def token(self, at: datetime) -> str:
        """The token of this reader's copy as it leaves at this moment."""
        return make_hit_token(self.key, self.seed, self.issue_id, int(at.timestamp()))


def link_mark(target: str) -> str:
    """The name of a link within its issue: URL-safe, the same wherever the link stands."""
    return hashlib.sha256(target.encode()).hexdigest()[:MARK_LENGTH]


def click_address(base: str, token: str, target: str) -> str:
    """Where a counted link leads first."""
    return f"{base}/k/{token}/{link_mark(target)}"


def open_address(base: str, token: str) -> str:
    """The pixel's address."""
    return f"{base}/o/{token}.gif"


def targets_of(page: str) -> list[str]:
    """The web addresses a page's links lead to, each once, in order: all that counted links of its issue may lead to.

    What is each reader's own (leave, choose) is none, nor is anything but http and https.
    """
    found = (html.unescape(one[3]) for one in _ANCHOR.finditer(page))
    return list(dict.fromkeys(one for one in found if _is_counted(one)))


def with_slots(page: str, *, opens: bool, clicks: bool) -> Counting:
    """The page as it is compiled: a slot for each link that is counted, and for the pixel. Pure.

    The pixel stands at the beginning, before where a long page is cut by mail programs.
    """
    targets: dict[str, str] = {}
    if clicks:
        named = {target: f"{_LINK_SLOT}{_letters(number)}" for number, target in enumerate(targets_of(page))}
        targets = {slot: target for target, slot in named.items()}

        def slotted(found: re.Match[str]) -> str:
            slot = named.get(html.unescape(found[3]))
            return found[0] if slot is None else f"{found[1]}{found[2]}%%{slot}%%{found[2]}"

        page = _ANCHOR.sub(slotted, page)
    if opens:
        pixel = f'<img src="%%{OPEN_SLOT}%%" width="1" height="1" alt="" style="display:block;border:0" />'
        body = _BODY.search(page)
        at = body.end() if body is not None else 0
        page = f"{page[:at]}{pixel}{page[at:]}"
    return Counting(page, targets)


def slot_values(counting: Counting, hits: HitLinks | None, at: datetime) -> dict[str, str]:
    """What fills the slots of ``with_slots``; without ``hits`` the links themselves, and a pixel that counts nothing."""
    if hits is None:
        return {**counting.targets, OPEN_SLOT: NO_PIXEL}
    token = hits.token(at)
    return {
        **{slot: click_address(hits.base, token, target) for slot, target in counting.targets.items()},
        OPEN_SLOT: open_address(hits.base, token),
    }


NO_PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
"""The same empty picture, in the address itself: previews and test mails ask nobody for it."""


def _is_counted(target: str) -> bool:
    return len(target) <= LONGEST_TARGET and target.isprintable() and _SLOT.search(target) is None


def _letters(number: int) -> str:
    """0 -> A, 25 -> Z, 26 -> BA: slots are named by letters alone."""
    name = ""
    while True:
        number, place = divmod(number, 26)
        name = chr(65 + place) + name
        if not number:
            return name
