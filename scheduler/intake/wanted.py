"""A fetch as values: what is wanted, and what came. The door itself is ``fetching``; importing this costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from scheduler.intake.decoding import MAX_BYTES

_FEEDS_AND_PAGES = (
    "application/feed+json, application/atom+xml, application/rss+xml, text/html;q=0.9, application/json;q=0.8, "
    "application/xml;q=0.8, */*;q=0.5"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to fetch. ``etag`` and ``last_modified`` are those of the last good answer, if any.

    ``seconds``: in all no longer than this, where the door's own limit is longer.
    """

    url: str
    etag: str | None = None
    last_modified: str | None = None
    local: bool = False
    most: int = MAX_BYTES
    accept: str = _FEEDS_AND_PAGES
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A good answer. ``url`` is where it came from after redirects; ``unchanged`` means 304, without a body."""

    url: str
    body: bytes = b""
    media_type: str = ""
    charset: str = ""
    etag: str | None = None
    last_modified: str | None = None
    unchanged: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


Fetch = Callable[[Wanted], Fetched]
"""How readers of sources reach the web; raises ``IntakeError`` with a sentence for everything that goes wrong."""
