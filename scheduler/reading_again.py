"""The issues that came out, for anybody to read again: the archive, one issue's page, the feed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from db import archive
from db.archive import PublishedIssue
from db.session import Ground
from scheduler.public_lists import PublicList

PAGE = 50
_SLOT = re.compile(r"%%([A-Z]+)%%")


def came_out(
    ground: Ground, to: PublicList, *, now: datetime, before: int | None = None, limit: int = PAGE
) -> tuple[list[PublishedIssue], bool]:
    """At most ``limit`` issues of a list that may be read now, newest first, and whether there are older ones."""
    with ground.reading() as tx:
        found = archive.newest(tx, to.mode, [to.channel], now=now, before=before, limit=limit + 1)
    return found[:limit], len(found) > limit


def web_view(ground: Ground, to: PublicList, issue_id: int, *, now: datetime, instead: str) -> str | None:
    """One issue as it went out, or as it was corrected since, with nobody's name in it; None when there is none, or it may not be read at ``now``.

    ``instead`` is the address that stands where a reader's mail has their own links.
    """
    with ground.reading() as tx:
        found = archive.find(tx, to.mode, [to.channel], issue_id, now=now)
    return anonymous(found.html, {"UNSUBSCRIBE": instead, "CHOICES": instead}) if found is not None else None


def anonymous(page: str, instead: Mapping[str, str]) -> str:
    """An issue's page with every reader's slot filled by what is nobody's. Pure."""
    return _SLOT.sub(lambda found: instead.get(found[1], ""), page)
